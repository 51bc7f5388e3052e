"""What functions at the edge may return: a request that goes on, or a response that ends the way.

Sources: Amazon CloudFront Developer Guide, "Lambda@Edge event structure", "Work with requests and responses",
"Restrictions on Lambda@Edge", "Quotas", all read 2026-11-29; fact F.7. Where they are silent: assumption A-133.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.services.http.cloudfront.edge_headers import (
    Invalid,
    check_generated,
    check_untouched,
    pairs_of,
    shown,
)
from lambdalab.simulator.services.http.messages import from_base64, size_of
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.events.arrivals import Pairs
from lambdalab.simulator.vocabulary.events.edge import EventType

_UNFIT = frozenset(chr(code) for code in range(0x20)) | {" ", "#", "\x7f"}


@dataclass(frozen=True, slots=True)
class ChangedRequest:
    """A request as the function sends it on. ``body`` None: as it was; ``origin`` as in the event, or None."""

    uri: str
    query: str
    headers: Pairs
    body: bytes | None = None
    origin: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ChangedResponse:
    """A response that the function made or changed. ``body`` None: as it was, which for a new one is empty.

    ``ignored``: half a sentence about what is not used, or an empty text.
    """

    status: int
    description: str
    headers: Pairs
    body: bytes | None = None
    ignored: str = ""


def of_request(event: EventType, sent: Mapping[str, Any], value: Any) -> ChangedRequest | ChangedResponse:
    """What a function returned at a request; ``sent`` is the request of its event. Raises :class:`Invalid`.

    What has a status is a response.
    """
    given = _object(value)
    if "status" in given:
        return _generated(event, given)
    if "uri" not in given:
        raise Invalid("the function returned neither a request, which has a uri, nor a response, which has a status")
    for name in ("method", "clientIp"):
        if given.get(name, sent[name]) != sent[name]:
            raise Invalid(f"the function changed {name}, which is read-only")
    headers = pairs_of(given.get("headers"))
    check_untouched(event, sent["headers"], headers)
    origin = given.get("origin") if event == "origin-request" else None
    return ChangedRequest(*_target(given), headers, _replaced(event, sent, given.get("body")), _origin(origin))


def of_response(event: EventType, sent: Mapping[str, Any], value: Any) -> ChangedResponse:
    """What a function returned at a response; ``sent`` is the response of its event. Raises :class:`Invalid`."""
    given = _object(value)
    headers = pairs_of(given.get("headers"))
    check_untouched(event, sent["headers"], headers)
    status = _status(given)
    body = None if given.get("body") is None else _body(given)
    _check_size(event, headers, body or b"")
    ignored = ""
    if event == "viewer-response":
        if status != int(sent["status"]):
            raise Invalid("the function changed the status, which cannot change at a viewer response")
        if body is not None:
            body, ignored = None, "the function's body is not used: at a viewer response only headers can change"
    return ChangedResponse(status, _description(given), headers, body, ignored)


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Invalid(f"the JSON output must be an object, not {shown(value)}")
    return value


def _generated(event: EventType, given: Mapping[str, Any]) -> ChangedResponse:
    headers, status, body = pairs_of(given.get("headers")), _status(given), _body(given)
    check_generated(headers)
    if event == "viewer-request" and status == 204 and body:
        raise Invalid("a response with the status 204 has no body")
    _check_size(event, headers, body)
    return ChangedResponse(status, _description(given), headers, body)


def _status(given: Mapping[str, Any]) -> int:
    """A text, as the guide asks for; a number is taken as well, as in the guide's own examples."""
    status = given.get("status")
    if isinstance(status, str) and status.isdecimal() and len(status) == 3:
        status = int(status)
    if isinstance(status, int) and not isinstance(status, bool) and 200 <= status <= 599:
        return status
    raise Invalid(f"status is no number from 200 to 599 but {shown(given.get('status'))}")


def _description(given: Mapping[str, Any]) -> str:
    text = given.get("statusDescription", "")
    if not isinstance(text, str):
        raise Invalid(f"statusDescription is no text but {shown(text)}")
    return text


def _body(given: Mapping[str, Any]) -> bytes:
    body, encoding = given.get("body"), given.get("bodyEncoding", "text")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise Invalid("the body is not a string, is not an object, or exceeds the maximum size")
    if encoding not in ("text", "base64"):
        raise Invalid(f"bodyEncoding is text or base64, not {shown(encoding)}")
    return _decoded(body) if encoding == "base64" else body.encode("utf-8", "replace")


def _decoded(text: str) -> bytes:
    found = from_base64(text)
    if found is None:
        raise Invalid("the body is said to be base64, and is none")
    return found


