"""Stacks that are updated while they serve, and what tests ask of such a run."""

import json
from typing import Any

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import StackResourceChanged, StackUpdateEnded
from tests.simulator.playing import Played, make_template, play, steps


def update(
    before: dict[str, Any], after: dict[str, Any], *entries: dict[str, Any], script: Any = None, **more: Any
) -> Played:
    """Play ``before`` (a template, or resources beside the function ``work``), and ``after`` from second 10 on."""
    old, new = (each if "Resources" in each else make_template(**each) for each in (before, after))
    files = {"v2.json": json.dumps(new).encode()} | more.pop("files", {})
    deploy = {"at": "10s", "deploy": {"template": "v2.json"}}
    return play(old, steps(*entries, deploy, **more), script or Act(), files=files)


def changes(played: Played) -> list[tuple[str, str, str]]:
    """What became of each resource, in order: its logical id, the word for it, its physical name."""
    return [(fact.resource, fact.action, fact.name) for fact in played.of(StackResourceChanged)]


def ended(played: Played) -> str:
    (fact,) = played.of(StackUpdateEnded)
    return fact.status


def reason(played: Played) -> str:
    (fact,) = played.of(StackUpdateEnded)
    return fact.reason or ""
