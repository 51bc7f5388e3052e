import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import (
    AsyncEventDiscarded,
    AsyncEventReceived,
    InvocationEnded,
    InvocationStarted,
)
from lambdalab.simulator.views.metrics import MetricsFold, named
from lambdalab.simulator.vocabulary.metrics import METRICS
from tests.simulator import streams
from tests.simulator.playing import (
    FAIL,
    Played,
    arn_of,
    call,
    first,
    invoke,
    make_event_invoke,
    make_function,
    make_queue,
    make_template,
    play,
    seconds,
    steps,
)


def metric(played: Played, name: str) -> dict[int, dict[str, Any]]:
    rows = played.summary["metrics"]["AWS/Lambda"].get(name, {}).get("work", [])
    return {row["t_s"] // 60: row for row in rows}


@pytest.mark.rule("H.1-01", "H.1-02")
def test_invocations_and_errors_stand_in_the_minute_in_which_they_began() -> None:
    template = make_template(make_function(Timeout=900))
    scenario = steps(invoke("50s", kind="RequestResponse"), invoke("130s", kind="RequestResponse"))
    played = play(template, scenario, Act(status="error", takes=seconds(30)))
    assert {minute: row["sum"] for minute, row in metric(played, "Invocations").items()} == {0: 1, 2: 1}
    assert {minute: row["sum"] for minute, row in metric(played, "Errors").items()} == {0: 1, 2: 1}


def test_errors_are_zero_where_all_went_well() -> None:
    assert metric(play(make_template(), steps(invoke())), "Errors")[0]["sum"] == 0


@pytest.mark.rule("A.2-09", "H.1-03")
def test_throttles_are_neither_invocations_nor_errors() -> None:
    template = make_template(make_function(ReservedConcurrentExecutions=0))
    played = play(template, steps(invoke(kind="RequestResponse", repeat={"count": 3})))
    assert metric(played, "Throttles")[0]["sum"] == 3
    assert metric(played, "Invocations") == metric(played, "Errors") == metric(played, "Duration") == {}


@pytest.mark.rule("B.3-02", "H.1-04")
def test_duration_leaves_init_out() -> None:
    compute = {"functions": {"work": {"init_ms": 400, "cpu_ms": 0}}}
    played = play(make_template(), steps(invoke(), compute=compute), Act(takes=seconds(0.25)))
    assert metric(played, "Duration")[0]["max"] == 250


@pytest.mark.rule("H.1-06")
def test_concurrency_is_the_most_in_a_minute() -> None:
    played = play(make_template(), steps(invoke(repeat={"count": 7})), Act(takes=seconds(1)))
    assert metric(played, "ConcurrentExecutions")[0]["max"] == 7


@pytest.mark.rule("A.3-03", "H.1-10")
def test_the_age_of_an_event_grows_with_its_retries() -> None:
    played = play(make_template(), steps(invoke()), first(2, FAIL))
    ages = [row["max"] for row in metric(played, "AsyncEventAge").values()]
    assert ages[0] < 1_000
    assert ages[1] == pytest.approx(60_000, rel=0.11)
    assert ages[2] == pytest.approx(180_000, rel=0.11)


@pytest.mark.rule("A.3-12", "H.1-10")
def test_dropped_events_are_counted_when_they_are_dropped() -> None:
    played = play(make_template(), steps(invoke()), FAIL)
    assert {minute: row["sum"] for minute, row in metric(played, "AsyncEventsReceived").items()} == {0: 1}
    assert next(iter(metric(played, "AsyncEventsDropped").values()))["sum"] == 1


def test_the_player_has_a_value_for_each_minute_of_the_run() -> None:
    played = play(make_template(), steps(invoke()), FAIL)
    series = {row["name"]: row for row in played.player["metrics"]}
    minutes = int(played.player["end_s"] // 60) + 1
    for row in series.values():
        assert len(row["values"]) == minutes
        assert row["period_s"] == 60
    assert series["Invocations"]["values"][0] == 1
    assert series["Errors"]["tone"] == "err"
    assert series["Duration"]["unit"] == "Milliseconds"


def test_what_happens_on_the_stroke_of_the_last_minute_is_shown() -> None:
    played = play(make_template(), {"steps": [{"at": "60s", "advance": "0s"}], "until": "60s"})
    assert played.player["end_s"] == 60


def every(name: str, played: Played, of: str = "*") -> dict[int, dict[str, Any]]:
    return {row["t_s"] // 60: row for row in played.summary["metrics"]["AWS/Lambda"][name].get(of, [])}


def two_functions(**properties: Any) -> dict[str, Any]:
    return make_template(make_function(), make_function("kept", Timeout=900, **properties))


@pytest.mark.rule("H.1-15")
def test_what_all_functions_do_stands_under_the_account() -> None:  # H.1: no dimension
    calls = invoke(kind="RequestResponse"), invoke(function="kept", kind="RequestResponse", repeat={"count": 3})
    played = play(two_functions(), steps(*calls), Act(takes=seconds(1)))
    assert every("Invocations", played)[0]["sum"] == 4
    assert every("Errors", played)[0]["sum"] == 0
    assert every("Duration", played)[0]["count"] == 4
    assert every("ConcurrentExecutions", played)[0]["max"] == 4
    assert every("ConcurrentExecutions", played, "kept")[0]["max"] == 3


@pytest.mark.rule("H.1-07", "H.1-08")
def test_functions_with_reserved_concurrency_are_not_in_the_unreserved_but_all_of_theirs_is_claimed() -> None:  # H.1
    calls = invoke(kind="RequestResponse"), invoke(function="kept", kind="RequestResponse", repeat={"count": 3})
    played = play(two_functions(ReservedConcurrentExecutions=50), steps(*calls), Act(takes=seconds(1)))
    assert every("UnreservedConcurrentExecutions", played)[0]["max"] == 1
    claimed = every("ClaimedAccountConcurrency", played)[0]
    assert (claimed["max"], claimed["min"], claimed["avg"], claimed["sum"]) == (51, 51, 51, 51)
    assert "work" not in played.summary["metrics"]["AWS/Lambda"]["UnreservedConcurrentExecutions"]


@pytest.mark.rule("H.1-06")
def test_a_long_invocation_counts_in_each_minute_through_which_it_runs() -> None:  # H.1: in-flight environments
    template = make_template(make_function(Timeout=900))
    played = play(template, steps(invoke("30s", kind="RequestResponse")), Act(takes=seconds(140)))
    assert {minute: row["max"] for minute, row in metric(played, "ConcurrentExecutions").items()} == {0: 1, 1: 1, 2: 1}
    assert {minute: row["max"] for minute, row in every("ConcurrentExecutions", played).items()} == {0: 1, 1: 1, 2: 1}


def test_no_minute_is_counted_in_which_nothing_runs() -> None:
    played = play(make_template(), steps(invoke(kind="RequestResponse"), invoke("5m", kind="RequestResponse")))
    assert list(metric(played, "ConcurrentExecutions")) == [0, 5]


@pytest.mark.rule("H.1-04")
def test_the_average_and_high_percentiles_of_duration() -> None:  # H.1: Avg, Max, p95, p99
    lengths = iter(range(1, 101))
    played = play(
        make_template(make_function(Timeout=900)),
        steps(invoke(kind="RequestResponse", repeat={"count": 100, "every": "1ms"}), account={"concurrency": 1000}),
        lambda function, event, count: Act(takes=seconds(0.001 * next(lengths))),
    )
    row = metric(played, "Duration")[0]
    assert (row["avg"], row["p50"], row["p90"], row["p95"], row["p99"]) == (50.5, 50, 90, 95, 99)


@pytest.mark.rule("H.1-15")
def test_what_a_version_does_stands_under_its_resource_and_under_its_function() -> None:  # H.1: dimension Resource
    fold = MetricsFold()
    started = InvocationStarted("r", "work", "7", "env/work/1", "RequestResponse", "scenario", 1, True, 1, True)
    fold.takes[InvocationStarted](0, started)
    ended = InvocationEnded(
        "r", "work", "7", "env/work/1", 1, "error", 250_000, None, 250, 128, 40, "{}", "E", "m", None, None, 0, True
    )
    fold.takes[InvocationEnded](250_000, ended)
    found = fold.result()
    assert set(found["Invocations"]) == set(found["Errors"]) == set(found["Duration"]) == {"*", "work", "work:7"}
    assert [found["Invocations"][name][0]["sum"] for name in ("*", "work", "work:7")] == [1, 1, 1]
    assert named("work:7", {"work": "orders"}) == "orders:7"


def test_an_event_stopped_in_its_loop_is_counted() -> None:  # K.9
    fold = MetricsFold()
    fold.takes[AsyncEventReceived](0, AsyncEventReceived("r", "work", "$LATEST", "s", None, "{}"))
    fold.takes[AsyncEventDiscarded](0, AsyncEventDiscarded("r", "work", 0, 0, "RecursionDetected", False))
    assert fold.result()["RecursiveInvocationsDropped"]["work"][0]["sum"] == 1


def with_alias(amount: int = 0, **function: Any) -> dict[str, Any]:
    """``work`` with an alias ``live`` on its version 1, and so much provisioned for it."""
    version = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Work"}}}
    leads: dict[str, Any] = {"FunctionName": {"Ref": "Work"}, "Name": "live"}
    leads["FunctionVersion"] = {"Fn::GetAtt": ["Version", "Version"]}
    if amount:
        leads["ProvisionedConcurrencyConfig"] = {"ProvisionedConcurrentExecutions": amount}
    alias = {"Type": "AWS::Lambda::Alias", "Properties": leads}
    return make_template(make_function(Timeout=900, **function), Version=version, Live=alias)


def sums(played: Played, name: str) -> dict[str, float]:
    """The sum over all minutes, by the name of the row."""
    table = played.summary["metrics"]["AWS/Lambda"].get(name, {})
    return {row: sum(minute["sum"] for minute in minutes) for row, minutes in table.items()}


def test_an_invocation_by_an_alias_stands_under_it_and_under_the_version_that_it_ran() -> None:  # H.1
    sync = [invoke(kind="RequestResponse", function=name) for name in ("work", "work:1", "work:live", "work:live")]
    played = play(with_alias(), steps(*sync), first(3, Act(), FAIL))
    assert sums(played, "Invocations") == {"*": 4, "work": 4, "work:1": 1, "work:live": 2, "work:live:1": 2}
    assert sums(played, "Errors")["work:live:1"] == sums(played, "Errors")["work:live"] == 1
    assert played.summary["metrics"]["AWS/Lambda"]["Duration"]["work:live"][0]["count"] == 2


@pytest.mark.rule("H.1-16")
def test_the_versions_of_a_weighted_alias_can_be_compared() -> None:  # H.1: ExecutedVersion
    publish = [
        call("0s", "lambda.update_function_configuration", FunctionName="work", MemorySize=256),
        call("5s", "lambda.publish_version", FunctionName="work"),
    ]
    routing = {"AdditionalVersionWeights": {"2": 0.5}}
    split = call("6s", "lambda.update_alias", FunctionName="work", Name="live", RoutingConfig=routing)
    calls = invoke("10s", kind="RequestResponse", function="work:live", repeat={"count": 100, "every": "100ms"})
    counted = sums(play(with_alias(), steps(*publish, split, calls)), "Invocations")
    assert counted["work:live"] == counted["work:live:1"] + counted["work:live:2"] == 100
    assert 30 < counted["work:live:2"] < 70


def test_every_attempt_and_every_copy_of_an_event_counts_for_its_alias() -> None:
    twice = {"faults": [{"duplicate": "async"}]}
    played = play(with_alias(), steps(invoke(function="work:live"), **twice), FAIL)
    assert sums(played, "Errors") == {"*": 6, "work": 6, "work:live": 6, "work:live:1": 6}


def test_a_throttle_counts_for_the_alias_that_was_asked() -> None:
    asked = invoke(kind="RequestResponse", function="work:live", repeat={"count": 3})
    played = play(with_alias(ReservedConcurrentExecutions=0), steps(asked))
    assert sums(played, "Throttles") == {"*": 3, "work": 3, "work:live": 3}


@pytest.mark.rule("C.2-09", "H.1-09")
def test_what_is_provisioned_is_measured_at_each_request_to_it() -> None:  # H.1
    burst = invoke("60s", kind="RequestResponse", function="work:live", repeat={"count": 6})
    played = play(with_alias(4), steps(burst), Act(takes=seconds(5)))
    assert sums(played, "ProvisionedConcurrencyInvocations") == {"*": 4, "work": 4, "work:live": 4}
    assert sums(played, "ProvisionedConcurrencySpilloverInvocations") == {"*": 2, "work": 2, "work:live": 2}
    (busy,) = played.summary["metrics"]["AWS/Lambda"]["ProvisionedConcurrentExecutions"]["work:live"]
    assert (busy["t_s"], busy["min"], busy["max"], busy["count"]) == (60, 1, 4, 4)
    (share,) = played.summary["metrics"]["AWS/Lambda"]["ProvisionedConcurrencyUtilization"]["work:live"]
    assert (share["min"], share["max"], share["count"]) == (0.25, 1, 6)


@pytest.mark.rule("H.1-09")
def test_nothing_is_measured_of_what_is_provisioned_while_no_requests_arrive() -> None:  # H.1
    found = play(with_alias(4), steps(invoke("5m"))).summary["metrics"]["AWS/Lambda"]
    assert not {name for name in found if name.startswith("Provisioned")}


def test_all_that_is_provisioned_is_claimed_once_whether_it_is_used_or_not() -> None:  # H.1
    calls = invoke("60s", kind="RequestResponse"), invoke("60s", kind="RequestResponse", function="work:live")
    played = play(with_alias(4), steps(*calls), Act(takes=seconds(5)))
    assert every("UnreservedConcurrentExecutions", played)[1]["max"] == 2
    assert every("ClaimedAccountConcurrency", played)[1]["max"] == 4 + 1


def test_what_is_provisioned_of_a_reservation_is_claimed_with_it() -> None:
    asked = invoke("60s", kind="RequestResponse", function="work:live")
    other = invoke("60s", kind="RequestResponse", function="other")
    template = with_alias(4, ReservedConcurrentExecutions=20)
    template["Resources"]["Other"] = make_function("other")
    claimed = every("ClaimedAccountConcurrency", play(template, steps(asked, other), Act(takes=seconds(5))))
    assert claimed[1]["max"] == 20 + 1


def test_a_reservation_made_in_the_run_counts_from_then_on() -> None:
    """C.3: one invocation of the function is under way when it gets its reservation."""
    reserve = call("70s", "lambda.put_function_concurrency", FunctionName="work", ReservedConcurrentExecutions=50)
    away = call("190s", "lambda.delete_function_concurrency", FunctionName="work")
    long = invoke("45s", kind="RequestResponse")
    others = invoke("20s", function="kept", kind="RequestResponse", repeat={"count": 5, "every": "60s"})
    template = make_template(make_function(Timeout=900), make_function("kept", Timeout=900))
    played = play(template, steps(long, reserve, away, others), Act(takes=seconds(30)))
    assert played.summary["account"]["unreserved"] == 1_000
    assert {m: row["max"] for m, row in every("ClaimedAccountConcurrency", played).items()} == {
        0: 2, 1: 51, 2: 51, 3: 51, 4: 1
    }  # fmt: skip
    assert {m: row["max"] for m, row in every("UnreservedConcurrentExecutions", played).items()} == {
        0: 2, 1: 1, 2: 1, 3: 1, 4: 1
    }  # fmt: skip


def test_every_metric_that_is_fed_is_defined_and_every_other_waits_for_its_part() -> None:
    fed: set[str] = {"RecursiveInvocationsDropped"}  # tested above
    refused = {"TargetArn": arn_of("sqs", "gone")}
    template = make_template(
        make_function(DeadLetterConfig=refused),
        make_function("stopped", ReservedConcurrentExecutions=0),
        Config=make_event_invoke(failure=arn_of("sqs", "gone")),
    )
    calls = invoke(), invoke(function="stopped", kind="RequestResponse")
    fed |= set(play(template, steps(*calls), FAIL).summary["metrics"]["AWS/Lambda"])
    burst = invoke(kind="RequestResponse", function="work:live", repeat={"count": 2})
    fed |= set(play(with_alias(1), steps(burst), Act(takes=seconds(1))).summary["metrics"]["AWS/Lambda"])
    fed |= of_mappings(stream=True) | of_mappings(stream=False)
    assert fed == {name for name, definition in METRICS.items() if definition.fed}


def of_mappings(*, stream: bool) -> set[str]:
    """The metrics of a mapping that asks for all of them, of a stream or of a queue."""
    pattern = {"data" if stream else "body": {"n": [{"numeric": [">", 1]}]}}
    asked = {
        "MetricsConfig": {"Metrics": ["EventCount"]},
        "FilterCriteria": {"Filters": [{"Pattern": json.dumps(pattern)}]},
    }
    if stream:
        lost = {"MaximumRetryAttempts": 0, "DestinationConfig": {"OnFailure": {"Destination": arn_of("sqs", "failed")}}}
        return set(streams.run(streams.put_at_once(2), script=FAIL, **asked, **lost).summary["metrics"]["AWS/Lambda"])
    poll = {"EventSourceArn": arn_of("sqs", "orders"), "FunctionName": "work", **asked}
    pollers = {"ProvisionedPollerConfig": {"MinimumPollers": 2, "MaximumPollers": 4}}
    mapping = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": poll | pollers}
    template = make_template(make_function(), Orders=make_queue("orders"), Poll=mapping)
    send = call("0s", "sqs.send_message", QueueUrl="orders", MessageBody='{"n": {{ n }}}') | {"repeat": {"count": 3}}
    return set(play(template, steps(send)).summary["metrics"]["AWS/Lambda"])
