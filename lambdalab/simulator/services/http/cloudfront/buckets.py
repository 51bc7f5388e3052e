"""A bucket as an origin: its objects over HTTP, by whoever CloudFront says it is.

Source: Amazon CloudFront Developer Guide, "Restrict access to an Amazon S3 origin", "Request and response behavior for
Amazon S3 origins", read 2026-11-29; Amazon S3 API Reference, GetObject, HeadObject.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape

from lambdalab.simulator.account import Answer, Principal, Request, World
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.http.messages import HttpRequest, HttpResponse
from lambdalab.simulator.vocabulary.arns import REGION
from lambdalab.simulator.vocabulary.errors import AwsError

_HOST = re.compile(rf"(?P<bucket>[a-z0-9][a-z0-9.-]*[a-z0-9])\.s3(\.{REGION})?\.amazonaws\.com")
_HIDDEN = ("x-amz-id-2", "x-amz-request-id", "x-amzn-requestid", "content-length", "connection", "server")
_CONDITIONS = {"if-none-match": "IfNoneMatch"}


def bucket_of(domain: str) -> str | None:
    """The bucket that a host name belongs to, or None."""
    found = _HOST.fullmatch(domain)
    return found and found["bucket"]


def from_bucket(
    world: World, bucket: str, caller: Principal, source: str, request: HttpRequest
) -> Process[HttpResponse]:
    """What S3 answers to a GET or HEAD of an object; to anything else that the method is not allowed."""
    key = unquote(request.path).removeprefix("/")
    if request.method not in ("GET", "HEAD") or not key:
        status, code, text = (403, "AccessDenied", "Access Denied") if not key else (405, "MethodNotAllowed", _NOT_HERE)
        return _error(AwsError(code, text, status), request.method)
    params: dict[str, Any] = {"Bucket": bucket, "Key": key}
    params |= {to: request.header(name) for name, to in _CONDITIONS.items() if request.header(name)}
    operation = "GetObject" if request.method == "GET" else "HeadObject"
    answer = yield from world.api.call(Request(caller, "s3", operation, params, source))
    return _error(answer, request.method) if isinstance(answer, AwsError) else _object(answer)


_NOT_HERE = "The specified method is not allowed against this resource."


def _object(answer: Answer) -> HttpResponse:
    said = answer.output.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    headers = tuple((_capitals(name), str(value)) for name, value in said.items() if name.lower() not in _HIDDEN)
    body = answer.output.get("Body", b"")
    return HttpResponse(200, (*headers, ("Server", "AmazonS3")), body if isinstance(body, bytes) else b"")


def _capitals(name: str) -> str:
    known = {"etag": "ETag", "content-md5": "Content-MD5"}
    return known.get(name.lower()) or "-".join(part[:1].upper() + part[1:].lower() for part in name.split("-"))


def _error(error: AwsError, method: str) -> HttpResponse:
    """S3's own error document. To HEAD there is none."""
    why = f"the bucket answers {error.code}"
    if error.status == 304:
        return HttpResponse(304, (("Server", "AmazonS3"),), b"", None)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{escape(error.code)}</Code>'
    text += f"<Message>{escape(error.message)}</Message></Error>"
    body = b"" if method == "HEAD" else text.encode()
    return HttpResponse(error.status, (("Content-Type", "application/xml"), ("Server", "AmazonS3")), body, why)
