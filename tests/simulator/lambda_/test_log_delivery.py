"""Without the rights to log a function works, and its logs are lost. Facts G.1 and H.2."""

import base64
import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.explain import Explainer
from lambdalab.simulator.trace.facts import InvocationEnded, LogLine, LogsRefused
from tests.simulator.desk import Desk, output
from tests.simulator.playing import TRUST, Played, invoke, make_function, make_template, play, steps
from tests.simulator.views.test_embedded import VALID

LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/work"
SAYING = Act(logs=("hello",))


def played(allow: list[str], resource: Any = "*", **resources: Any) -> Played:
    template = make_template(allow=allow, **resources)
    template["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0]["Resource"] = resource
    return play(template, steps(invoke(kind="RequestResponse", repeat={"count": 2, "every": "20m"})), SAYING)


@pytest.mark.rule("H.2-04")
@pytest.mark.parametrize("lacking", LOGS)
def test_each_of_the_three_rights_is_needed_and_the_function_works_without(lacking: str) -> None:
    run = played([action for action in LOGS if action != lacking])
    assert not run.of(LogLine)
    assert run.summary["logs"] == {}
    assert [fact.status for fact in run.of(InvocationEnded)] == ["ok", "ok"]
    assert [(fact.action, fact.log_group) for fact in run.of(LogsRefused)] == [(lacking, "/aws/lambda/work")]


def test_one_sentence_says_what_the_role_lacks() -> None:
    (refused,) = played(["s3:GetObject"]).of(LogsRefused)
    sentence = Explainer().sentence(refused)
    assert sentence.startswith("work works, but nothing that it logs reaches CloudWatch Logs: ")
    assert "no statement that allows logs:CreateLogGroup on arn:aws:logs:" in sentence


def test_the_basic_execution_role_has_them_all() -> None:
    basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": TRUST, "ManagedPolicyArns": [basic]},
    }
    run = play({"Resources": {"Role": role, "Work": make_function()}}, steps(invoke()), SAYING)
    assert "hello" in [line.text for line in run.of(LogLine)]


@pytest.mark.parametrize(
    ("resource", "reaches"),
    [
        (f"{GROUP}:*", True),
        ("arn:aws:logs:us-east-1:123456789012:*", True),
        (GROUP, False),  # a stream is no part of this ARN
        ("arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/other:*", False),
    ],
)
def test_rights_are_asked_of_the_functions_own_group_and_stream(resource: str, reaches: bool) -> None:
    assert bool(played(LOGS, resource).of(LogLine)) is reaches


def test_a_group_that_is_there_need_not_be_made() -> None:
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/aws/lambda/work"}}
    assert played(LOGS[1:], Group=group).of(LogLine)


def test_metrics_in_log_lines_are_lost_with_them() -> None:
    templates, acting = (make_template(allow=["s3:GetObject"]), make_template()), Act(logs=(json.dumps(VALID),))
    silent, heard = (play(each, steps(invoke()), acting).summary["metrics"] for each in templates)
    assert "shop" in heard
    assert "shop" not in silent


def test_the_tail_of_the_log_comes_with_the_answer_all_the_same() -> None:  # assumption A-35
    desk = Desk()
    desk.lambda_.log_delivery.open = lambda function, stream: False  # type: ignore[method-assign]
    answer = output(desk.call("Invoke", LogType="Tail"))
    assert b"END RequestId" in base64.b64decode(answer["LogResult"])
    assert not [fact for fact in desk.facts if isinstance(fact, LogLine)]
