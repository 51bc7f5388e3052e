"""The resources, methods and authorizers of a REST API, where each stands as a resource of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.project.http_names import short_id
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.resources.http.common import is_one_of, problem
from lambdalab.simulator.project.resources.http.findings import Finding, mapping
from lambdalab.simulator.project.resources.http.openapi import (
    CALLER,
    METHODS,
    Definition,
    function_of,
    mock_of,
    sources_of,
    wrong_authorizer,
    wrong_path,
)
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.http.api.model import Authorizer, Endpoint, Integration
from lambdalab.simulator.vocabulary import quotas

V1 = "AWS::ApiGateway::"
API, RESOURCE, METHOD, AUTHORIZER = f"{V1}RestApi", f"{V1}Resource", f"{V1}Method", f"{V1}Authorizer"
KNOWN = {
    RESOURCE: ("RestApiId", "ParentId", "PathPart"),
    METHOD: (
        "RestApiId", "ResourceId", "HttpMethod", "AuthorizationType", "AuthorizerId", "ApiKeyRequired", "Integration",
        "MethodResponses", "OperationName",
    ),
    AUTHORIZER: (
        "RestApiId", "Name", "Type", "AuthorizerUri", "IdentitySource", "AuthorizerResultTtlInSeconds", "AuthType",
    ),
}  # fmt: skip
INTEGRATED = (
    "Type", "Uri", "IntegrationHttpMethod", "TimeoutInMillis", "Credentials", "PassthroughBehavior", "RequestTemplates",
    "IntegrationResponses", "ContentHandling",
)  # fmt: skip
DEPTH_MAX = 50  # ours: AWS names 300 resources an API, and no depth


def check_part(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a resource, method or authorizer by itself. The rest is told with the API."""
    return [*unknown_properties(template, resource, KNOWN[resource.type]), *check_api(template, resource)]


def check_api(template: Template, resource: Resource) -> list[Problem]:
    """A part that names no REST API of this template."""
    known = {short_id(template.name(api)) for api in template.of_type(API)}
    if is_one_of(resource.properties.get("RestApiId"), known):
        return []
    text = f"there is no REST API {resource.properties.get('RestApiId')} in this template."
    return [problem(template, resource, "RestApiId", text, "Write !Ref MyApi.")]


def read(template: Template, api: Resource, reading: Definition) -> None:
    """Add the methods that stand beside an API to what its Body says."""
    wanted = short_id(template.name(api))
    own = [one for one in template.resources.values() if one.properties.get("RestApiId") == wanted]
    root = short_id(f"{template.name(api)}/")
    paths = _paths(template, [one for one in own if one.type == RESOURCE], root, reading)
    authorizers = {
        short_id(template.name(one)): _authorizer(template, one, reading) for one in own if one.type == AUTHORIZER
    }
    for one in own:
        if one.type == METHOD:
            endpoint = _method(one, paths, authorizers, reading)
            if endpoint is not None:
                reading.endpoints.append(endpoint)


def _paths(template: Template, resources: list[Resource], root: str, reading: Definition) -> dict[str, str]:
    """The path of each resource by its id."""
    parts = {short_id(template.name(one)): one for one in resources}
    found = {root: "/"}
    for ident, resource in parts.items():
        segments: list[str] = []
        at: str | None = ident
        while isinstance(at, str) and at in parts and len(segments) < DEPTH_MAX:
            segments.insert(0, str(parts[at].properties.get("PathPart", "")))
            at = parts[at].properties.get("ParentId")
        if at != root:
            text, fix = "it hangs at no resource of its API.", "Write ParentId: !GetAtt MyApi.RootResourceId."
            reading.findings.append(Finding(resource, "ParentId", text, fix))
            continue
        path = "/" + "/".join(segments)
        if wrong_path(path):
            reading.findings.append(Finding(resource, "PathPart", wrong_path(path)))
            continue
        found[ident] = path
    return found


