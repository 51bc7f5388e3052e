"""A request as an HTTP front door hands it to a function: the one builder of each payload format.

``http.py`` prints samples with it, ``services/http`` delivers with it. Sources: those of ``http.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Arrived:
    """One request. ``path`` and ``query`` (without its question mark) are as they were sent, still URL-encoded.

    ``headers`` in the order of their arrival, a name as often as it came, ``host`` among them; ``body`` is a text, in
    base64 where ``encoded`` says so, or None.
    """

    method: str
    path: str
    query: str
    headers: Pairs
    host: str
    source_ip: str
    body: str | None = None
    encoded: bool = False

    def header(self, name: str) -> str:
        """The last value of a header, by its name in lower case; an empty text where there is none."""
        return next((value for given, value in reversed(self.headers) if given.lower() == name), "")

    @property
    def parameters(self) -> Pairs:
        """The parameters of the query, decoded."""
        return tuple(parse_qsl(self.query, keep_blank_values=True, max_num_fields=10_000))

    @property
    def cookies(self) -> list[str]:
        """Every cookie, ``name=value``."""
        lines = (value for name, value in self.headers if name.lower() == "cookie")
        return [cookie.strip() for line in lines for cookie in line.split(";") if cookie.strip()]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a request came, as API Gateway writes it: ``23/Nov/2026:12:00:00 +0000``, and milliseconds since 1970."""

    text: str
    epoch_ms: int


@dataclass(frozen=True, slots=True)
class Context:
    """What a front door knows of a request beside the request itself.

    ``route`` is a route key (``GET /orders/{id}``) or, in a REST API, a resource's path; ``resource_id`` belongs to the
    latter. ``authorizer`` is what an authorizer said, ``identity`` who signed.
    """

    api_id: str
    account: str
    stage: str
    route: str
    request_id: str
    moment: Moment
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    stage_variables: Mapping[str, str] = field(default_factory=dict)
    authorizer: Mapping[str, Any] | None = None
    identity: Mapping[str, Any] = field(default_factory=dict)
    resource_id: str = ""
    extended_request_id: str = ""


