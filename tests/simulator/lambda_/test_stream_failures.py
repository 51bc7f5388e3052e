"""What the mapping of a stream does with a batch that fails."""

import hashlib
import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import (
    BatchBisected,
    BatchDuplicated,
    BatchRetried,
    BatchSent,
    BatchThrottled,
    DiscardDelivered,
    DiscardFailed,
    MessageAccepted,
    ObjectWritten,
    RecordsDiscarded,
)
from tests.simulator.playing import (
    FAIL,
    Played,
    arn_of,
    call,
    first,
    make_function,
    make_template,
    play,
    seconds,
    steps,
)
from tests.simulator.streams import (
    CLICKS,
    FIRST,
    ORDERS,
    Seen,
    make_mapping,
    make_stream,
    make_table,
    numbers,
    put,
    put_at_once,
    run,
)

TO_QUEUE = {"OnFailure": {"Destination": arn_of("sqs", "failed")}}


def message(played: Played) -> dict[str, Any]:
    """The message in the queue ``failed``."""
    (found,) = played.summary["queues"]["failed"]["messages"]
    body: dict[str, Any] = json.loads(found["body"])
    return body


@pytest.mark.rule("D.4-06")
def test_a_failing_batch_comes_again_with_growing_delays() -> None:
    played = run(put(), script=FAIL, scenario={"until": "5m"})
    delays = [fact.delay_us / 1e6 for fact in played.of(BatchRetried)]
    assert delays[:9] == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    assert 7 <= sum(at < 60 for at in played.times(BatchSent)) <= 9  # recorded: 8 within a minute


@pytest.mark.rule("D.4-06")
@pytest.mark.rule("A.4-03")
def test_without_limits_a_batch_comes_until_it_succeeds() -> None:
    played = run(put(), script=first(12, FAIL))
    assert played.summary["mappings"]["Poll"]["batches"] == 13
    assert played.summary["mappings"]["Poll"]["discarded"] == 0


@pytest.mark.rule("D.4-07")
def test_the_same_batch_comes_again_even_if_more_has_arrived() -> None:
    seen = Seen(1)
    run(put_at_once(2), put("5s", Data='{"n": 3}'), script=seen, MaximumRetryAttempts=4)
    assert seen.batches == [[1, 2]] * 5 + [[3]]


@pytest.mark.rule("D.4-08")
@pytest.mark.parametrize(("retries", "invocations"), [(0, 1), (1, 2), (3, 4)])
def test_so_many_retries_follow_the_first_attempt(retries: int, invocations: int) -> None:
    played = run(put(), script=FAIL, MaximumRetryAttempts=retries, DestinationConfig=TO_QUEUE)
    assert played.summary["mappings"]["Poll"]["batches"] == invocations
    assert message(played)["requestContext"]["approximateInvokeCount"] == invocations
    assert played.summary["mappings"]["Poll"]["discarded"] == 1


@pytest.mark.rule("D.4-09")
def test_throttles_use_up_no_retries() -> None:
    template = {"function": {"ReservedConcurrentExecutions": 0}}
    raise_it = call("20s", "lambda.put_function_concurrency", FunctionName="work", ReservedConcurrentExecutions=5)
    seen = Seen()
    played = run(put(), raise_it, script=seen, MaximumRetryAttempts=0, **template)
    assert len(played.of(BatchThrottled)) >= 4
    assert seen.batches == [[1]]
    assert played.summary["mappings"]["Poll"]["discarded"] == 0


@pytest.mark.rule("D.4-10")
def test_bisecting_finds_the_poison_and_delivers_everything_else() -> None:
    seen = Seen(6)
    played = run(
        put_at_once(8), script=seen, BisectBatchOnFunctionError=True, MaximumRetryAttempts=0,
        DestinationConfig=TO_QUEUE,
    )  # fmt: skip
    assert [batch for batch in seen.batches if 6 not in batch] == [[1, 2, 3, 4], [5], [7, 8]]
    assert [(f.first, f.second) for f in played.of(BatchBisected)] == [(4, 4), (2, 2), (1, 1)]
    assert played.summary["mappings"]["Poll"]["bisections"] == 3
    assert message(played)["KinesisBatchInfo"]["batchSize"] == 1