def _method(
    resource: Resource, paths: Mapping[str, str], authorizers: Mapping[str, Authorizer | None], reading: Definition
) -> Endpoint | None:
    props = resource.properties
    method, path = str(props.get("HttpMethod", "")).upper(), paths.get(str(props.get("ResourceId")))
    if method not in METHODS or path is None:
        prop = "HttpMethod" if method not in METHODS else "ResourceId"
        text = f"{props.get(prop)!r} is no method." if prop == "HttpMethod" else "it belongs to no resource of its API."
        reading.findings.append(Finding(resource, prop, text))
        return None
    kind = props.get("AuthorizationType", "NONE")
    if kind not in ("NONE", "AWS_IAM", "CUSTOM"):
        text = f"AuthorizationType {kind} has no effect in lambdalab yet."
        reading.findings.append(Finding(resource, "AuthorizationType", text, "Use CUSTOM or AWS_IAM.", "unsupported"))
    authorizer = authorizers.get(str(props.get("AuthorizerId"))) if kind == "CUSTOM" else None
    if kind == "CUSTOM" and str(props.get("AuthorizerId")) not in authorizers:
        text = "the method names no authorizer of this API."
        reading.findings.append(Finding(resource, "AuthorizerId", text, "Write AuthorizerId: !Ref MyAuthorizer."))
    integration = _integration(resource, mapping(props.get("Integration")), reading)
    if integration is None:
        return None
    return Endpoint(method, path, integration, authorizer, kind == "AWS_IAM", props.get("ApiKeyRequired") is True)


def _integration(resource: Resource, given: Mapping[str, Any], reading: Definition) -> Integration | None:
    kind = given.get("Type")
    if kind == "MOCK":
        answers = given.get("IntegrationResponses")
        answer = mapping(answers[0]) if isinstance(answers, list) and answers else {}
        lower = {
            "statusCode": answer.get("StatusCode", "200"),
            "responseParameters": answer.get("ResponseParameters"),
            "responseTemplates": answer.get("ResponseTemplates"),
        }
        return Integration("", Micros(0), mock=mock_of({"responses": {"default": lower}}))
    checked = Definition(reading.template, resource, "rest")
    if kind != "AWS_PROXY":
        text = f"an integration of the type {kind} has no effect in lambdalab yet."
        checked.note(text, (), "Use AWS_PROXY.", "unsupported")
    for key in given:
        if key not in INTEGRATED:
            checked.note(f"{key} of an integration has no effect in lambdalab yet.", (), "", "unsupported")
    if given.get("Credentials") not in (None, CALLER):
        checked.note("Credentials of an integration have no effect in lambdalab yet.", (), "", "unsupported")
    if kind == "AWS_PROXY" and given.get("IntegrationHttpMethod") != "POST":
        checked.note(
            f"functions are invoked with POST, not {given.get('IntegrationHttpMethod')}.", (),
            "Write IntegrationHttpMethod: POST.",
        )  # fmt: skip
    function = function_of(given.get("Uri"))
    if kind == "AWS_PROXY":
        checked.check_function(function, "it", ())
    as_caller = given.get("Credentials") == CALLER
    made = checked.integration("it", function or "", "1.0", given.get("TimeoutInMillis"), as_caller, ())
    reading.findings += [Finding(resource, "Integration", one.text, one.fix, one.severity) for one in checked.findings]
    return made if kind == "AWS_PROXY" else None


def _authorizer(template: Template, resource: Resource, reading: Definition) -> Authorizer | None:
    props = resource.properties
    kind, name = props.get("Type"), str(props.get("Name", resource.logical_id))
    if kind not in ("TOKEN", "REQUEST"):
        text = f"an authorizer of the type {kind} has no effect in lambdalab yet."
        reading.findings.append(Finding(resource, "Type", text, "Use TOKEN or REQUEST.", "unsupported"))
        return None
    ttl = props.get("AuthorizerResultTtlInSeconds", quotas.AUTHORIZER_TTL_S_DEFAULT)
    wrong = wrong_authorizer(ttl, props.get("IdentitySource"), "1.0")
    if not wrong and not props.get("IdentitySource") and (kind == "TOKEN" or ttl):
        wrong = "IdentitySource is needed for a TOKEN authorizer, and wherever results are cached."
    if wrong:
        reading.findings.append(Finding(resource, "IdentitySource", wrong))
        return None
    function = function_of(props.get("AuthorizerUri"))
    checked = Definition(template, resource, "rest")
    checked.check_function(function, "it", ())
    reading.findings += [Finding(resource, "AuthorizerUri", one.text, one.fix) for one in checked.findings]
    sources = tuple(sources_of(props.get("IdentitySource")))
    return Authorizer(
        short_id(template.name(resource)), name, "TOKEN" if kind == "TOKEN" else "REQUEST", function or "", sources, ttl
    )
