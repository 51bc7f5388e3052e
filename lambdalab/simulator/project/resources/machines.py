"""AWS::StepFunctions::StateMachine, also as SAM makes it: the definition in place, as a text, or in a file."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.account import World, service_principal
from lambdalab.simulator.project import code
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.resources.identities import Identities
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.project.yaml_source import Path, Source, read_yaml
from lambdalab.simulator.services.stepfunctions import StateMachine, StepFunctions, machine_arn
from lambdalab.simulator.services.stepfunctions.data import UNREADABLE, loaded
from lambdalab.simulator.services.stepfunctions.integrations import integration_of
from lambdalab.simulator.services.stepfunctions.language.definition import Flaw, flaws_of
from lambdalab.simulator.trace.facts import MachineDeployed

TYPE = "AWS::StepFunctions::StateMachine"
KNOWN = {
    "StateMachineName", "StateMachineType", "RoleArn", "Definition", "DefinitionString", "DefinitionS3Location",
    "DefinitionSubstitutions", "LoggingConfiguration", "TracingConfiguration", "Tags",
}  # fmt: skip
KINDS = ("STANDARD", "EXPRESS")
PRINCIPAL = "states.amazonaws.com"
_PLACE = re.compile(r"\$\{([A-Za-z0-9_.:-]+)\}")


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition and where it stands: in a file of its own, or inside the template at ``base``."""

    value: Any
    text: str
    source: Source
    base: Path

    def problem(self, path: Path, text: str, fix: str = "", severity: Any = "error") -> Problem:
        """A problem at a place of the definition."""
        return self.source.problem((*self.base, *path), text, fix, severity)


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a state machine but its role."""
    problems = unknown_properties(template, resource, KNOWN)
    if _kind(resource) not in KINDS:
        text = f"StateMachineType must be STANDARD or EXPRESS, not {_kind(resource)!r}."
        return [*problems, template.problem(resource, "StateMachineType", text)]
    try:
        definition = read_definition(template, resource)
    except ProjectError as refused:
        return [*problems, *refused.problems]
    return problems + _check_definition(template, resource, definition)


def _kind(resource: Resource) -> Any:
    return resource.properties.get("StateMachineType", "STANDARD")


def _check_definition(template: Template, resource: Resource, definition: Definition) -> list[Problem]:
    flaws = flaws_of(definition.value, _kind(resource))
    problems = [_problem(resource, definition, flaw) for flaw in flaws]
    if flaws:
        return problems
    for path, state in states_of(definition.value):
        if state["Type"] == "Task":
            read = integration_of(state["Resource"])
            if isinstance(read, str):
                text = f"{resource.logical_id}: {read}"
                problems.append(definition.problem((*path, "Resource"), text, "", "unsupported"))
    return problems


def _problem(resource: Resource, definition: Definition, flaw: Flaw) -> Problem:
    where = "/" + "/".join(map(str, flaw.path))
    if flaw.left_out:
        return definition.problem(flaw.path, f"{resource.logical_id}: {flaw.text}", flaw.fix, "unsupported")
    text = f"{resource.logical_id}: Invalid State Machine Definition: '{flaw.text.rstrip('.')} at {where}'."
    return definition.problem(flaw.path, text, flaw.fix)


def states_of(definition: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every state of a checked definition with its place, those in branches included."""
    for name, state in definition["States"].items():
        here = (*path, "States", name)
        yield here, state
        for index, branch in enumerate(state.get("Branches", ())):
            yield from states_of(branch, (*here, "Branches", index))
        key = "ItemProcessor" if "ItemProcessor" in state else "Iterator"  # its old name
        if state["Type"] == "Map":
            yield from states_of(state[key], (*here, key))


