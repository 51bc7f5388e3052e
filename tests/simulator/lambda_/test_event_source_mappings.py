"""What a queue's mapping does with its messages."""

from typing import Any

import pytest

from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import (
    BatchEnded,
    BatchSent,
    BatchThrottled,
    InvocationStarted,
    MappingScaled,
    MappingStateChanged,
    MessageReceived,
    PollRefused,
    RecursionStopped,
)
from tests.simulator.playing import (
    FAIL,
    Played,
    arn_of,
    call,
    first,
    make_function,
    make_queue,
    make_template,
    play,
    seconds,
    steps,
)


def make_mapping(queue: str = "orders", function: str = "work", **properties: Any) -> dict[str, Any]:
    usual = {"EventSourceArn": arn_of("sqs", queue), "FunctionName": function}
    return {"Type": "AWS::Lambda::EventSourceMapping", "Properties": usual | properties}


def project(
    queue: dict[str, Any] | None = None,
    function: dict[str, Any] | None = None,
    more: dict[str, Any] | None = None,
    **mapping: Any,
) -> dict[str, Any]:
    return make_template(
        make_function(**{"Timeout": 5, **(function or {})}),
        Orders=make_queue("orders", **{"VisibilityTimeout": 30, **(queue or {})}),
        Poll=make_mapping(**mapping),
        DependsOn=make_queue("dlq"),
        **(more or {}),
    )


def send(count: int = 1, at: str = "0s", every: str = "0s", **params: Any) -> dict[str, Any]:
    body = {"QueueUrl": "orders", "MessageBody": '{"n": {{ n }}}', **params}
    return call(at, "sqs.send_message", **body) | {"repeat": {"count": count, "every": every}}


def run(*entries: dict[str, Any], script: Any = None, **template: Any) -> Played:
    return play(project(**template), steps(*entries), script)


class Seen:
    """A script that writes down the events it is given."""

    def __init__(self, act: Act | None = None) -> None:
        self.events: list[Any] = []
        self._act = act or Act()

    def __call__(self, function: Any, event: Any, count: int) -> Act:
        self.events.append(event)
        return self._act

    @property
    def bodies(self) -> list[list[str]]:
        return [[record["body"] for record in event["Records"]] for event in self.events]


@pytest.mark.rule("G.3-08")
@pytest.mark.rule("D.3-07")
def test_a_batch_that_succeeds_is_deleted_and_the_run_ends() -> None:
    played = run(send(3))
    assert played.summary["queues"]["orders"]["message_count"] == 0
    assert played.summary["queues"]["orders"]["deleted"] == 3
    assert played.summary["functions"]["work"]["by_source"].keys() == {"sqs"}
    mapping = played.summary["mappings"]["Poll"]
    assert (mapping["source"], mapping["function"], mapping["records"], mapping["state"]) == (
        "orders", "work", 3, "Enabled"
    )  # fmt: skip
    assert played.summary["run"]["virtual_s"] < 5


def test_idle_polling_does_not_keep_a_run_going() -> None:
    played = run(call("3s", "sqs.get_queue_url", QueueName="orders"))
    assert played.summary["run"]["virtual_s"] < 4


@pytest.mark.rule("D.3-01")
def test_an_idle_mapping_keeps_two_pollers() -> None:
    played = play(project(), steps(until="2m"))
    assert [fact.concurrency for fact in played.of(MappingScaled)] == [5, 4, 3, 2]
    assert played.stopped is None


def test_a_record_has_awss_shape() -> None:
    seen = Seen()
    colour = {"colour": {"DataType": "String", "StringValue": "red"}}
    run(send(MessageBody="hello", MessageAttributes=colour), script=seen)
    (record,) = seen.events[0]["Records"]
    assert list(record) == [
        "messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfBody",
        "md5OfMessageAttributes", "eventSource", "eventSourceARN", "awsRegion",
    ]  # fmt: skip
    assert record["body"] == "hello"
    assert record["attributes"].keys() == {
        "ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"
    }  # fmt: skip
    assert record["messageAttributes"]["colour"] == {
        "stringValue": "red", "stringListValues": [], "binaryListValues": [], "dataType": "String"
    }  # fmt: skip
    assert (record["eventSource"], record["eventSourceARN"]) == ("aws:sqs", arn_of("sqs", "orders"))


