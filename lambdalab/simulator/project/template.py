"""Reading a template: parameters, SAM's transform, references resolved, every resource with its place."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.project import code, dependencies, names, sam, scalars, shapes
from lambdalab.simulator.project.intrinsics import NO_VALUE, UNRESOLVABLE, Resolver
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.yaml_source import Source, read_yaml
from lambdalab.simulator.vocabulary.errors import AwsError

TEMPLATE_NAMES = ("template.yaml", "template.yml", "template.json")
RESOURCES_MAX = 500  # CloudFormation's own limit


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource with resolved properties. ``origin`` is the logical id in the author's template it comes from."""

    logical_id: str
    type: str
    properties: dict[str, Any]
    origin: str
    update_policy: Mapping[str, Any] = field(default_factory=dict)
    retained: bool = False  # when it leaves the template: DeletionPolicy Retain
    retained_when_replaced: bool = False  # UpdateReplacePolicy Retain


@dataclass(frozen=True, slots=True)
class Template:
    """A template ready to deploy."""

    source: Source
    resources: dict[str, Resource]
    ignored: frozenset[str]
    files: Mapping[str, bytes]
    names: Mapping[str, str]  # logical id to physical name
    created: dt.date | None = None  # when the stack was created, where the author says so

    def name(self, resource: Resource) -> str:
        """The physical name: the template's own, else ``stack-logicalid-hash``."""
        return self.names[resource.logical_id]

    def shown_as(self, resource: Resource) -> str:
        """The name people see: the one the template gives, else the logical id."""
        given = names.NAME_PROPERTY.get(resource.type, "") in resource.properties
        return self.names[resource.logical_id] if given else resource.logical_id

    def code_source(self, params: Mapping[str, Any]) -> tuple[str, dict[str, bytes]] | AwsError:
        """The folder and files that UpdateFunctionCode names, as far as they are in this project."""
        return code.source_of(self.files, params)

    def of_type(self, kind: str) -> list[Resource]:
        """The resources of one type, in the template's order."""
        return [resource for resource in self.resources.values() if resource.type == kind]

    def problem(self, resource: Resource, prop: str, message: str, fix: str = "", severity: Any = "error") -> Problem:
        """A problem with one property of a resource, at its place in the author's file."""
        path = ("Resources", resource.origin, "Properties", prop)
        return self.source.problem(path, f"{resource.logical_id}: {message}", fix, severity)


def read_template(
    files: Mapping[str, bytes],
    parameters: Mapping[str, Any] | None = None,
    *,
    path: str | None = None,
    code_folders: Mapping[str, str] | None = None,
) -> Template:
    """Read the project's template, or that at ``path``. Raises :class:`ProjectError` with every problem found.

    ``code_folders`` are other folders for the code of functions and layers, by logical id: what is deployed later.
    """
    source = _read(files, path)
    document = copy.deepcopy(source.value)
    missing = [name for name in code_folders or () if name not in document["Resources"]]
    if missing:
        texts = [f"there is no function or layer {name}." for name in missing]
        raise ProjectError([source.problem(("Resources",), text) for text in texts])
    for logical_id, folder in (code_folders or {}).items():
        body = document["Resources"][logical_id]
        key = code.PROPERTIES.get(body["Type"], "CodeUri")
        body["Properties"] = (body.get("Properties") or {}) | {key: folder}
    values = _parameters(source, document, parameters or {})
    uploaded = code.point_to_files(source, document, files)
    if uploaded:
        raise ProjectError(uploaded)
    expanded = sam.expanded(source, document, values)
    return _resolve(source, expanded, values, files)


def _read(files: Mapping[str, bytes], path: str | None) -> Source:
    name = next((name for name in ((path,) if path else TEMPLATE_NAMES) if name in files), None)
    if name is None:
        raise ProjectError([Problem(path or "template.yaml", 0, 0, "there is no template.", "Add a template.yaml.")])
    source = read_yaml(name, files[name])
    resources = source.value.get("Resources") if isinstance(source.value, dict) else None
    if not isinstance(resources, dict) or not resources:
        raise ProjectError([source.problem((), "a template has a section Resources with at least one resource.")])
    if len(resources) > RESOURCES_MAX:
        raise ProjectError([source.problem(("Resources",), f"more than {RESOURCES_MAX} resources.")])
    problems = shapes.problems_of(source, resources)
    if problems:
        raise ProjectError(problems)
    return source


