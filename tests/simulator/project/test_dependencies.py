"""References that lead nowhere, and resources that wait for each other."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.template import Template, read_template
from tests.simulator.playing import CODE, as_files, make_queue

THUMBNAILS = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Photos:
    Type: AWS::S3::Bucket
  Resize:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      CodeUri: src/
      Policies:
        - S3ReadPolicy: {BucketName: !Ref Photos}
      Events:
        Uploaded:
          Type: S3
          Properties: {Bucket: !Ref Photos, Events: s3:ObjectCreated:*}
"""
QUEUES = """\
Resources:
  A:
    Type: AWS::SQS::Queue
    Properties:
      RedrivePolicy: {deadLetterTargetArn: !GetAtt B.Arn, maxReceiveCount: 2}
  B:
    Type: AWS::SQS::Queue
    Properties:
      RedrivePolicy: {deadLetterTargetArn: !GetAtt A.Arn, maxReceiveCount: 2}
"""


def read(template: Any) -> Template:
    return read_template({**CODE, **as_files(template)})


def problems(template: Any) -> tuple[Problem, ...]:
    with pytest.raises(ProjectError) as caught:
        read(template)
    return caught.value.problems


def problem(template: Any) -> Problem:
    (only,) = problems(template)
    return only


def test_two_queues_that_are_each_others_dead_letter_queue_are_a_circle() -> None:
    found = problem(QUEUES)
    assert str(found) == (
        "template.yaml:5: Circular dependency between resources: [A, B]. "
        "A names B (line 5); B names A (line 9). Take one of these away."
    )


def test_a_function_that_may_read_the_bucket_that_starts_it_is_sams_well_known_circle() -> None:
    found = problem(THUMBNAILS)
    assert found.message == "Circular dependency between resources: [Photos, Resize, ResizeRole]."
    assert "Resize names ResizeRole (line 6)" in found.fix or "ResizeRole names Photos (line 12)" in found.fix


@pytest.mark.parametrize(
    "needed",
    [
        "Properties: {QueueName: !Ref Q}",
        "Properties: {Tags: [{Key: k, Value: !GetAtt Q.Arn}]}",
        "Properties: {QueueName: !Sub 'x-${Q.QueueName}'}",
        "Properties: {QueueName: !Sub ['${name}', {name: !Ref Q}]}",
        "Properties: {QueueName: !Join ['-', [a, !Select [0, [!Ref Q]]]]}",
        "DependsOn: Q",
        "DependsOn: [Q]",
    ],
)
def test_a_resource_that_needs_itself_is_a_circle_of_one(needed: str) -> None:
    found = problem(f"Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    {needed}\n")
    assert found.line == 4
    assert found.message == "Circular dependency between resources: [Q]."


def test_a_name_in_a_text_of_its_own_is_no_reference() -> None:
    text = "Resources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub ['${Q}-${!Q}', {Q: a}]}}}"
    assert read(text).names["Q"] == "a-${Q}"


def test_only_the_branch_that_is_taken_counts() -> None:
    text = """\
Conditions: {Never: !Equals [a, b]}
Resources:
  A: {Type: AWS::SQS::Queue, Properties: {QueueName: !If [Never, !Ref B, plain]}}
  B: {Type: AWS::SQS::Queue, DependsOn: A}
"""
    assert read(text).names["A"] == "plain"
    assert "Circular" in problem(text.replace("[a, b]", "[a, a]")).message


def test_a_resource_that_is_not_created_makes_no_circle_and_can_be_named_by_none() -> None:
    text = """\
Conditions: {Never: !Equals [a, b]}
Resources:
  A: {Type: AWS::SQS::Queue, DependsOn: B}
  B: {Type: AWS::SQS::Queue, DependsOn: A, Condition: Never}
"""
    assert list(read(text).resources) == ["A"]
    named = problem(text.replace("DependsOn: B", "Properties: {QueueName: !Ref B}"))
    assert (named.line, named.message) == (3, "A: B is not created, because its condition does not hold.")


def test_depends_on_an_unknown_resource_is_told_in_cloudformations_words() -> None:
    text = "Resources:\n  Orders:\n    Type: AWS::SQS::Queue\n  A:\n    Type: AWS::SQS::Queue\n    DependsOn: Order\n"
    found = problem(text)
    unresolved = "Unresolved resource dependencies [Order] in the Resources block of the template"
    assert (found.line, found.message) == (6, f"A: Template format error: {unresolved}.")
    assert found.fix == "Did you mean Orders?"