@pytest.mark.rule("D.3-08")
@pytest.mark.rule("A.4-03")
def test_a_batch_that_fails_comes_again_after_its_visibility_timeout() -> None:
    played = run(send(), script=first(1, FAIL))
    begun = played.times(InvocationStarted)
    assert len(begun) == 2
    assert begun[1] - begun[0] == pytest.approx(30, abs=0.5)
    assert [fact.outcome for fact in played.of(BatchEnded)] == ["failed", "ok"]
    assert played.summary["mappings"]["Poll"]["failures"] == 1


@pytest.mark.rule("D.3-10")
def test_a_poisonous_message_reaches_the_dead_letter_queue_of_its_queue() -> None:
    redrive = {"deadLetterTargetArn": arn_of("sqs", "dlq"), "maxReceiveCount": 2}
    played = run(send(), script=FAIL, queue={"RedrivePolicy": redrive})
    assert played.summary["functions"]["work"]["invocations"] == 2
    assert played.summary["queues"]["dlq"]["visible"] == 1
    assert played.summary["queues"]["orders"]["moved_to_dlq"] == 1


@pytest.mark.rule("D.1-03")
@pytest.mark.rule("D.3-05")
def test_a_window_gathers_more_than_ten_messages() -> None:
    seen = Seen()
    run(send(100, every="50ms"), script=seen, BatchSize=100, MaximumBatchingWindowInSeconds=10)
    assert sum(map(len, seen.bodies)) == 100
    assert max(map(len, seen.bodies)) > 10


@pytest.mark.rule("D.3-06")
def test_a_window_that_is_longer_than_the_visibility_timeout_leaves_works_twice() -> None:
    """Visibility begins when a message is received, not when its batch is sent."""
    played = run(
        send(),
        script=first(1, Act(takes=seconds(4))),
        queue={"VisibilityTimeout": 12},
        BatchSize=100,
        MaximumBatchingWindowInSeconds=10,
    )
    assert played.summary["functions"]["work"]["invocations"] == 2


@pytest.mark.rule("D.1-03")
def test_a_batch_never_has_more_than_six_megabytes() -> None:
    played = run(send(10, MessageBody="x" * 1_000_000))
    assert sum(fact.records for fact in played.of(BatchSent)) == 10
    assert max(fact.bytes for fact in played.of(BatchSent)) <= 6 * 1024 * 1024
    assert max(fact.records for fact in played.of(BatchSent)) > 1


@pytest.mark.rule("D.2-06")
def test_messages_that_a_filter_stops_are_deleted_without_an_invocation() -> None:
    seen = Seen()
    pattern = {"Filters": [{"Pattern": '{"body": {"n": [{"numeric": [">", 3]}]}}'}]}
    played = run(send(5), script=seen, FilterCriteria=pattern)
    assert sorted(body for batch in seen.bodies for body in batch) == ['{"n": 4}', '{"n": 5}']
    assert played.summary["queues"]["orders"]["deleted"] == 5
    assert played.summary["mappings"]["Poll"]["filtered"] == 3


@pytest.mark.parametrize(
    ("named", "outcome", "again"),
    [(slice(0, 1), "partial", 1), (slice(0, 0), "ok", 0), (None, "malformed", 3)],
)
@pytest.mark.rule("D.3-15")
def test_only_the_items_that_a_response_names_come_again(named: slice | None, outcome: str, again: int) -> None:
    calls: list[int] = []

    def script(function: Any, event: Any, count: int) -> Act:
        calls.append(len(event["Records"]))
        ids = [record["messageId"] for record in event["Records"]]
        chosen = ["unknown"] if named is None else ids[named]
        if len(calls) > 1:
            chosen = []
        return Act(result={"batchItemFailures": [{"itemIdentifier": each} for each in chosen]})

    entries = [{"Id": str(n), "MessageBody": "x"} for n in range(3)]
    batch = call("0s", "sqs.send_message_batch", QueueUrl="orders", Entries=entries)
    played = run(batch, script=script, FunctionResponseTypes=["ReportBatchItemFailures"])
    assert played.of(BatchEnded)[0].outcome == outcome
    assert sum(calls) == 3 + again
    assert played.summary["queues"]["orders"]["message_count"] == 0


