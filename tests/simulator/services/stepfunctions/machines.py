"""State machines beside one function, and runs of them: what the tests of Step Functions begin with."""

import json
from collections.abc import Mapping
from typing import Any

from tests.simulator.playing import TRUST, Played, arn_of, call, make_function, make_template, play, steps

WORK = "arn:aws:lambda:us-east-1:123456789012:function:work"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:orders"
STATES_TRUST = json.loads(json.dumps(TRUST).replace("lambda.amazonaws.com", "states.amazonaws.com"))


def role(*actions: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(actions) or ["*"], "Resource": "*"}
    policy = {"PolicyName": "all", "PolicyDocument": {"Statement": [statement]}}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": STATES_TRUST, "Policies": [policy]}}


def make_machine(definition: Mapping[str, Any], kind: str = "STANDARD", **properties: Any) -> dict[str, Any]:
    usual = {
        "StateMachineName": "orders",
        "StateMachineType": kind,
        "RoleArn": {"Fn::GetAtt": "MachineRole.Arn"},
        "Definition": definition,
    }
    return {"Type": "AWS::StepFunctions::StateMachine", "Properties": usual | properties}


def chain(*states: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A definition in which the states follow one another; each may carry a name under ``name``."""
    named = [(state.get("name", f"S{number}"), state) for number, state in enumerate(states, 1)]
    made = {}
    for number, (name, state) in enumerate(named):
        body = {key: value for key, value in state.items() if key != "name"}
        if not {"Next", "End", "Choices"} & body.keys() and body["Type"] not in ("Succeed", "Fail"):
            body |= {"Next": named[number + 1][0]} if number + 1 < len(named) else {"End": True}
        made[name] = body
    return {"StartAt": named[0][0], "States": made, **more}


def task(**more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": WORK, **more}


def start(value: Any = None, at: str = "0s", **more: Any) -> dict[str, Any]:
    text = value if isinstance(value, str) else json.dumps({} if value is None else value)
    return call(at, "stepfunctions.start_execution", stateMachineArn=MACHINE, input=text, **more)


def run(
    definition: Mapping[str, Any],
    *entries: dict[str, Any],
    script: Any = None,
    kind: str = "STANDARD",
    resources: Mapping[str, Any] | None = None,
    actions: tuple[str, ...] = (),
    function: Mapping[str, Any] | None = None,
    **scenario: Any,
) -> Played:
    template = make_template(
        make_function(**(function or {})),
        MachineRole=role(*actions),
        Orders=make_machine(definition, kind),
        **(resources or {}),
    )
    return play(template, steps(*(entries or (start(),)), **scenario), script)


def machine(played: Played) -> dict[str, Any]:
    found: dict[str, Any] = played.summary["machines"]["orders"]
    return found


def output(played: Played) -> Any:
    ended = machine(played)["ended"][0]
    assert ended["status"] == "SUCCEEDED", ended
    return json.loads(ended["output"])


def failure(played: Played) -> tuple[str, str]:
    ended = machine(played)["ended"][0]
    assert ended["status"] == "FAILED", ended
    return ended["error"], ended["cause"] or ""


__all__ = ["arn_of"]