def _check_size(event: EventType, headers: Pairs, body: bytes) -> None:
    most = quotas.edge_response_bytes(event)
    size = size_of(headers) + len(body)
    if size > most:
        text = f"the response has {size:,} bytes with its headers; at a {event.replace('-', ' ')} at most {most:,}"
        raise Invalid(text)


def _target(given: Mapping[str, Any]) -> tuple[str, str]:
    uri, query = given["uri"], given.get("querystring", "")
    if not isinstance(uri, str) or not uri.startswith("/"):
        raise Invalid(f"uri is no path that begins with a slash but {shown(uri)}")
    if not isinstance(query, str):
        raise Invalid(f"querystring is no text but {shown(query)}")
    if _UNFIT & set(query):
        raise Invalid("querystring has a space, a control character or a #; write them percent-encoded")
    if any(sign in uri for sign in "\r\n\0"):
        raise Invalid("uri has a character that no path may have")
    if len(uri) + len(query) + bool(query) >= quotas.EDGE_URI_CHARACTERS:
        raise Invalid(f"uri and querystring have {quotas.EDGE_URI_CHARACTERS:,} characters or more")
    return uri, query


def _replaced(event: EventType, sent: Mapping[str, Any], body: Any) -> bytes | None:
    """A body that takes the place of the viewer's; only where the function was shown that one."""
    if not isinstance(body, dict) or body.get("action", "read-only") == "read-only":
        return None
    if "body" not in sent:
        raise Invalid("the function replaces a body that it was not shown: IncludeBody is off")
    data, encoding = body.get("data", ""), body.get("encoding", "base64")
    if body["action"] != "replace":
        raise Invalid(f"action of the body is read-only or replace, not {shown(body['action'])}")
    if not isinstance(data, str) or encoding not in ("text", "base64"):
        raise Invalid("data of the body is a text, and its encoding text or base64")
    most = quotas.edge_body_bytes(event)
    found = _decoded(data) if encoding == "base64" else data.encode("utf-8", "replace")
    if len(found) > most:
        raise Invalid(f"the body has {len(found):,} bytes; at a {event.replace('-', ' ')} at most {most:,}")
    return found


def _origin(given: Any) -> Mapping[str, Any] | None:
    """Where the request is to go: exactly one origin, with what each kind needs."""
    if given is None:
        return None
    if not isinstance(given, dict) or len(given) != 1 or not set(given) <= {"custom", "s3"}:
        raise Invalid("origin has exactly one of custom and s3")
    ((kind, origin),) = given.items()
    if not isinstance(origin, dict):
        raise Invalid(f"origin.{kind} is no object")
    domain, path = origin.get("domainName"), origin.get("path", "")
    if not isinstance(domain, str) or not domain or ":" in domain or len(domain) > (253 if kind == "custom" else 128):
        raise Invalid(f"domainName of the origin is no name of a host but {shown(domain)}")
    if not isinstance(path, str) or (path and not path.startswith("/")) or path.endswith("/") or len(path) > 255:
        raise Invalid(f"path of the origin begins with a slash and does not end with one, unlike {shown(path)}")
    check_generated(pairs_of(origin.get("customHeaders")))
    if kind == "custom":
        _check_custom(origin)
    elif origin.get("authMethod", "none") not in ("none", "origin-access-identity"):
        raise Invalid(f"authMethod is none or origin-access-identity, not {shown(origin.get('authMethod'))}")
    return given


def _check_custom(origin: Mapping[str, Any]) -> None:
    port, protocol = origin.get("port"), origin.get("protocol")
    if not isinstance(port, int) or not (port in (80, 443) or 1024 <= port <= 65_535):
        raise Invalid(f"port of the origin is 80, 443 or a number from 1024 to 65535, not {shown(port)}")
    if protocol not in ("http", "https"):
        raise Invalid(f"protocol of the origin is http or https, not {shown(protocol)}")
    for name in ("readTimeout", "keepaliveTimeout"):
        value = origin.get(name, 5)
        if not isinstance(value, int) or not 1 <= value <= quotas.EDGE_ORIGIN_TIMEOUT_S_MAX:
            raise Invalid(f"{name} is a number from 1 to {quotas.EDGE_ORIGIN_TIMEOUT_S_MAX}, not {shown(value)}")


def exposed(event: EventType, body: bytes) -> dict[str, Any]:
    """The body as the function of a request sees it: in base64, cut where it is long."""
    most = quotas.edge_body_bytes(event)
    data = base64.b64encode(body[:most]).decode()
    return {"inputTruncated": len(body) > most, "action": "read-only", "encoding": "base64", "data": data}
