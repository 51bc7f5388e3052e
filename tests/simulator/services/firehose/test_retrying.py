"""A function that fails is asked again, and a bucket that refuses."""

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import FirehoseRefused, FirehoseRetried, FirehoseTransformed
from tests.simulator.playing import play, seconds, steps
from tests.simulator.services.firehose.streams import Objects, each_record, firehose, ok, processing, put, row


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (Act(status="error"), "Lambda.FunctionError"),
        (Act(takes=seconds(120)), "Lambda.FunctionTimedOut"),
    ],
)
def test_a_batch_that_fails_is_tried_four_times(objects: Objects, act: Act, code: str) -> None:
    played = play(firehose(), steps(put("a", "b")), act)
    assert played.summary["functions"]["work"]["invocations"] == 4
    assert [(line["errorCode"], line["attemptsMade"]) for line in objects.lines()] == [(code, 4)] * 2
    assert [fact.attempt for fact in played.of(FirehoseRetried)] == [1, 2, 3]
    assert played.of(FirehoseTransformed)[0].failed == 2


def test_retries_are_what_the_stream_says(objects: Objects) -> None:
    template = firehose(destination={"ProcessingConfiguration": processing(NumberOfRetries="0")})
    play(template, steps(put("a")), Act(status="error"))
    assert [line["attemptsMade"] for line in objects.lines()] == [1]


def test_an_invocation_takes_five_minutes_at_most(objects: Objects) -> None:
    template = firehose(timeout=900, destination={"ProcessingConfiguration": processing(NumberOfRetries="0")})
    played = play(template, steps(put("a")), Act(takes=seconds(600)))
    assert played.times(FirehoseTransformed)[0] == pytest.approx(360, abs=1)
    assert objects.lines()[0]["errorCode"] == "Lambda.FunctionTimedOut"


def test_a_throttle_is_retried_and_passes(objects: Objects) -> None:
    fault = {"from": "0s", "until": "65s", "throttle": "work"}
    played = play(firehose(), steps(put("a"), faults=[fault]), each_record(ok))
    assert played.of(FirehoseRetried)[0].error.startswith("Lambda.InvokeLimitExceeded")
    assert objects.data == b"a"


def test_a_role_without_the_right_to_invoke_fails_every_record(objects: Objects) -> None:
    play(firehose(("s3:PutObject",)), steps(put("a")), each_record(ok))
    assert objects.lines()[0]["errorCode"] == "Lambda.InvokeAccessDenied"


def test_a_bucket_that_does_not_take_an_object_is_asked_again(objects: Objects) -> None:
    fault = {"from": "0s", "until": "200s", "fail": "s3.put_object", "with": "SlowDown"}
    played = play(firehose(), steps(put("a"), faults=[fault]), each_record(ok))
    delays = [fact.delay_us or 0 for fact in played.of(FirehoseRefused)]
    assert delays == sorted(delays)
    assert len(delays) > 2
    assert row(played)["delivered"] == 1


def test_a_bucket_that_never_takes_it_loses_it_after_a_day() -> None:
    played = play(firehose(("lambda:InvokeFunction",)), steps(put("a"), until="24h"), each_record(ok))
    assert {fact.error.partition(":")[0] for fact in played.of(FirehoseRefused)} == {"AccessDenied"}
    assert row(played).get("delivered", 0) == 0