def _parameters(source: Source, document: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    problems = []
    declared = document.get("Parameters") or {}
    for name, body in declared.items():
        if name in given or (isinstance(body, dict) and "Default" in body):
            kind = body.get("Type") if isinstance(body, dict) else None
            try:
                values[name] = _typed(kind, given[name] if name in given else body["Default"])
            except ValueError:
                problems.append(source.problem(("Parameters", name), f"the parameter {name} must be a number."))
        else:
            text = f"the parameter {name} has no default and no value was given."
            problems.append(source.problem(("Parameters", name), text, f"Give one: --set {name}=…"))
    problems += [
        source.problem(("Parameters",), f"there is no parameter {name}.", source.meant(name, map(str, declared)))
        for name in given
        if name not in declared
    ]
    if problems:
        raise ProjectError(problems)
    return values


def _typed(kind: Any, value: Any) -> Any:
    """A parameter's value as its type says; values given on a command line are texts."""
    if kind == "Number" and isinstance(value, str):
        return int(value) if value.strip().lstrip("+-").isdecimal() else float(value)
    if str(kind).startswith(("CommaDelimitedList", "List<")) and isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    return value


def _resolve(source: Source, expanded: dict[str, Any], values: dict[str, Any], files: Mapping[str, bytes]) -> Template:
    bodies: dict[str, dict[str, Any]] = expanded["Resources"]
    namer = names.Namer(bodies)
    resolver = Resolver(
        values,
        expanded.get("Mappings") or {},
        expanded.get("Conditions") or {},
        reference=namer.reference,
        attribute=namer.attribute,
    )
    namer.resolver = resolver
    needs = dependencies.Dependencies(source, expanded, resolver)
    unmakeable = needs.problems()
    if unmakeable:
        raise ProjectError(unmakeable)
    namer.prepare(needs.order)
    resources: dict[str, Resource] = {}
    problems: list[Problem] = []
    for logical_id, body in bodies.items():
        origin = dependencies.origin(source, logical_id)
        try:
            if "Condition" in body and not resolver.condition(str(body["Condition"])):
                continue
            properties = resolver.resolve(body.get("Properties") or {})
            properties = {} if properties is NO_VALUE else scalars.typed(str(body["Type"]), properties)
            policy = resolver.resolve(body.get("UpdatePolicy") or {})
        except UNRESOLVABLE as error:
            problems.append(source.problem(("Resources", origin), f"{logical_id}: {error}."))
            continue
        retained = tuple(body.get(key) == "Retain" for key in ("DeletionPolicy", "UpdateReplacePolicy"))
        resources[logical_id] = Resource(logical_id, body["Type"], properties, origin, policy, *retained)
    if problems:
        raise ProjectError(problems)
    physical = {logical_id: namer.name(logical_id) for logical_id in resources}
    return Template(source, resources, _ignored(source), files, physical, _created(source))


def _ours(source: Source) -> dict[str, Any]:
    """What the template says to lambdalab alone."""
    metadata = source.value.get("Metadata")
    ours = metadata.get("lambdalab") if isinstance(metadata, dict) else None
    return ours if isinstance(ours, dict) else {}


def _ignored(source: Source) -> frozenset[str]:
    listed = _ours(source).get("ignore")
    return frozenset(str(name) for name in listed) if isinstance(listed, list) else frozenset()


def _created(source: Source) -> dt.date | None:
    """The day on which the stack was created: its functions may have a runtime that is blocked by now."""
    given = _ours(source).get("created")
    if given is None:
        return None
    try:
        return dt.date.fromisoformat(str(given)[:10])
    except ValueError:
        path = ("Metadata", "lambdalab", "created")
        raise ProjectError([source.problem(path, f"{given!r} is not a day.", "Write it like 2024-05-01.")]) from None