@pytest.mark.rule("C.3-03")
@pytest.mark.rule("D.3-09")
def test_a_throttled_batch_is_kept_and_tried_again_until_there_is_room() -> None:
    busy = {"ReservedConcurrentExecutions": 1}
    first_one, second = send(), send(at="100ms")
    played = run(first_one, second, script=Act(takes=seconds(4)), function=busy)
    assert len(played.of(BatchThrottled)) >= 2
    assert [fact.outcome for fact in played.of(BatchEnded)] == ["ok", "ok"]
    assert all(fact.receive_count == 1 for fact in played.of(MessageReceived))


@pytest.mark.rule("D.3-09")
def test_throttles_alone_may_bring_a_message_to_the_dead_letter_queue() -> None:
    redrive = {"deadLetterTargetArn": arn_of("sqs", "dlq"), "maxReceiveCount": 3}
    played = run(send(), function={"ReservedConcurrentExecutions": 0}, queue={"RedrivePolicy": redrive})
    assert played.summary["functions"]["work"]["invocations"] == 0
    assert played.summary["queues"]["dlq"]["visible"] == 1
    assert [fact.outcome for fact in played.of(BatchEnded)] == ["throttled"] * 3


def under_way_at(played: Played, moment: float) -> int:
    """How many batches were under way at a moment."""
    return sum(at <= moment for at in played.times(BatchSent)) - sum(
        at <= moment for at in played.times(BatchEnded)
    )


def slow_backlog(minutes: int, **mapping: Any) -> Played:
    """A queue that never gets empty before a function that takes nearly a minute for each batch."""
    count = 100_000 if minutes > 4 else 50_000
    sending = call("0s", "sqs.send_message", QueueUrl="orders", MessageBody="x")
    scenario = steps(
        sending | {"repeat": {"count": count, "every": "1ms"}},
        until=f"{minutes}m",
        account={"concurrency": 5_000},
    )
    template = project(queue={"VisibilityTimeout": 600}, function={"Timeout": 60}, BatchSize=1, **mapping)
    return play(template, scenario, Act(takes=seconds(55)))


@pytest.mark.rule("D.3-01")
@pytest.mark.rule("D.3-02")
def test_concurrency_grows_by_300_a_minute_from_5_to_1250() -> None:
    played = slow_backlog(10)
    for minute in (0.5, 1, 2, 3, 4, 5, 8, 10):
        documented = min(1_250, 5 + 300 * minute)
        assert under_way_at(played, minute * 60 - 0.5) == pytest.approx(documented, rel=0.05)
    assert played.summary["mappings"]["Poll"]["concurrent_max"] == 1_250


@pytest.mark.rule("D.1-08")
def test_a_maximum_concurrency_is_never_exceeded() -> None:
    played = slow_backlog(1, ScalingConfig={"MaximumConcurrency": 7})
    assert played.summary["mappings"]["Poll"]["concurrent_max"] == 7


@pytest.mark.rule("D.3-04")
def test_provisioned_pollers_begin_with_ten_invokes_each_and_grow_faster() -> None:
    pollers = {"MinimumPollers": 3, "MaximumPollers": 60}
    played = slow_backlog(1, ProvisionedPollerConfig=pollers)
    assert under_way_at(played, 0.9) == 30
    assert under_way_at(played, 30) == pytest.approx(30 + 500, rel=0.05)
    assert played.summary["mappings"]["Poll"]["concurrent_max"] == 600


def fifo(**more: Any) -> dict[str, Any]:
    return {"QueueName": "orders.fifo", "FifoQueue": True, "ContentBasedDeduplication": True, **more}


def groups(count: int, names: str) -> dict[str, Any]:
    params = {"QueueUrl": "orders.fifo", "MessageBody": "n{{ n }}", "MessageGroupId": f"{{{{ choice({names}) }}}}"}
    return call("0s", "sqs.send_message", **params) | {"repeat": {"count": count, "every": "100ms"}}


@pytest.mark.rule("D.3-11")
def test_a_fifo_queue_keeps_the_order_of_each_group_and_works_on_one_batch_of_it_at_a_time() -> None:
    seen = Seen(Act(takes=seconds(2)))
    played = run(groups(40, "a, b, c"), script=seen, queue=fifo(), EventSourceArn=arn_of("sqs", "orders.fifo"))
    order: dict[str, list[int]] = {}
    for event in seen.events:
        for record in event["Records"]:
            order.setdefault(record["attributes"]["MessageGroupId"], []).append(int(record["body"][1:]))
    assert order.keys() == {"a", "b", "c"}
    assert all(numbers == sorted(numbers) for numbers in order.values())
    assert sum(map(len, order.values())) == 40
    assert played.summary["functions"]["work"]["concurrent_max"] == 3


