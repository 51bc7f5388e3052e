import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import (
    AsyncEventDeadLettered,
    AsyncEventDiscarded,
    AsyncEventDuplicated,
    AsyncEventReceived,
    AsyncEventSucceeded,
    InvocationEnded,
    InvocationStarted,
    InvocationThrottled,
    RetryScheduled,
)
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
    steps,
)

DLQ = {"TargetArn": arn_of("sqs", "dlq")}


def one_event(script: Any, *, config: dict[str, Any] | None = None, **scenario: Any) -> Played:
    template = make_template(Config=make_event_invoke(**(config or {})))
    return play(template, steps(invoke(), **scenario), script)


@pytest.mark.rule("A.3-01")
def test_an_event_is_accepted_at_once_whatever_becomes_of_it() -> None:
    played = one_event(FAIL)
    assert played.times(AsyncEventReceived)[0] < 0.01
    assert played.summary["calls"]["lambda.invoke"] == {"count": 1, "errors": {}, "denied": 0}


@pytest.mark.rule("A.3-04", "A.3-13", "A.3-14")
def test_a_failing_event_is_tried_three_times_then_its_retries_are_used_up() -> None:
    played = one_event(FAIL)
    assert [fact.attempt for fact in played.of(InvocationStarted)] == [1, 2, 3]
    (given_up,) = played.of(AsyncEventDiscarded)
    assert (given_up.condition, given_up.attempts, given_up.kept) == ("RetriesExhausted", 3, False)


@pytest.mark.rule("A.3-20")
def test_all_attempts_of_one_event_share_its_request_id() -> None:
    played = one_event(FAIL)
    assert len({fact.request_id for fact in played.of(InvocationStarted)}) == 1
    assert played.of(InvocationStarted)[0].request_id == played.of(AsyncEventReceived)[0].request_id


@pytest.mark.rule("A.3-05")
@pytest.mark.parametrize("seed", range(1, 21))
def test_retries_wait_one_and_two_minutes_within_ten_percent(seed: int) -> None:
    played = play(make_template(), steps(invoke()), FAIL, seed=seed)
    one, two = (fact.delay_us / 60e6 for fact in played.of(RetryScheduled))
    assert 0.9 <= one <= 1.1
    assert 1.8 <= two <= 2.2
    begun = played.times(InvocationStarted)
    assert begun[1] - begun[0] == pytest.approx(one * 60, abs=0.01)


def test_an_event_that_succeeds_at_a_retry_is_done() -> None:
    played = one_event(first(1, FAIL))
    (done,) = played.of(AsyncEventSucceeded)
    assert done.attempts == 2
    assert played.of(AsyncEventDiscarded) == []


@pytest.mark.rule("A.3-14")
@pytest.mark.parametrize(("retries", "runs"), [(0, 1), (1, 2), (2, 3)])
def test_the_maximum_of_retries_is_kept(retries: int, runs: int) -> None:
    played = one_event(FAIL, config={"MaximumRetryAttempts": retries})
    assert len(played.of(InvocationEnded)) == runs
    assert played.of(AsyncEventDiscarded)[0].attempts == runs


@pytest.mark.rule("A.3-06", "A.3-15")
@pytest.mark.parametrize(("age", "runs"), [(60, 1), (100, 2), (400, 3)])
def test_an_event_that_would_be_too_old_at_its_retry_is_given_up_at_once(age: int, runs: int) -> None:
    played = one_event(Act(status="error", takes=8_000_000), config={"MaximumEventAgeInSeconds": age})
    (given_up,) = played.of(AsyncEventDiscarded)
    assert given_up.attempts == runs
    assert given_up.condition == ("RetriesExhausted" if runs == 3 else "EventAgeExceeded")
    assert played.times(AsyncEventDiscarded)[0] - played.times(InvocationEnded)[-1] == pytest.approx(0)


@pytest.mark.rule("A.3-04")
@pytest.mark.parametrize("status", ["error", "exit", "out_of_memory", "init_error"])
def test_every_kind_of_function_error_uses_up_a_retry(status: Any) -> None:
    assert len(one_event(Act(status=status)).of(InvocationEnded)) == 3


