"""AWS::Lambda::Version and AWS::Lambda::Alias. Source: facts K.2, K.4 and K.5."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from lambdalab.simulator.account.constraints import violated
from lambdalab.simulator.lambda_.control.aliases import AliasApi
from lambdalab.simulator.lambda_.control.functions import FunctionApi
from lambdalab.simulator.lambda_.control.provisioned import ProvisionedApi
from lambdalab.simulator.lambda_.provisioned import Provisioned
from lambdalab.simulator.lambda_.registry import Alias, Registered, routing, wrong_alias_name
from lambdalab.simulator.project.names import version_token
from lambdalab.simulator.project.numbers import Numbers
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.resources.common import not_mappings, unknown_properties
from lambdalab.simulator.project.resources.deployments import check_update_policy
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.vocabulary.arns import split_name
from lambdalab.simulator.vocabulary.errors import AwsError

KNOWN_VERSION = {"FunctionName", "Description", "ProvisionedConcurrencyConfig"}
KNOWN_ALIAS = KNOWN_VERSION | {"FunctionVersion", "Name", "RoutingConfig"}


def check_version(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a version."""
    problems = unknown_properties(template, resource, KNOWN_VERSION) + _check_function(template, resource)
    return problems + _check_provisioned(template, resource)


def check_alias(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with an alias, as far as it can be seen before versions have numbers."""
    problems = unknown_properties(template, resource, KNOWN_ALIAS) + _check_function(template, resource)
    name, version = resource.properties.get("Name"), resource.properties.get("FunctionVersion")
    wrong = wrong_alias_name(str(name)) if name is not None else AwsError("", "an alias needs a Name.")
    if wrong:
        problems.append(template.problem(resource, "Name", wrong.message))
    if version is None:
        problems.append(template.problem(resource, "FunctionVersion", "an alias needs a FunctionVersion."))
    description = resource.properties.get("Description")
    wrong = violated("lambda", "CreateAlias", {"Description": description}) if isinstance(description, str) else None
    if wrong:
        problems.append(template.problem(resource, "Description", wrong.message))
    return problems + _check_provisioned(template, resource) + check_update_policy(template, resource)


def _check_provisioned(template: Template, resource: Resource) -> list[Problem]:
    name = "ProvisionedConcurrencyConfig"
    problems, config = not_mappings(template, resource, name), resource.properties.get(name)
    amount = config.get("ProvisionedConcurrentExecutions") if isinstance(config, dict) else None
    if isinstance(config, dict) and not re.fullmatch(r"[0-9]{1,9}", str(amount)):
        text = f"ProvisionedConcurrentExecutions must be a whole number, not {amount!r}."
        problems.append(template.problem(resource, name, text))
    return problems


def _check_function(template: Template, resource: Resource) -> list[Problem]:
    name = function_name(resource)
    if any(template.name(function) == name for function in template.of_type("AWS::Lambda::Function")):
        return []
    return [template.problem(resource, "FunctionName", f"{name or 'nothing'} is no function of this template.")]


def publish_versions(
    template: Template,
    functions: Mapping[str, Registered],
    api: FunctionApi,
    numbers: Numbers,
    known: Collection[str] = (),
) -> None:
    """Publish the template's versions, those that are not ``known`` yet: each its function's code as it is now."""
    for resource in template.of_type("AWS::Lambda::Version"):
        if resource.logical_id in known:
            continue
        registered = functions[function_name(resource)]
        version = api.publish(registered, str(resource.properties.get("Description", "")))
        numbers.note(version_token(resource.logical_id), version.version)


def make_aliases(template: Template, functions: Mapping[str, Registered], api: AliasApi, numbers: Numbers) -> None:
    """Make the template's aliases. Raises :class:`ProjectError` for one that AWS would refuse."""
    for resource in template.of_type("AWS::Lambda::Alias"):
        registered = functions[function_name(resource)]
        wanted = wanted_routing(template, resource, registered, numbers)
        alias = Alias(resource.properties["Name"], wanted[0], str(resource.properties.get("Description", "")))
        registered.aliases[alias.name] = alias
        api.route(registered, alias, *wanted)


def provide(
    template: Template,
    functions: Mapping[str, Registered],
    api: ProvisionedApi,
    provisioned: Provisioned,
    numbers: Numbers,
    *,
    prepared: bool,
) -> None:
    """Provision what versions and aliases say. Raises :class:`ProjectError` for what AWS would refuse."""
    for resource in (*template.of_type("AWS::Lambda::Version"), *template.of_type("AWS::Lambda::Alias")):
        config = resource.properties.get("ProvisionedConcurrencyConfig")
        if config is None:
            continue
        registered, amount = functions[function_name(resource)], int(config["ProvisionedConcurrentExecutions"])
        is_alias = resource.type == "AWS::Lambda::Alias"
        qualifier = resource.properties["Name"] if is_alias else numbers.of(version_token(resource.logical_id))
        mine = provisioned.allocations.get((registered.name, qualifier))
        if mine is not None and mine.requested == amount:
            continue
        refusal = api.refusal(registered, qualifier, amount)
        if refusal:
            problem = template.problem(resource, "ProvisionedConcurrencyConfig", refusal.message)
            raise ProjectError([problem])
        provisioned.put(registered, qualifier, amount, prepared=prepared)


def wanted_routing(
    template: Template, resource: Resource, registered: Registered, numbers: Numbers
) -> tuple[str, str | None, float]:
    """What an alias is to lead to: version, additional version and its weight."""
    props = numbers.settle(resource.properties)
    version = str(props["FunctionVersion"])
    entries = (props.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or []
    weights = {str(entry["FunctionVersion"]): float(entry["FunctionWeight"]) for entry in entries}
    routed = routing(registered, version, weights)
    if isinstance(routed, AwsError):
        prop = "RoutingConfig" if weights else "FunctionVersion"
        raise ProjectError([template.problem(resource, prop, routed.message)])
    return version, *routed


def function_name(resource: Resource) -> str:
    """The name of the function to which a version or an alias belongs."""
    return split_name(str(resource.properties.get("FunctionName", "")))[0]
