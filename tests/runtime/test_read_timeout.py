"""boto3 waits a minute for an answer, and then asks again: what it has asked for goes on all the same."""

from typing import Any

import pytest

from lambdalab.simulator.trace.explain import Explainer
from lambdalab.simulator.trace.facts import CallGivenUp, InvocationStarted
from tests.runtime.conftest import Play
from tests.runtime.projects import make_project

CODE = """
import boto3, time
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError
def handler(event, context):
    client, began = boto3.client("{service}", config=Config(**{options})), time.monotonic()
    try: client.{call}
    except ReadTimeoutError as error: return [type(error).__name__, round(time.monotonic() - began)]
    return ["answered", round(time.monotonic() - began)]
def slow(event, context): time.sleep(70)
"""
INVOKE, RECEIVE = 'invoke(FunctionName="slow")', 'receive_message(QueueUrl="q", WaitTimeSeconds=20)'
SLOW = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "FunctionName": "slow",
        "Runtime": "python3.13",
        "Handler": "app.slow",
        "Code": "src/",
        "Timeout": 900,
        "Role": {"Fn::GetAtt": "Role.Arn"},
    },
}


def project(service: str, call: str, options: str, timeout_s: int = 900, **scenario: Any) -> dict[str, bytes]:
    code = CODE.replace("{service}", service).replace("{call}", call).replace("{options}", options)
    return make_project(code, function={"Timeout": timeout_s}, resources={"Slow": SLOW}, **scenario)


@pytest.mark.rule("A.4-08")
@pytest.mark.parametrize(
    ("options", "outcome", "asked"),
    [
        ("dict()", ["ReadTimeoutError", 180], 3),  # three attempts of 60 s: what this botocore does by itself
        ('dict(retries={"total_max_attempts": 1})', ["ReadTimeoutError", 60], 1),
        ("dict(read_timeout=100)", ["answered", 70], 1),
        ("dict(read_timeout=None)", ["answered", 70], 1),
    ],
)
def test_who_waits_too_long_for_another_function_invokes_it_again(
    options: str, outcome: list[Any], asked: int, played: Play
) -> None:
    run = played(project("lambda", INVOKE, options))
    name, seconds = run.result
    assert (name, seconds) == (outcome[0], pytest.approx(outcome[1], abs=12))  # and botocore's own pauses
    assert [fact.function for fact in run.of(InvocationStarted)].count("slow") == asked
    assert run.summary["functions"]["slow"]["invocations"] == asked  # each of them to its end
    assert len(run.of(CallGivenUp)) == (asked if name == "ReadTimeoutError" else 0)
    assert run.summary["run"]["reproducible"]


def test_a_long_poll_is_longer_than_a_short_read_timeout(played: Play) -> None:
    run = played(project("sqs", RECEIVE, 'dict(read_timeout=5, retries={"total_max_attempts": 1})'))
    assert run.result == ["ReadTimeoutError", 5]


def test_a_service_that_a_fault_makes_slow_is_given_up_too(played: Play) -> None:
    slow = [{"latency": "sqs.send_message", "by": "90s", "from": "0s", "until": "1h"}]
    call = 'send_message(QueueUrl="q", MessageBody="hi")'
    run = played(project("sqs", call, 'dict(retries={"total_max_attempts": 1})', faults=slow))
    assert run.result == ["ReadTimeoutError", 60]
    assert run.summary["queues"]["q"]["sent"] == 1  # it has arrived


def test_nobody_gives_up_who_is_gone_before(played: Play) -> None:
    run = played(project("lambda", INVOKE, "dict()", timeout_s=30))
    assert run.summary["functions"]["work"]["timeouts"] == 1
    assert run.of(CallGivenUp) == []


def test_the_story_says_what_became_of_the_call(played: Play) -> None:
    run = played(project("lambda", INVOKE, 'dict(retries={"total_max_attempts": 1})'))
    (fact,) = run.of(CallGivenUp)
    waited = "work has waited 1 min for lambda.Invoke, its SDK's read timeout, and gives up."
    assert Explainer().sentence(fact) == f"{waited} The call itself goes on."
