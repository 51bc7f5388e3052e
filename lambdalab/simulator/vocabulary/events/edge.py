"""What CloudFront sends to Lambda@Edge. Source: Amazon CloudFront Developer Guide, "Lambda@Edge event structure", read
2026-11-29; the samples in SAM CLI 1.144 (cloudfront/), read 2026-11; fact F.7. The samples are those of the guide as
far as they go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

EventType = Literal["viewer-request", "origin-request", "origin-response", "viewer-response"]
Headers = Mapping[str, list[dict[str, str]]]

_DOMAIN = "d111111abcdef8.cloudfront.net"
_ID = "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ=="


def headers_of(pairs: Iterable[tuple[str, str]]) -> dict[str, list[dict[str, str]]]:
    """Headers as CloudFront writes them: by their name in lower case, every value with its own spelling.

    Several Cookie headers become one, with semicolons between them ("Lambda@Edge example functions", A/B testing).
    """
    found: dict[str, list[dict[str, str]]] = {}
    for name, value in pairs:
        listed = found.setdefault(name.lower(), [])
        if listed and name.lower() == "cookie":
            listed[0]["value"] += f"; {value}"
        else:
            listed.append({"key": name, "value": value})
    return found


def event(
    kind: EventType,
    domain: str,
    distribution: str,
    request_id: str,
    request: Mapping[str, Any],
    response: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The whole event. ``distribution`` is the distribution's id."""
    config = {
        "distributionDomainName": domain,
        "distributionId": distribution,
        "eventType": kind,
        "requestId": request_id,
    }
    carried = {"config": config, "request": dict(request)}
    if response is not None:
        carried["response"] = dict(response)
    return {"Records": [{"cf": carried}]}


def request_of(
    client_ip: str,
    headers: Headers,
    method: str,
    uri: str,
    query: str,
    body: Mapping[str, Any] | None = None,
    origin: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The request of an event: with its body where the function is to see it, with the origin in origin events."""
    made: dict[str, Any] = {} if body is None else {"body": dict(body)}
    made |= {"clientIp": client_ip, "headers": {name: [dict(one) for one in each] for name, each in headers.items()}}
    made["method"] = method
    if origin is not None:
        made["origin"] = dict(origin)
    return made | {"querystring": query, "uri": uri}


def response_of(status: int, description: str, headers: Headers) -> dict[str, Any]:
    """The response of an event: never with its body."""
    copied = {name: [dict(one) for one in each] for name, each in headers.items()}
    return {"headers": copied, "status": str(status), "statusDescription": description}


def custom_origin(
    domain: str,
    path: str = "",
    custom_headers: Headers | None = None,
    port: int = 443,
    protocol: str = "https",
    read_timeout_s: int = 30,
    keepalive_s: int = 5,
) -> dict[str, Any]:
    """Where a request goes to a server of one's own. Timeouts in seconds."""
    return {
        "custom": {
            "customHeaders": dict(custom_headers or {}),
            "domainName": domain,
            "keepaliveTimeout": keepalive_s,
            "path": path,
            "port": port,
            "protocol": protocol,
            "readTimeout": read_timeout_s,
            "sslProtocols": ["TLSv1", "TLSv1.1", "TLSv1.2"],
        }
    }


def s3_origin(
    domain: str, region: str, path: str = "", custom_headers: Headers | None = None, auth: str = "none"
) -> dict[str, Any]:
    """Where a request goes to a bucket. ``auth`` is none or origin-access-identity."""
    return {
        "s3": {
            "authMethod": auth,
            "customHeaders": dict(custom_headers or {}),
            "domainName": domain,
            "path": path,
            "region": region,
        }
    }


def _event(kind: EventType, request: dict[str, Any], response: dict[str, Any] | None = None) -> dict[str, Any]:
    return event(kind, _DOMAIN, "EDFDVBD6EXAMPLE", _ID, request, response)


def _request(host: str, more: dict[str, str], origin: dict[str, Any] | None = None) -> dict[str, Any]:
    headers = headers_of({"Host": host, "User-Agent": "curl/8.5.0", **more}.items())
    return request_of("203.0.113.178", headers, "GET", "/picture.jpg", "size=large", origin=origin)


def _to_origin() -> dict[str, Any]:
    """A request that the cache could not answer, on its way to the origin."""
    more = {
        "User-Agent": "Amazon CloudFront",
        "X-Forwarded-For": "203.0.113.178",
        "Via": "2.0 2afae0d44e2540f472c0635ab62c232b.cloudfront.net (CloudFront)",
    }
    return _request("example.org", more, custom_origin("example.org"))


def _response() -> dict[str, Any]:
    headers = {"Content-Type": "image/jpeg", "Server": "ExampleCustomOriginServer", "Cache-Control": "max-age=60"}
    return response_of(200, "OK", headers_of(headers.items()))


def viewer_request() -> dict[str, Any]:
    """Every request of a viewer, before the cache is asked."""
    return _event("viewer-request", _request(_DOMAIN, {"Accept": "*/*"}))


def origin_request() -> dict[str, Any]:
    """A request that the cache could not answer."""
    return _event("origin-request", _to_origin())


def origin_response() -> dict[str, Any]:
    """The origin's answer, before it is cached."""
    return _event("origin-response", _to_origin(), _response())


def viewer_response() -> dict[str, Any]:
    """The answer on its way to a viewer."""
    return _event("viewer-response", _request(_DOMAIN, {"Accept": "*/*"}), _response())
