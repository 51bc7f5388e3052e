"""What the HTTP front doors send: load balancer, API Gateway (REST, HTTP and WebSocket APIs), function URL.

Sources: facts F.5, F.6 and X.1; Elastic Load Balancing, "Use Lambda functions as targets of an Application Load
Balancer"; Amazon API Gateway Developer Guide, "Input format of a Lambda function for proxy integration", "Create AWS
Lambda proxy integrations for HTTP APIs", "Set up a WebSocket API integration request"; AWS Lambda Developer Guide,
"Invoking Lambda function URLs". Held against the samples in SAM CLI 1.144 (alb/, apigateway/) and aws-lambda-go
(WebSockets, function URLs), read 2026-11.
"""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, REGION, arn
from lambdalab.simulator.vocabulary.events.arrivals import (
    Arrived,
    Context,
    Moment,
    asking_request,
    asking_request_2,
    asking_token,
    balanced,
    format_1,
    format_2,
)

ADDRESS = "198.51.100.10"  # RFC 5737: nobody's
AGENT = "curl/8.5.0"
TRACE = "Root=1-5c536348-3d683b8b04734faae651f476"
REST_HOST = f"1234567890.execute-api.{REGION}.amazonaws.com"
REQUEST_ID = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
TIME, EPOCH_MS = "23/Nov/2026:12:00:00 +0000", 1795435200000


def forwarded(host: str) -> dict[str, str]:
    """The headers of a request as a front door hands them on."""
    return {
        "accept": "*/*",
        "host": host,
        "user-agent": AGENT,
        "x-amzn-trace-id": TRACE,
        "x-forwarded-for": ADDRESS,
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    }


def lists(fields: dict[str, str]) -> dict[str, list[str]]:
    """Headers or parameters with all their values, as multi-value front doors send them."""
    return {name: [value] for name, value in fields.items()}


def _arrived(host: str, path: str, query: str, body: str | None, headers: dict[str, str] | None = None) -> Arrived:
    pairs = tuple((headers or forwarded(host)).items())
    return Arrived("GET", path, query, pairs, host, ADDRESS, body)


def _context(host: str, account: str, stage: str, route: str, request_id: str, **more: Any) -> Context:
    moment = Moment(TIME, EPOCH_MS)
    return Context(host.partition(".")[0], account, stage, route, request_id, moment, **more)


def alb() -> dict[str, Any]:
    """A load balancer's request; of a repeated parameter or header the last value."""
    return _balanced("color=blue", multi=False)


def alb_multi() -> dict[str, Any]:
    """A load balancer's request with lambda.multi_value_headers.enabled: every value, in lists."""
    return _balanced("color=blue&size=s&size=m", multi=True)


def _balanced(query: str, *, multi: bool) -> dict[str, Any]:
    group = arn("elasticloadbalancing", "targetgroup/shop/d6190d154bc908a5")
    arrived = _arrived(f"shop-1234567890.{REGION}.elb.amazonaws.com", "/orders", query, "")
    return balanced(arrived, group, multi=multi)


def rest() -> dict[str, Any]:
    """A REST API's request, payload format 1.0."""
    headers = {
        "Accept": "*/*",
        "Host": REST_HOST,
        "User-Agent": AGENT,
        "X-Amzn-Trace-Id": TRACE,
        "X-Forwarded-For": ADDRESS,
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
    }
    ids = {"resource_id": "123456", "extended_request_id": "JKJaXmPLvHcESHA=", "path_parameters": {"id": "17"}}
    context = _context(REST_HOST, ACCOUNT_ID, "prod", "/orders/{id}", REQUEST_ID, **ids)
    return format_1(_arrived(REST_HOST, "/orders/17", "color=blue", None, headers), context)


def http_api() -> dict[str, Any]:
    """An HTTP API's request, payload format 2.0."""
    more = {"path_parameters": {"id": "17"}, "stage_variables": {"table": "orders"}}
    return _version_2("GET /orders/{id}", "/prod/orders/17", REST_HOST, ACCOUNT_ID, "prod", more)


def function_url() -> dict[str, Any]:
    """A function URL's request, with AuthType NONE."""
    host = f"abcdefghijklmnop.lambda-url.{REGION}.on.aws"
    return _version_2("$default", "/orders/17", host, "anonymous", "$default", {})


def _version_2(
    route: str, path: str, host: str, account: str, stage: str, more: dict[str, dict[str, str]]
) -> dict[str, Any]:
    headers = forwarded(host) | {"cookie": "session=abc; theme=dark"}
    arrived = _arrived(host, path, "color=blue&size=s&size=m", "", headers)
    context = _context(host, account, stage, route, "JKJaXmPLvHcESHA=", **more)
    return format_2(arrived, context, path, cookie_header=account == "anonymous")


def socket_connect() -> dict[str, Any]:
    """A client opens a WebSocket."""
    headers = {"Host": REST_HOST, "Sec-WebSocket-Version": "13", "X-Forwarded-For": ADDRESS}
    context = _socket_context("$connect", "CONNECT")
    return {
        "headers": headers,
        "multiValueHeaders": lists(headers),
        "requestContext": context,
        "isBase64Encoded": False,
    }


def socket_message() -> dict[str, Any]:
    """A client sends a message."""
    context = _socket_context("$default", "MESSAGE") | {"messageId": "S-MqncQSoAMCJnA="}
    return {"requestContext": context, "body": '{"order": 17}', "isBase64Encoded": False}


def socket_disconnect() -> dict[str, Any]:
    """A WebSocket is closed."""
    headers = {"Host": REST_HOST, "x-api-key": "", "X-Forwarded-For": ADDRESS}
    context = _socket_context("$disconnect", "DISCONNECT")
    context |= {"disconnectStatusCode": 1005, "disconnectReason": ""}
    return {
        "headers": headers,
        "multiValueHeaders": lists(headers),
        "requestContext": context,
        "isBase64Encoded": False,
    }


def _socket_context(route: str, kind: str) -> dict[str, Any]:
    return {
        "routeKey": route,
        "eventType": kind,
        "extendedRequestId": "BMqnSgSoAMFVTHA=",
        "requestTime": TIME,
        "messageDirection": "IN",
        "stage": "prod",
        "connectedAt": EPOCH_MS,
        "requestTimeEpoch": EPOCH_MS,
        "identity": {"userAgent": AGENT, "sourceIp": ADDRESS},
        "requestId": "BMqnSgSoAMFVTHA=",
        "domainName": REST_HOST,
        "connectionId": "BMqnScCUoAMCLLg=",
        "apiId": "1234567890",
    }


def _method_arn() -> str:
    return arn("execute-api", "1234567890/prod/GET/orders/17")


def token_authorizer() -> dict[str, Any]:
    """A REST API asks its TOKEN authorizer; the answer is an IAM policy."""
    return asking_token("Bearer incoming-client-token", _method_arn())


def request_authorizer() -> dict[str, Any]:
    """A REST API asks its REQUEST authorizer; the answer is an IAM policy."""
    return asking_request(rest(), _method_arn())


def http_api_authorizer() -> dict[str, Any]:
    """An HTTP API asks its Lambda authorizer, payload format 2.0; the answer is isAuthorized or a policy."""
    return asking_request_2(http_api(), _method_arn(), ["Bearer incoming-client-token"])
