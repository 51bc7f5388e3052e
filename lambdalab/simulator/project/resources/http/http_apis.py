"""AWS::ApiGatewayV2::*: HTTP APIs, written out, as a Body, or made by SAM of HttpApi events.

Source: BC apigatewayv2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lambdalab.simulator.project.http_names import api_host, short_id
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.resources.http.common import is_one_of, problem, wrong_cors
from lambdalab.simulator.project.resources.http.findings import Finding, mapping, told
from lambdalab.simulator.project.resources.http.openapi import (
    METHODS,
    Definition,
    function_of,
    sources_of,
    wrong_authorizer,
    wrong_path,
)
from lambdalab.simulator.project.resources.http.stages import limit_of, settled, wrong_limit, wrong_name
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.http.api.http_api import HttpApi
from lambdalab.simulator.services.http.api.model import DEFAULT_ROUTE, Authorizer, Endpoint, Integration, Stage
from lambdalab.simulator.services.http.api.throttling import AccountThrottle
from lambdalab.simulator.services.http.url_api import cors_of

if TYPE_CHECKING:
    from lambdalab.simulator.project.deploy import Deployment

V2 = "AWS::ApiGatewayV2::"
API, ROUTE, STAGE = f"{V2}Api", f"{V2}Route", f"{V2}Stage"
INTEGRATION, AUTHORIZER, DEPLOYMENT = f"{V2}Integration", f"{V2}Authorizer", f"{V2}Deployment"
KNOWN = {
    API: ("Name", "ProtocolType", "CorsConfiguration", "Body", "Description", "Tags", "Target", "RouteKey", "Version"),
    ROUTE: ("ApiId", "RouteKey", "Target", "AuthorizationType", "AuthorizerId", "OperationName"),
    INTEGRATION: (
        "ApiId", "IntegrationType", "IntegrationUri", "PayloadFormatVersion", "TimeoutInMillis", "IntegrationMethod",
        "ConnectionType", "Description",
    ),
    AUTHORIZER: (
        "ApiId", "Name", "AuthorizerType", "AuthorizerUri", "IdentitySource", "AuthorizerPayloadFormatVersion",
        "AuthorizerResultTtlInSeconds", "EnableSimpleResponses",
    ),
    STAGE: (
        "ApiId", "StageName", "AutoDeploy", "StageVariables", "DefaultRouteSettings", "RouteSettings", "DeploymentId",
        "Description", "Tags",
    ),
    DEPLOYMENT: ("ApiId", "StageName", "Description"),
}  # fmt: skip
CORS_IN_BODY = "x-amazon-apigateway-cors"


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with an HTTP API, its routes and integrations included."""
    problems = unknown_properties(template, resource, KNOWN[API])
    if resource.properties.get("ProtocolType", "HTTP") != "HTTP":
        text = "WebSocket APIs have no effect in lambdalab yet."
        return [*problems, problem(template, resource, "ProtocolType", text, "Use HTTP.", "unsupported")]
    cors = _cors(resource)
    wrong = wrong_cors(cors) if cors is not None else None
    if wrong:
        problems.append(problem(template, resource, "CorsConfiguration", wrong))
    reading = read(template, resource)
    problems += told(template, reading.findings)
    if not _stages(template, resource):
        text = "nothing serves this API: it has no stage."
        problems.append(problem(template, resource, "Name", text, "Add an AWS::ApiGatewayV2::Stage.", "warning"))
    return problems


