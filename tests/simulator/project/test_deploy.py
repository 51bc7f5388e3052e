from typing import Any

import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import FunctionDeployed, QueueDeployed, TableDeployed, TopicDeployed
from tests.simulator.playing import (
    CODE,
    as_files,
    make_event_invoke,
    make_function,
    make_queue,
    make_template,
    play,
    steps,
)

FUNCTION = """\
Resources:
  Work:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: work
      Runtime: python3.13
      Handler: app.handler
      Code: src/
      {extra}
      Role: !GetAtt Role.Arn
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: sts:AssumeRole}}
"""
SAM_FUNCTION = """\
Resources:
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src/
      {extra}
"""


def problems(template: Any) -> list[Problem]:
    return problems_of(read_template({**CODE, **as_files(template)}))


def problem_at_nine(extra: str, template: str = FUNCTION) -> Problem:
    (problem,) = problems(template.format(extra=extra))
    assert (problem.path, problem.line) == ("template.yaml", 9)
    return problem


def test_a_good_template_has_no_problems() -> None:
    assert problems(make_template(make_function(), Dlq=make_queue())) == []


def test_a_property_without_effect_is_reported_with_its_line_not_ignored() -> None:
    problem = problem_at_nine("RuntimeManagementConfig: {UpdateRuntimeOn: Auto}")
    assert problem.severity == "unsupported"
    assert "the property RuntimeManagementConfig of AWS::Lambda::Function has no effect" in problem.message


def test_a_type_without_effect_is_reported_with_its_line() -> None:
    (problem,) = problems("Resources:\n  B:\n    Type: AWS::Glue::Job\n")
    assert (problem.line, problem.severity) == (3, "unsupported")
    assert problem.message == "B: AWS::Glue::Job has no effect in lambdalab yet."


def test_what_an_author_lists_as_ignored_is_not_reported() -> None:
    ignored = "Metadata: {lambdalab: {ignore: [B]}}\n"
    assert problems(ignored + "Resources:\n  B:\n    Type: AWS::Glue::Job\n") == []


def test_unsupported_resources_stop_a_run_before_anything_is_recorded() -> None:
    with pytest.raises(ProjectError):
        play({"Resources": {"B": {"Type": "AWS::Glue::Job"}}}, steps())


@pytest.mark.rule("J.1-01")
@pytest.mark.parametrize(
    ("memory", "words"),
    [
        (127, "greater than or equal to 128"),
        (10_241, "less than or equal to 10240"),
        (0, "greater than or equal to 128"),
    ],
)
def test_memory_out_of_range_gets_awss_own_text(memory: int, words: str) -> None:
    problem = problem_at_nine(f"MemorySize: {memory}")
    assert problem.message == (
        f"Work: 1 validation error detected: Value '{memory}' at 'memorySize' failed to satisfy constraint: "
        f"Member must have value {words}"
    )


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("Timeout: 901", "Value '901' at 'timeout'"),
        ("Timeout: 0", "greater than or equal to 1"),
        ("MemorySize: lots", "MemorySize must be a whole number, not 'lots'."),
        ("MemorySize: true", "must be a whole number"),
        ("ReservedConcurrentExecutions: -1", "must be a whole number of 0 or more"),
        ("Environment: {Variables: {AWS_REGION: x, MINE: y}}", "Reserved keys used in this request: AWS_REGION"),
        ("Environment: {Variables: {_HANDLER: x}}", "Reserved keys used in this request: _HANDLER"),
        ("Environment: {Variables: {AB: " + "x" * 4096 + "}}", "exceeded the 4KB limit"),
        ("Environment: nonsense", "Environment"),
        ("EphemeralStorage: 1024", "EphemeralStorage"),
        ("EphemeralStorage: {Size: 100}", "at 'ephemeralStorage.size'"),
        ("DeadLetterConfig: nonsense", "DeadLetterConfig"),
        ("DeadLetterConfig: {TargetArn: 'arn:aws:s3:::bucket'}", "The destination ARN arn:aws:s3:::bucket is invalid."),
        ("DeadLetterConfig: {TargetArn: queue}", "The destination ARN queue is invalid."),
        (
            "DeadLetterConfig: {TargetArn: 'arn:aws:sqs:us-east-1:999999999999:theirs'}",
            "The destination ARN arn:aws:sqs:us-east-1:999999999999:theirs is invalid.",
        ),
    ],
)
def test_a_wrong_property_of_a_function_is_refused_at_its_line(extra: str, words: str) -> None:
    assert words in problem_at_nine(extra).message


@pytest.mark.rule("B.5-02")
@pytest.mark.parametrize("variable", ["TZ", "PATH", "PYTHONPATH", "AWS_XRAY_CONTEXT_MISSING", "LANG"])
def test_variables_that_aws_lets_be_set_may_be_set(variable: str) -> None:
    assert problems(FUNCTION.format(extra=f"Environment: {{Variables: {{{variable}: x}}}}")) == []


def test_a_runtime_other_than_python_is_unsupported() -> None:
    text = FUNCTION.format(extra="MemorySize: 128").replace("python3.13", "nodejs24.x")
    (problem,) = problems(text)
    assert (problem.line, problem.severity) == (6, "unsupported")
    assert "nodejs24.x" in problem.message


def test_a_function_needs_a_handler() -> None:
    (problem,) = problems(FUNCTION.format(extra="MemorySize: 128").replace("Handler: app.handler", "Timeout: 3"))
    assert "needs a Handler" in problem.message