def test_every_reference_that_leads_nowhere_is_told_at_its_line() -> None:
    text = """\
Parameters: {Stage: {Type: String, Default: dev}}
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub
        - ${a}-${Stag}
        - a: !Ref Oders
      Tags:
        - {Key: k, Value: !Ref AWS::Regin}
"""
    assert [(each.line, each.fix) for each in problems(text)] == [
        (8, "Did you mean Orders?"),
        (6, "Did you mean Stage?"),
        (10, "Did you mean AWS::Region?"),
    ]


def test_an_output_names_only_what_there_is() -> None:
    text = "Resources:\n  Q:\n    Type: AWS::SQS::Queue\nOutputs:\n  Url:\n    Value: !Ref R\n"
    found = problem(text)
    unresolved = "Unresolved resource dependencies [R] in the Outputs block of the template"
    assert (found.line, found.message) == (6, f"Template format error: {unresolved}.")


@pytest.mark.parametrize(
    ("conditions", "line", "message", "fix"),
    [
        ("  A: !Not [Condition: B]\n  B: !Not [Condition: A]\n", 2, "the condition A: the condition A depends on", ""),
        ("  A: !Not [Condition: Bee]\n  Been: !Equals [a, a]\n", 2, "there is no condition Bee", "Did you mean Been?"),
        ("  A: !Equals [!Ref Q, a]\n", 2, "Template format error: Unresolved dependencies [Q].", "Cannot reference"),
        ("  A: !Equals\n", 2, "the condition A: ", ""),
    ],
)
def test_a_condition_is_decided_though_nothing_uses_it(conditions: str, line: int, message: str, fix: str) -> None:
    found = problems(f"Conditions:\n{conditions}Resources: {{Q: {{Type: AWS::SQS::Queue}}}}\n")[0]
    assert found.line == line
    assert message in found.message
    assert found.fix.startswith(fix)


def test_a_resource_names_a_condition_that_there_is() -> None:
    text = "Conditions: {IsProd: !Equals [a, a]}\nResources:\n  Q:\n    Type: AWS::SQS::Queue\n    Condition: IsProdd\n"
    found = problem(text)
    assert (found.line, found.message, found.fix) == (5, "Q: there is no condition IsProdd.", "Did you mean IsProd?")


def chain(length: int, last: str) -> dict[str, Any]:
    queues = {f"Q{n}": make_queue({"Ref": f"Q{n + 1}"}) for n in range(length - 1)}
    return {"Resources": queues | {f"Q{length - 1}": make_queue(last)}}


def test_a_long_chain_of_references_is_followed_and_a_long_circle_told() -> None:
    assert read(chain(500, "end")).names["Q0"].endswith("/end")
    found = problem(chain(500, {"Ref": "Q0"}))
    assert found.message.startswith("Circular dependency between resources: [Q0, Q1, Q2, ")
    assert len(found.fix) < 1_000


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=16), st.sampled_from(["ref", "depends"]))
def test_a_template_is_refused_for_a_circle_exactly_when_its_needs_have_no_order(
    needs: list[tuple[int, int]], how: str
) -> None:
    queues: dict[str, Any] = {f"Q{n}": {"Type": "AWS::SQS::Queue"} for n in range(8)}
    for name, queue in queues.items():
        wanted = [f"Q{b}" for a, b in needs if f"Q{a}" == name]
        tags = [{"Key": f"k{n}", "Value": {"Ref": each}} for n, each in enumerate(wanted)]
        queue |= {"DependsOn": wanted} if how == "depends" else {"Properties": {"Tags": tags}}
    try:
        read({"Resources": queues})
    except ProjectError as error:
        text = error.problems[0].message
        circle = text[text.index("[") + 1 : text.index("]")].split(", ")
        pairs = set(needs)
        numbers = [int(name[1:]) for name in circle]
        assert all(pair in pairs for pair in zip(numbers, numbers[1:] + numbers[:1], strict=True))
    else:
        made: set[int] = set()
        while free := [n for n in range(8) if n not in made and all(b in made for a, b in needs if a == n)]:
            made |= set(free)
        assert len(made) == 8
