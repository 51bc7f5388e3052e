"""What an AWS SDK does about errors that pass. Fact A.4; botocore 1.44.8, retries/standard.py."""

from typing import Any

import pytest

from lambdalab.simulator.trace.facts import ApiCalled, CallRetried, InvocationStarted, StepPlayed
from tests.simulator.playing import FAIL, Played, invoke, make_function, make_template, play, steps

SDK = {"retry_mode": "standard"}
FULL = make_function(ReservedConcurrentExecutions=0)


def asked(*functions: dict[str, Any], script: Any = None, count: int = 1, **scenario: Any) -> Played:
    step = invoke(kind="RequestResponse", repeat={"count": count})
    return play(make_template(*functions), steps(step, **{"client": SDK, **scenario}), script)


@pytest.mark.rule("A.4-02")
def test_an_sdk_tries_a_throttle_three_times_in_all() -> None:
    played = asked(FULL)
    assert [fact.status for fact in played.of(ApiCalled)] == [429] * 3
    assert [(fact.attempt, fact.error) for fact in played.of(CallRetried)] == [
        (1, "TooManyRequestsException"),
        (2, "TooManyRequestsException"),
    ]
    (step,) = played.of(StepPlayed)
    assert step.outcome == "429 TooManyRequestsException"


@pytest.mark.rule("A.4-02")
def test_without_being_asked_a_scenario_calls_once() -> None:
    assert len(asked(FULL, client={}).of(ApiCalled)) == 1


@pytest.mark.rule("A.4-02")
def test_a_function_error_is_an_answer_and_is_not_tried_again() -> None:
    played = asked(script=FAIL)
    assert len(played.of(ApiCalled)) == len(played.of(InvocationStarted)) == 1


@pytest.mark.rule("A.4-02")
@pytest.mark.parametrize(
    ("code", "calls"),
    [
        ("ServiceException", 3),  # 500
        ("ENILimitReachedException", 3),  # 502
        ("InvalidParameterValueException", 1),
        ("ResourceConflictException", 1),
    ],
)
def test_server_errors_are_tried_again_and_mistakes_of_the_caller_are_not(code: str, calls: int) -> None:
    assert len(asked(faults=[{"fail": "lambda.invoke", "with": code}]).of(ApiCalled)) == calls


def test_a_call_that_succeeds_at_last_is_the_steps_outcome() -> None:
    faults = [{"fail": "lambda.invoke", "with": "ServiceException", "until": "10ms"}]
    played = asked(faults=faults)
    assert [fact.outcome for fact in played.of(StepPlayed)] == ["200"]
    assert len(played.of(ApiCalled)) == 2


def test_waits_are_drawn_below_a_limit_that_doubles_and_is_larger_for_throttles() -> None:
    throttled = asked(FULL, count=40, client={**SDK, "max_attempts": 4}).of(CallRetried)
    for attempt, longest in ((1, 1.0), (2, 2.0), (3, 4.0)):
        waits = [fact.delay_us / 1e6 for fact in throttled if fact.attempt == attempt]
        assert longest * 0.6 < max(waits) <= longest
    failed = asked(count=20, faults=[{"fail": "lambda.invoke", "with": "ServiceException"}]).of(CallRetried)
    assert max(fact.delay_us for fact in failed if fact.attempt == 1) <= 50_000


def test_a_client_whose_calls_all_fail_stops_trying_again() -> None:
    played = asked(FULL, count=200, client={**SDK, "max_attempts": 20})
    assert len(played.of(CallRetried)) == 500 // 5


@pytest.mark.parametrize(
    ("client", "attempts"), [({"max_attempts": 2}, 2), ({"retry_mode": "standard", "max_attempts": 5}, 5)]
)
def test_the_number_of_attempts_can_be_chosen(client: dict[str, Any], attempts: int) -> None:
    assert len(asked(FULL, client=client).of(ApiCalled)) == attempts