@pytest.mark.rule("A.3-04")
def test_a_timeout_is_a_function_error_too() -> None:
    played = one_event(Act(takes=60_000_000))
    assert [fact.status for fact in played.of(InvocationEnded)] == ["timeout"] * 3


THROTTLED = {"from": "0s", "until": "10m", "throttle": "work"}


@pytest.mark.rule("A.3-07")
def test_throttles_use_up_no_attempt() -> None:
    played = one_event(first(2, FAIL), faults=[THROTTLED])
    assert len(played.of(InvocationThrottled)) > 5
    assert [fact.attempt for fact in played.of(InvocationStarted)] == [1, 2, 3]
    assert played.of(AsyncEventSucceeded)[0].attempts == 3


@pytest.mark.rule("A.3-07", "A.3-08")
def test_the_back_off_doubles_from_one_second_to_five_minutes() -> None:
    played = one_event(Act(), faults=[{**THROTTLED, "until": "40m"}])
    waits = [fact.delay_us // 1_000_000 for fact in played.of(RetryScheduled)]
    assert waits[:11] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert {fact.reason for fact in played.of(RetryScheduled)} == {"Throttled"}


@pytest.mark.rule("A.3-02", "A.3-09", "A.3-15")
def test_a_throttled_event_is_given_up_before_it_would_be_older_than_six_hours() -> None:
    played = one_event(Act(), faults=[{"throttle": "work"}])
    (given_up,) = played.of(AsyncEventDiscarded)
    assert (given_up.condition, given_up.attempts) == ("EventAgeExceeded", 0)
    assert 21_300 < given_up.age_us / 1e6 <= 21_600
    assert played.of(InvocationEnded) == []
    assert played.summary["functions"]["work"]["billed_ms"] == 0


@pytest.mark.rule("A.3-10", "C.3-02")
def test_reserved_concurrency_of_zero_drops_events_at_once() -> None:
    template = make_template(make_function(ReservedConcurrentExecutions=0, DeadLetterConfig=DLQ), Dlq=make_queue())
    played = play(template, steps(invoke()))
    (given_up,) = played.of(AsyncEventDiscarded)
    assert (given_up.condition, given_up.attempts, given_up.kept) == ("ZeroReservedConcurrency", 0, True)
    assert given_up.age_us < 100_000
    assert played.of(InvocationThrottled) == []
    assert len(played.of(AsyncEventDeadLettered)) == 1


@pytest.mark.rule("A.3-10")
def test_setting_reserved_concurrency_to_zero_later_drops_what_waits_for_a_retry() -> None:
    brake = call("30s", "lambda.put_function_concurrency", FunctionName="work", ReservedConcurrentExecutions=0)
    played = play(make_template(), steps(invoke(), brake), FAIL)
    (given_up,) = played.of(AsyncEventDiscarded)
    assert (given_up.condition, given_up.attempts) == ("ZeroReservedConcurrency", 1)


@pytest.mark.rule("A.3-17")
def test_a_duplicate_is_delivered_beside_the_original_with_the_same_request_id() -> None:
    played = one_event(Act(takes=1_000_000), faults=[{"duplicate": "async"}])
    assert len(played.of(AsyncEventDuplicated)) == 1
    started = played.of(InvocationStarted)
    assert len({fact.request_id for fact in started}) == 1
    assert len({fact.environment for fact in started}) == 2
    assert [fact.attempt for fact in started] == [1, 1]
    assert played.summary["async"]["work"]["received"] == 1
    assert played.summary["async"]["work"]["succeeded"] == 1


def test_without_the_fault_nothing_is_delivered_twice() -> None:
    played = play(make_template(), steps(invoke(repeat={"count": 200, "every": "10ms"})))
    assert len(played.of(InvocationStarted)) == 200
    assert played.of(AsyncEventDuplicated) == []


@pytest.mark.rule("A.4-01")
def test_a_synchronous_caller_is_not_served_by_the_queue() -> None:
    played = play(make_template(), steps(invoke(kind="RequestResponse")), FAIL)
    assert len(played.of(InvocationEnded)) == 1
    assert played.of(AsyncEventReceived) == []
    assert played.of(RetryScheduled) == []


def test_the_summary_counts_events_by_their_end() -> None:
    script = first(3, FAIL)
    played = play(make_template(), steps(invoke(), invoke("10m"), invoke("11m")), script)
    row = played.summary["async"]["work"]
    assert (row["received"], row["succeeded"], row["dropped"], row["retries_exhausted"]) == (3, 2, 1, 1)
    assert [attempt["outcome"] for attempt in row["attempts"]] == ["error"] * 3 + ["ok"] * 2
    assert [attempt["attempt"] for attempt in row["attempts"]] == [1, 2, 3, 1, 1]


def by_alias(*entries: dict[str, Any], age: int = 21_600) -> Played:
    """An event that came by an alias fails at first; the rest is done while it waits for its second attempt."""
    version = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Work"}}}
    number = {"Fn::GetAtt": ["Version", "Version"]}
    alias = {"FunctionName": {"Ref": "Work"}, "Name": "live", "FunctionVersion": number}
    template = make_template(
        Version=version,
        Live={"Type": "AWS::Lambda::Alias", "Properties": alias},
        Config=make_event_invoke(Qualifier="live", MaximumEventAgeInSeconds=age),
    )
    return play(template, steps(invoke(function="work:live"), *entries), first(1, FAIL))


DELETE_ALIAS = call("10s", "lambda.delete_alias", FunctionName="work", Name="live")


def test_a_version_that_was_deleted_never_runs_again() -> None:
    """Assumption A-210."""
    gone = call("20s", "lambda.delete_function", FunctionName="work", Qualifier="1")
    played = by_alias(DELETE_ALIAS, gone)
    assert len(played.of(InvocationStarted)) == 1
    assert [fact.reason for fact in played.of(RetryScheduled)][:3] == ["FunctionError", "SystemError", "SystemError"]
    (given_up,) = played.of(AsyncEventDiscarded)
    assert (given_up.condition, given_up.attempts) == ("EventAgeExceeded", 1)


def test_an_event_goes_on_when_its_alias_is_there_again() -> None:
    """Assumption A-210."""
    again = call("2m", "lambda.create_alias", FunctionName="work", Name="live", FunctionVersion="1")
    played = by_alias(DELETE_ALIAS, again)
    (done,) = played.of(AsyncEventSucceeded)
    assert done.attempts == 2
    assert 120 < played.times(AsyncEventSucceeded)[0] < 240


def test_events_of_a_function_that_is_deleted_are_lost_with_it() -> None:
    """Assumption A-210."""
    template = make_template(make_function(DeadLetterConfig=DLQ), make_function("other"), Dlq=make_queue())
    deploy = {"at": "30s", "deploy": {"template": "next.json"}}
    after = make_template(make_function("other"), Dlq=make_queue())
    files = {"next.json": json.dumps(after).encode()}
    played = play(template, steps(invoke(), deploy), FAIL, files=files)
    assert len(played.of(InvocationStarted)) == 1
    (given_up,) = played.of(AsyncEventDiscarded)
    assert (given_up.condition, given_up.attempts, given_up.kept) == ("FunctionDeleted", 1, False)
    assert played.of(AsyncEventDeadLettered) == []


def test_the_summary_counts_each_throttle_of_an_event_the_last_one_too() -> None:
    template = make_template(Config=make_event_invoke(MaximumEventAgeInSeconds=60))
    played = play(template, steps(invoke(), faults=[{"throttle": "work"}]))
    assert played.summary["async"]["work"]["throttled"] == len(played.of(InvocationThrottled)) == 6


@pytest.mark.rule("A.3-15")
def test_an_event_that_is_older_than_its_age_now_allows_does_not_run_again() -> None:
    shorten = call(
        "10s", "lambda.update_function_event_invoke_config", FunctionName="work", MaximumEventAgeInSeconds=60
    )
    played = play(make_template(Config=make_event_invoke()), steps(invoke(), shorten), FAIL, seed=1)
    assert played.of(RetryScheduled)[0].delay_us > 60e6
    assert len(played.of(InvocationStarted)) == 1
    assert played.of(AsyncEventDiscarded)[0].condition == "EventAgeExceeded"
