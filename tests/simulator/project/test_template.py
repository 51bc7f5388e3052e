import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.template import Template, read_template
from tests.simulator.playing import CODE

SAM = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.13, MemorySize: 256}
Parameters:
  Seconds: {Type: Number, Default: 5}
Resources:
  Charge:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Timeout: !Ref Seconds
      DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Dlq.Arn}
      EventInvokeConfig: {MaximumRetryAttempts: 1}
  Dlq:
    Type: AWS::SQS::Queue
"""


def read(text: str, parameters: dict[str, Any] | None = None) -> Template:
    return read_template({**CODE, "template.yaml": text.encode()}, parameters)


def problem_of(act: Callable[[], Any]) -> Problem:
    with pytest.raises(ProjectError) as caught:
        act()
    return caught.value.problems[0]


def test_sams_types_are_expanded_by_awss_own_translator() -> None:
    template = read(SAM)
    function = template.resources["Charge"]
    assert function.type == "AWS::Lambda::Function"
    assert (function.properties["MemorySize"], function.properties["Timeout"]) == (256, 5)
    assert function.properties["DeadLetterConfig"] == {
        "TargetArn": f"arn:aws:sqs:us-east-1:123456789012:{dlq(template)}"
    }
    assert {r.type for r in template.resources.values() if r.origin == "Charge"} == {
        "AWS::Lambda::Function",
        "AWS::IAM::Role",
        "AWS::Lambda::EventInvokeConfig",
    }


def dlq(template: Template) -> str:
    return template.name(template.resources["Dlq"])


def test_a_name_that_the_template_does_not_give_is_stack_logical_id_and_a_hash() -> None:
    template = read(SAM)
    assert dlq(template).startswith("lab-Dlq-")
    assert dlq(template) == dlq(read(SAM))
    assert template.shown_as(template.resources["Dlq"]) == "Dlq"


def test_a_given_name_is_the_physical_name_and_the_one_shown() -> None:
    template = read("Resources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub '${AWS::Region}-q'}}}")
    resource = template.resources["Q"]
    assert template.name(resource) == template.shown_as(resource) == "us-east-1-q"


@pytest.mark.parametrize("given", [7, "7"])
def test_a_given_parameter_takes_the_place_of_its_default(given: object) -> None:
    assert read(SAM, {"Seconds": given}).resources["Charge"].properties["Timeout"] == 7


def test_a_list_parameter_is_split_at_its_commas() -> None:
    text = """\
Parameters: {Zones: {Type: CommaDelimitedList, Default: "a, b"}}
Resources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Select [1, !Ref Zones]}}}
"""
    assert read(text).names["Q"] == "b"


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("Resources:\n  Q:\n    Properties: {}\n", 2, "Q: a resource is a mapping with a Type."),
        ("Resources: []\n", 1, "a template has a section Resources"),
        ("x: 1\n", 1, "a template has a section Resources"),
        ("Parameters:\n  P:\n    Type: String\nResources: {Q: {Type: AWS::SQS::Queue}}\n", 2, "has no default"),
        (
            "Parameters:\n  P: {Type: Number, Default: many}\nResources: {Q: {Type: AWS::SQS::Queue}}\n",
            2,
            "the parameter P must be a number",
        ),
        ("Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: !Ref No}\n", 4, "parameter No."),
        (
            "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: !GetAtt R.No}\n  R: {Type: A}\n",
            2,
            "attribute No",
        ),
        ("Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Condition: No\n", 4, "there is no condition No"),
        (
            "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: nowhere/\n",
            5,
            "there is no folder nowhere/",
        ),
        (
            "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: ../../etc/\n",
            5,
            "leads out of the project",
        ),
        (
            "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: s3://b/k.zip\n",
            5,
            "is not in this project",
        ),
        (
            "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: app.handler\n",
            2,
            "a function needs CodeUri",
        ),
    ],
)
def test_an_error_names_the_line_in_the_authors_file(text: str, line: int, message: str) -> None:
    problem = problem_of(lambda: read(text))
    assert (problem.path, problem.line) == ("template.yaml", line)
    assert message in problem.message


def test_an_error_of_sams_translator_stands_at_its_resource() -> None:
    text = (
        "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: src/\n      Oops: 1\n"
    )
    problem = problem_of(lambda: read(text))
    assert problem.line == 6
    assert "[F]" in problem.message


def test_every_problem_is_told_at_once() -> None:
    text = "Resources:\n  A: {Type: 1}\n  B: {}\n  C: x\n"
    with pytest.raises(ProjectError) as caught:
        read(text)
    assert [problem.line for problem in caught.value.problems] == [2, 3, 4]


def test_a_project_without_a_template_says_so() -> None:
    assert problem_of(lambda: read_template({})).message == "there is no template."


def test_an_unknown_given_parameter_is_refused() -> None:
    assert problem_of(lambda: read(SAM, {"Minutes": 1})).message == "there is no parameter Minutes."


def test_a_resource_whose_condition_does_not_hold_is_left_out() -> None:
    text = """\
Conditions: {Never: !Equals [a, b]}
Resources:
  Q: {Type: AWS::SQS::Queue, Condition: Never}
  R: {Type: AWS::SQS::Queue}
"""
    assert list(read(text).resources) == ["R"]


@pytest.mark.rule("K.2-01")
def test_inline_code_becomes_index_py() -> None:
    text = "Resources: {F: {Type: AWS::Lambda::Function, Properties: {Code: {ZipFile: 'x = 1'}}}}"
    assert read(text).resources["F"].properties["Code"] == {"ZipFile": "x = 1"}


WRONG_SHAPES = [
    {"Parameters": []},
    {"Parameters": {"A": 1}},
    {"Globals": 5},
    {"Globals": {"Function": [1]}},
    {"Conditions": ["x"]},
    {"Conditions": {"A": 5}},
    {"Mappings": "m"},
    {"Metadata": []},
    {"Outputs": 3},
    {"Transform": {"a": 1}},
    {"Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": []}}},
    {"Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": 3, "Handler": {}}}}},
    {"Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "src", "Events": 7}}}},
    {"Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "src", "Policies": 7}}}},
    {"Resources": {"F": {"Type": "AWS::Serverless::Function", "DependsOn": {"a": 1}}}},
    {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": "text"}}},
    {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": ["x"]}}}},
    {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Join": 3}}}}},
]


@pytest.mark.parametrize("shape", WRONG_SHAPES, ids=lambda shape: json.dumps(shape)[:60])
def test_a_template_of_a_wrong_shape_is_read_or_refused_but_never_breaks_us(shape: dict[str, Any]) -> None:
    document = {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}} | shape
    with contextlib.suppress(ProjectError):
        read_template({**CODE, "template.json": json.dumps(document).encode()})
