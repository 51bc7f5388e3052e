"""Write lambdalab/simulator/project/property_types.json: which properties of resources are numbers or yes and no.

``--check`` only says whether it is up to date. CloudFormation takes both as text, too (``Timeout: "30"``, or from a
parameter of type String), so whoever reads a template must know where they stand. The types are those of AWS's own
schemas of resource types, as cfn-lint brings them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from lambdalab.simulator.project.deploy import registered_types

PAGE = Path(__file__).resolve().parent.parent / "lambdalab" / "simulator" / "project" / "property_types.json"
KINDS = ("integer", "number", "boolean")
DEPTH_MAX = 12  # some schemas name themselves

Types = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Write the file, or say whether it is up to date."""
    text = written()
    if "--check" not in arguments:
        PAGE.write_text(text)
        return 0
    if PAGE.read_text() == text:
        return 0
    print("property_types.json is out of date. Run: python -m scripts.write_property_types")
    return 1


def written() -> str:
    """The file's text: a tree of names for each resource type, whose leaves are types. Lists have their items'."""
    schemas = files("cfnlint") / "data" / "schemas"
    listed = json.loads((schemas / "providers" / "us-east-1.json").read_text())
    found = {}
    for kind in sorted(registered_types() & listed.keys()):
        schema = json.loads((schemas / "resources" / f"{listed[kind]}.json").read_text())
        types = _members(schema, schema, DEPTH_MAX)
        if types:
            found[kind] = types
    return json.dumps(found, indent=1, sort_keys=True) + "\n"


def _members(schema: Mapping[str, Any], whole: Mapping[str, Any], depth: int) -> Types:
    members = {name: _types(each, whole, depth - 1) for name, each in schema.get("properties", {}).items()}
    return {name: types for name, types in members.items() if types}


def _types(schema: Mapping[str, Any], whole: Mapping[str, Any], depth: int) -> Any:
    """The type of a number or of yes and no, the tree of what holds some, or None."""
    if depth < 0:
        return None
    if "$ref" in schema:
        return _types(whole["definitions"][schema["$ref"].rsplit("/", 1)[-1]], whole, depth)
    kind = schema.get("type")
    if kind in KINDS:
        return kind
    if kind == "array":
        return _types(schema.get("items", {}), whole, depth)
    return _members(schema, whole, depth) or None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