@pytest.mark.rule("D.4-10")
def test_splitting_uses_up_no_retries() -> None:
    seen = Seen(1)
    run(put_at_once(4), script=seen, BisectBatchOnFunctionError=True, MaximumRetryAttempts=2)
    assert seen.batches == [[1, 2, 3, 4], [1, 2], [1], [1], [1], [2], [3, 4]]


def partial(*failed: int, answer: Any = None) -> Any:
    """A script that reports these numbers as failed; ``answer`` makes another response of the sequence numbers."""

    def script(function: Any, event: Any, count: int) -> Act:
        by_number = dict(zip(numbers(event), event["Records"], strict=True))
        found = [by_number[n]["kinesis"]["sequenceNumber"] for n in failed if n in by_number]
        items = [{"itemIdentifier": sequence} for sequence in found]
        script.seen.append(numbers(event))  # type: ignore[attr-defined]
        return Act(result={"batchItemFailures": items} if answer is None else answer)

    script.seen = []  # type: ignore[attr-defined]
    return script


@pytest.mark.rule("D.4-11")
@pytest.mark.rule("E.3-02")
def test_a_partial_response_moves_the_checkpoint_to_the_lowest_failure() -> None:
    script = partial(3, 5)
    played = run(
        put_at_once(5), script=script, FunctionResponseTypes=["ReportBatchItemFailures"], MaximumRetryAttempts=1,
        DestinationConfig=TO_QUEUE,
    )  # fmt: skip
    assert script.seen == [[1, 2, 3, 4, 5], [3, 4, 5]]
    info = message(played)
    assert info["KinesisBatchInfo"]["batchSize"] == 3
    assert info["responseContext"]["functionError"] is None


@pytest.mark.rule("D.4-11")
def test_with_bisecting_a_batch_is_split_at_the_lowest_failure() -> None:
    script = partial(3)
    played = run(
        put_at_once(4), script=script, FunctionResponseTypes=["ReportBatchItemFailures"], MaximumRetryAttempts=0,
        BisectBatchOnFunctionError=True,
    )  # fmt: skip
    assert script.seen == [[1, 2, 3, 4], [3, 4], [3], [4]]
    assert played.summary["mappings"]["Poll"]["discarded"] == 1


@pytest.mark.rule("D.3-16")
@pytest.mark.parametrize("answer", [{"batchItemFailures": []}, {"batchItemFailures": None}, {}, None, "", []])
def test_these_responses_mean_that_all_went_well(answer: Any) -> None:
    script = partial(answer={} if answer is None else answer)
    played = run(put(), script=script, FunctionResponseTypes=["ReportBatchItemFailures"], MaximumRetryAttempts=1)
    assert played.summary["mappings"]["Poll"]["discarded"] == 0
    assert len(script.seen) == 1


@pytest.mark.rule("D.3-17")
@pytest.mark.parametrize(
    "answer",
    [
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"wrong": "1"}]},
        {"batchItemFailures": [{"itemIdentifier": "123"}]},
        {"batchItemFailures": "all"},
    ],
)
def test_these_responses_mean_that_all_has_failed(answer: Any) -> None:
    script = partial(answer=answer)
    played = run(
        put_at_once(2), script=script, FunctionResponseTypes=["ReportBatchItemFailures"], MaximumRetryAttempts=1
    )
    assert script.seen == [[1, 2], [1, 2]]
    assert played.summary["mappings"]["Poll"]["discarded"] == 2


