"""Every event that AWS's own library for functions has a model of parses with it: samples, and what we deliver."""

import base64
import importlib
import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.services.sqs.message import md5_of_attributes
from lambdalab.simulator.trace.facts import MessageSent
from lambdalab.simulator.vocabulary.events.catalogue import SOURCES, event_of
from tests.simulator import streams
from tests.simulator.playing import (
    FAIL,
    arn_of,
    call,
    make_event_invoke,
    make_function,
    make_queue,
    make_template,
    play,
    steps,
)
from tests.simulator.services.s3.buckets import PERMISSION, make_bucket, put, tell, telling
from tests.simulator.services.test_sns import RIGHTS, TOPIC, publish, to_queue
from tests.simulator.vocabulary.events.shapes import fields

MODELS = {
    "s3-put": "S3Model",
    "s3-copy": "S3Model",
    "s3-multipart": "S3Model",
    "s3-delete": "S3Model",
    "s3-delete-marker": "S3Model",
    "s3-batch": "S3BatchOperationModel",
    "s3-object-lambda": "S3ObjectLambdaEvent",
    "sns": "SnsModel",
    "sqs": "SqsModel",
    "sqs-fifo": "SqsModel",
    "sqs-sns": "SqsModel",
    "sqs-s3": "S3SqsEventNotificationModel",
    "kinesis": "KinesisDataStreamModel",
    "kinesis-window": "KinesisDataStreamModel",
    "dynamodb": "DynamoDBStreamModel",
    "dynamodb-insert": "DynamoDBStreamModel",
    "dynamodb-remove": "DynamoDBStreamModel",
    "dynamodb-expiry": "DynamoDBStreamModel",
    "eventbridge": "EventBridgeModel",
    "schedule": "EventBridgeModel",
    "scheduler": "EventBridgeModel",
    "eventbridge-s3": "S3EventNotificationEventBridgeModel",
    "eventbridge-ec2": "EventBridgeModel",
    "eventbridge-codepipeline": "EventBridgeModel",
    "eventbridge-alarm": "EventBridgeModel",
    "eventbridge-lambda": "EventBridgeModel",
    "alb": "AlbModel",
    "apigateway": "APIGatewayProxyEventModel",
    "http-api": "APIGatewayProxyEventV2Model",
    "function-url": "LambdaFunctionUrlModel",
    "websocket-connect": "APIGatewayWebSocketConnectEventModel",
    "websocket-message": "APIGatewayWebSocketMessageEventModel",
    "websocket-disconnect": "APIGatewayWebSocketDisconnectEventModel",
    "authorizer-token": "ApiGatewayAuthorizerToken",
    "authorizer-request": "ApiGatewayAuthorizerRequest",
    "authorizer-http-api": "ApiGatewayAuthorizerRequestV2",
    "cloudwatch-logs": "CloudWatchLogsModel",
    "cognito-pre-sign-up": "CognitoPreSignupTriggerModel",
    "cognito-post-confirmation": "CognitoPostConfirmationTriggerModel",
    "cognito-pre-authentication": "CognitoPreAuthenticationTriggerModel",
    "cognito-post-authentication": "CognitoPostAuthenticationTriggerModel",
    "cognito-pre-token": "CognitoPreTokenGenerationTriggerModelV1",
    "cognito-migrate-user": "CognitoMigrateUserTriggerModel",
    "cognito-custom-message": "CognitoCustomMessageTriggerModel",
    "cognito-define-challenge": "CognitoDefineAuthChallengeTriggerModel",
    "cognito-create-challenge": "CognitoCreateAuthChallengeTriggerModel",
    "cognito-verify-challenge": "CognitoVerifyAuthChallengeTriggerModel",
    "cloudformation-create": "CloudFormationCustomResourceCreateModel",
    "cloudformation-update": "CloudFormationCustomResourceUpdateModel",
    "cloudformation-delete": "CloudFormationCustomResourceDeleteModel",
    "iot-thing": "iot_registry_events.IoTCoreThingEvent",
    "ses": "SesModel",
    "firehose": "KinesisFirehoseModel",
    "msk": "KafkaMskEventModel",
    "kafka": "KafkaSelfManagedEventModel",
}


