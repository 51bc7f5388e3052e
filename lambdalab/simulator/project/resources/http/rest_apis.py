"""AWS::ApiGateway::RestApi and its stages, written out, as a Body, or made by SAM of Api events.

Source: BC apigateway.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lambdalab.simulator.project.http_names import api_host, short_id
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.resources.http import rest_methods
from lambdalab.simulator.project.resources.http.common import problem
from lambdalab.simulator.project.resources.http.findings import Finding, mapping, told
from lambdalab.simulator.project.resources.http.openapi import Definition
from lambdalab.simulator.project.resources.http.stages import limit_of, settled, wrong_limit, wrong_name
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.http.api.keys import Keys
from lambdalab.simulator.services.http.api.model import Endpoint, Limit, Stage
from lambdalab.simulator.services.http.api.rest_api import RestApi
from lambdalab.simulator.services.http.api.throttling import AccountThrottle
from lambdalab.simulator.services.http.url_api import texts

if TYPE_CHECKING:
    from lambdalab.simulator.project.deploy import Deployment

V1 = "AWS::ApiGateway::"
API, STAGE, DEPLOYMENT = f"{V1}RestApi", f"{V1}Stage", f"{V1}Deployment"
KNOWN = {
    API: (
        "Name", "Description", "Body", "BinaryMediaTypes", "EndpointConfiguration", "ApiKeySourceType", "Tags",
        "FailOnWarnings", "Parameters",
    ),
    STAGE: ("RestApiId", "DeploymentId", "StageName", "Variables", "MethodSettings", "Description", "Tags"),
    DEPLOYMENT: ("RestApiId", "StageName", "Description"),
}  # fmt: skip
MADE_BY_SAM = "Stage"  # SAM names this stage in its Deployment and deletes it again: a known oddity of CloudFormation
BINARY_IN_BODY = "x-amazon-apigateway-binary-media-types"


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a REST API, its resources and methods included."""
    problems = unknown_properties(template, resource, KNOWN[API])
    if resource.properties.get("ApiKeySourceType", "HEADER") != "HEADER":
        text = "API keys from authorizers have no effect in lambdalab yet."
        problems.append(problem(template, resource, "ApiKeySourceType", text, "Use HEADER.", "unsupported"))
    kinds = mapping(resource.properties.get("EndpointConfiguration")).get("Types") or []
    if "PRIVATE" in texts(kinds):
        text = "private APIs have no effect in lambdalab yet."
        problems.append(problem(template, resource, "EndpointConfiguration", text, "Use REGIONAL.", "unsupported"))
    problems += told(template, read(template, resource).findings)
    if not _stages(template, resource):
        text = "nothing serves this API: it has no stage."
        problems.append(problem(template, resource, "Name", text, "Add an AWS::ApiGateway::Stage.", "warning"))
    return problems


def check_part(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a stage or deployment by itself."""
    problems = unknown_properties(template, resource, KNOWN[resource.type])
    problems += rest_methods.check_api(template, resource)
    if resource.type == STAGE:
        name = resource.properties.get("StageName")
        if wrong_name(name):
            problems.append(problem(template, resource, "StageName", wrong_name(name)))
        for one in _settings(resource):
            wrong = wrong_limit(one) or _unknown_setting(one)
            if wrong:
                problems.append(problem(template, resource, "MethodSettings", wrong))
    return problems


def _settings(resource: Resource) -> list[Any]:
    given = resource.properties.get("MethodSettings")
    return given if isinstance(given, list) else []


def _unknown_setting(given: Any) -> str | None:
    if not isinstance(given, dict) or not given.get("ResourcePath") or not given.get("HttpMethod"):
        return 'a setting of methods needs ResourcePath and HttpMethod; "/*" and "*" mean all.'
    if given.get("CachingEnabled") is True:
        return "the cache of a stage has no effect in lambdalab yet."
    return None


def read(template: Template, resource: Resource) -> Definition:
    """The API's methods: those of its Body, and those that stand beside it."""
    reading = Definition(template, resource, "rest")
    body = resource.properties.get("Body")
    if body is not None:
        reading.read(body)
    rest_methods.read(template, resource, reading)
    seen: set[str] = set()
    for endpoint in reading.endpoints:
        if endpoint.key in seen:
            reading.findings.append(Finding(resource, "Body", f"the method {endpoint.key} exists twice."))
        seen.add(endpoint.key)
    return reading


def _parts(template: Template, api: Resource, kind: str) -> list[Resource]:
    wanted = short_id(template.name(api))
    return [one for one in template.of_type(kind) if one.properties.get("RestApiId") == wanted]


def _stages(template: Template, api: Resource) -> list[Stage]:
    endpoints = read(template, api).endpoints
    found = [_stage(one, endpoints) for one in _parts(template, api, STAGE)]
    names_ = {stage.name for stage in found}
    for deployment in _parts(template, api, DEPLOYMENT):
        name = deployment.properties.get("StageName")
        by_sam = name == MADE_BY_SAM and re.search(r"Deployment[0-9a-f]{10}$", deployment.logical_id)
        if isinstance(name, str) and name not in names_ and not by_sam:
            found.append(Stage(name))
    return found


def _stage(resource: Resource, endpoints: list[Endpoint]) -> Stage:
    props = resource.properties
    variables = {str(name): str(value) for name, value in mapping(props.get("Variables")).items()}
    usual: Limit | None = None
    limits: dict[str, Limit] = {}
    for one in map(mapping, _settings(resource)):
        limit, path, method = limit_of(one), str(one.get("ResourcePath")), str(one.get("HttpMethod"))
        if limit is None:
            continue
        if path in ("/*", "*"):
            usual = limit
            continue
        wanted = path.replace("~1", "/")
        wanted = wanted if wanted.startswith("/") and wanted[1:2] != "/" else wanted[1:]
        keys = (each.key for each in endpoints if each.path == wanted and method in ("*", each.method))
        limits |= dict.fromkeys(keys, limit)
    return Stage(str(props.get("StageName")), variables, usual, limits)


def names(template: Template) -> Iterator[str]:
    """Logical ids and hosts of APIs and stages."""
    for resource in template.of_type(API):
        yield from (resource.logical_id, api_host(template.name(resource)))
        yield from (stage.logical_id for stage in _parts(template, resource, STAGE))


def deploy(template: Template, deployment: Deployment, throttle: AccountThrottle, keys: Keys) -> None:
    """Open every REST API."""
    for resource in template.of_type(API):
        reading, props = read(template, resource), resource.properties
        listed = texts(props.get("BinaryMediaTypes")) + texts(mapping(props.get("Body")).get(BINARY_IN_BODY))
        stages = _stages(template, resource)
        api = RestApi(
            deployment.world,
            resource.logical_id,
            api_host(template.name(resource)),
            [settled(each, deployment.numbers) for each in reading.endpoints],
            stages,
            [kind.replace("~1", "/") for kind in listed],
            throttle,
            keys,
        )
        count = len(reading.endpoints)
        served = ", ".join(stage.name for stage in stages) or "none"
        leads = f"{count} method{'' if count == 1 else 's'}, stages: {served}"
        deployment.doors.add(api, resource.logical_id, told=leads)
        for stage in _parts(template, resource, STAGE):
            deployment.doors.add_place(stage.logical_id, api, f"/{stage.properties.get('StageName')}")