def read_definition(template: Template, resource: Resource) -> Definition:
    """The definition, its substitutions made. Raises :class:`ProjectError`."""
    properties = resource.properties
    given = [name for name in ("Definition", "DefinitionString", "DefinitionS3Location") if name in properties]
    if len(given) != 1:
        text = "a state machine has one of Definition, DefinitionString and DefinitionS3Location."
        raise ProjectError([template.problem(resource, "Definition", text)])
    values = properties.get("DefinitionSubstitutions") or {}
    if not isinstance(values, dict):
        raise ProjectError([template.problem(resource, "DefinitionSubstitutions", "it must be a mapping.")])
    base: Path = ("Resources", resource.origin, "Properties", "Definition")
    if given == ["Definition"]:
        text = _substituted(json.dumps(properties["Definition"]), values)
        return Definition(_parsed(template, resource, text), text, template.source, base)
    if given == ["DefinitionString"]:
        text = _substituted(str(properties["DefinitionString"]), values)
        return Definition(_parsed(template, resource, text), text, template.source, base)
    return _from_file(template, resource, values)


def _from_file(template: Template, resource: Resource, values: Mapping[str, Any]) -> Definition:
    location = resource.properties["DefinitionS3Location"]
    key = location.get("Key") if isinstance(location, dict) else None
    content = template.files.get(str(key))
    if not isinstance(location, dict) or location.get("Bucket") != code.BUCKET or content is None:
        text = "DefinitionS3Location must name a file of this project."
        raise ProjectError([template.problem(resource, "DefinitionS3Location", text)])
    try:
        text = _substituted(content.decode("utf-8"), values)
    except UnicodeDecodeError:
        raise ProjectError([Problem(str(key), 0, 0, "the file is not UTF-8 text.", "Save it as UTF-8.")]) from None
    name = str(key) if str(key).endswith((".yaml", ".yml")) else f"{posixpath.splitext(str(key))[0]}.json"
    try:
        source = read_yaml(name, text.encode())
    except ProjectError as refused:
        who = resource.logical_id
        found = [Problem(str(key), p.line, p.column, f"{who}: {p.message}", p.fix) for p in refused.problems]
        raise ProjectError(found) from None
    source = Source(str(key), source.value, source.places)
    return Definition(source.value, json.dumps(source.value), source, ())


def _parsed(template: Template, resource: Resource, text: str) -> Any:
    value = loaded(text)
    if value is not UNREADABLE:
        return value
    try:
        json.loads(text)
        raise ValueError("a number is out of range, or a value is nested too deeply")
    except (ValueError, RecursionError) as error:
        shown = f"Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: {error}'."
        raise ProjectError([template.problem(resource, "DefinitionString", shown)]) from None


def _substituted(text: str, values: Mapping[str, Any]) -> str:
    """``${name}`` replaced by its value, as a piece of the text. What has no value stays."""

    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            return found[0]
        given = values[found[1]]
        return json.dumps(str(given))[1:-1] if not isinstance(given, bool) else json.dumps(given)

    return _PLACE.sub(value, text)


def check_roles(template: Template, identities: Identities) -> list[Problem]:
    """A machine's role must exist and trust Step Functions. Text as CreateStateMachine answers."""
    problems = []
    for resource in template.of_type(TYPE):
        if _role(template, resource, identities) is None:
            arn = resource.properties.get("RoleArn")
            who = f"Neither the global service principal {PRINCIPAL}, nor the regional one"
            text = f"{who} is authorized to assume the provided role."
            fix = f"Let the role {arn} exist and its trust policy allow sts:AssumeRole to the service {PRINCIPAL}."
            problems.append(template.problem(resource, "RoleArn", text, fix))
    return problems


def _role(template: Template, resource: Resource, identities: Identities) -> Any:
    caller = service_principal(PRINCIPAL, machine_arn(template.name(resource)))
    return identities.assumed(str(resource.properties.get("RoleArn")), caller, "states")


def deploy_machines(world: World, template: Template, service: StepFunctions, identities: Identities) -> None:
    """Create the template's state machines, which have been checked."""
    for resource in template.of_type(TYPE):
        role = _role(template, resource, identities)
        definition = read_definition(template, resource)
        name, shown = template.name(resource), template.shown_as(resource)
        arn = str(resource.properties["RoleArn"])
        service.deploy(StateMachine(name, _kind(resource), definition.value, definition.text, role, arn, shown))
        states = tuple(path[-1] for path, _ in states_of(definition.value))
        world.trace.record(MachineDeployed(name, shown, _kind(resource), tuple(map(str, states))))
