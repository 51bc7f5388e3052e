"""Buses, schedules, log groups, pipelines, CloudFormation."""

import json
from collections.abc import Iterator
from typing import Any

from tests.simulator.delivered.contents import Content
from tests.simulator.delivered.delivery import Delivery
from tests.simulator.playing import arn_of, call, make_function, make_template
from tests.simulator.services.codepipeline.test_jobs import UPLOAD, pipeline, start
from tests.simulator.services.events.rules import BUS, INVOKE, make_rule

WORK = arn_of("lambda", "function:work")
RULE = make_template(Bus=BUS, Rule=make_rule(WORK), May=INVOKE)
EVERY_MINUTE = make_template(
    Rule=make_rule(WORK, EventBusName=None, EventPattern=None, ScheduleExpression="rate(1 minute)"), May=INVOKE
)
OF_PIPELINES = make_template(
    make_function(),
    Rule=make_rule(WORK, EventBusName=None, EventPattern={"source": ["aws.codepipeline"]}),
    May=INVOKE,
    **pipeline(),
)
CLOCK = make_template(
    make_function(),
    Clock={
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": "clock",
            "AssumeRolePolicyDocument": {"Statement": [
                {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
            "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [
                {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}]}}],
        },
    },
    Due={
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {
            "ScheduleExpression": "rate(1 minute)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {"Arn": WORK, "RoleArn": {"Fn::GetAtt": "Clock.Arn"}},
        },
    },
)  # fmt: skip
LOGS = make_template(
    make_function(),
    App={"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "app"}},
    May={"Type": "AWS::Lambda::Permission", "Properties": {
        "Action": "lambda:InvokeFunction", "FunctionName": "work", "Principal": "logs.amazonaws.com"}},
    All={"Type": "AWS::Logs::SubscriptionFilter", "DependsOn": "May",
         "Properties": {"LogGroupName": "app", "FilterPattern": "", "DestinationArn": WORK}},
)  # fmt: skip
THING = {"Type": "Custom::Thing", "Properties": {"ServiceToken": {"Fn::GetAtt": "Work.Arn"}, "Says": {"Ref": "Text"}}}


def stack(thing: bool = True) -> dict[str, Any]:
    """A stack whose custom resource says a parameter, or that has lost it."""
    made = make_template(make_function(), **({"Thing": THING} if thing else {}))
    return {**made, "Parameters": {"Text": {"Type": "String", "Default": "a"}}}


def put_events(content: Content) -> Iterator[dict[str, Any]]:
    detail = {"text": content.text, "words": list(content.words), "nothing": None}
    entry: dict[str, Any] = {"Source": "shop", "DetailType": content.body[:30], "EventBusName": "shop"}
    resources = {"Resources": list(content.words)} if content.words else {}
    yield call("0s", "events.put_events", Entries=[entry | resources | {"Detail": json.dumps(detail)}])


def put_logs(content: Content) -> Iterator[dict[str, Any]]:
    named = {"logGroupName": "app", "logStreamName": "a"}
    said = [{"timestamp": 1_764_579_601_000 + n, "message": text} for n, text in enumerate((content.body, "second"))]
    yield call("0s", "logs.create_log_stream", **named)
    yield call("2s", "logs.put_log_events", **named, logEvents=said)


def create(content: Content) -> Iterator[dict[str, Any]]:
    yield call("10s", "sqs.list_queues")


def update(content: Content) -> Iterator[dict[str, Any]]:
    yield {"at": "10s", "deploy": {"parameters": {"Text": content.body}}}


def delete(content: Content) -> Iterator[dict[str, Any]]:
    yield {"at": "10s", "deploy": {"template": "without.json"}}


def of_kind(kind: str) -> Any:
    return lambda played, seen: [event for _, event in seen if event.get("RequestType") == kind]


ONE_HOUR = {"until": "3m"}
CUSTOM = "CloudFormationCustomResource"
DELIVERIES = {
    "EventBridge": Delivery("EventBridgeModel", RULE, put_events),
    "EventBridge, by the clock": Delivery("EventBridgeModel", EVERY_MINUTE, lambda content: (), scenario=ONE_HOUR),
    "EventBridge, of CodePipeline": Delivery(
        "EventBridgeModel", OF_PIPELINES, lambda content: (UPLOAD, start()),
        lambda played, seen: [event for _, event in seen if "detail-type" in event], least=1,
    ),
    "Scheduler": Delivery("EventBridgeModel", CLOCK, lambda content: (), scenario=ONE_HOUR),
    "CloudWatch Logs": Delivery("CloudWatchLogsModel", LOGS, put_logs),
    "CloudFormation, create": Delivery(f"{CUSTOM}CreateModel", stack(), create, of_kind("Create")),
    "CloudFormation, update": Delivery(f"{CUSTOM}UpdateModel", stack(), update, of_kind("Update")),
    "CloudFormation, delete": Delivery(
        f"{CUSTOM}DeleteModel", stack(), delete, of_kind("Delete"),
        files={"without.json": json.dumps(stack(False)).encode()},
    ),
}  # fmt: skip