def parse(model: str, event: Any) -> Any:
    module, _, name = f"aws_lambda_powertools.utilities.parser.models.{model}".rpartition(".")
    return getattr(importlib.import_module(module), name).model_validate(event)


@pytest.mark.parametrize("name", MODELS)
def test_a_sample_parses(name: str) -> None:
    parse(MODELS[name], event_of(SOURCES[name]))


def test_what_is_encoded_is_read_again() -> None:
    logs = parse("CloudWatchLogsModel", event_of(SOURCES["cloudwatch-logs"]))
    assert logs.awslogs.decoded_data.logEvents[0].message == "[ERROR] ValueError: card refused"
    assert parse("KinesisDataStreamModel", event_of(SOURCES["kinesis"])).Records[0].kinesis.data == b'{"order": 17}'
    assert parse("KafkaMskEventModel", event_of(SOURCES["msk"])).records["orders-0"][0].headers == [{"kind": b"order"}]


def delivered(template: Any, *entries: dict[str, Any]) -> list[Any]:
    """Every event that the function ``work`` was invoked with."""
    seen: list[Any] = []

    def script(function: Any, event: Any, count: int) -> Act:
        seen.append(event)
        return Act()

    play(template, steps(*entries), script)
    assert seen
    return seen


def test_what_a_bucket_delivers_to_a_function_parses() -> None:
    template = make_template(make_function(), Photos=make_bucket(**telling(tell())), May=PERMISSION)
    (event,) = delivered(template, put("0s", "my cat.jpg"))
    assert parse("S3Model", event).Records[0].s3.object.key == "my+cat.jpg"


def test_what_a_topic_delivers_to_a_function_parses() -> None:
    target = {"Protocol": "lambda", "Endpoint": arn_of("lambda", "function:work")}
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news", "Subscription": [target]}}
    template = make_template(make_function(), News=topic, A=make_queue("a"), B=make_queue("b"), **RIGHTS)
    attributes = {"kind": {"DataType": "String", "StringValue": "order"}}
    said = call("0s", "sns.publish", TopicArn="news", Message="hello", MessageAttributes=attributes)
    (event,) = delivered(template, said)
    parsed = parse("SnsModel", event).Records[0].Sns
    assert (parsed.TopicArn, parsed.Message, parsed.MessageAttributes["kind"].Value) == (TOPIC, "hello", "order")


def test_what_a_topic_puts_into_a_queue_parses() -> None:
    body = json.loads(publish(to_queue("a"), Subject="Hi").of(MessageSent)[0].body)
    assert "UnsubscribeURL" in body
    assert parse("SnsNotificationModel", body).Subject == "Hi"


def test_a_notification_without_subject_and_attributes_has_no_such_keys_in_a_queue() -> None:
    body = json.loads(publish(to_queue("a")).of(MessageSent)[0].body)
    assert {"Subject", "MessageAttributes"}.isdisjoint(body)


def test_what_cloudformation_delivers_to_a_custom_resource_parses() -> None:
    thing = {"Type": "Custom::Thing", "Properties": {"ServiceToken": {"Fn::GetAtt": "Work.Arn"}, "Rows": 3}}
    asked = delivered(make_template(make_function(), Thing=thing))
    parsed = parse("CloudFormationCustomResourceCreateModel", asked[0])
    assert parsed.resource_properties["Rows"] == "3"


def test_what_lambda_delivers_to_a_destination_has_the_shape_of_the_sample() -> None:
    config = make_event_invoke(failure=arn_of("sqs", "failed"), MaximumRetryAttempts=0)
    template = make_template(make_function(), Failed=make_queue("failed"), Config=config)
    played = play(template, steps(call("0s", "lambda.invoke", FunctionName="work", InvocationType="Event")), FAIL)
    record = json.loads(played.of(MessageSent)[0].body)
    sample = event_of(SOURCES["destination-failure"])
    assert fields({**record, "requestPayload": {}, "responsePayload": {}}) == fields(
        {**sample, "requestPayload": {}, "responsePayload": {}}
    )


def of_queue(*entries: dict[str, Any], name: str = "orders", **queue: Any) -> list[Any]:
    """What a queue's mapping delivers, as Powertools reads it; the function's timeout is the usual 3 s."""
    poll = {"EventSourceArn": arn_of("sqs", name), "FunctionName": "work"}
    template = make_template(
        make_function(),
        Orders=make_queue(name, **queue),
        Poll={"Type": "AWS::Lambda::EventSourceMapping", "Properties": poll},
    )
    events = delivered(template, *entries)
    return [record for event in events for record in parse("SqsModel", event).Records]


