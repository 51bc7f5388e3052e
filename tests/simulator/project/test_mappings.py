import json
from typing import Any

import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.template import read_template
from tests.simulator.playing import CODE, call, make_function, make_queue, make_template, play, steps

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


def test_a_stream_is_not_polled_yet_and_says_so() -> None:
    (problem,) = template_with("arn:aws:kinesis:us-east-1:123456789012:stream/clicks")
    assert problem.severity == "unsupported"
