"""The outline of a template: its sections, and what stands around a resource's properties.

Source: AWS CloudFormation User Guide, "Template sections" and "Resource attribute reference", read 2026-11; AWS SAM
Developer Guide, "AWS SAM template anatomy" (Globals, Connectors, IgnoreGlobals).
"""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.yaml_source import Source

SECTIONS = (
    "AWSTemplateFormatVersion", "Conditions", "Description", "Globals", "Mappings", "Metadata", "Outputs", "Parameters",
    "Resources", "Rules", "Transform",
)  # fmt: skip
MAPPINGS = ("Parameters", "Globals", "Mappings", "Conditions", "Metadata", "Outputs")
ATTRIBUTES = (
    "Condition", "Connectors", "CreationPolicy", "DeletionPolicy", "DependsOn", "IgnoreGlobals", "Metadata",
    "Properties", "Type", "UpdatePolicy", "UpdateReplacePolicy",
)  # fmt: skip


def problems_of(source: Source, resources: dict[str, Any]) -> list[Problem]:
    """What is not as CloudFormation reads it: everything behind this finds mappings where mappings must be."""
    problems = [
        source.problem((section,), f"{section} must be a mapping (key: value).")
        for section in MAPPINGS
        if not isinstance(source.value.get(section), dict | None)
    ]
    for section in source.value:
        if section not in SECTIONS:
            text = f"Template format error: Invalid template property or properties [{section}]."
            problems.append(source.problem((section,), text, source.meant(section, SECTIONS)))
    for name, body in resources.items():
        problems += _of_resource(source, name, body)
    return problems


def _of_resource(source: Source, name: str, body: Any) -> list[Problem]:
    path = ("Resources", name)
    if not isinstance(body, dict) or not isinstance(body.get("Type"), str):
        return [source.problem(path, f"{name}: a resource is a mapping with a Type.", "Add Type: …")]
    problems = []
    if not isinstance(body.get("Properties"), dict | None):
        text = f"{name}: Properties must be a mapping (key: value)."
        problems.append(source.problem((*path, "Properties"), text))
    needed = body.get("DependsOn", [])
    if not isinstance(needed, str) and not (isinstance(needed, list) and all(isinstance(one, str) for one in needed)):
        text = f"{name}: DependsOn must be a logical id or a list of them."
        problems.append(source.problem((*path, "DependsOn"), text))
    for key in body:
        if key not in ATTRIBUTES:
            text = f"{name}: Template format error: Invalid template resource property '{key}'."
            problems.append(source.problem((*path, key), text, source.meant(key, ATTRIBUTES)))
    return problems
