"""What the HTTP front doors send: load balancer, API Gateway (REST, HTTP and WebSocket APIs), function URL.

Sources: facts F.5, F.6 and X.1; Elastic Load Balancing, "Use Lambda functions as targets of an Application Load
Balancer"; Amazon API Gateway Developer Guide, "Input format of a Lambda function for proxy integration", "Create AWS
Lambda proxy integrations for HTTP APIs", "Set up a WebSocket API integration request"; AWS Lambda Developer Guide,
"Invoking Lambda function URLs", from memory 2026-11.
"""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, REGION, arn

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


def alb() -> dict[str, Any]:
    """A load balancer's request; of a repeated parameter or header the last value."""
    return {
        "requestContext": {"elb": {"targetGroupArn": arn("elasticloadbalancing", "targetgroup/shop/d6190d154bc908a5")}},
        "httpMethod": "GET",
        "path": "/orders",
        "queryStringParameters": {"color": "blue"},
        "headers": forwarded(f"shop-1234567890.{REGION}.elb.amazonaws.com"),
        "body": "",
        "isBase64Encoded": False,
    }


def alb_multi() -> dict[str, Any]:
    """A load balancer's request with lambda.multi_value_headers.enabled: every value, in lists."""
    event = alb()
    parameters = lists(event["queryStringParameters"]) | {"size": ["s", "m"]}
    renamed = {"multiValueQueryStringParameters": parameters, "multiValueHeaders": lists(event["headers"])}
    kept = ("requestContext", "httpMethod", "path")
    return {name: event[name] for name in kept} | renamed | {"body": "", "isBase64Encoded": False}


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
    return {
        "resource": "/orders/{id}",
        "path": "/orders/17",
        "httpMethod": "GET",
        "headers": headers,
        "multiValueHeaders": lists(headers),
        "queryStringParameters": {"color": "blue"},
        "multiValueQueryStringParameters": {"color": ["blue"]},
        "pathParameters": {"id": "17"},
        "stageVariables": None,
        "requestContext": rest_context(),
        "body": None,
        "isBase64Encoded": False,
    }


def rest_context() -> dict[str, Any]:
    """What API Gateway says about a REST request. Nobody is signed in."""
    nobody = (
        "accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType",
        "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "user", "userArn",
    )  # fmt: skip
    return {
        "resourceId": "123456",
        "resourcePath": "/orders/{id}",
        "operationName": None,
        "httpMethod": "GET",
        "extendedRequestId": "JKJaXmPLvHcESHA=",
        "requestTime": TIME,
        "path": "/prod/orders/17",
        "accountId": ACCOUNT_ID,
        "protocol": "HTTP/1.1",
        "stage": "prod",
        "domainPrefix": "1234567890",
        "requestTimeEpoch": EPOCH_MS,
        "requestId": REQUEST_ID,
        "identity": dict.fromkeys(nobody) | {"sourceIp": ADDRESS, "userAgent": AGENT},
        "domainName": REST_HOST,
        "apiId": "1234567890",
    }


def http_api() -> dict[str, Any]:
    """An HTTP API's request, payload format 2.0."""
    return _version_2("GET /orders/{id}", "/prod/orders/17", REST_HOST, ACCOUNT_ID, "prod") | {
        "pathParameters": {"id": "17"},
        "stageVariables": {"table": "orders"},
    }


def function_url() -> dict[str, Any]:
    """A function URL's request, with AuthType NONE."""
    return _version_2("$default", "/orders/17", f"abcdefghijklmnop.lambda-url.{REGION}.on.aws", "anonymous", "$default")


def _version_2(route: str, path: str, host: str, account: str, stage: str) -> dict[str, Any]:
    prefix = host.partition(".")[0]
    return {
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "color=blue&size=s&size=m",
        "cookies": ["session=abc", "theme=dark"],
        "headers": forwarded(host),
        "queryStringParameters": {"color": "blue", "size": "s,m"},
        "requestContext": {
            "accountId": account,
            "apiId": prefix,
            "domainName": host,
            "domainPrefix": prefix,
            "http": {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": ADDRESS, "userAgent": AGENT},
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": route,
            "stage": stage,
            "time": TIME,
            "timeEpoch": EPOCH_MS,
        },
        "body": "",
        "isBase64Encoded": False,
    }


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
    return {"type": "TOKEN", "methodArn": _method_arn(), "authorizationToken": "Bearer incoming-client-token"}


def request_authorizer() -> dict[str, Any]:
    """A REST API asks its REQUEST authorizer; the answer is an IAM policy."""
    request = {name: value for name, value in rest().items() if name not in ("body", "isBase64Encoded")}
    return {"type": "REQUEST", "methodArn": _method_arn(), **request}


def http_api_authorizer() -> dict[str, Any]:
    """An HTTP API asks its Lambda authorizer, payload format 2.0; the answer is isAuthorized or a policy."""
    request = {name: value for name, value in http_api().items() if name not in ("body", "isBase64Encoded")}
    asked = {"type": "REQUEST", "routeArn": _method_arn(), "identitySource": ["Bearer incoming-client-token"]}
    return {"version": request.pop("version"), **asked, **request}