def check_part(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a part of an HTTP API by itself: unknown properties, a missing API, a stage's settings."""
    problems = unknown_properties(template, resource, KNOWN[resource.type])
    known = {short_id(template.name(api)) for api in template.of_type(API)}
    if not is_one_of(resource.properties.get("ApiId"), known):
        text = f"there is no HTTP API {resource.properties.get('ApiId')} in this template."
        problems.append(problem(template, resource, "ApiId", text, "Write !Ref MyApi."))
    if resource.type == STAGE:
        problems += _check_stage(template, resource)
    return problems


def _check_stage(template: Template, resource: Resource) -> Iterator[Problem]:
    name = resource.properties.get("StageName")
    if name != DEFAULT_ROUTE and wrong_name(name):
        yield problem(template, resource, "StageName", wrong_name(name))
    settings = [("DefaultRouteSettings", resource.properties.get("DefaultRouteSettings"))]
    settings += [("RouteSettings", one) for one in mapping(resource.properties.get("RouteSettings")).values()]
    for prop, given in settings:
        wrong = wrong_limit(given)
        if wrong:
            yield problem(template, resource, prop, wrong)


def read(template: Template, resource: Resource) -> Definition:
    """The API's routes: those of its Body, those that stand beside it, and the one of a quick create."""
    reading = Definition(template, resource, "http")
    body = resource.properties.get("Body")
    if body is not None:
        reading.read(body)
    authorizers = {
        short_id(template.name(one)): _authorizer(template, one, reading)
        for one in _parts(template, resource, AUTHORIZER)
    }
    integrations = {
        short_id(template.name(one)): _integration(one, reading) for one in _parts(template, resource, INTEGRATION)
    }
    for route in _parts(template, resource, ROUTE):
        endpoint = _route(route, integrations, authorizers, reading)
        if endpoint is not None:
            reading.endpoints.append(endpoint)
    if resource.properties.get("Target") is not None:
        _quick(resource, reading)
    seen: set[str] = set()
    for endpoint in reading.endpoints:
        if endpoint.key in seen:
            reading.findings.append(Finding(resource, "Body", f"the route {endpoint.key} exists twice."))
        seen.add(endpoint.key)
    return reading


def _parts(template: Template, api: Resource, kind: str) -> list[Resource]:
    wanted = short_id(template.name(api))
    return [one for one in template.of_type(kind) if one.properties.get("ApiId") == wanted]


def _quick(resource: Resource, reading: Definition) -> None:
    """Target and RouteKey of the API itself: one route, an integration in format 2.0, and the stage $default. BC"""
    key = str(resource.properties.get("RouteKey", DEFAULT_ROUTE))
    function = function_of(resource.properties["Target"])
    if function is None:
        reading.findings.append(Finding(resource, "Target", "Target must be the ARN of a function.", "Use !GetAtt."))
    method, path = _key(key)
    integration = reading.integration(key, function or "", "2.0", None, False, ())
    reading.endpoints.append(Endpoint(method, path, integration))


def _key(key: str) -> tuple[str, str]:
    """Method and path of a route key."""
    method, _, path = key.partition(" ")
    return ("ANY", DEFAULT_ROUTE) if key == DEFAULT_ROUTE else (method, path)


def _integration(resource: Resource, reading: Definition) -> Integration | None:
    props = resource.properties
    if props.get("IntegrationType") != "AWS_PROXY":
        text = f"an integration of the type {props.get('IntegrationType')} has no effect in lambdalab yet."
        reading.findings.append(Finding(resource, "IntegrationType", text, "Use AWS_PROXY.", "unsupported"))
        return None
    function = function_of(props.get("IntegrationUri"))
    checked = Definition(reading.template, resource, "http")
    checked.check_function(function, "it", ())
    version = props.get("PayloadFormatVersion")
    if version is None:
        checked.note("PayloadFormatVersion is required for HTTP APIs.", (), 'Write "2.0" or "1.0".')
    made = checked.integration("it", function or "", str(version or "2.0"), props.get("TimeoutInMillis"), False, ())
    reading.findings += [Finding(resource, "IntegrationUri", one.text, one.fix) for one in checked.findings]
    return made


def _authorizer(template: Template, resource: Resource, reading: Definition) -> Authorizer | None:
    props, name = resource.properties, str(resource.properties.get("Name", resource.logical_id))
    if props.get("AuthorizerType") != "REQUEST":
        text = f"an authorizer of the type {props.get('AuthorizerType')} has no effect in lambdalab yet."
        reading.findings.append(Finding(resource, "AuthorizerType", text, "Use REQUEST.", "unsupported"))
        return None
    ttl, version = props.get("AuthorizerResultTtlInSeconds", 0), str(props.get("AuthorizerPayloadFormatVersion"))
    wrong = wrong_authorizer(ttl, props.get("IdentitySource"), version)
    if wrong:
        reading.findings.append(Finding(resource, "AuthorizerType", wrong))
        return None
    function = function_of(props.get("AuthorizerUri"))
    checked = Definition(template, resource, "http")
    checked.check_function(function, "it", ())
    reading.findings += [Finding(resource, "AuthorizerUri", one.text, one.fix) for one in checked.findings]
    return Authorizer(
        short_id(template.name(resource)),
        name,
        "REQUEST",
        function or "",
        tuple(sources_of(props.get("IdentitySource"))),
        ttl,
        "2.0" if version == "2.0" else "1.0",
        props.get("EnableSimpleResponses") is True,
    )


def _route(
    resource: Resource,
    integrations: Mapping[str, Integration | None],
    authorizers: Mapping[str, Authorizer | None],
    reading: Definition,
) -> Endpoint | None:
    props = resource.properties
    method, path = _key(str(props.get("RouteKey", "")))
    if method not in METHODS or wrong_path(path):
        text = wrong_path(path) or f"{props.get('RouteKey')!r} is no route key."
        reading.findings.append(Finding(resource, "RouteKey", text, 'Write it like "GET /orders/{id}", or $default.'))
        return None
    wanted = str(props.get("Target", "")).removeprefix("integrations/")
    if wanted not in integrations:
        text, fix = (
            "the route leads to no integration of this API.",
            "Write Target: !Sub integrations/${MyIntegration}.",
        )
        reading.findings.append(Finding(resource, "Target", text, fix))
        return None
    kind = props.get("AuthorizationType", "NONE")
    authorizer = authorizers.get(str(props.get("AuthorizerId"))) if kind == "CUSTOM" else None
    if kind not in ("NONE", "AWS_IAM", "CUSTOM"):
        text = f"AuthorizationType {kind} has no effect in lambdalab yet."
        reading.findings.append(Finding(resource, "AuthorizationType", text, "Use CUSTOM or AWS_IAM.", "unsupported"))
    if kind == "CUSTOM" and str(props.get("AuthorizerId")) not in authorizers:
        text = "the route names no authorizer of this API."
        reading.findings.append(Finding(resource, "AuthorizerId", text, "Write AuthorizerId: !Ref MyAuthorizer."))
    integration = integrations[wanted]
    return None if integration is None else Endpoint(method, path, integration, authorizer, kind == "AWS_IAM")


def _cors(resource: Resource) -> Any:
    given = resource.properties.get("CorsConfiguration")
    if given is None:
        found = mapping(resource.properties.get("Body")).get(CORS_IN_BODY)
        return (
            {name[:1].upper() + name[1:]: value for name, value in found.items()} if isinstance(found, dict) else found
        )
    return given


def _stages(template: Template, api: Resource) -> list[Stage]:
    found = []
    for resource in _parts(template, api, STAGE):
        props = resource.properties
        variables = {str(name): str(value) for name, value in mapping(props.get("StageVariables")).items()}
        limits = {str(key): limit_of(one) for key, one in mapping(props.get("RouteSettings")).items()}
        kept = {key: limit for key, limit in limits.items() if limit is not None}
        found.append(Stage(str(props.get("StageName")), variables, limit_of(props.get("DefaultRouteSettings")), kept))
    if api.properties.get("Target") is not None and not any(stage.name == DEFAULT_ROUTE for stage in found):
        found.append(Stage(DEFAULT_ROUTE))
    return found


def names(template: Template) -> Iterator[str]:
    """Logical ids and hosts of APIs and stages."""
    for resource in template.of_type(API):
        yield from (resource.logical_id, api_host(template.name(resource)))
        yield from (stage.logical_id for stage in _parts(template, resource, STAGE))


def deploy(template: Template, deployment: Deployment, throttle: AccountThrottle) -> None:
    """Open every HTTP API."""
    for resource in template.of_type(API):
        reading, cors = read(template, resource), _cors(resource)
        api = HttpApi(
            deployment.world,
            resource.logical_id,
            api_host(template.name(resource)),
            [settled(each, deployment.numbers) for each in reading.endpoints],
            _stages(template, resource),
            cors_of(cors) if cors is not None else None,
            throttle,
        )
        count = len(reading.endpoints)
        told_ = f"{count} route{'' if count == 1 else 's'}"
        deployment.doors.add(api, resource.logical_id, told=told_)
        for stage in _parts(template, resource, STAGE):
            name = str(stage.properties.get("StageName"))
            deployment.doors.add_place(stage.logical_id, api, "" if name == DEFAULT_ROUTE else f"/{name}")
