"""What folds keep follows what is alive and the contract's limits, never how much has happened."""

import random
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.scenario.load import load_scenario
from lambdalab.simulator.scenario.run import simulate
from lambdalab.simulator.trace import Stamped, names
from lambdalab.simulator.trace.explain import Explainer
from lambdalab.simulator.trace.facts import AsyncEventReceived
from lambdalab.simulator.views import items, lanes, player, series, summary
from lambdalab.simulator.views.fold import QueuedEvents
from lambdalab.simulator.views.parts import async_part
from lambdalab.simulator.views.player import PlayerFold
from lambdalab.simulator.views.summary import SummaryFold
from tests.simulator.playing import (
    CODE,
    FAIL,
    ScriptedHandlers,
    as_files,
    as_scenario,
    invoke,
    make_function,
    make_template,
    play,
    seconds,
)

SMALL = {  # limits that a small run reaches
    async_part: ("ATTEMPTS_MAX", 50),
    series: ("VALUES_PER_MINUTE_MAX", 20),
    summary: ("LOG_LINES_MAX", 100),
    player: ("LOGS_MAX", 100),
    items: ("HELD_MAX", 300),
    names: ("LABELS_MAX", 50),
    lanes: ("ENVIRONMENTS_MAX", 5),
}


def size(value: Any, seen: set[int] | None = None) -> int:
    """How many entries all containers reachable from ``value`` have."""
    seen = set() if seen is None else seen
    if id(value) in seen or isinstance(value, type | str | bytes | int | float):
        return 0
    seen.add(id(value))
    if isinstance(value, dict):
        return len(value) + sum(size(key, seen) + size(entry, seen) for key, entry in value.items())
    if isinstance(value, list | tuple | set):
        return len(value) + sum(size(entry, seen) for entry in value)
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    inside = [*getattr(value, "__dict__", {}).values(), *(getattr(value, name, None) for name in slots)]
    return sum(size(entry, seen) for entry in inside)


def folded(events: int) -> tuple[SummaryFold, PlayerFold]:
    """A day in which everything happens to events and requests; ``events`` of each, all of them at their end."""
    draws = random.Random(1)

    def script(function: Any, event: Any, count: int) -> Act:
        return draws.choice([Act(), FAIL, Act(takes=seconds(0.3)), Act(calls=(("sqs", "SendMessage", {}),))])

    every = {"count": events, "every": f"{1_200_000 // events}ms"}
    scenario = {
        "until": "3h",
        "steps": [
            invoke(label="event {{ n }}", repeat=every),
            invoke(kind="RequestResponse", repeat=every),
            invoke(function="slow", kind="RequestResponse", repeat=every),
            invoke(function="work:live", repeat=every),
        ],
        "faults": [
            {"duplicate": "async", "probability": 0.3},
            {"throttle": "work", "from": "1m", "until": "3m"},
            {"cold": "all", "from": "4m", "until": "20m"},
        ],
    }
    version = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Work"}}}
    leads = {"FunctionName": {"Ref": "Work"}, "Name": "live", "FunctionVersion": {"Fn::GetAtt": ["V", "Version"]}}
    template = make_template(
        make_function(),
        make_function("slow", ReservedConcurrentExecutions=0),
        V=version,
        Live={"Type": "AWS::Lambda::Alias", "Properties": leads},
    )
    project = {**CODE, **as_files(template)}
    short, long = SummaryFold(), PlayerFold()
    simulate(
        project,
        load_scenario(project | as_scenario(scenario)),
        ScriptedHandlers(script),
        sink=lambda chunk: None,
        folds=(lambda stamped: short.add([stamped]), long.add),
    )
    return short, long


def test_ten_times_as_many_invocations_leave_folds_of_the_same_size(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, (name, limit) in SMALL.items():
        monkeypatch.setattr(module, name, limit)
    monkeypatch.setattr(series, "DURATIONS_MAX", 100)
    monkeypatch.setattr(items, "ITEMS_MAX", 100)
    monkeypatch.setattr("lambdalab.simulator.views.x_ray.EVENTS_MAX", 50)
    monkeypatch.setattr(player, "EVENTS_MAX", 50)
    few, many = folded(200), folded(2_000)
    for once, often in zip(few, many, strict=True):
        assert size(often) < 1.3 * size(once)


def test_an_event_is_forgotten_when_its_last_copy_has_ended() -> None:
    events = QueuedEvents()
    events.enter("a")
    events.duplicate("a")
    assert [events.leave("a"), "a" in events, events.leave("a"), "a" in events] == [False, True, True, False]
    assert len(events) == 0


def test_the_newest_events_keep_their_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "LABELS_MAX", 2)
    explainer = Explainer()
    for n in range(3):
        explainer.explain(Stamped(seconds(n), n, AsyncEventReceived(f"{n}" * 8, "f", "$LATEST", "s", None, "{}")))
    assert [explainer.label(f"{n}" * 8) for n in range(3)] == ["request 00000000", "event 2", "event 3"]


def test_further_environments_share_a_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "ENVIRONMENTS_MAX", 2)
    cold = {"faults": [{"cold": "all"}]}
    played = play(
        make_template(), {"steps": [invoke(kind="RequestResponse", repeat={"count": 5, "every": "1s"})], **cold}
    )
    found = [(lane["label"], lane["sub"]) for lane in played.player["lanes"]]
    assert found == [("env-1", "1 invocation"), ("env-2", "1 invocation"), ("more", "3 invocations")]
    assert {item["lane"] for item in played.player["items"]} == {lane["id"] for lane in played.player["lanes"]}


def test_items_grouped_on_the_way_are_still_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "HELD_MAX", 50)
    monkeypatch.setattr(items, "ITEMS_MAX", 20)
    script = lambda function, event, count: FAIL if count % 5 == 0 else Act()  # noqa: E731
    every = {"count": 1_000, "every": "1s"}
    played = play(make_template(), {"steps": [invoke(kind="RequestResponse", repeat=every)]}, script)
    drawn = played.player["items"]
    assert len(drawn) <= 20
    assert sum(item.get("count", 1) for item in drawn) == 1_000 + 1  # and one INIT
    assert sum(item.get("errors", 0) for item in drawn) == 200
    assert [item["t0"] for item in drawn] == sorted(item["t0"] for item in drawn)
