"""A template may say anything anywhere: what is wrong is told, and what nobody complains of can be deployed.

Every property of every row of the table of resource types takes values of other types, one after the other.
"""

import copy
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.project.template import read_template
from tests.simulator.playing import CODE, as_files, play, steps
from tests.simulator.project.rows.table import ROWS

VALUES = (3, "x", "", [], [3], {}, {"a": 1}, True, [[]], 10**400, -1, None, 0, 60, "5", 1.5, "*", "\u00e9", "a" * 300)
DEEP_MAX, WIDE_MAX = 7, 2  # steps into a property, entries of a list
Path = tuple[str | int, ...]


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """Where something stands in a value, from the outside in."""
    if at:
        yield at
    inside = (
        value.items() if isinstance(value, dict) else enumerate(value[:WIDE_MAX]) if isinstance(value, list) else ()
    )
    for key, each in inside if len(at) < DEEP_MAX else ():
        yield from paths(each, (*at, key))


def resources(row: str) -> dict[str, Any]:
    """The resources of a row, all references resolved."""
    files = {**CODE, **ROWS[row].files, "template.yaml": ROWS[row].template.encode()}
    found = {}
    for name, each in read_template(files).resources.items():
        found[name] = {"Type": each.type, "Properties": json.loads(json.dumps(each.properties, default=str))}
        if each.update_policy:
            found[name]["UpdatePolicy"] = each.update_policy
    return found


def told(row: str, made: dict[str, Any], name: str, path: Path, value: Any, *, deployed: bool = True) -> None:
    """Ask what is wrong when a property has this value, and deploy what is right; only an exception fails."""
    changed = {**made, name: copy.deepcopy(made[name])}
    at = changed[name]["Properties"]
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    try:
        problems = problems_of(read_template({**CODE, **ROWS[row].files, **as_files({"Resources": changed})}))
        if deployed and not any(problem.severity != "warning" for problem in problems):
            play({"Resources": changed}, steps(until="1s"), files=ROWS[row].files)
    except ProjectError:
        pass  # told before everything else
    except Exception as error:
        error.add_note(f"{made[name]['Type']}: {'.'.join(map(str, path))} is {str(value)[:40]}")
        raise


@pytest.mark.parametrize("row", ROWS)
def test_a_property_may_have_any_value(row: str) -> None:
    """Here each takes one value; all of them take each value in ``test_every_property_may_have_every_value``."""
    made, values = resources(row), itertools.cycle(VALUES)
    for name, resource in made.items():
        for path in paths(resource["Properties"]):
            told(row, made, name, path, next(values))


@pytest.mark.long
@pytest.mark.parametrize("row", ROWS)
def test_every_property_may_have_every_value(row: str) -> None:
    made = resources(row)
    for name, resource in made.items():
        for path in paths(resource["Properties"]):
            for value in VALUES:
                told(row, made, name, path, value, deployed=value is None)
