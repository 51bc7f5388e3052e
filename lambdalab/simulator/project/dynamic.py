"""Dynamic references: ``{{resolve:ssm:NAME}}`` and ``{{resolve:secretsmanager:ID:SecretString:KEY}}`` in properties.

CloudFormation puts the value in when it deploys. Source: AWS CloudFormation User Guide, "Get values stored in other
services using dynamic references", read 2026-10.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.parameter_store import ParameterStore
from lambdalab.simulator.services.secrets_manager import SecretsManager

_REFERENCE = re.compile(r"\{\{resolve:([^{}]*)\}\}")
_SECRET = re.compile(  # id or ARN, key of its JSON, version stage, version id
    r"(arn:aws:secretsmanager:[^:]+:\d{12}:secret:[^:]+|[^:]+)"
    r"(?::SecretString(?::([^:]*))?(?::([^:]*))?(?::([^:]*))?)?"
)
_PARAMETER = re.compile(r"([^:]+)(?::(\d+))?")


class References:
    """Looks references up in what has been deployed."""

    def __init__(self, parameters: ParameterStore, secrets: SecretsManager) -> None:
        self._parameters = parameters
        self._secrets = secrets

    def resolved(self, template: Template, only: str | None = None) -> Template:
        """The template with values in place of references, in resources of the type ``only`` if one is given.

        Raises :class:`ProjectError` for references that lead to nothing.
        """
        problems: list[Problem] = []
        resources = {
            name: self._resource(template, each, problems) if only in (None, each.type) else each
            for name, each in template.resources.items()
        }
        if problems:
            raise ProjectError(problems)
        return replace(template, resources=resources)

    def _resource(self, template: Template, resource: Resource, problems: list[Problem]) -> Resource:
        if not any(_REFERENCE.search(text) for text in _texts(resource.properties)):
            return resource
        found: dict[str, Any] = {}
        for prop, value in resource.properties.items():
            try:
                found[prop] = _replaced(value, self._value)
            except LookupError as error:
                problems.append(template.problem(resource, prop, str(error.args[0])))
        return replace(resource, properties=found)

    def _value(self, reference: str) -> str:
        service, _, rest = reference.partition(":")
        value: str | None = None
        if service in ("ssm", "ssm-secure") and (match := _PARAMETER.fullmatch(rest)):
            value = self._parameters.value(match[1], match[2] or "")
        elif service == "secretsmanager" and (match := _SECRET.fullmatch(rest)):
            value = self._secrets.value(match[1], match[2] or "", match[3] or "", match[4] or "")
        if value is None:
            raise LookupError(f"the dynamic reference {{{{resolve:{reference}}}}} leads to nothing.")
        return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _replaced(value: Any, look_up: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return _REFERENCE.sub(lambda match: look_up(match[1]), value)
    if isinstance(value, dict):
        return {key: _replaced(item, look_up) for key, item in value.items()}
    return [_replaced(item, look_up) for item in value] if isinstance(value, list) else value