@pytest.mark.rule("A.3-14", "A.3-15", "E.1-18", "X.3-09", "X.3-10")
@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("{MaximumRetryAttempts: 3}", "MaximumRetryAttempts must be 0 to 2, not 3."),
        ("{MaximumEventAgeInSeconds: 59}", "MaximumEventAgeInSeconds must be 60 to 21600, not 59."),
        (
            (
                "{DestinationConfig: {OnFailure: {Type: Lambda,"
                " Destination: 'arn:aws:lambda:us-east-1:123456789012:function:work'}}}"
            ),
            "You can't specify the function as a destination for itself.",
        ),
        (
            "{DestinationConfig: {OnSuccess: {Type: SQS, Destination: nowhere}}}",
            "The destination ARN nowhere is invalid.",
        ),
    ],
)
def test_a_wrong_event_invoke_config_is_refused(config: str, words: str) -> None:
    assert words in problem_at_nine(f"EventInvokeConfig: {config}", SAM_FUNCTION).message


@pytest.mark.parametrize(
    "config",
    [
        {"MaximumRetryAttempts": 3},
        {"failure": "nowhere"},
        {"success": "arn:aws:lambda:us-east-1:123456789012:function:work"},
    ],
)
def test_an_event_invoke_config_written_as_its_own_resource_is_checked_too(config: dict[str, Any]) -> None:
    found = problems(make_template(make_function(), Config=make_event_invoke(**config)))
    assert [problem.severity for problem in found] == ["error"]


def test_a_fifo_queue_must_be_called_so() -> None:
    (problem,) = problems(
        "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties: {FifoQueue: true, QueueName: q}\n"
    )
    assert "must end with .fifo suffix" in problem.message
    assert problem.line == 4


@pytest.mark.parametrize(
    "properties",
    [
        {"VisibilityTimeout": 43_201},
        {"DelaySeconds": 901},
        {"RedrivePolicy": "text"},
        {"RedrivePolicy": {"maxReceiveCount": 3}},
        {"RedrivePolicy": {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dlq", "maxReceiveCount": "many"}},
        {"RedrivePolicy": {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dlq", "maxReceiveCount": 0}},
    ],
)
def test_a_wrong_property_of_a_queue_is_refused(properties: dict[str, Any]) -> None:
    found = problems({"Resources": {"Q": make_queue("q", **properties)}})
    assert [problem.severity for problem in found] == ["error"]


@pytest.mark.parametrize(
    ("subscription", "severity"),
    [
        ({"Protocol": "email", "Endpoint": "ada@example.org"}, "unsupported"),
        ({"Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:123456789012:q", "Region": "x"}, "unsupported"),
        ({"Endpoint": "arn:aws:sqs:us-east-1:123456789012:q"}, "error"),
    ],
)
@pytest.mark.parametrize("apart", [False, True])
def test_a_subscription_we_cannot_serve_is_reported(subscription: dict[str, Any], severity: str, apart: bool) -> None:
    topic: dict[str, Any] = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t"}}
    resources = {"T": topic}
    if apart:
        own = {**subscription, "TopicArn": {"Ref": "T"}}
        resources["S"] = {"Type": "AWS::SNS::Subscription", "Properties": own}
    else:
        topic["Properties"]["Subscription"] = [subscription]
    assert [problem.severity for problem in problems({"Resources": resources})] == [severity]


def test_a_table_needs_a_key_schema() -> None:
    (problem,) = problems({"Resources": {"T": {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "t"}}}})
    assert "needs a KeySchema" in problem.message


def test_a_table_that_dynamodb_refuses_is_a_problem_with_its_words() -> None:
    table = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": "t",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "other", "AttributeType": "S"}],
        },
    }
    with pytest.raises(ProjectError, match="Attribute"):
        play({"Resources": {"T": table}}, steps())


@pytest.mark.rule("C.1-03")
def test_reserved_concurrency_must_leave_a_hundred_for_the_others() -> None:
    template = make_template(make_function(ReservedConcurrentExecutions=901))
    with pytest.raises(ProjectError, match="below its minimum value of \\[100\\]"):
        play(template, steps())
    at_the_limit = make_template(make_function(ReservedConcurrentExecutions=900))
    assert play(at_the_limit, steps()).summary["account"]["unreserved"] == 100


def test_everything_deployed_is_a_fact_with_its_configuration() -> None:
    template = make_template(
        make_function(MemorySize=512, Timeout=9, DeadLetterConfig={"TargetArn": {"Fn::GetAtt": "Dlq.Arn"}}),
        Dlq=make_queue(VisibilityTimeout=60),
        Topic={"Type": "AWS::SNS::Topic"},
        Table={
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "KeySchema": [
                    {"AttributeName": "sk", "KeyType": "RANGE"},
                    {"AttributeName": "pk", "KeyType": "HASH"},
                ],
                "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
            },
        },
    )
    played = play(template, steps())
    (function,) = played.of(FunctionDeployed)
    assert (function.shown_as, function.memory_mb, function.timeout_s, function.code_folder) == ("work", 512, 9, "src")
    assert function.dead_letter == "arn:aws:sqs:us-east-1:123456789012:dlq"
    assert (function.retry_attempts, function.event_age_s) == (2, 21_600)
    assert played.of(QueueDeployed)[0].visibility_timeout_s == 60
    assert played.of(TopicDeployed)[0].shown_as == "Topic"
    assert played.of(TableDeployed)[0].keys == ("pk", "sk")
