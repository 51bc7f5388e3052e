from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.explain import Explainer
from lambdalab.simulator.trace.facts import DeploymentEnded
from lambdalab.simulator.views import story
from lambdalab.simulator.views.story import StoryFold
from tests.simulator.playing import (
    FAIL,
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

DLQ = {"DeadLetterConfig": {"TargetArn": arn_of("sqs", "dlq")}}
ZERO = {"ReservedConcurrentExecutions": 0}
ONE, TWO = [invoke(label="one")], [invoke(label="one"), invoke(label="two")]
SYNC = [invoke(kind="RequestResponse")]
THROTTLE = {"faults": [{"throttle": "work"}]}
BRIEF = {"faults": [{"throttle": "work", "until": "2s"}]}
OK = Act()


@pytest.mark.parametrize(
    ("events", "script", "function", "scenario", "sentence", "verdict"),
    [
        ([], OK, {}, {}, "Nothing was invoked", "ok"),
        (ONE, OK, {}, {}, "The event succeeded at the first attempt", "ok"),
        (TWO, OK, {}, {}, "Both events succeeded at the first attempt", "ok"),
        (TWO * 2, OK, {}, {}, "All four events succeeded at the first attempt", "ok"),
        (ONE, first(1, FAIL), {}, {}, "The event succeeded; one needed two attempts", "ok"),
        (TWO, first(2, FAIL), {}, {}, "Both events succeeded; two events needed more than one attempt", "ok"),
        (ONE, OK, {}, BRIEF, "The event succeeded, after 2 throttles", "ok"),
        (ONE, FAIL, {}, {}, "one failed three times and was lost", "error"),
        (TWO, FAIL, {}, {}, "Two events failed three times and were lost", "error"),
        (ONE, FAIL, DLQ, {}, "one failed three times and went to the dead-letter queue", "dead_lettered"),
        (TWO, FAIL, DLQ, {}, "Two events failed three times and went to the dead-letter queue", "dead_lettered"),
        (ONE, OK, ZERO, {}, "one was never tried and was lost", "error"),
        (ONE, FAIL, {}, {"until": "1m40s"}, "one was still waiting in the queue when the run ended", "error"),
        (TWO, OK, {}, THROTTLE | {"until": "2h"},
         "Two events were still waiting in the queue when the run ended", "throttled"),
        (ONE, OK, {}, {"faults": [{"duplicate": "async"}]}, "The event succeeded, each delivered twice", "ok"),
        (SYNC, OK, {}, {}, "The request succeeded", "ok"),
        (SYNC * 2, OK, {}, {}, "All 2 requests succeeded, 1 after a cold start", "ok"),
        (SYNC, FAIL, {}, {}, "The request failed", "error"),
        (SYNC * 3, first(1, FAIL), {}, {}, "1 of 3 requests failed", "error"),
        (SYNC * 2, OK, {}, THROTTLE, "0 of 2 requests succeeded, 2 were throttled", "throttled"),
    ],
)  # fmt: skip
def test_each_ending_has_its_sentence(
    events: list[Any], script: Any, function: Any, scenario: Any, sentence: str, verdict: str
) -> None:
    if callable(script):
        script = first(script_times(sentence), FAIL)  # a fresh one: scripts of a parametrization are made once
    template = make_template(make_function(**function), Dlq=make_queue())
    played = play(template, steps(*events, **scenario), script)
    assert (played.player["sentence"], played.player["verdict"]) == (sentence, verdict)


def script_times(sentence: str) -> int:
    return 2 if "two events" in sentence else 1


def test_an_event_refused_by_its_dead_letter_queue_is_lost() -> None:
    fifo = {"DeadLetterConfig": {"TargetArn": arn_of("sqs", "dlq.fifo")}}
    template = make_template(make_function(**fifo), Dlq=make_queue("dlq.fifo", FifoQueue=True))
    played = play(template, steps(*ONE), FAIL)
    assert played.player["sentence"] == "one failed three times and was lost, because its target refused it"


def test_an_on_failure_destination_keeps_an_event() -> None:
    template = make_template(Config=make_event_invoke(failure=arn_of("sqs", "dlq")), Dlq=make_queue())
    played = play(template, steps(*ONE), FAIL)
    assert played.player["sentence"] == "one failed three times and went to the on-failure destination"


def test_an_event_that_was_only_throttled_never_ran() -> None:
    template = make_template(Config=make_event_invoke(MaximumEventAgeInSeconds=60))
    played = play(template, steps(*ONE, **THROTTLE), Act(takes=seconds(1)))
    assert played.player["sentence"] == "one was throttled 6 times, never ran, and was lost"


def test_an_event_that_failed_before_its_function_was_stopped_is_not_said_to_be_untried() -> None:
    stop = call("10s", "lambda.put_function_concurrency", FunctionName="work", ReservedConcurrentExecutions=0)
    played = play(make_template(make_function(**DLQ), Dlq=make_queue()), steps(*ONE, stop), FAIL)
    assert played.player["sentence"] == "one failed once and went to the dead-letter queue"


def test_an_event_that_would_go_round_in_a_loop_was_not_throttled() -> None:
    again = ("lambda", "Invoke", {"FunctionName": "work", "InvocationType": "Event", "Payload": b"{}"})
    assert play(make_template(), steps(*ONE), Act(calls=(again,))).player["sentence"] == (
        "event 17 was never tried and was lost"
    )


def test_an_event_whose_alias_was_gone_before_it_ran_could_not_be_run() -> None:
    alias = {"FunctionName": {"Ref": "Work"}, "Name": "live", "FunctionVersion": "$LATEST"}
    template = make_template(Live={"Type": "AWS::Lambda::Alias", "Properties": alias})
    gone = call("5ms", "lambda.delete_alias", FunctionName="work", Name="live")
    played = play(template, steps(invoke(function="work:live", label="one"), gone))
    assert played.player["sentence"] == "one could never be run and was lost"


def test_requests_that_found_no_room_are_told_beside_events_that_did() -> None:
    calls = [invoke(kind="RequestResponse", repeat={"count": 3}), invoke("10s", repeat={"count": 2, "every": "2s"})]
    template = make_template(make_function(ReservedConcurrentExecutions=1))
    played = play(template, steps(*calls), Act(takes=seconds(1)))
    sentence = "1 of 3 requests succeeded, 2 were throttled; both events succeeded at the first attempt"
    assert (played.player["sentence"], played.player["verdict"]) == (sentence, "throttled")


def test_events_that_were_lost_are_worse_than_requests_that_failed() -> None:
    played = play(make_template(), steps(invoke(kind="RequestResponse"), *ONE), FAIL)
    sentence = "The request failed; one failed three times and was lost"
    assert (played.player["sentence"], played.player["verdict"]) == (sentence, "error")


def test_a_second_target_that_answers_counts_although_the_first_refused() -> None:
    fifo = {"DeadLetterConfig": {"TargetArn": arn_of("sqs", "dlq.fifo")}}
    queues = {"Fifo": make_queue("dlq.fifo", FifoQueue=True), "Bad": make_queue("bad")}
    config = make_event_invoke(failure=arn_of("sqs", "bad"))
    played = play(make_template(make_function(**fifo), Config=config, **queues), steps(*ONE), FAIL)
    assert played.player["sentence"] == "one failed three times and went to the on-failure destination"


def test_more_events_than_are_remembered_are_still_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story, "SETTLED_MAX", 3)
    template = make_template(make_function(**DLQ), Dlq=make_queue())
    played = play(template, steps(invoke(repeat={"count": 20})), FAIL)
    assert played.player["sentence"] == "20 events failed three times and went to the dead-letter queue"


def test_deployments_are_told() -> None:
    fold = StoryFold(Explainer())
    for number, outcome in (("2", "RolledBack"), ("3", "Succeeded")):
        fold.takes[DeploymentEnded](0, DeploymentEnded("d-1", "work", "live", "1", number, outcome, None))
    assert fold.result() == ("Nothing was invoked; version 2 was rolled back, version 3 was deployed", "ok")
