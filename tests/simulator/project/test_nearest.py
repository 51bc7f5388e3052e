import time

import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.nearest import did_you_mean
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.project.template import read_template
from tests.simulator.playing import CODE

FUNCTION = """\
Resources:
  Work:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      {extra}
"""


@pytest.mark.parametrize(
    ("word", "meant"), [("Timout", "Timeout"), ("timeout", "Timeout"), ("memorysize", "MemorySize"), ("Zebra", "")]
)
def test_the_known_word_that_is_most_like_an_unknown_one_is_offered(word: str, meant: str) -> None:
    known = ["Timeout", "MemorySize", "Handler"]
    assert did_you_mean(word, known) == (f"Did you mean {meant}?" if meant else "")


def test_a_word_of_any_length_is_answered_at_once() -> None:
    assert did_you_mean("a" * 1_000_000, ["a" * 1_000_000]) == ""


@pytest.mark.parametrize(
    ("text", "line", "meant"),
    [
        ("Resorces: {}\nResources: {Q: {Type: AWS::SQS::Queue}}\n", 1, "Did you mean Resources?"),
        ("Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    DependOn: Q\n", 4, "Did you mean DependsOn?"),
        (FUNCTION.format(extra="Timout: 3"), 8, "Did you mean Timeout?"),
        (
            FUNCTION.format(extra="Events: {Q: {Type: SQS, Properties: {Queue: !Ref R, BatchSise: 1}}}"),
            8,
            "Did you mean BatchSize?",
        ),
    ],
)
def test_a_word_that_nobody_knows_is_refused_with_its_line_and_the_nearest(text: str, line: int, meant: str) -> None:
    with pytest.raises(ProjectError) as caught:
        read_template({**CODE, "template.yaml": text.encode()})
    (problem,) = caught.value.problems
    assert (problem.line, problem.fix) == (line, meant)


@pytest.mark.parametrize(
    ("text", "line", "meant"),
    [
        ("Resources:\n  Q:\n    Type: AWS::SQS::Qeue\n", 3, "AWS::SQS::Queue"),
        ("Resources:\n  F:\n    Type: AWS::Serverless::Functoin\n", 3, "AWS::Serverless::Function"),
        ("Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties:\n      VisibilityTimout: 3\n", 5,
         "VisibilityTimeout"),
    ],
)  # fmt: skip
def test_what_has_no_effect_here_is_reported_with_the_nearest_that_has(text: str, line: int, meant: str) -> None:
    (problem,) = problems_of(read_template({**CODE, "template.yaml": text.encode()}))
    assert (problem.line, problem.severity) == (line, "unsupported")
    assert problem.fix.startswith(f"Did you mean {meant}? ")


@pytest.mark.parametrize(
    "text",
    [
        "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties:\n"
        + "".join(f"      VisibilityTimout{n}: 3\n" for n in range(9_000)),
        "Resources:\n"
        + "".join(f"  Queue{n}: {{Type: AWS::SQS::Queue}}\n" for n in range(400))
        + "  Q:\n    Type: AWS::SQS::Queue\n    DependsOn:\n"
        + "".join(f"      - Queue{n}\n" for n in range(400, 9_000)),
        "Resources: {Q: {Type: AWS::SQS::Queue}}\n" + "".join(f"Resource{n}: 1\n" for n in range(9_000)),
    ],
)  # fmt: skip
def test_thousands_of_unknown_words_are_told_in_a_second(text: str) -> None:
    began = time.process_time()
    try:
        found = problems_of(read_template({**CODE, "template.yaml": text.encode()}))
    except ProjectError as error:
        found = list(error.problems)
    assert len(found) > 8_000
    assert time.process_time() - began < 1.5


@pytest.mark.parametrize(
    ("extra", "word", "meant"),
    [
        ("Environment: {Varables: {A: b}}", "Varables", "Variables"),
        ("TracingConfig: {Mod: Active}", "Mod", "Mode"),
        ("EphemeralStorage: {Sise: 1024}", "Sise", "Size"),
        ("LoggingConfig: {LogFromat: JSON}", "LogFromat", "LogFormat"),
    ],
)
def test_an_unknown_property_inside_a_property_is_refused_at_its_line(extra: str, word: str, meant: str) -> None:
    text = f"""\
Resources:
  Work:
    Type: AWS::Lambda::Function
    Properties:
      Code: src/
      Handler: app.handler
      Runtime: python3.13
      {extra}
      Role: !GetAtt Role.Arn
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: sts:AssumeRole}}
"""
    found = problems_of(read_template({**CODE, "template.yaml": text.encode()}))
    told = [problem for problem in found if "Encountered unsupported" in problem.message]
    assert [(p.line, p.message, p.fix) for p in told] == [
        (8, f"Work: Encountered unsupported property {word}.", f"Did you mean {meant}?")
    ]


def test_variables_of_any_name_are_no_properties() -> None:
    text = FUNCTION.format(extra="Environment: {Variables: {Anything: goes}}")
    assert problems_of(read_template({**CODE, "template.yaml": text.encode()})) == []