@pytest.mark.rule("D.4-08")
@pytest.mark.rule("E.3-02")
def test_records_that_have_outlived_their_age_are_given_up() -> None:
    played = run(put(), script=FAIL, MaximumRecordAgeInSeconds=60, DestinationConfig=TO_QUEUE)
    (lost,) = played.of(RecordsDiscarded)
    assert lost.condition == "RecordAgeExceeded"
    assert 60 < played.times(RecordsDiscarded)[0] < 130
    assert "responseContext" not in message(played)
    assert message(played)["requestContext"]["condition"] == "RecordAgeExceeded"


def test_younger_records_of_the_same_batch_are_kept() -> None:
    seen = Seen()
    entries = put(), put("50s", Data='{"n": 2}')
    reserve = call("80s", "lambda.put_function_concurrency", FunctionName="work", ReservedConcurrentExecutions=5)
    played = run(
        *entries, reserve, script=seen, MaximumRecordAgeInSeconds=60, MaximumBatchingWindowInSeconds=55,
        function={"ReservedConcurrentExecutions": 0},
    )  # fmt: skip
    assert seen.batches == [[2]]
    assert played.of(RecordsDiscarded)[0].records == 1


@pytest.mark.rule("E.3-01")
def test_a_queue_is_told_the_place_of_the_batch() -> None:
    told = message(run(put_at_once(3), script=FAIL, MaximumRetryAttempts=0, DestinationConfig=TO_QUEUE))
    info = told.pop("KinesisBatchInfo")
    assert set(told) == {"requestContext", "responseContext", "version", "timestamp"}
    assert told["requestContext"]["functionArn"] == arn_of("lambda", "function:work")
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert told["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    assert told["version"] == "1.0"
    assert set(info) == {
        "shardId", "startSequenceNumber", "endSequenceNumber", "approximateArrivalOfFirstRecord",
        "approximateArrivalOfLastRecord", "batchSize", "streamArn",
    }  # fmt: skip
    assert (info["shardId"], info["streamArn"], info["batchSize"]) == (FIRST, CLICKS, 3)
    assert int(info["startSequenceNumber"]) < int(info["endSequenceNumber"])


@pytest.mark.rule("E.3-01")
def test_a_topic_is_told_the_same() -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "lost"}}
    target = {"OnFailure": {"Destination": arn_of("sns", "lost")}}
    played = run(put(), script=FAIL, MaximumRetryAttempts=0, DestinationConfig=target, more={"Lost": topic})
    (published,) = played.of(MessageAccepted)
    assert json.loads(published.message)["KinesisBatchInfo"]["batchSize"] == 1


@pytest.mark.rule("E.3-01")
def test_a_bucket_gets_the_records_as_well() -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "lost"}}
    target = {"OnFailure": {"Destination": "arn:aws:s3:::lost"}}
    seen = Seen(1)
    played = run(put(), script=seen, MaximumRetryAttempts=0, DestinationConfig=target, more={"Lost": bucket})
    (written,) = played.of(ObjectWritten)
    mapping, shard = written.key.split("/")[2:4]
    assert written.key.startswith(f"aws/lambda/{mapping}/{FIRST}/2025/12/01/2025-12-01T09.00.")
    assert shard == FIRST
    (delivered,) = played.of(DiscardDelivered)
    told = json.loads(delivered.record)
    whole = json.dumps(told | {"payload": json.dumps(seen.events[0], separators=(",", ":"))})
    assert written.etag == hashlib.md5(whole.encode(), usedforsecurity=False).hexdigest()


def test_a_destination_that_refuses_is_told_and_counted() -> None:
    target = {"OnFailure": {"Destination": arn_of("sqs", "failed")}}
    fault = {"fail": "sqs.send_message", "with": "InternalError"}
    played = run(put(), script=FAIL, MaximumRetryAttempts=0, DestinationConfig=target, scenario={"faults": [fault]})
    assert len(played.of(DiscardFailed)) == 1
    (minute,) = played.summary["metrics"]["AWS/Lambda"]["DestinationDeliveryFailures"]["work"]
    assert minute["sum"] == 1


