import json
from typing import Any

import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.template import read_template
from tests.simulator.playing import CODE, arn_of, call, make_function, make_queue, make_template, play, steps
from tests.simulator.streams import make_mapping, make_stream

SAM = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Timeout: {timeout}
      Events:
        Orders:
          Type: SQS
          Properties:
            Queue: !GetAtt Queue.Arn
            BatchSize: 5
{more}
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: orders
      VisibilityTimeout: {visibility}
"""


def problems(timeout: int = 5, visibility: int = 30, more: str = "") -> list[Problem]:
    text = SAM.format(timeout=timeout, visibility=visibility, more=more)
    return problems_of(read_template({**CODE, "template.yaml": text.encode()}))


def test_an_event_of_a_function_becomes_a_mapping_with_the_rights_it_needs() -> None:
    template = SAM.format(timeout=5, visibility=30, more="            FunctionResponseTypes: [ReportBatchItemFailures]")
    played = play(template, steps(call("0s", "sqs.send_message", QueueUrl="orders", MessageBody="x")))
    mapping = played.summary["mappings"]["WorkOrders"]
    assert (mapping["source"], mapping["function"], mapping["records"]) == ("orders", "work", 1)


@pytest.mark.rule("D.3-14")
def test_a_visibility_timeout_below_six_times_the_functions_is_a_warning_at_its_place() -> None:
    (problem,) = problems(visibility=29)
    assert problem.severity == "warning"
    assert "30 s" in problem.message
    assert problem.line == SAM.split("\n").index("            Queue: !GetAtt Queue.Arn") + 1
    assert problems(visibility=30) == []


def test_the_window_counts_for_the_advice() -> None:
    (problem,) = problems(visibility=30, more="            MaximumBatchingWindowInSeconds: 1")
    assert "31 s" in problem.message


def test_a_visibility_timeout_below_the_functions_is_an_error() -> None:
    (problem,) = problems(timeout=31, visibility=30)
    assert problem.severity == "error"
    assert problem.message.endswith("Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("            FilterCriteria: {Filters: [{Pattern: x}]}", "Invalid filter pattern definition."),
        ("            ScalingConfig: {MaximumConcurrency: 1}", "scalingConfig.maximumConcurrency"),
    ],
)
def test_wrong_settings_are_told_before_the_run(more: str, said: str) -> None:
    (problem,) = problems(more=more)
    assert said in problem.message


def template_with(source: Any, statements: list[Any] | None = None) -> list[Problem]:
    made = make_template(
        make_function(),
        allow=statements,
        Queue=make_queue("orders", VisibilityTimeout=60),
        Poll={
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"EventSourceArn": source, "FunctionName": "work"},
        },
    )
    return problems_of(read_template({**CODE, "template.json": json.dumps(made).encode()}))


def test_a_role_that_may_not_read_the_queue_is_refused() -> None:
    (problem,) = template_with({"Fn::GetAtt": "Queue.Arn"}, ["sqs:ReceiveMessage", "sqs:GetQueueAttributes"])
    assert "does not have permissions to call DeleteMessage on SQS" in problem.message


def test_a_broker_is_not_polled_yet_and_says_so() -> None:
    (problem,) = template_with("arn:aws:kafka:us-east-1:123456789012:cluster/clicks/1")
    assert problem.severity == "unsupported"
    (problem,) = template_with("arn:aws:kinesis:us-east-1:123456789012:stream/clicks/consumer/me:1")
    assert problem.severity == "unsupported"
    assert problem.message == "Poll: lambdalab does not poll by enhanced fan-out yet."


STREAMS = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Events:
        Clicks:
          Type: Kinesis
          Properties:
            Stream: !GetAtt Clicks.Arn
            StartingPosition: TRIM_HORIZON
            BisectBatchOnFunctionError: true
            MaximumRetryAttempts: 2
{more}
        Orders:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Orders.StreamArn
            StartingPosition: {position}
            BatchSize: 5
  Clicks:
    Type: AWS::Kinesis::Stream
    Properties: {{Name: clicks, ShardCount: 2}}
  Failed:
    Type: AWS::SQS::Queue
    Properties: {{QueueName: failed}}
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: orders
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{{AttributeName: id, KeyType: HASH}}]
      AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]
{stream}
"""
WITH_STREAM = "      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}"


