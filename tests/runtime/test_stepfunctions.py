"""boto3's Step Functions, unmodified in the sandbox, and real handlers as the tasks of a state machine."""

import json
from typing import Any

from tests.runtime.conftest import Play
from tests.runtime.projects import invoke, make_project
from tests.simulator.services.stepfunctions.machines import chain, make_machine, role, task

CODE = """
import json
import boto3
states = boto3.client("stepfunctions")

class CardDeclined(Exception):
    pass

def handler(event, context):
    if "charge" in event:
        if event["charge"] > 100:
            raise CardDeclined("too much")
        return {"charged": event["charge"]}
    if "token" in event:
        states.send_task_success(taskToken=event["token"], output=json.dumps({"by": "hand"}))
        return None
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:orders"
    started = states.start_execution(stateMachineArn=arn, name=event["name"], input=json.dumps(event["input"]))
    if event.get("wait"):
        return None
    return started["executionArn"]
"""
ASK = """
import boto3
states = boto3.client("stepfunctions")
def handler(event, context):
    arn = "arn:aws:states:us-east-1:123456789012:execution:orders:" + event["name"]
    found = states.describe_execution(executionArn=arn)
    pages = states.get_paginator("get_execution_history").paginate(executionArn=arn, PaginationConfig={"PageSize": 3})
    types = [each["type"] for page in pages for each in page["events"]]
    return [found["status"], found.get("output"), found["stopDate"] >= found["startDate"], types[0], types[-1]]
"""
SORRY = {"name": "Sorry", "Type": "Pass", "Parameters": {"error.$": "$.Error"}, "End": True}


def project(definition: dict[str, Any], *steps: dict[str, Any]) -> dict[str, bytes]:
    asking = {
        "FunctionName": "ask",
        "Runtime": "python3.13",
        "Handler": "app.handler",
        "Code": "ask/",
        "Timeout": 30,
        "Role": {"Fn::GetAtt": "Role.Arn"},
    }
    resources = {
        "MachineRole": role(),
        "Orders": make_machine(definition),
        "Ask": {"Type": "AWS::Lambda::Function", "Properties": asking},
    }
    made = make_project(CODE, *steps, function={"Timeout": 30}, resources=resources)
    return {**made, "ask/app.py": ASK.encode()}


def ask(name: str, at: str) -> dict[str, Any]:
    made = invoke(at, {"name": name})
    made["with"]["FunctionName"] = "ask"
    return made


def test_a_handler_starts_an_execution_and_asks_what_became_of_it(played: Play) -> None:
    caught = [{"ErrorEquals": ["CardDeclined"], "Next": "Sorry"}]
    definition = chain({"name": "Charge", **task(Catch=caught, End=True)}, SORRY)
    entries = [
        invoke("0s", {"name": "good", "input": {"charge": 5}}),
        invoke("10s", {"name": "bad", "input": {"charge": 500}}),
        ask("good", "30s"),
        ask("bad", "40s"),
    ]
    made = played(project(definition, *entries))
    good, bad = made.summary["functions"]["ask"]["results"]
    assert good == ["SUCCEEDED", '{"charged":5}', True, "ExecutionStarted", "ExecutionSucceeded"]
    assert json.loads(bad[1]) == {"error": "CardDeclined"}
    assert made.summary["machines"]["orders"]["states"]["Charge"]["caught"] == 1


def test_a_handler_hands_a_task_token_back(played: Play) -> None:
    parameters = {"FunctionName": "work", "Payload": {"token.$": "$$.Task.Token"}}
    waiting = task(Resource="arn:aws:states:::lambda:invoke.waitForTaskToken", Parameters=parameters)
    made = played(project(chain(waiting), invoke("0s", {"name": "one", "input": {}}), ask("one", "60s")))
    assert made.summary["functions"]["ask"]["results"][0][:2] == ["SUCCEEDED", '{"by":"hand"}']
