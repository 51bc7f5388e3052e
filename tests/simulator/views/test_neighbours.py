"""The lanes of what stands beside the functions: doors, buses, schedules, topics, state machines, pools, pipelines."""

from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.views.stacking import ROWS_MAX, Stack
from tests.simulator.playing import Played, call, first, invoke, make_template, play, seconds, steps
from tests.simulator.project.rows.table import ROWS
from tests.simulator.services.codepipeline.test_jobs import pipeline
from tests.simulator.services.codepipeline.test_jobs import run as run_pipeline
from tests.simulator.services.cognito.test_triggers import confirm, pool, sign_in, sign_up
from tests.simulator.services.cognito.test_triggers import run as run_pool
from tests.simulator.services.stepfunctions.machines import chain, run, start, task

BROKEN = Act(status="error", error_type="CardDeclined", error_message="declined")


def lanes(played: Played, kind: str) -> list[tuple[str, str]]:
    return [(lane["label"], lane["sub"]) for lane in played.player["lanes"] if lane["kind"] == kind]


def items(played: Played, kind: str) -> list[dict[str, Any]]:
    wanted = {lane["id"] for lane in played.player["lanes"] if lane["kind"] == kind}
    return [item for item in played.player["items"] if item["lane"] in wanted]


def told(played: Played, kind: str) -> list[tuple[str, str, str | None]]:
    return [(item["kind"], item["what"], item.get("message")) for item in items(played, kind)]


def play_row(row: str, script: Any = None) -> Played:
    each = ROWS[row]
    return play(each.template, steps(*each.steps, **each.scenario), script or each.script, files=each.files)


def test_a_request_is_drawn_at_its_door_from_its_beginning_to_its_answer() -> None:
    played = play_row("load balancers")
    ((label, sub),) = lanes(played, "http")
    assert sub == "Load balancer"
    answers = played.summary["http"]
    drawn = items(played, "http")
    assert [item["message"] for item in drawn] == [str(answer["status"]) for answer in answers]
    assert drawn[0]["t0"] == pytest.approx(answers[0]["at_s"])
    assert drawn[0]["t1"] - drawn[0]["t0"] == pytest.approx(answers[0]["latency_ms"] / 1_000)
    assert label in {answer["to"] for answer in answers}


def test_an_answer_that_no_function_meant_is_an_error() -> None:
    played = play_row("load balancers", BROKEN)
    assert {item["kind"] for item in items(played, "http") if item["message"] == "502"} == {"err"}


def test_a_state_is_drawn_from_its_entry_to_its_exit_with_its_retries() -> None:
    retry = [{"ErrorEquals": ["CardDeclined"], "IntervalSeconds": 2, "MaxAttempts": 1}]
    played = run(
        chain({"name": "Charge", **task(Retry=retry)}, {"name": "Done", "Type": "Pass"}), script=first(1, BROKEN)
    )
    assert lanes(played, "machine") == [("orders", "State machine")]
    assert told(played, "machine") == [
        ("err", "Charge", "CardDeclined"), ("wait", "Charge", None), ("ok", "Charge", None), ("ok", "Done", None),
    ]  # fmt: skip
    failed, waiting, again, _ = items(played, "machine")
    assert (failed["t1"], waiting["t1"]) == (waiting["t0"], again["t0"])
    assert (waiting["label"], again["attempt"]) == ("again in 2 s", 2)


def test_branches_stand_under_each_other_and_what_is_cut_short_says_so() -> None:
    branches = [chain({"name": "Slow", "Type": "Wait", "Seconds": 60}), chain({"name": "Bad", "Type": "Fail"})]
    played = run(chain({"name": "Both", "Type": "Parallel", "Branches": branches}), start())
    rows = {item["what"]: item["row"] for item in items(played, "machine")}
    assert len(set(rows.values())) == 3
    kinds = {item["what"]: item["kind"] for item in items(played, "machine")}
    assert kinds == {"Both": "err", "Both[0]/Slow": "drop", "Both[1]/Bad": "err"}


