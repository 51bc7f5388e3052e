"""Steps that deploy: ``deploy: {code: {Charge: v2/}}``, ``{template: template-v2.yaml}`` or ``{parameters: {…}}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.project import stack
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.project.template import Template, read_template
from lambdalab.simulator.project.yaml_source import Path
from lambdalab.simulator.scenario.reader import Reader
from lambdalab.simulator.scenario.schema import Revision, Scenario


def read_revision(reader: Reader, value: Any, path: Path, files: Mapping[str, bytes]) -> Revision:
    """What the step deploys; the template itself is read when the run's parameters are known."""
    entry = reader.mapping(value, path, ("template", "code", "parameters"))
    if not entry:
        reader.note(path, "deploy names what is new.", "Write code: {FUNCTION: folder/} or template: FILE.")
    name = entry.get("template")
    if name is not None and reader.text(name, (*path, "template"), "template") not in files:
        reader.note((*path, "template"), f"there is no file {name} in the project.", "Create it, or fix the path.")
    listed, given = entry.get("code"), entry.get("parameters")
    code = reader.mapping(listed, (*path, "code"), listed or ())
    folders = {key: reader.text(folder, (*path, "code", key), "a folder") for key, folder in code.items()}
    return Revision(name, folders, reader.mapping(given, (*path, "parameters"), given or ()))


def read_revisions(template: Template, scenario: Scenario) -> dict[int, Template]:
    """The template of each step that deploys, by the step's number; a step builds on the one before.

    Raises :class:`ProjectError` for one that cannot be deployed over its predecessor.
    """
    found: dict[int, Template] = {}
    now, path, code, parameters = template, template.source.path, dict[str, str](), dict(scenario.parameters)
    steps = [(number, step) for number, step in enumerate(scenario.steps, 1) if step.deploy is not None]
    for number, step in sorted(steps, key=lambda each: each[1].at):
        assert step.deploy is not None
        path, code = step.deploy.template or path, {**code, **step.deploy.code}
        parameters |= step.deploy.parameters
        after = read_template(template.files, parameters, path=path, code_folders=code)
        problems = stack.refused(now, after)
        if problems:
            raise ProjectError(problems)
        now = found[number] = after
    return found
