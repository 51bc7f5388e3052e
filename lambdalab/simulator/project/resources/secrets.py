"""AWS::SSM::Parameter and AWS::SecretsManager::Secret."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.parameter_store import ParameterStore
from lambdalab.simulator.services.secrets_manager import SecretsManager

PARAMETER, SECRET = "AWS::SSM::Parameter", "AWS::SecretsManager::Secret"
KNOWN_PARAMETER = {"Name", "Type", "Value", "Description", "Tier", "Tags", "DataType"}
KNOWN_SECRET = {"Name", "Description", "SecretString", "GenerateSecretString", "Tags"}
TYPES = ("String", "StringList")  # "AWS CloudFormation doesn't support creating a SecureString parameter type."
GENERATION = {
    "ExcludeCharacters", "ExcludeLowercase", "ExcludeNumbers", "ExcludePunctuation", "ExcludeUppercase", "IncludeSpace",
    "PasswordLength", "RequireEachIncludedType", "SecretStringTemplate", "GenerateStringKey",
}  # fmt: skip


def check_parameter(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a parameter."""
    problems = unknown_properties(template, resource, KNOWN_PARAMETER)
    if resource.properties.get("Type") not in TYPES:
        text = f"Type of a parameter is {' or '.join(TYPES)}: CloudFormation cannot make a SecureString."
        problems.append(template.problem(resource, "Type", text))
    if not isinstance(resource.properties.get("Value"), str | int | float):
        problems.append(template.problem(resource, "Value", "a parameter needs a Value."))
    return problems


def check_secret(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a secret."""
    problems = unknown_properties(template, resource, KNOWN_SECRET)
    given = resource.properties.get("GenerateSecretString")
    if given is not None and "SecretString" in resource.properties:
        text = "either SecretString or GenerateSecretString says what is in a secret, not both."
        problems.append(template.problem(resource, "SecretString", text))
    if given is not None:
        problems += [template.problem(resource, "GenerateSecretString", text) for text in _wrong_generation(given)]
    return problems


def _wrong_generation(given: Any) -> Iterator[str]:
    if not isinstance(given, Mapping):
        yield "GenerateSecretString must be a mapping (key: value)."
        return
    for name in sorted(set(given) - GENERATION):
        yield f"GenerateSecretString has no {name}."
    if ("SecretStringTemplate" in given) != ("GenerateStringKey" in given):
        yield "SecretStringTemplate and GenerateStringKey go together."
    elif "SecretStringTemplate" in given:
        try:
            right = isinstance(json.loads(given["SecretStringTemplate"]), dict)
        except (ValueError, TypeError):
            right = False
        if not right:
            yield "SecretStringTemplate must be JSON, an object."


def deploy_parameters(template: Template, parameters: ParameterStore) -> None:
    """Create the template's parameters."""
    for resource in template.of_type(PARAMETER):
        props = resource.properties
        try:
            parameters.deploy(template.name(resource), props["Type"], str(props["Value"]), props.get("Description", ""))
        except ValueError as error:
            raise ProjectError([template.problem(resource, "Value", str(error))]) from None


def deploy_secrets(template: Template, secrets: SecretsManager) -> None:
    """Create the template's secrets; what is generated comes from the run's chance."""
    for resource in template.of_type(SECRET):
        props = resource.properties
        value, rules = props.get("SecretString"), props.get("GenerateSecretString")
        if value is None and rules is None:
            rules = {}  # a password by the default rules. CloudFormation, AWS::SecretsManager::Secret
        try:
            secrets.deploy(template.name(resource), value, rules, props.get("Description", ""))
        except ValueError as error:
            raise ProjectError([template.problem(resource, "GenerateSecretString", str(error))]) from None
