"""Buckets: what they tell functions, queues, topics and EventBridge."""

import json
import urllib.parse
from collections.abc import Iterator
from typing import Any

from tests.simulator.delivered.contents import Content
from tests.simulator.delivered.delivery import Caught, Delivery, inside, to_work
from tests.simulator.playing import arn_of, call, make_function, make_queue, make_template
from tests.simulator.services.events.rules import INVOKE, make_rule
from tests.simulator.services.s3.buckets import PERMISSION, make_bucket, tell, telling

EVENTS = ("s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*")


def key_of(content: Content) -> str:
    return f"{content.text[:60]}a +%&ä/{'/'.join(content.words)}.jpg"


def change(content: Content) -> Iterator[dict[str, Any]]:
    """An object put, tagged, copied, untagged and deleted; one without a byte."""
    where = {"Bucket": "photos", "Key": key_of(content)}
    tags = {"TagSet": [{"Key": "kind", "Value": "cat"}]}
    source = f"photos/{urllib.parse.quote(where['Key'])}"
    yield call("0s", "s3.put_object", **where, Body={"file": "data.bin"})
    yield call("5s", "s3.put_object_tagging", **where, Tagging=tags)
    yield call("10s", "s3.copy_object", Bucket="photos", Key="copy", CopySource=source)
    yield call("15s", "s3.delete_object_tagging", **where)
    yield call("20s", "s3.delete_object", **where)
    yield call("25s", "s3.put_object", Bucket="photos", Key="empty", Body="")


VERSIONED = {"VersioningConfiguration": {"Status": "Enabled"}}


def to_function(**bucket: Any) -> dict[str, Any]:
    photos = make_bucket(**telling(*(tell(event) for event in EVENTS)), **bucket)
    return make_template(make_function(), Photos=photos, May=PERMISSION)


def allow(service: str, action: str, resource: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource}
    return {"Statement": [statement]}


QUEUE, TOPIC = arn_of("sqs", "inbox"), arn_of("sns", "news")
TO_QUEUE = make_template(
    Inbox=make_queue("inbox"),
    MayQueue={"Type": "AWS::SQS::QueuePolicy",
              "Properties": {"Queues": [{"Ref": "Inbox"}],
                             "PolicyDocument": allow("s3.amazonaws.com", "sqs:SendMessage", QUEUE)}},
    Photos=make_bucket(NotificationConfiguration={
        "QueueConfigurations": [tell(event, Queue=QUEUE) for event in EVENTS]}),
    Poll={"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"EventSourceArn": QUEUE, "FunctionName": "work"}},
)  # fmt: skip
TO_TOPIC = make_template(
    News={"Type": "AWS::SNS::Topic",
          "Properties": {"TopicName": "news",
                         "Subscription": [{"Protocol": "lambda", "Endpoint": arn_of("lambda", "function:work")}]}},
    MayTopic={"Type": "AWS::SNS::TopicPolicy",
              "Properties": {"Topics": [{"Ref": "News"}],
                             "PolicyDocument": allow("s3.amazonaws.com", "sns:Publish", TOPIC)}},
    MayWork={"Type": "AWS::Lambda::Permission",
             "Properties": {"Action": "lambda:InvokeFunction", "FunctionName": "work",
                            "Principal": "sns.amazonaws.com"}},
    Photos=make_bucket(NotificationConfiguration={
        "TopicConfigurations": [tell(event, Topic=TOPIC) for event in EVENTS]}),
)  # fmt: skip
ON_BUS = make_template(
    Photos=make_bucket(NotificationConfiguration={"EventBridgeConfiguration": {}}),
    Rule=make_rule(arn_of("lambda", "function:work"), EventBusName=None, EventPattern={
        "source": ["aws.s3"], "detail-type": ["Object Created", "Object Deleted"]}),
    May=INVOKE,
)  # fmt: skip


def told(caught: Caught) -> Caught:
    """Without the event by which S3 tries a new target out, of which nobody has a model."""

    def events(played: Any, seen: Any) -> list[Any]:
        return [body for body in caught(played, seen) if "s3:TestEvent" not in json.dumps(body)]

    return events


DELIVERIES = {
    "S3": Delivery("S3Model", to_function(), change, least=6),
    "S3, versions": Delivery("S3Model", to_function(**VERSIONED), change, least=6),
    "S3 to SQS": Delivery("S3SqsEventNotificationModel", TO_QUEUE, change, told(to_work)),
    "S3 in SQS": Delivery("S3Model", TO_QUEUE, change, told(inside("body")), least=6),
    "S3 to SNS": Delivery("SnsModel", TO_TOPIC, change, least=6),
    "S3 in SNS": Delivery("S3Model", TO_TOPIC, change, told(inside("Message", "Sns")), least=6),
    "S3 to EventBridge": Delivery("S3EventNotificationEventBridgeModel", ON_BUS, change, least=4),
}
