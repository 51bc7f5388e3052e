"""What CloudFront sends to Lambda@Edge. Source: Amazon CloudFront Developer Guide, "Lambda@Edge event structure",
from memory 2026-11; fact F.7."""

from __future__ import annotations

from typing import Any

_DOMAIN = "d111111abcdef8.cloudfront.net"
_ID = "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ=="


def headers_of(given: dict[str, str]) -> dict[str, list[dict[str, str]]]:
    """Headers as CloudFront writes them: by their name in lower case, every value with its own spelling."""
    return {name.lower(): [{"key": name, "value": value}] for name, value in given.items()}


def _event(kind: str, request: dict[str, Any], response: dict[str, Any] | None = None) -> dict[str, Any]:
    config = {
        "distributionDomainName": _DOMAIN,
        "distributionId": "EDFDVBD6EXAMPLE",
        "eventType": kind,
        "requestId": _ID,
    }
    carried = {"config": config, "request": request} | ({"response": response} if response else {})
    return {"Records": [{"cf": carried}]}


def _request(host: str, more: dict[str, str]) -> dict[str, Any]:
    return {
        "clientIp": "203.0.113.178",
        "headers": headers_of({"Host": host, "User-Agent": "curl/8.5.0", **more}),
        "method": "GET",
        "querystring": "size=large",
        "uri": "/picture.jpg",
    }


def _to_origin() -> dict[str, Any]:
    """A request that the cache could not answer, on its way to the origin."""
    more = {
        "X-Forwarded-For": "203.0.113.178",
        "Via": "2.0 2afae0d44e2540f472c0635ab62c232b.cloudfront.net (CloudFront)",
    }
    origin = {
        "custom": {
            "customHeaders": {},
            "domainName": "example.org",
            "keepaliveTimeout": 5,
            "path": "",
            "port": 443,
            "protocol": "https",
            "readTimeout": 30,
            "sslProtocols": ["TLSv1", "TLSv1.1", "TLSv1.2"],
        }
    }
    return _request("example.org", more) | {"origin": origin}


def _response() -> dict[str, Any]:
    headers = {"Content-Type": "image/jpeg", "Server": "ExampleCustomOriginServer", "Cache-Control": "max-age=60"}
    return {"headers": headers_of(headers), "status": "200", "statusDescription": "OK"}


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