def test_a_state_that_goes_on_is_running_at_the_end() -> None:
    played = run(chain({"name": "Long", "Type": "Wait", "Seconds": 600}), until="60s")
    (item,) = items(played, "machine")
    assert (item["kind"], item["what"], item["t1"]) == ("run", "Long", played.player["end_s"])


def test_a_pool_shows_its_users_and_the_functions_that_it_asks() -> None:
    slow = first(1, Act(takes=seconds(20), result={}), Act(result={"response": {}}))
    played = run_pool(pool("PreSignUp"), sign_up(), confirm(), sign_in(), script=slow, Timeout=30)
    assert lanes(played, "pool") == [("users", "User pool")]
    drawn = told(played, "pool")
    assert drawn[0] == ("timeout", "PreSignUp for alice", "no answer within 5 s")
    assert ("ok", "PreSignUp for alice", None) in drawn
    assert [what for kind, what, _ in drawn if kind == "come"] == [
        "alice signs up",
        "alice is confirmed",
        "alice signs in",
    ]
    late = items(played, "pool")[0]
    assert late["t1"] - late["t0"] == pytest.approx(5)


def test_a_pipeline_shows_its_actions() -> None:
    def done(function: Any, event: Any, count: int) -> Act:
        job = event["CodePipeline.job"]["id"]
        return Act(calls=(("codepipeline", "PutJobSuccessResult", {"jobId": job}),))

    played = run_pipeline(pipeline(), script=done)
    assert lanes(played, "pipeline") == [("release", "Pipeline")]
    assert told(played, "pipeline") == [("ok", "Source/Fetch", None), ("ok", "Test/Check", None)]


def test_buses_schedules_and_topics_show_what_came_and_who_got_it() -> None:
    played = play_row("messaging")
    assert {sub for _, sub in lanes(played, "bus")} <= {"Event bus", "Schedule"}
    assert {sub for _, sub in lanes(played, "topic")} == {"Topic"}
    for kind in ("bus", "topic"):
        kinds = {item["kind"] for item in items(played, kind)}
        assert {"come", "ok"} <= kinds


def test_an_event_that_is_lost_is_dropped() -> None:
    put = call("0s", "events.put_events", Entries=[{"EventBusName": "none", "Source": "s", "DetailType": "d",
                                                     "Detail": "{}"}])  # fmt: skip
    other = call("1s", "events.put_events", Entries=[{"Source": "s", "DetailType": "d", "Detail": "{}"}])
    played = play(make_template(), steps(put, other))
    assert told(played, "bus") == [("drop", "event d", "no such bus"), ("come", "event d", "meets no rule")]


def test_what_stands_beside_counts_as_no_invocation() -> None:
    played = run(chain(task(), task()))
    functions = [item for item in played.player["items"] if "what" not in item and item["kind"] == "ok"]
    assert len(functions) == played.player["stats"][0]["value"] == 2


def test_a_stack_takes_the_first_free_row_and_grows_to_eight() -> None:
    stack = Stack()
    assert [stack.take(0, 10), stack.take(0, 5), stack.take(5, 20), stack.take(6, 7)] == [0, 1, 1, 2]
    assert [stack.take(8) for _ in range(10)][-1] < ROWS_MAX
    assert stack.height == ROWS_MAX
    stack.free(3, 9)
    assert stack.take(9) == 3


def test_the_figure_of_cost_is_for_a_million_invocations() -> None:
    played = play(make_template(), steps(invoke(kind="RequestResponse", repeat={"count": 4})))
    cost = played.player["stats"][-1]
    assert cost["label"] == "Cost per million invocations"
    assert cost["value"] == pytest.approx(played.summary["bill"]["total_usd"] / 4 * 1_000_000)
    assert cost["value"] == played.summary["bill"]["per_million_invocations_usd"]


def test_a_run_without_invocations_has_no_such_figure() -> None:
    played = play(make_template(), steps())
    assert [stat["key"] for stat in played.player["stats"]][-1] == "dead_lettered"
    assert played.summary["bill"]["per_million_invocations_usd"] is None
