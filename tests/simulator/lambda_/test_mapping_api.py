"""The operations on event source mappings, and what Lambda refuses."""

from typing import Any

import pytest

from lambdalab.simulator.account import Principal
from lambdalab.simulator.services.sqs import Queue, SqsService
from tests.simulator.desk import Desk, output, refused

ORDERS = "arn:aws:sqs:us-east-1:123456789012:orders"
NO_QUEUE = (
    "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
    "SQS Error Message: The specified queue does not exist."
)
NO_WINDOW = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"


def make_desk(queue: Queue | None = None, **function: Any) -> Desk:
    desk = Desk(**function)
    sqs = SqsService(desk.world)
    sqs.deploy(queue or Queue("orders"))
    desk.lambda_.mappings.queues = sqs
    return desk


def create(desk: Desk, **params: Any) -> Any:
    return desk.call("CreateEventSourceMapping", **{"EventSourceArn": ORDERS, **params})


def ask(desk: Desk, operation: str, **params: Any) -> Any:
    return desk.ask("lambda", operation, params)


@pytest.mark.rule("D.1-02")
@pytest.mark.rule("D.1-10")
@pytest.mark.rule("D.1-11")
def test_a_mapping_is_created_and_then_enabled() -> None:
    desk = make_desk()
    made = output(create(desk))
    assert (made["State"], made["BatchSize"], made["MaximumBatchingWindowInSeconds"]) == ("Creating", 10, 0)
    found = output(ask(desk, "GetEventSourceMapping", UUID=made["UUID"]))
    assert (found["State"], found["LastProcessingResult"]) == ("Enabled", "No records processed")
    assert found["FunctionArn"].endswith(":function:work")


def test_mappings_are_listed_by_source_and_by_function() -> None:
    desk = make_desk()
    made = output(create(desk))
    for params, number in ({}, 1), ({"FunctionName": "work"}, 1), ({"EventSourceArn": ORDERS + "x"}, 0):
        rows = output(ask(desk, "ListEventSourceMappings", **params))["EventSourceMappings"]
        assert [row["UUID"] for row in rows] == [made["UUID"]] * number


def test_an_update_keeps_what_it_does_not_name() -> None:
    desk = make_desk()
    identity = output(create(desk, BatchSize=5, FunctionResponseTypes=["ReportBatchItemFailures"]))["UUID"]
    output(ask(desk, "UpdateEventSourceMapping", UUID=identity, MaximumBatchingWindowInSeconds=3))
    found = output(ask(desk, "GetEventSourceMapping", UUID=identity))
    assert (found["BatchSize"], found["MaximumBatchingWindowInSeconds"]) == (5, 3)
    assert found["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_deleted_mapping_is_gone() -> None:
    desk = make_desk()
    identity = output(create(desk))["UUID"]
    assert output(ask(desk, "DeleteEventSourceMapping", UUID=identity))["State"] == "Deleting"
    assert refused(ask(desk, "GetEventSourceMapping", UUID=identity))[1] == "ResourceNotFoundException"


@pytest.mark.rule("D.1-13")
def test_a_second_mapping_of_the_same_queue_and_function_is_refused() -> None:
    desk = make_desk()
    identity = output(create(desk))["UUID"]
    message = (
        f'An event source mapping with SQS arn (" {ORDERS} ") and function (" work ") already exists. '
        f"Please update or delete the existing mapping with UUID {identity}"
    )
    assert refused(create(desk)) == (409, "ResourceConflictException", message)


@pytest.mark.rule("X.3-21")
@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"FunctionName": "none"}, "Function does not exist"),
        ({"EventSourceArn": ORDERS.replace("sqs", "s3")}, "Unrecognized event source."),
        ({"EventSourceArn": ORDERS + "x"}, NO_QUEUE),
        ({"BatchSize": 11}, NO_WINDOW),
        ({"BisectBatchOnFunctionError": True},
         "Unsupported BisectBatchOnFunctionError parameter for given event source mapping type."),
        ({"DestinationConfig": {"OnFailure": {"Destination": ORDERS}}},
         "Unsupported DestinationConfig parameter for given event source mapping type."),
        ({"FilterCriteria": {"Filters": [{"Pattern": "x"}]}}, "Invalid filter pattern definition."),
        ({"StartingPosition": "LATEST"}, "StartingPosition is not valid for SQS event sources."),
        ({"ScalingConfig": {"MaximumConcurrency": 5}, "ProvisionedPollerConfig": {"MinimumPollers": 2}},
         "MaximumConcurrency and ProvisionedPollerConfig cannot be used together."),
        ({"FilterCriteria": {"Filters": [{"Pattern": "{}"}] * 6}},
         "1 validation error detected: Value at 'filterCriteria.filters' failed to satisfy constraint: 5 at most."),
    ],
)  # fmt: skip
@pytest.mark.rule("D.1-07")
@pytest.mark.rule("D.1-09")
@pytest.mark.rule("D.1-14")
@pytest.mark.rule("D.1-15")
def test_what_cannot_be_is_refused_in_awss_words(params: dict[str, Any], message: str) -> None:
    assert refused(create(make_desk(), **params))[2] == message


@pytest.mark.rule("D.3-13")
def test_a_function_may_not_run_longer_than_messages_are_hidden() -> None:
    answer = create(make_desk(Queue("orders", visibility_timeout_s=30), timeout_s=31))
    assert refused(answer)[2] == "Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds"
    output(create(make_desk(Queue("orders", visibility_timeout_s=31), timeout_s=31)))


@pytest.mark.parametrize("params", [{"BatchSize": 11}, {"MaximumBatchingWindowInSeconds": 1}])
@pytest.mark.rule("D.1-01")
@pytest.mark.rule("D.1-07")
def test_a_fifo_queue_has_batches_of_ten_and_no_window(params: dict[str, Any]) -> None:
    refused(create(make_desk(Queue("orders", fifo=True)), **params))


@pytest.mark.rule("G.4-04")
def test_the_execution_role_must_be_allowed_to_read_the_queue() -> None:
    desk = make_desk()
    powerless = Principal("arn:aws:sts::123456789012:assumed-role/none/work", (), role="arn:aws:iam::1:role/none")
    object.__setattr__(desk.lambda_.functions["work"].latest, "role", powerless)
    message = "The provided execution role does not have permissions to call ReceiveMessage on SQS"
    assert refused(create(desk))[2] == message


@pytest.mark.rule("D.1-10")
def test_a_mapping_that_changes_takes_no_other_change() -> None:
    desk = make_desk()
    made = output(create(desk))
    desk.wait(10)
    output(ask(desk, "UpdateEventSourceMapping", UUID=made["UUID"], BatchSize=5))
    desk.lambda_.mappings.all[made["UUID"]].state = "Updating"
    answer = ask(desk, "DeleteEventSourceMapping", UUID=made["UUID"])
    assert refused(answer)[1] == "ResourceInUseException"
