"""AWS::Lambda::LayerVersion and ::LayerVersionPermission. Source: fact K.3; CloudFormation Template Reference, 2026-04.

A layer version never changes: whatever is new about the resource makes another version, with the next number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.lambda_.layers import Layers, LayerVersion, listing_refusal, no_such_version
from lambdalab.simulator.lambda_.packages import combined_refusal
from lambdalab.simulator.lambda_.permissions import FunctionPolicies
from lambdalab.simulator.project import code
from lambdalab.simulator.project.names import layer_token
from lambdalab.simulator.project.numbers import Numbers
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import not_mappings, unknown_properties
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.vocabulary.arns import layer_arn
from lambdalab.simulator.vocabulary.errors import AwsError

KNOWN = {"CompatibleArchitectures", "CompatibleRuntimes", "Content", "Description", "LayerName", "LicenseInfo"}
KNOWN_PERMISSION = {"Action", "LayerVersionArn", "OrganizationId", "Principal"}
_NAME = re.compile(r"[a-zA-Z0-9-_]{1,140}")  # BC PublishLayerVersion


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a layer version."""
    misshapen = not_mappings(template, resource, "Content")
    if misshapen:
        return misshapen
    problems = unknown_properties(template, resource, KNOWN)
    name = template.name(resource)
    if not _NAME.fullmatch(name):
        text = f"LayerName must be 1 to 140 letters, digits, - or _, not {name!r}."
        problems.append(template.problem(resource, "LayerName", text))
    for prop in ("CompatibleArchitectures", "CompatibleRuntimes"):
        if not _is_list_of_texts(resource.properties.get(prop, [])):
            problems.append(template.problem(resource, prop, f"{prop} must be a list of texts."))
    found = _files(template, resource)
    if isinstance(found, AwsError):
        problems.append(template.problem(resource, "Content", found.message))
    return problems


def check_use(template: Template, function: Resource) -> list[Problem]:
    """The layers of a function must be of this template, few enough and small enough, in AWS's words."""
    listed = function.properties.get("Layers", [])
    if not _is_list_of_texts(listed):
        return [template.problem(function, "Layers", "Layers must be a list of ARNs of layer versions.")]
    known = {_reference(template, each): each for each in template.of_type("AWS::Lambda::LayerVersion")}
    missing = [no_such_version(arn) for arn in listed if arn not in known]
    refusal = listing_refusal(listed) or next(iter(missing), None)
    if refusal is None:
        refusal = _too_large(template, function, [known[arn] for arn in listed])
    if refusal is None:
        return []
    fix = "Name a layer of this template with !Ref." if missing else ""
    return [template.problem(function, "Layers", refusal.message, fix)]


def check_permission(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a layer version's permission."""
    problems = unknown_properties(template, resource, KNOWN_PERMISSION)
    props = resource.properties
    missing = [name for name in ("Action", "LayerVersionArn", "Principal") if not isinstance(props.get(name), str)]
    problems += [template.problem(resource, name, f"a layer's permission needs {name}.") for name in missing]
    known = {_reference(template, each) for each in template.of_type("AWS::Lambda::LayerVersion")}
    if not missing and props["LayerVersionArn"] not in known:
        text = no_such_version(props["LayerVersionArn"]).message
        problems.append(template.problem(resource, "LayerVersionArn", text, "Name a layer of this template with !Ref."))
    if not missing and props["Action"] != "lambda:GetLayerVersion":
        problems.append(template.problem(resource, "Action", "Action must be lambda:GetLayerVersion."))
    return problems


def publish_layers(
    template: Template, layers: Layers, numbers: Numbers, before: Mapping[str, Resource] | None = None
) -> list[LayerVersion]:
    """Publish the template's layer versions, those that the resources ``before`` do not have as they are now."""
    made = []
    for resource in template.of_type("AWS::Lambda::LayerVersion"):
        old = (before or {}).get(resource.logical_id)
        if old is None or old.properties != resource.properties:
            version = _publish(template, resource, layers)
            numbers.note(layer_token(resource.logical_id), str(version.number))
            made.append(version)
    return made


def replaced_layers(template: Template, after: Template, numbers: Numbers) -> list[tuple[str, int]]:
    """Name and number of each layer version that an update to ``after`` makes superfluous, and that nobody retains.

    ``numbers`` are those from before the update.
    """
    found = []
    for resource in template.of_type("AWS::Lambda::LayerVersion"):
        now = after.resources.get(resource.logical_id)
        gone = now is None and not resource.retained
        replaced = now is not None and now.properties != resource.properties and not now.retained_when_replaced
        if gone or replaced:
            found.append((template.name(resource), int(numbers.of(layer_token(resource.logical_id)))))
    return found


def deploy_permissions(template: Template, policies: FunctionPolicies, numbers: Numbers) -> list[Problem]:
    """Give layer versions their permissions; what AWS refuses is a problem."""
    problems = []
    for resource in template.of_type("AWS::Lambda::LayerVersionPermission"):
        props = numbers.settle(resource.properties)
        params: dict[str, Any] = {
            "StatementId": template.name(resource)[:100],
            "Action": props["Action"],
            "Principal": props["Principal"],
            "PrincipalOrgID": props.get("OrganizationId"),
        }
        answer = policies.add(props["LayerVersionArn"], params)
        if isinstance(answer, AwsError):
            problems.append(template.problem(resource, "Principal", answer.message))
    return problems


def _publish(template: Template, resource: Resource, layers: Layers) -> LayerVersion:
    found = _files(template, resource)
    assert not isinstance(found, AwsError)  # checked before
    props = resource.properties
    return layers.publish(
        template.name(resource),
        found[1],
        folder=found[0],
        description=str(props.get("Description", "")),
        license=str(props.get("LicenseInfo", "")),
        runtimes=tuple(props.get("CompatibleRuntimes") or ()),
        architectures=tuple(props.get("CompatibleArchitectures") or ()),
    )


def _files(template: Template, resource: Resource) -> tuple[str, dict[str, bytes]] | AwsError:
    content = resource.properties.get("Content")
    return code.files_of(content if isinstance(content, dict) else {}, template.files)


def _reference(template: Template, resource: Resource) -> str:
    """What ``Ref`` of a layer version answers before it has a number."""
    return layer_arn(template.name(resource), layer_token(resource.logical_id))


def _too_large(template: Template, function: Resource, layers: list[Resource]) -> AwsError | None:
    contents = [code.files_of(function.properties.get("Code") or {}, template.files)]
    contents += [_files(template, layer) for layer in layers]
    sound = [each[1] for each in contents if not isinstance(each, AwsError)]  # the others are told where they stand
    return combined_refusal({}, sound)


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
