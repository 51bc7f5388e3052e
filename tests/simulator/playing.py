"""Small projects played with scripted handlers: what nearly every test of the simulator begins with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from lambdalab.simulator.kernel import SECOND, Micros
from lambdalab.simulator.lambda_.scripted import Act, Script, ScriptedHandlers, always
from lambdalab.simulator.scenario.load import load_scenario
from lambdalab.simulator.scenario.run import Limits, simulate
from lambdalab.simulator.scenario.schema import Scenario
from lambdalab.simulator.trace import Stamped, decode_lines
from lambdalab.simulator.trace.platform_lines import with_platform_lines
from lambdalab.simulator.views.player import PlayerFold

ACCOUNT = "123456789012"
CODE = {"src/app.py": b"def handler(event, context):\n    return event\n"}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
FAIL = Act(status="error", error_type="CardDeclined", error_message="the card was declined")

Fact = TypeVar("Fact")


@dataclass(frozen=True)
class Played:
    """What came out of a run: its facts in order, its summary, its player's data, the trace's bytes."""

    facts: list[Stamped]
    summary: dict[str, Any]
    player: dict[str, Any]
    trace: bytes
    stopped: str | None
    passed: bool

    def of(self, kind: type[Fact]) -> list[Fact]:
        return [stamped.fact for stamped in with_platform_lines(self.facts) if isinstance(stamped.fact, kind)]

    def times(self, kind: type[Any]) -> list[float]:
        return [stamped.at / SECOND for stamped in self.facts if isinstance(stamped.fact, kind)]


def play(
    template: Mapping[str, Any] | str,
    scenario: Mapping[str, Any] | Scenario,
    script: Script | Act | None = None,
    *,
    init: Act | None = None,
    seed: int | None = None,
    files: Mapping[str, bytes] | None = None,
    limits: Limits | None = None,
    stop: str | None = None,
) -> Played:
    """Play ``scenario`` on ``template`` (CloudFormation as a mapping, or YAML text) with a script for all functions."""
    project = {**CODE, **(files or {}), **as_files(template)}
    chunks: list[bytes] = []
    player = PlayerFold()
    loaded = scenario if isinstance(scenario, Scenario) else load_scenario(project | as_scenario(scenario))
    acting = always(script) if isinstance(script, Act) else script or always(Act())
    outcome = simulate(
        project,
        loaded,
        ScriptedHandlers(acting, init or Act(status="ready")),
        seed=seed,
        sink=chunks.append,
        folds=(player.add,),
        limits=limits or Limits(),
        should_stop=lambda: stop,
    )
    trace = b"".join(chunks)
    facts = list(decode_lines(trace.splitlines()))
    return Played(facts, outcome.summary, player.result(), trace, outcome.stopped, outcome.passed)


def as_files(template: Mapping[str, Any] | str) -> dict[str, bytes]:
    if isinstance(template, str):
        return {"template.yaml": template.encode()}
    return {"template.json": json.dumps(template, ensure_ascii=False).encode()}


def as_scenario(scenario: Mapping[str, Any]) -> dict[str, bytes]:
    return {"scenario.yaml": json.dumps(scenario, ensure_ascii=False).encode()}


def make_template(*functions: dict[str, Any], allow: list[str] | None = None, **resources: Any) -> dict[str, Any]:
    """A template with these functions (``work`` when none is given), a role that may do ``allow``, and the rest."""
    made: dict[str, Any] = {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": TRUST,
                "Policies": [
                    {
                        "PolicyName": "all",
                        "PolicyDocument": {
                            "Statement": [{"Effect": "Allow", "Action": allow or ["*"], "Resource": "*"}]
                        },
                    }
                ],
            },
        }
    }
    for function in functions or (make_function(),):
        made[function["Properties"]["FunctionName"].title()] = function
    return {"Resources": made | resources}


def make_function(name: str = "work", **properties: Any) -> dict[str, Any]:
    """A function with defaults, in CloudFormation's words."""
    usual = {
        "FunctionName": name,
        "Runtime": "python3.13",
        "Handler": "app.handler",
        "Code": "src/",
        "Role": {"Fn::GetAtt": "Role.Arn"},
    }
    return {"Type": "AWS::Lambda::Function", "Properties": usual | properties}


def make_queue(name: str = "dlq", **properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name, **properties}}


def make_event_invoke(function: str = "work", **properties: Any) -> dict[str, Any]:
    """An AWS::Lambda::EventInvokeConfig. ``success`` and ``failure`` are destination ARNs."""
    destinations = {
        side: {"Destination": properties.pop(word)}
        for side, word in (("OnSuccess", "success"), ("OnFailure", "failure"))
        if word in properties
    }
    usual = {"FunctionName": function, "Qualifier": "$LATEST", "DestinationConfig": destinations}
    return {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": usual | properties}


def arn_of(service: str, name: str) -> str:
    return f"arn:aws:{service}:us-east-1:{ACCOUNT}:{name}"


def invoke(at: str = "0s", payload: Any = None, **more: Any) -> dict[str, Any]:
    """A step that invokes ``work`` asynchronously; ``function`` and ``kind`` say otherwise."""
    called = {
        "FunctionName": more.pop("function", "work"),
        "InvocationType": more.pop("kind", "Event"),
        "Payload": {} if payload is None else payload,
    }
    return {"at": at, "call": "lambda.invoke", "with": called, **more}


def call(at: str, operation: str, **params: Any) -> dict[str, Any]:
    return {"at": at, "call": operation, "with": params}


def steps(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A scenario of these steps, in which work takes no declared time unless ``compute`` is given."""
    free = {"mode": "declared", "functions": {"work": {"init_ms": 0, "cpu_ms": 0}}}
    return {"steps": list(entries), "compute": free, **more}


def first(times: int, act: Act, then: Act | None = None) -> Script:
    """``act`` for the first ``times`` invocations of the whole run, afterwards ``then``."""
    left = [times]

    def script(function: Any, event: Any, count: int) -> Act:
        left[0] -= 1
        return act if left[0] >= 0 else then or Act()

    return script


def seconds(value: float) -> Micros:
    return Micros(round(value * SECOND))