def last_values(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Of a repeated name the last value."""
    return dict(pairs)


def all_values(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Every value, in lists."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The values of a name with commas between them."""
    return {name: ",".join(values) for name, values in all_values(pairs).items()}


def lower(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """Headers with their names in lower case."""
    return tuple((name.lower(), value) for name, value in pairs)


def as_sent(query: str) -> Pairs:
    """The parameters of a query, still URL-encoded: a load balancer decodes nothing."""
    parts = (part.partition("=") for part in query.split("&") if part)
    return tuple((name, value) for name, _, value in parts)


def balanced(arrived: Arrived, target_group: str, *, multi: bool) -> dict[str, Any]:
    """A load balancer's event. ``multi``: lambda.multi_value_headers.enabled, every value in lists."""
    parameters, headers = as_sent(arrived.query), lower(arrived.headers)
    event: dict[str, Any] = {
        "requestContext": {"elb": {"targetGroupArn": target_group}},
        "httpMethod": arrived.method,
        "path": arrived.path,
    }
    if multi:
        event["multiValueQueryStringParameters"] = all_values(parameters)
        event["multiValueHeaders"] = all_values(headers)
    else:
        event["queryStringParameters"] = last_values(parameters)
        event["headers"] = last_values(headers)
    return event | {"body": arrived.body or "", "isBase64Encoded": arrived.encoded}


def format_2(arrived: Arrived, context: Context, path: str, *, cookie_header: bool = False) -> dict[str, Any]:
    """Payload format 2.0: HTTP APIs and function URLs. ``path`` is the raw path, with the stage where it has one.

    Cookies stand in a list of their own; function URLs leave them among the headers, too (``cookie_header``). Values of
    one name are joined with commas.
    """
    cookies = arrived.cookies
    headers = joined(lower(arrived.headers))
    if not cookie_header:
        headers.pop("cookie", None)
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": context.route,
        "rawPath": path,
        "rawQueryString": arrived.query,
        **({"cookies": cookies} if cookies else {}),
        "headers": headers,
        **({"queryStringParameters": joined(arrived.parameters)} if arrived.query else {}),
        "requestContext": {
            "accountId": context.account,
            "apiId": context.api_id,
            **({"authorizer": dict(context.authorizer)} if context.authorizer else {}),
            "domainName": arrived.host,
            "domainPrefix": arrived.host.partition(".")[0],
            "http": {
                "method": arrived.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": arrived.source_ip,
                "userAgent": arrived.header("user-agent"),
            },
            "requestId": context.request_id,
            "routeKey": context.route,
            "stage": context.stage,
            "time": context.moment.text,
            "timeEpoch": context.moment.epoch_ms,
        },
    }
    if context.path_parameters:
        event["pathParameters"] = dict(context.path_parameters)
    if context.stage_variables:
        event["stageVariables"] = dict(context.stage_variables)
    if arrived.body is not None:
        event["body"] = arrived.body
    return event | {"isBase64Encoded": arrived.encoded}


NOBODY = (
    "accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType",
    "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "user", "userArn",
)  # fmt: skip


def format_1(arrived: Arrived, context: Context) -> dict[str, Any]:
    """Payload format 1.0 as REST APIs send it: single and multiple values side by side, null where there is nothing."""
    parameters = arrived.parameters
    return {
        "resource": context.route,
        "path": arrived.path,
        "httpMethod": arrived.method,
        "headers": last_values(arrived.headers),
        "multiValueHeaders": all_values(arrived.headers),
        "queryStringParameters": last_values(parameters) or None,
        "multiValueQueryStringParameters": all_values(parameters) or None,
        "pathParameters": dict(context.path_parameters) or None,
        "stageVariables": dict(context.stage_variables) or None,
        "requestContext": _rest_context(arrived, context),
        "body": arrived.body,
        "isBase64Encoded": arrived.encoded,
    }


def _rest_context(arrived: Arrived, context: Context) -> dict[str, Any]:
    """What API Gateway says about a REST request."""
    identity: dict[str, Any] = dict.fromkeys(NOBODY)
    identity |= {"sourceIp": arrived.source_ip, "userAgent": arrived.header("user-agent")} | dict(context.identity)
    return {
        "resourceId": context.resource_id,
        "resourcePath": context.route,
        "operationName": None,
        "httpMethod": arrived.method,
        "extendedRequestId": context.extended_request_id,
        "requestTime": context.moment.text,
        "path": f"/{context.stage}{arrived.path}",
        "accountId": context.account,
        "protocol": "HTTP/1.1",
        "stage": context.stage,
        "domainPrefix": arrived.host.partition(".")[0],
        "requestTimeEpoch": context.moment.epoch_ms,
        "requestId": context.request_id,
        **({"authorizer": dict(context.authorizer)} if context.authorizer is not None else {}),
        "identity": identity,
        "domainName": arrived.host,
        "apiId": context.api_id,
    }


def format_1_of_http_api(arrived: Arrived, context: Context, path: str) -> dict[str, Any]:
    """Payload format 1.0 as HTTP APIs send it: the same with a version, lists of all values, and the stage's path."""
    event = format_1(arrived, context)
    shown = context.route.partition(" ")[2] or context.route
    event["requestContext"] |= {"path": path, "resourcePath": shown, "resourceId": context.route}
    return {"version": "1.0", **event, "resource": shown, "path": path}


def asking_token(token: str, method_arn: str) -> dict[str, Any]:
    """What a REST API asks a TOKEN authorizer."""
    return {"type": "TOKEN", "methodArn": method_arn, "authorizationToken": token}


def asking_request(event: Mapping[str, Any], method_arn: str) -> dict[str, Any]:
    """What a REST API asks a REQUEST authorizer: the request without its body."""
    request = {name: value for name, value in event.items() if name not in ("body", "isBase64Encoded")}
    return {"type": "REQUEST", "methodArn": method_arn, **request}


def asking_request_2(event: Mapping[str, Any], route_arn: str, identity: list[str] | None) -> dict[str, Any]:
    """What an HTTP API asks its authorizer in format 2.0; ``identity`` is what its identity sources hold."""
    request = {name: value for name, value in event.items() if name not in ("version", "body", "isBase64Encoded")}
    return {"version": "2.0", "type": "REQUEST", "routeArn": route_arn, "identitySource": identity, **request}
