"""Handlers as AWS's documentation and Powertools' write them, unmodified: each deployed from a SAM template, sent
something, and asked what became of it."""

import json
import textwrap
from typing import Any

from lambdalab.simulator.trace.facts import ApiCalled, InvocationStarted
from lambdalab.simulator.views.segments import SegmentsFold
from tests.runtime.conftest import Play, Played

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.13
    Handler: app.handler
    Timeout: 30
    MemorySize: 512
    Tracing: Active
    Environment:
      Variables:
        POWERTOOLS_SERVICE_NAME: shop
        POWERTOOLS_METRICS_NAMESPACE: Shop
        TABLE: !Ref Table
        DONE: !Ref Done
Resources:
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      CodeUri: src/
      Policies:
        - DynamoDBCrudPolicy: {TableName: !Ref Table}
        - SQSSendMessagePolicy: {QueueName: !GetAtt Done.QueueName}
        - S3CrudPolicy: {BucketName: reports-of-the-shop}
        - SSMParameterReadPolicy: {ParameterName: shop/prefix}
      Events:
        Orders:
          Type: SQS
          Properties:
            Queue: !GetAtt Orders.Arn
            BatchSize: 10
            MaximumBatchingWindowInSeconds: 1
            FunctionResponseTypes: [ReportBatchItemFailures]
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: orders
      VisibilityTimeout: 180
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 2}
  Dead:
    Type: AWS::SQS::Queue
    Properties: {QueueName: dead}
  Done:
    Type: AWS::SQS::Queue
    Properties: {QueueName: done}
  Reports:
    Type: AWS::S3::Bucket
    Properties: {BucketName: reports-of-the-shop}
  Prefix:
    Type: AWS::SSM::Parameter
    Properties: {Name: /shop/prefix, Type: String, Value: shop-}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: things
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      TimeToLiveSpecification: {AttributeName: expiration, Enabled: true}
"""


def run(played: Play, code: str, *steps: dict[str, Any], requires: str = "") -> Played:
    scenario = {"steps": list(steps), "until": "15m"}
    files = {
        "template.yaml": TEMPLATE.encode(),
        "scenario.yaml": json.dumps(scenario).encode(),
        "src/app.py": textwrap.dedent(code).encode(),
        "src/requirements.txt": requires.encode(),
    }
    return played(files)


def invoke(payload: Any = None, at: str = "0s") -> dict[str, Any]:
    return {"at": at, "call": "lambda.invoke", "with": {"FunctionName": "work", "Payload": payload or {}}}


def send(*bodies: Any, at: str = "0s") -> dict[str, Any]:
    entries = [{"Id": str(n), "MessageBody": json.dumps(body)} for n, body in enumerate(bodies)]
    return {"at": at, "call": "sqs.send_message_batch", "with": {"QueueUrl": "orders", "Entries": entries}}


def ids(made: Played) -> list[str]:
    return sorted(item["id"] for item in made.summary["tables"]["things"]["items"])


def test_clients_resources_paginators_waiters_and_managed_transfers(played: Play) -> None:
    code = """
    import json
    import os
    from decimal import Decimal

    import boto3
    from boto3.dynamodb.conditions import Key
    from botocore.config import Config
    from botocore.exceptions import ClientError

    s3 = boto3.client("s3", config=Config(retries={"max_attempts": 5, "mode": "adaptive"}))
    sqs = boto3.client("sqs")
    table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


    def handler(event, context):
        with table.batch_writer() as batch:
            for number in range(30):
                batch.put_item(Item={"id": f"order-{number:02}", "price": Decimal("9.90")})
        paginator = boto3.client("dynamodb").get_paginator("scan")
        items = [item for page in paginator.paginate(TableName=os.environ["TABLE"], PaginationConfig={"PageSize": 7})
                 for item in page["Items"]]
        path = "/tmp/report.json"
        with open(path, "w") as report:
            json.dump(sorted(item["id"]["S"] for item in items), report)
        s3.upload_file(path, "reports-of-the-shop", "today/report.json",
                       ExtraArgs={"ContentType": "application/json"})
        s3.get_waiter("object_exists").wait(Bucket="reports-of-the-shop", Key="today/report.json")
        bucket = boto3.resource("s3").Bucket("reports-of-the-shop")
        keys = [summary.key for summary in bucket.objects.filter(Prefix="today/")]
        sqs.send_message(QueueUrl=os.environ["DONE"], MessageBody=json.dumps(keys), MessageAttributes={
            "kind": {"DataType": "String", "StringValue": "report"}})
        try:
            s3.get_object(Bucket="reports-of-the-shop", Key="missing")
        except ClientError as error:
            code = error.response["Error"]["Code"]
        found = table.query(KeyConditionExpression=Key("id").eq("order-03"))["Items"]
        return {"items": len(items), "keys": keys, "code": code, "price": str(found[0]["price"]),
                "seconds_left": context.get_remaining_time_in_millis() // 1000}
    """
    made = run(played, code, invoke())
    assert made.result == {
        "items": 30,
        "keys": ["today/report.json"],
        "code": "NoSuchKey",
        "price": "9.90",
        "seconds_left": 29,
    }
    report = made.summary["buckets"]["reports-of-the-shop"]["objects"]["today/report.json"]
    assert report["content_type"] == "application/json"
    assert made.summary["queues"]["done"]["messages"][0]["body"] == '["today/report.json"]'
    assert len(ids(made)) == 30


BATCH = """
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
import boto3, os

processor = BatchProcessor(event_type=EventType.SQS)
logger = Logger()
metrics = Metrics()
tracer = Tracer()
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


@tracer.capture_method
def record_handler(record: SQSRecord):
    order = record.json_body
    logger.info("order", extra={"order_id": order["id"]})
    if order["id"] == "broken":
        raise ValueError("a broken order")
    table.put_item(Item={"id": order["id"]})
    metrics.add_metric(name="OrdersStored", unit=MetricUnit.Count, value=1)


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event, context: LambdaContext):
    return process_partial_response(
        event=event, record_handler=record_handler, processor=processor, context=context
    )
