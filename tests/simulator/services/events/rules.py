"""Buses, rules and rights for templates, and what tests ask of a run."""

import json
from typing import Any

from lambdalab.simulator.trace.facts import MessageSent
from tests.simulator.playing import Played, arn_of, call

WORK = arn_of("lambda", "function:work")
BUS: dict[str, Any] = {"Type": "AWS::Events::EventBus", "Properties": {"Name": "shop"}}
PATTERN = {"source": ["shop"]}
INVOKE: dict[str, Any] = {
    "Type": "AWS::Lambda::Permission",
    "Properties": {
        "Action": "lambda:InvokeFunction",
        "FunctionName": "work",
        "Principal": "events.amazonaws.com",
        "SourceArn": {"Fn::GetAtt": ["Rule", "Arn"]},
    },
}


def make_rule(*targets: Any, **properties: Any) -> dict[str, Any]:
    """A rule on the bus ``shop`` (``EventBusName=None``: the default one); targets are ARNs or whole targets."""
    made = [{"Id": f"t{n}", "Arn": each} if isinstance(each, str) else each for n, each in enumerate(targets)]
    usual: dict[str, Any] = {"Name": "orders", "EventBusName": "shop", "EventPattern": PATTERN, "Targets": made}
    given = {name: value for name, value in (usual | properties).items() if value is not None}
    return {"Type": "AWS::Events::Rule", "Properties": given}


def lets_in(*queues: str, service: str = "events.amazonaws.com") -> dict[str, Any]:
    """A policy that lets EventBridge send to these queues, whose logical ids are their names in title case."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sqs:SendMessage",
        "Resource": [arn_of("sqs", queue) for queue in queues],
    }
    named = [{"Ref": queue.removesuffix(".fifo").title()} for queue in queues]
    return {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {"Queues": named, "PolicyDocument": {"Statement": statement}},
    }


def put(*details: Any, at: str = "0s", **more: Any) -> dict[str, Any]:
    """A step that puts events of the source ``shop`` on the bus ``shop``."""
    usual = {"Source": "shop", "DetailType": "Order", "EventBusName": "shop"} | more
    return call(at, "events.put_events", Entries=[usual | {"Detail": json.dumps(each)} for each in details])


def bodies(played: Played, queue: str) -> list[Any]:
    return [json.loads(fact.body) for fact in played.of(MessageSent) if fact.queue == queue]