def test_what_a_queue_delivers_parses() -> None:
    attributes = {
        "kind": {"DataType": "String", "StringValue": "order"},
        "photo": {"DataType": "Binary", "BinaryValue": "cat"},
    }
    send = call("0s", "sqs.send_message", QueueUrl="orders", MessageBody="{}", MessageAttributes=attributes)
    (record,) = of_queue(send)
    assert record.attributes.SenderId.startswith("AIDA")
    assert record.md5OfMessageAttributes == md5_of_attributes(attributes)
    assert base64.b64decode(record.messageAttributes["photo"].binaryValue) == b"cat"
    assert record.md5OfBody == "99914b932bd37a50b983c5e7c90ae93b"


def test_a_message_without_attributes_has_no_digest_of_any() -> None:
    (record,) = of_queue(call("0s", "sqs.send_message", QueueUrl="orders", MessageBody="{}"))
    assert record.md5OfMessageAttributes is None
    assert record.messageAttributes == {}


def test_what_a_fifo_queue_delivers_parses() -> None:
    send = call(
        "0s", "sqs.send_message", QueueUrl="orders.fifo", MessageBody="{}", MessageGroupId="a",
        MessageDeduplicationId="1",
    )  # fmt: skip
    (record,) = of_queue(send, name="orders.fifo", FifoQueue=True)
    assert (record.attributes.MessageGroupId, record.attributes.MessageDeduplicationId) == ("a", "1")
    assert len(record.attributes.SequenceNumber) == 20


def test_what_a_queue_delivers_has_the_fields_of_the_sample() -> None:
    seen = delivered(
        make_template(
            make_function(),
            Orders=make_queue("orders"),
            Poll={
                "Type": "AWS::Lambda::EventSourceMapping",
                "Properties": {"EventSourceArn": arn_of("sqs", "orders"), "FunctionName": "work"},
            },
        ),
        call("0s", "sqs.send_message", QueueUrl="orders", MessageBody='{"order": 17}'),
    )
    assert fields(seen[0]) == fields(event_of(SOURCES["sqs"]))


def test_what_a_kinesis_stream_delivers_parses() -> None:
    template = make_template(make_function(), Clicks=streams.make_stream(), Poll=streams.make_mapping())
    (event,) = delivered(template, streams.put())
    (record,) = parse("KinesisDataStreamModel", event).Records
    assert (record.kinesis.data, record.kinesis.partitionKey) == (b'{"n": 1}', "a")
    assert 1_764_579_600 <= record.kinesis.approximateArrivalTimestamp < 1_764_579_601
    assert fields(event) == fields(event_of(SOURCES["kinesis"]))


def test_what_a_tumbling_window_delivers_has_the_fields_of_the_sample() -> None:
    poll = streams.make_mapping(TumblingWindowInSeconds=10, MaximumRetryAttempts=0)
    events = delivered(make_template(make_function(), Clicks=streams.make_stream(), Poll=poll), streams.put())
    sample = event_of(SOURCES["kinesis-window"])
    assert fields(events[0] | {"state": {}}) == fields(sample | {"state": {}})


@pytest.mark.parametrize("view", ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])
def test_what_a_tables_stream_delivers_parses(view: str) -> None:
    item = {"id": {"S": "1"}, "n": {"N": "7"}, "tags": {"L": [{"S": "a"}]}}
    put = call("0s", "dynamodb.put_item", TableName="orders", Item=item)
    gone = call("5s", "dynamodb.delete_item", TableName="orders", Key={"id": {"S": "1"}})
    poll = streams.make_mapping(streams.ORDERS)
    events = delivered(make_template(make_function(), Orders=streams.make_table(view=view), Poll=poll), put, gone)
    parsed = [record for event in events for record in parse("DynamoDBStreamModel", event).Records]
    assert [record.eventName for record in parsed] == ["INSERT", "REMOVE"]
    if view == "NEW_AND_OLD_IMAGES":
        assert parsed[0].dynamodb.NewImage == {"id": "1", "n": 7, "tags": ["a"]}