"""
BOTH = "aws-lambda-powertools\naws-xray-sdk\n"


def test_the_batch_processor_reports_the_messages_that_failed_and_no_others_come_again(played: Play) -> None:
    made = run(played, BATCH, send({"id": "one"}, {"id": "broken"}, {"id": "two"}), requires=BOTH)
    assert ids(made) == ["one", "two"]
    assert made.summary["queues"]["dead"]["messages"][0]["body"] == '{"id": "broken"}'
    assert made.summary["queues"]["orders"]["message_count"] == 0
    writes = [fact for fact in made.of(ApiCalled) if fact.operation == "PutItem"]
    assert len(writes) == 2


def test_the_loggers_lines_are_json_with_the_functions_context(played: Play) -> None:
    made = run(played, BATCH, send({"id": "one"}), requires=BOTH)
    lines = [line["text"] for line in made.summary["logs"]["/aws/lambda/work"]["lines"]]
    (order,) = [json.loads(line) for line in lines if '"order_id"' in line]
    (started,) = {fact.request_id for fact in made.of(InvocationStarted)}
    assert order["order_id"] == "one"
    assert (order["service"], order["function_name"], order["cold_start"]) == ("shop", "work", True)
    assert order["function_request_id"] == started
    assert order["xray_trace_id"].startswith("1-")


def test_metrics_in_the_embedded_format_are_the_summarys_metrics(played: Play) -> None:
    made = run(played, BATCH, send({"id": "one"}, {"id": "two"}, {"id": "three"}), requires=BOTH)
    shop = made.summary["metrics"]["Shop"]
    assert sum(row["sum"] for row in shop["OrdersStored"]["service=shop"]) == 3
    assert [row["sum"] for row in shop["ColdStart"]["function_name=work,service=shop"]] == [1]


def documents(made: Played) -> list[dict[str, Any]]:
    fold = SegmentsFold()
    for at, _, fact in made.facts:
        if take := fold.takes.get(type(fact)):
            take(at, fact)
    return [document for found in fold.documents() for document in found]


def names(document: dict[str, Any]) -> list[str]:
    inner = document.get("subsegments", [])
    return [document["name"], *(name for each in inner for name in names(each))]


def test_the_tracers_subsegments_are_in_the_trace(played: Play) -> None:
    made = run(played, BATCH, send({"id": "one"}, {"id": "broken"}), requires=BOTH)
    told = [name for document in documents(made) for name in names(document)]
    assert "## handler" in told
    assert "## app.record_handler" in told or "## record_handler" in told
    assert "dynamodb" in told


def test_the_x_ray_sdk_traces_boto3_and_what_the_code_calls_a_subsegment(played: Play) -> None:
    code = """
    import os
    import boto3
    from aws_xray_sdk.core import patch_all, xray_recorder

    patch_all()
    table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


    @xray_recorder.capture("## think")
    def think(number):
        xray_recorder.put_annotation("number", number)
        return number * 2


    def handler(event, context):
        with xray_recorder.in_subsegment("## store") as subsegment:
            subsegment.put_metadata("event", event, "shop")
            table.put_item(Item={"id": str(think(21))})
        return "stored"
    """
    made = run(played, code, invoke({"a": 1}), requires="aws-xray-sdk\n")
    assert (made.result, ids(made)) == ("stored", ["42"])
    (function,) = [document for document in documents(made) if document.get("origin") == "AWS::Lambda::Function"]
    (store,) = [each for each in function["subsegments"] if each["name"] == "## store"]
    assert store["metadata"] == {"shop": {"event": {"a": 1}}}
    inner = {each["name"]: each for each in store["subsegments"]}
    assert inner["## think"]["annotations"] == {"number": 21}
    assert (inner["dynamodb"]["aws"]["operation"], inner["dynamodb"]["aws"]["table_name"]) == ("PutItem", "things")


IDEMPOTENT = """
import os
from dataclasses import dataclass