def of_streams(more: str = "", position: str = "LATEST", stream: str = WITH_STREAM) -> str:
    return STREAMS.format(more=more, position=position, stream=stream)


def problems_of_streams(**changes: str) -> list[Problem]:
    return problems_of(read_template({**CODE, "template.yaml": of_streams(**changes).encode()}))


def test_events_of_streams_become_mappings_with_the_rights_they_need() -> None:
    entries = (
        call("1s", "kinesis.put_record", StreamName="Clicks", PartitionKey="a", Data={"n": 1}),
        call("1s", "dynamodb.put_item", TableName="Orders", Item={"id": {"S": "1"}}),
    )
    rows = play(of_streams(), steps(*entries)).summary["mappings"]
    assert {name: (row["source"], row["records"]) for name, row in rows.items()} == {
        "WorkClicks": ("clicks", 1),
        "WorkOrders": ("orders", 1),
    }


def test_a_destination_in_sam_gives_the_right_to_send() -> None:
    more = "            DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Failed.Arn}}"
    assert problems_of_streams(more=more) == []


def test_a_table_without_a_stream_is_told_what_it_needs() -> None:
    (problem,) = problems_of_streams(stream="")
    assert problem.message.startswith(
        "WorkOrders: Stream not found: arn:aws:dynamodb:us-east-1:123456789012:table/orders/"
    )
    assert problem.fix == "Write !GetAtt MyTable.StreamArn. The table needs a StreamSpecification."
    assert problem.line == of_streams(stream="").split("\n").index("            Stream: !GetAtt Orders.StreamArn") + 1


@pytest.mark.rule("D.1-06")
def test_a_table_has_no_moment_to_begin_at() -> None:
    (problem,) = problems_of_streams(position="AT_TIMESTAMP")
    assert "Unsupported starting position for arn type: arn:aws:dynamodb:" in problem.message


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ("            ParallelizationFactor: 11", "at 'parallelizationFactor' failed to satisfy constraint"),
        ("            MaximumRecordAgeInSeconds: 30", "MaximumRecordAgeInSeconds must be -1 or between 60 and 604800."),
        ("            TumblingWindowInSeconds: 901", "at 'tumblingWindowInSeconds' failed to satisfy constraint"),
        (
            "            DestinationConfig: {OnFailure: {Destination: arn:aws:sqs:us-east-1:123456789012:no}}",
            "The destination ARN arn:aws:sqs:us-east-1:123456789012:no is invalid.",
        ),
    ],
)
def test_what_is_wrong_with_a_streams_mapping_is_told(more: str, text: str) -> None:
    found = problems_of_streams(more=more)
    assert any(text in problem.message for problem in found), found


def stream_template(*allowed: str) -> dict[str, Any]:
    """A project whose role may do what is ``allowed``, and whose mapping tells a queue of what it gives up."""
    told = {"OnFailure": {"Destination": arn_of("sqs", "failed")}}
    return make_template(
        make_function(),
        allow=["logs:*", *allowed],
        Clicks=make_stream(),
        Failed=make_queue("failed"),
        Poll=make_mapping(DestinationConfig=told),
    )


def problems_in(template: dict[str, Any]) -> list[Problem]:
    return problems_of(read_template({**CODE, "template.json": json.dumps(template).encode()}))


def test_a_role_that_may_not_read_the_stream_is_an_error_that_says_what_it_needs() -> None:
    (problem,) = problems_in(stream_template("sqs:SendMessage", "kinesis:GetRecords"))
    assert problem.severity == "error"
    assert "Cannot access stream arn:aws:kinesis:us-east-1:123456789012:stream/clicks." in problem.message
    assert "kinesis:GetShardIterator" in problem.fix


def test_a_role_that_may_not_tell_the_destination_is_a_warning() -> None:
    (problem,) = problems_in(stream_template("kinesis:*"))
    assert problem.severity == "warning"
    assert "nobody will hear of discarded records" in problem.message
    assert problems_in(stream_template("kinesis:*", "sqs:SendMessage")) == []