@pytest.mark.rule("D.3-12")
def test_a_failing_message_blocks_its_group_until_it_succeeds() -> None:
    seen: list[tuple[str, bool]] = []

    def script(function: Any, event: Any, count: int) -> Act:
        body = event["Records"][0]["body"]
        fails = body == "n1" and ("n1", False) not in seen
        seen.append((body, not fails))
        return FAIL if fails else Act()

    run(groups(3, "a, a"), script=script, queue=fifo(), EventSourceArn=arn_of("sqs", "orders.fifo"), BatchSize=1)
    assert seen == [("n1", False), ("n1", True), ("n2", True), ("n3", True)]


def test_the_fault_of_duplicates_lets_a_message_be_worked_on_twice() -> None:
    scenario = steps(send(), faults=[{"duplicate": "sqs"}])
    played = play(project(), scenario, Act(takes=seconds(1)))
    assert played.summary["functions"]["work"]["invocations"] == 2
    assert played.summary["queues"]["orders"]["message_count"] == 0


def test_a_mapping_that_is_switched_off_leaves_the_messages_alone() -> None:
    off = call("0s", "lambda.update_event_source_mapping", UUID="Poll", Enabled=False)
    on = call("60s", "lambda.update_event_source_mapping", UUID="Poll", Enabled=True)
    played = run(off, send(at="30s"), on)
    assert [fact.state for fact in played.of(MappingStateChanged)] == [
        "Enabled", "Disabling", "Disabled", "Enabling", "Enabled"
    ]  # fmt: skip
    assert played.times(InvocationStarted)[0] > 60


def test_a_mapping_can_be_made_by_a_call() -> None:
    template = project(Enabled=False)
    more = {"EventSourceArn": "dlq", "FunctionName": "work"}
    played = play(
        template,
        steps(
            call("0s", "lambda.create_event_source_mapping", **more),
            call("10s", "sqs.send_message", QueueUrl="dlq", MessageBody="x"),
        ),
    )
    assert played.summary["functions"]["work"]["invocations"] == 1


def test_a_poll_that_the_queue_refuses_is_told_once_and_repeated() -> None:
    scenario = steps(
        send(), faults=[{"fail": "sqs.receive_message", "with": "ServiceUnavailable", "until": "20s"}]
    )
    played = play(project(), scenario)
    assert {fact.error for fact in played.of(PollRefused)} == {"ServiceUnavailable"}
    assert len(played.of(PollRefused)) <= 5
    assert played.times(InvocationStarted)[0] > 20


@pytest.mark.rule("K.9-04")
def test_a_loop_through_a_queue_is_stopped() -> None:
    redrive = {"deadLetterTargetArn": arn_of("sqs", "dlq"), "maxReceiveCount": 1}
    again = Act(calls=(("sqs", "SendMessage", {"QueueUrl": "orders", "MessageBody": "again"}),))
    played = run(send(), script=again, queue={"RedrivePolicy": redrive})
    assert played.summary["functions"]["work"]["invocations"] == 16
    assert len(played.of(RecursionStopped)) == 1
    assert played.summary["queues"]["dlq"]["visible"] == 1


def test_the_same_inputs_give_the_same_bytes() -> None:
    scenario = steps(send(50, every="20ms"), faults=[{"duplicate": "sqs", "probability": 0.2}])
    one, other = (play(project(), scenario, Act(takes=seconds(0.3))) for _ in range(2))
    assert one.trace == other.trace
    assert one.facts[-1].at < 60 * SECOND


@pytest.mark.rule("D.3-03")
@pytest.mark.parametrize(("partial", "slower"), [(False, True), (True, False)])
def test_function_errors_slow_a_mapping_down_unless_it_reports_its_failures(partial: bool, slower: bool) -> None:
    reports = {"FunctionResponseTypes": ["ReportBatchItemFailures"]} if partial else {}
    played = run(send(5), script=first(5, FAIL), BatchSize=1, **reports)
    assert any(fact.reason == "function errors" for fact in played.of(MappingScaled)) is slower