import boto3
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer, IdempotencyConfig, idempotent,
)

persistence = DynamoDBPersistenceLayer(table_name=os.environ["TABLE"])
config = IdempotencyConfig(event_key_jmespath="payment_id", expires_after_seconds=300)
queue = boto3.client("sqs")


@idempotent(persistence_store=persistence, config=config)
def handler(event, context):
    queue.send_message(QueueUrl=os.environ["DONE"], MessageBody=event["payment_id"])
    if event.get("fail"):
        raise RuntimeError("after the charge")
    return {"charged": event["payment_id"], "request": context.aws_request_id}
"""


def test_a_replay_of_an_idempotent_handler_answers_what_was_answered_and_does_nothing(played: Play) -> None:
    made = run(
        played,
        IDEMPOTENT,
        invoke({"payment_id": "p-1"}),
        invoke({"payment_id": "p-1"}, at="10s"),
        invoke({"payment_id": "p-2"}, at="20s"),
        invoke({"payment_id": "p-1"}, at="10m"),
        requires="aws-lambda-powertools\n",
    )
    first, again, other, later = made.summary["functions"]["work"]["results"]
    assert first == again
    assert other["charged"] == "p-2"
    assert later["request"] != first["request"]  # five minutes have passed: the record has expired
    bodies = [message["body"] for message in made.summary["queues"]["done"]["messages"]]
    assert bodies == ["p-1", "p-2", "p-1"]


def test_an_idempotent_handler_that_failed_may_be_tried_again(played: Play) -> None:
    made = run(
        played,
        IDEMPOTENT,
        invoke({"payment_id": "p-1", "fail": True}),
        invoke({"payment_id": "p-1"}, at="10s"),
        requires="aws-lambda-powertools\n",
    )
    assert made.summary["queues"]["done"]["sent"] == 2
    assert made.result["charged"] == "p-1"


def test_two_idempotent_invocations_at_once_charge_once(played: Play) -> None:
    made = run(
        played,
        IDEMPOTENT,
        invoke({"payment_id": "p-1"}),
        invoke({"payment_id": "p-1"}, at="0.002s"),
        requires="aws-lambda-powertools\n",
    )
    assert made.summary["queues"]["done"]["sent"] == 1
    assert made.summary["functions"]["work"]["invocations"] == 2


def test_parameters_are_read_once_and_events_have_types(played: Play) -> None:
    code = """
    import os
    import boto3
    from aws_lambda_powertools.utilities import parameters
    from aws_lambda_powertools.utilities.data_classes import SQSEvent, event_source

    table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


    @event_source(data_class=SQSEvent)
    def handler(event: SQSEvent, context):
        for record in event.records:
            prefix = parameters.get_parameter("/shop/prefix", max_age=300)
            count = int(record.attributes.approximate_receive_count)
            table.put_item(Item={"id": prefix + record.json_body["id"], "count": count})
    """
    made = run(played, code, send({"id": "a"}, {"id": "b"}), requires="aws-lambda-powertools\n")
    assert ids(made) == ["shop-a", "shop-b"]
    assert {item["count"] for item in made.summary["tables"]["things"]["items"]} == {1}
    assert made.summary["calls"]["ssm.get_parameter"]["count"] == 1
