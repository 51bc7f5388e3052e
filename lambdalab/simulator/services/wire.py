"""Calling moto's response classes in the wire format of a service, without a client and without a network.

botocore's own serializers make the request, its own parsers read the answer.
"""

from __future__ import annotations

import base64
import datetime as dt
import importlib
import json
import logging
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from botocore.awsrequest import HeadersDict
from botocore.parsers import ResponseParserFactory
from botocore.serialize import create_serializer
from botocore.utils import parse_timestamp

from lambdalab.simulator.account import models
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, REGION
from lambdalab.simulator.vocabulary.errors import AwsError

logger = logging.getLogger(__name__)
_NO_XML = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
"""What a key may contain and XML may not: boto3 has keys in lists URL-encoded for that."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came back: the HTTP status and headers, and the output or error as botocore's parser shapes them."""

    status: int
    headers: dict[str, str]
    output: dict[str, Any] = field(default_factory=dict)

    @property
    def error(self) -> AwsError | None:
        """The error, with AWS's code and text."""
        if self.status < 300:
            return None
        told = self.output.get("Error", {})
        code = str(told.get("Code", self.status))
        return AwsError(code, str(told.get("Message", code)), self.status)


def exchange(service: str, operation: str, params: dict[str, Any]) -> Exchange:
    """Send one call to moto's handler of a service with a protocol of paths and headers, or of a query."""
    from moto.core.request import Request

    model = models.service_model(service)
    shape = model.operation_model(operation)
    asked = _serializer(model.metadata["protocol"]).serialize_to_request(params, shape)
    host = f"{service}.{REGION}.amazonaws.com"
    query = urlencode(asked["query_string"]) if asked["query_string"] else ""
    url = f"https://{host}{asked['url_path']}" + (("&" if "?" in asked["url_path"] else "?") + query if query else "")
    body = _bytes(asked["body"])
    headers = dict(asked["headers"]) | _usual_headers(service, host) | {"Content-Length": str(len(body))}
    request = Request.from_primitives(asked["method"], url, headers, body)
    try:
        status, answered, content = _dispatch(service, asked["url_path"])(request, url, request.headers)
    except Exception as error:
        return Exchange(*_broken(service, operation, error))
    return _read(model, shape, int(status), dict(answered), _bytes(content))


def _broken(service: str, operation: str, error: Exception) -> tuple[int, dict[str, str], dict[str, Any]]:
    """The store itself failed, at parameters that nobody thought of: an answer like AWS's own, not the run's end."""
    if isinstance(error, NotImplementedError):
        text = f"lambdalab does not simulate this use of {service}.{operation} yet."
        return 501, {}, {"Error": {"Code": "NotSimulated", "Message": text}}
    logger.warning("the store of %s failed at %s: %s", service, operation, type(error).__name__)
    text = f"We encountered an internal error: {type(error).__name__}. Please try again."
    return 500, {}, {"Error": {"Code": "InternalError", "Message": text}}


def _read(model: Any, shape: Any, status: int, headers: dict[str, str], content: bytes) -> Exchange:
    streams = status < 300 and shape.has_streaming_output
    body = b"" if streams else _NO_XML.sub(b"?", content)
    response = {"status_code": status, "headers": HeadersDict(headers), "body": body}
    output = _parser(model.metadata["protocol"]).parse(response, shape.output_shape)
    output.pop("ResponseMetadata", None)
    if streams:  # a stream of bytes: botocore leaves it unread, its parser would take it for text
        output[shape.output_shape.serialization["payload"]] = content
    return Exchange(status, {name.lower(): str(value) for name, value in headers.items()}, output)


def _usual_headers(service: str, host: str) -> dict[str, str]:
    """Who calls: the account itself. What a caller may do has been decided before."""
    credential = f"Credential=AKIAIOSFODNN7EXAMPLE/20251201/{REGION}/{service}/aws4_request"
    return {"Host": host, "x-moto-account-id": ACCOUNT_ID, "Authorization": f"AWS4-HMAC-SHA256 {credential}"}


def _bytes(body: Any) -> bytes:
    if isinstance(body, dict):  # a query's parameters
        return urlencode(body).encode()
    return body.encode() if isinstance(body, str) else bytes(body or b"")


def _dispatch(service: str, path: str) -> Any:
    handler = _handler(service)
    if service != "s3":
        return handler.dispatch
    bucket, _, key = path.partition("?")[0].lstrip("/").partition("/")
    return handler.key_dispatch if bucket and key else handler.bucket_dispatch


@lru_cache(maxsize=8)
def _serializer(protocol: str) -> Any:
    return create_serializer(protocol, include_validation=False)  # the front door has validated


@lru_cache(maxsize=8)
def _parser(protocol: str) -> Any:
    factory = ResponseParserFactory()
    factory.set_parser_defaults(timestamp_parser=_moment)
    return factory.create_parser(protocol)


def _moment(value: Any) -> dt.datetime:
    moment: dt.datetime = parse_timestamp(value)
    return moment.astimezone(dt.UTC)  # botocore would show some in this machine's own time


def _json_body(model: Any, operation: str, params: dict[str, Any]) -> bytes:
    """As botocore writes it: a text for bytes goes in base64. Tables, which are called most, take texts as they are."""
    if model.service_name == "dynamodb":
        return json.dumps(plain(params)).encode()
    shape = model.operation_model(operation)
    return _bytes(_serializer(model.metadata["protocol"]).serialize_to_request(params, shape)["body"])


def call(service: str, operation: str, params: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Send one call to moto's handler of a JSON-protocol service; returns status and decoded body."""
    from moto.core.request import Request

    model = models.service_model(service)
    headers = {
        "X-Amz-Target": f"{model.metadata['targetPrefix']}.{operation}",
        "Content-Type": f"application/x-amz-json-{model.metadata.get('jsonVersion', '1.0')}",
        "Host": f"{service}.{REGION}.amazonaws.com",
        "x-moto-account-id": ACCOUNT_ID,
    }
    url = f"https://{service}.{REGION}.amazonaws.com/"
    request = Request.from_primitives("POST", url, headers, _json_body(model, operation, params))
    try:
        status, _, text = _handler(service).dispatch(request, url, request.headers)
    except Exception as error:
        failed, _, said = _broken(service, operation, error)
        return failed, {"__type": said["Error"]["Code"], "message": said["Error"]["Message"]}
    return int(status), json.loads(text or "{}")


def parsed(service: str, operation: str, status: int, body: dict[str, Any]) -> dict[str, Any]:
    """The body as botocore's own parser shapes it: blobs become bytes, timestamps become datetimes."""
    shape = models.service_model(service).operation_model(operation).output_shape
    response = {"status_code": status, "headers": {}, "body": json.dumps(body).encode()}
    output: dict[str, Any] = _parser("json").parse(response, shape)
    output.pop("ResponseMetadata", None)
    return output


def plain(value: Any) -> Any:
    """The value as the JSON protocol sends it: bytes become base64 text."""
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(v) for v in value]
    return value


_HANDLERS = {
    "dynamodb": ("moto.dynamodb.responses", "DynamoHandler"),
    "s3": ("moto.s3.responses", "S3Response"),
    "ssm": ("moto.ssm.responses", "SimpleSystemManagerResponse"),
    "secretsmanager": ("moto.secretsmanager.responses", "SecretsManagerResponse"),
    "kms": ("moto.kms.responses", "KmsResponse"),
}


@lru_cache(maxsize=8)
def _handler(service: str) -> Any:
    module, name = _HANDLERS[service]
    return getattr(importlib.import_module(module), name)
