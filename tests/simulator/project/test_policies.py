from typing import Any

import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.template import read_template
from tests.simulator.playing import CODE, as_files, make_queue, make_template

STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage"}


def problems(kind: str, **properties: Any) -> list[str]:
    policy = {"Type": kind, "Properties": {"PolicyDocument": {"Statement": STATEMENT}, **properties}}
    template = make_template(Q=make_queue("q"), T={"Type": "AWS::SNS::Topic"}, P=policy)
    return [str(problem.message) for problem in problems_of(read_template({**CODE, **as_files(template)}))]


@pytest.mark.parametrize(
    ("kind", "owners"),
    [
        ("AWS::SQS::QueuePolicy", {"Queues": [{"Ref": "Q"}]}),
        ("AWS::SNS::TopicPolicy", {"Topics": [{"Ref": "T"}]}),
    ],
)
def test_a_policy_of_a_queue_or_topic_is_fine(kind: str, owners: dict[str, Any]) -> None:
    assert problems(kind, **owners) == []


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({}, "P: Queues must be a list with at least one of AWS::SQS::Queue."),
        ({"Queues": ["https://sqs.us-east-1.amazonaws.com/1/no"]}, "P: there is no AWS::SQS::Queue https://sqs."),
        ({"Queues": [{"Ref": "Q"}], "PolicyDocument": {}}, "P: the queue policy of P has no Statement."),
        ({"Queues": [{"Ref": "Q"}], "Colour": "red"}, "P: the property Colour of AWS::SQS::QueuePolicy has no effect"),
        (
            {"Queues": [{"Ref": "Q"}], "PolicyDocument": {"Statement": [STATEMENT | {"Sid": "x" * 8_192}]}},
            "AWS takes at most 8,192.",
        ),
    ],
)
def test_a_wrong_policy_is_refused_in_one_sentence(properties: dict[str, Any], text: str) -> None:
    (found,) = problems("AWS::SQS::QueuePolicy", **properties)
    assert text in found
