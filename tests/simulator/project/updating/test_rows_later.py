"""A resource that comes with an update has the same effect as one that is there from the beginning."""

import json
from typing import Any

import jmespath
import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.project.updating.table import KINDS
from lambdalab.simulator.scenario.reader import parse_duration
from lambdalab.simulator.trace.facts import StackUpdateEnded
from tests.simulator.playing import CODE, as_files, play, steps
from tests.simulator.project.rows.table import ROWS
from tests.simulator.project.test_every_row import PROOFS, without

WITH_A_HOST = ("distributions",)  # whose requests name a door that must be there when the scenario is read
LATER_S = 180  # by then the update is done: a mapping takes up to a minute to poll
OTHERWISE = {
    ("messaging", "AWS::Scheduler::Schedule"): "its proof counts from the beginning of the run",
    ("messaging", "AWS::Scheduler::ScheduleGroup"): "its proof counts from the beginning of the run",
    ("functions", "AWS::Lambda::Function"): "a function URL is nothing that an update may bring",
}


def later(at: Any) -> str:
    length = parse_duration(str(at))
    assert length is not None
    return f"{length // 1_000 + LATER_S * 1_000}ms"


def complete(row: str) -> dict[str, Any]:
    return without(row, "none of them")


def earlier(row: str, kind: str) -> dict[str, Any]:
    """The row without the type, and without what cannot be deployed then."""
    kept = without(row, kind)
    while wrong := [problem for problem in problems(kept) if problem.severity != "warning"]:
        kept["Resources"].pop(wrong[0].message.partition(":")[0])
    return kept


def problems(resources: dict[str, Any]) -> list[Problem]:
    return problems_of(read_template({**CODE, **as_files(resources)}))


@pytest.mark.parametrize(
    ("row", "kind"),
    [each for each in PROOFS if each[1] in KINDS and each not in OTHERWISE and each[0] not in WITH_A_HOST],
)
def test_what_is_added_later_works_as_well(row: str, kind: str) -> None:
    each = ROWS[row]
    query, wanted = each.proofs[kind]
    deploy = {"at": "30s", "deploy": {"template": "complete.json"}}
    moved = [deploy, *({**step, "at": later(step["at"])} for step in each.steps)]
    scenario = {**each.scenario, **({"until": later(each.scenario["until"])} if "until" in each.scenario else {})}
    files = {**each.files, "complete.json": json.dumps(complete(row)).encode()}
    played = play(earlier(row, kind), steps(*moved, **scenario), each.script, files=files)
    assert [fact.status for fact in played.of(StackUpdateEnded)] == ["UPDATE_COMPLETE"]
    assert jmespath.search(query, played.summary) == wanted
