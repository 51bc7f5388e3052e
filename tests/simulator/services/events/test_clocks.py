"""Rules that are due by the clock."""

import json
from typing import Any

import pytest

from lambdalab.simulator.trace.facts import AsyncEventReceived, RuleFired
from tests.simulator.desk import output
from tests.simulator.playing import Played, invoke, make_function, make_template, play, steps
from tests.simulator.services.events.desk import EventsDesk
from tests.simulator.services.events.rules import INVOKE, WORK, make_rule


def due(expression: str, *entries: Any, state: str = "ENABLED", **scenario: Any) -> Played:
    rule = make_rule(WORK, EventBusName=None, EventPattern=None, ScheduleExpression=expression, State=state)
    return play(make_template(make_function(), Rule=rule, Permission=INVOKE), steps(*entries, **scenario))


def test_a_rate_is_due_at_its_multiples_and_a_run_lasts_an_hour() -> None:
    played = due("rate(5 minutes)")
    assert [fact.due_us // 60_000_000 for fact in played.of(RuleFired)] == list(range(5, 60, 5))
    assert played.stopped is None
    assert played.summary["run"]["virtual_s"] == 3600
    assert played.summary["buses"]["default"] == {"put": 0, "matched": 11, "delivered": 11, "failed": 0}


def test_a_function_gets_the_event_of_a_schedule_as_aws_sends_it() -> None:
    received = due("cron(30 9 * * ? *)").of(AsyncEventReceived)
    (event,) = [json.loads(fact.payload) for fact in received]
    del event["id"]
    assert event == {
        "version": "0",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2025-12-01T09:30:00Z",
        "region": "us-east-1",
        "resources": ["arn:aws:events:us-east-1:123456789012:rule/orders"],
        "detail": {},
    }


def test_cron_is_due_within_its_minute_and_always_in_the_same_second() -> None:
    played = due("cron(0/10 * * * ? *)", until="2h")
    seconds = {round(at % 60, 6) for at in played.times(RuleFired)}
    assert len(played.of(RuleFired)) == 11
    assert len(seconds) == 1
    assert 0 <= seconds.pop() < 60


def test_cron_is_read_in_utc_whatever_the_class_room_s_clock_says() -> None:
    played = due("cron(0 12 ? * MON *)", clock="2025-12-01T11:30:00+00:00")
    assert [fact.due_us for fact in played.of(RuleFired)] == [30 * 60_000_000]


def test_until_decides_how_long_a_schedule_runs() -> None:
    assert len(due("rate(1 minute)", until="10m").of(RuleFired)) == 10


def test_a_run_with_a_schedule_lasts_until_its_last_step() -> None:
    played = due("rate(1 hour)", invoke(at="3h"))
    assert len(played.of(RuleFired)) == 3


def test_a_rule_that_is_disabled_is_never_due_and_holds_no_run() -> None:
    played = due("rate(1 minute)", state="DISABLED")
    assert played.of(RuleFired) == []
    assert played.summary["run"]["virtual_s"] < 60


def test_a_rule_that_is_disabled_by_a_call_stops_and_one_that_changes_begins_anew() -> None:
    desk = EventsDesk()
    output(desk.rule(EventPattern="", ScheduleExpression="rate(1 minute)"))
    desk.wait(150)
    assert len(desk.of(RuleFired)) == 2
    desk.events("DisableRule", Name="r")
    desk.wait(300)
    assert len(desk.of(RuleFired)) == 2
    desk.rule(EventPattern="", ScheduleExpression="rate(2 minutes)")
    desk.wait(250)
    assert len(desk.of(RuleFired)) == 4


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_gives_the_same_second(seed: int) -> None:
    def second() -> list[float]:
        rule = make_rule(WORK, EventBusName=None, EventPattern=None, ScheduleExpression="cron(5 9 * * ? *)")
        return play(make_template(make_function(), Rule=rule), steps(), seed=seed).times(RuleFired)

    assert second() == second()
