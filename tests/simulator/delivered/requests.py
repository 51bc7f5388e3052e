"""HTTP: load balancers, APIs, function URLs, and the authorizers before them."""

import urllib.parse
from collections.abc import Iterator
from typing import Any

from tests.simulator.delivered.contents import Content
from tests.simulator.delivered.delivery import Delivery, to_guard
from tests.simulator.services.http import test_balancer as balancer
from tests.simulator.services.http.apis import api, function
from tests.simulator.services.http.clients import http
from tests.simulator.services.http.test_function_url import project, user

ROUTES: dict[str, Any] = {"GET /orders": {}, "POST /orders/{id}": {}, "GET /{proxy+}": {}}


def to(door: str, stage: str = "", **more: Any) -> Any:
    """A request with next to nothing, and one with everything."""

    def send(content: Content) -> Iterator[dict[str, Any]]:
        token = {"Authorization": "Bearer x"}
        path = "/orders/" + (urllib.parse.quote(content.text[:40], safe="") or "7")
        query = {word: [content.text, "2"] for word in content.words}
        headers = {"Content-Type": "image/png", "Cookie": "a=1; b=2", "X-Shop": ["7", "8"], **token}
        full: dict[str, Any] = {"method": "POST", "query": query, "headers": headers, "body": {"file": "data.bin"}}
        yield http(door, f"{stage}/orders", headers=token, **more)
        yield http(door, stage + path, at="1s", **full, **more)
        yield http(door, f"{stage}/orders", at="2s", headers={**token, "Content-Type": "text/plain"}, **more)
        text = {"Content-Type": "text/plain", **token}
        yield http(door, stage + path, at="3s", method="POST", headers=text, body=content.text, **more)

    return send


def guarded(kind: str, guard: dict[str, Any]) -> str:
    auth: dict[str, Any] = {
        "DefaultAuthorizer": "Door",
        "Authorizers": {"Door": {"FunctionArn": {"Fn::GetAtt": "Guard.Arn"}, **guard}},
    }
    auth |= {"AddDefaultAuthorizerToCorsPreflight": False} if kind == "Api" else {}
    stage = {"StageName": "prod"} if kind == "Api" else {}
    return api(kind, ROUTES, Auth=auth, functions={"Guard": function("guard")}, **stage)


IDENTITY: dict[str, Any] = {"Identity": {"Headers": ["Authorization"]}, "EnableFunctionDefaultPermissions": True}
SIMPLE = {"AuthorizerPayloadFormatVersion": "2.0", "EnableSimpleResponses": True, **IDENTITY}
OLD = {"AuthorizerPayloadFormatVersion": "1.0", **IDENTITY}
BY_REQUEST = {"FunctionPayloadType": "REQUEST", "Identity": {"Headers": ["Authorization"]}}
BY_IAM = {"EnableIamAuthorizer": True, "DefaultAuthorizer": "AWS_IAM"}
REST = api("Api", ROUTES, StageName="prod", BinaryMediaTypes=["image~1png"], Variables={"table": "orders"})
V1_ROUTES = {route: {"PayloadFormatVersion": "1.0"} for route in ROUTES}
ADA = {"Ada": user("*")}
V1, V2 = "APIGatewayProxyEventModel", "APIGatewayProxyEventV2Model"
DELIVERIES = {
    "ALB": Delivery("AlbModel", balancer.project(), to("Balancer"), least=4),
    "ALB, several values": Delivery("AlbModel", balancer.project(balancer.MULTI), to("Balancer"), least=4),
    "HTTP API": Delivery(V2, api("HttpApi", ROUTES), to("Web"), least=4),
    "HTTP API, format 1.0": Delivery(V1, api("HttpApi", V1_ROUTES), to("Web"), least=4),
    "HTTP API, IAM": Delivery(V2, api("HttpApi", ROUTES, Auth=BY_IAM, functions=ADA), to("Web", signer="Ada"), least=4),
    "HTTP API, authorized": Delivery(V2, guarded("HttpApi", SIMPLE), to("Web"), least=4),
    "REST API": Delivery(V1, REST, to("Web", "/prod"), least=4),
    "REST API, IAM": Delivery(
        V1, api("Api", ROUTES, StageName="prod", Auth={"DefaultAuthorizer": "AWS_IAM"}, functions=ADA),
        to("Web", "/prod", signer="Ada"), least=4,
    ),
    "REST API, authorized": Delivery(V1, guarded("Api", {}), to("Web", "/prod"), least=4),
    "function URL": Delivery("LambdaFunctionUrlModel", project(), to("Url"), least=4),
    "function URL, IAM": Delivery(
        "LambdaFunctionUrlModel", project("AWS_IAM", more=ADA), to("Url", signer="Ada"), least=4
    ),
    "authorizer, token": Delivery("ApiGatewayAuthorizerToken", guarded("Api", {}), to("Web", "/prod"), to_guard),
    "authorizer, request": Delivery(
        "ApiGatewayAuthorizerRequest", guarded("Api", BY_REQUEST), to("Web", "/prod"), to_guard
    ),
    "authorizer, HTTP API": Delivery("ApiGatewayAuthorizerRequestV2", guarded("HttpApi", SIMPLE), to("Web"), to_guard),
    "authorizer, HTTP API, format 1.0": Delivery(
        "ApiGatewayAuthorizerRequest", guarded("HttpApi", OLD), to("Web"), to_guard
    ),
}  # fmt: skip