@pytest.mark.rule("D.4-08")
def test_a_table_names_its_own_place() -> None:
    item = call("1s", "dynamodb.put_item", TableName="orders", Item={"id": {"S": "1"}})
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "failed"}}
    mapping = make_mapping(ORDERS, MaximumRetryAttempts=0, DestinationConfig=TO_QUEUE)
    template = make_template(make_function(), Orders=make_table(), Failed=queue, Poll=mapping)
    info = message(play(template, steps(item), FAIL))["DDBStreamBatchInfo"]
    assert (info["batchSize"], info["streamArn"]) == (1, ORDERS)


def test_what_is_discarded_lets_the_shard_go_on() -> None:
    seen = Seen(1)
    played = run(put(), put("10s", Data='{"n": 2}'), script=seen, MaximumRetryAttempts=1)
    assert seen.batches == [[1], [1], [2]]
    shard = played.summary["streams"]["clicks"]["shards"][FIRST]
    assert shard["checkpoint"] is not None
    assert 0.4 < shard["blocked_s"] < 1


@pytest.mark.rule("D.4-16")
def test_a_batch_may_come_twice_where_the_scenario_asks_for_it() -> None:
    seen = Seen()
    played = run(put_at_once(2), script=seen, scenario={"faults": [{"duplicate": "kinesis"}]})
    assert seen.batches == [[1, 2], [1, 2]]
    assert len(played.of(BatchDuplicated)) == 1


def test_a_tables_stream_may_duplicate_too_and_only_where_it_is_named() -> None:
    item = call("0s", "dynamodb.put_item", TableName="orders", Item={"id": {"S": "a"}})
    template = make_template(make_function(), Orders=make_table(), Poll=make_mapping(ORDERS))
    for named, times in (("dynamodb", 2), ("kinesis", 1)):
        played = play(template, steps(item, faults=[{"duplicate": named}]))
        assert played.summary["functions"]["work"]["invocations"] == times


def test_a_timeout_fails_a_batch_as_an_error_does() -> None:
    played = run(put(), script=first(1, Act(takes=seconds(10))), function={"Timeout": 3})
    assert played.summary["mappings"]["Poll"]["failures"] == 1
    assert played.summary["functions"]["work"]["timeouts"] == 1


COUNTS = (
    "PolledEventCount", "FilteredOutEventCount", "InvokedEventCount", "FailedInvokeEventCount", "DroppedEventCount",
    "OnFailureDestinationDeliveredEventCount",
)  # fmt: skip


@pytest.mark.rule("H.1-12")
def test_the_events_of_a_mapping_are_counted_when_it_asks() -> None:
    pattern = json.dumps({"data": {"n": [{"numeric": [">", 1]}]}})
    asked = {"MetricsConfig": {"Metrics": ["EventCount"]}, "FilterCriteria": {"Filters": [{"Pattern": pattern}]}}
    played = run(put_at_once(4), script=Seen(4), MaximumRetryAttempts=0, DestinationConfig=TO_QUEUE, **asked)
    metrics = played.summary["metrics"]["AWS/Lambda"]
    sums = {name: sum(row["sum"] for row in metrics[name]["Poll"]) for name in COUNTS}
    assert list(sums.values()) == [4, 1, 3, 3, 3, 3]


def test_nobody_counts_the_events_of_a_mapping_that_does_not_ask() -> None:
    played = run(put_at_once(4))
    assert not set(COUNTS) & set(played.summary["metrics"]["AWS/Lambda"])


def test_a_function_that_is_gone_is_waited_for() -> None:
    template = make_template(make_function(), Clicks=make_stream(), Poll=make_mapping(MaximumRecordAgeInSeconds=60))
    gone = call("1s", "lambda.delete_function", FunctionName="work")
    played = play(template, steps(gone, put("5s")))
    assert played.stopped is None
