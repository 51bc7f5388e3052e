"""Queues, topics and streams."""

from collections.abc import Iterator
from typing import Any

from tests.simulator import streams
from tests.simulator.delivered.contents import Content
from tests.simulator.delivered.delivery import Delivery, in_queue, inside
from tests.simulator.playing import arn_of, call, make_function, make_queue, make_template

WORK = arn_of("lambda", "function:work")
FIFO = {"FifoQueue": True, "ContentBasedDeduplication": True}


def polled(source: str, **properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"EventSourceArn": source, "FunctionName": "work",
            **properties}}  # fmt: skip


def of_queue(name: str = "orders", **properties: Any) -> dict[str, Any]:
    return make_template(make_function(), Orders=make_queue(name, **properties), Poll=polled(arn_of("sqs", name)))


def send(content: Content) -> Iterator[dict[str, Any]]:
    usual = {"QueueUrl": "orders", "MessageBody": content.body, "MessageAttributes": content.attributes}
    yield call("0s", "sqs.send_message", **usual)
    header = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}}
    yield call("1s", "sqs.send_message", **usual, MessageSystemAttributes=header)


def send_in_order(content: Content) -> Iterator[dict[str, Any]]:
    usual = {"QueueUrl": "orders.fifo", "MessageBody": content.body, "MessageAttributes": content.attributes}
    yield call("0s", "sqs.send_message", **usual, MessageGroupId="a")
    yield call("9s", "sqs.send_message", **usual, MessageGroupId="b", MessageDeduplicationId="1")


def topic(*subscriptions: dict[str, Any], name: str = "news", **more: Any) -> dict[str, Any]:
    """A topic, what it needs to reach the function and the queue, and the queue's mapping."""
    fifo = {"FifoTopic": True, "ContentBasedDeduplication": True} if name.endswith(".fifo") else {}
    queue = "copies" + name.removeprefix("news")
    policy = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
              "Resource": arn_of("sqs", queue)}  # fmt: skip
    may = {"Action": "lambda:InvokeFunction", "FunctionName": "work", "Principal": "sns.amazonaws.com"}
    return make_template(
        make_function(),
        News={"Type": "AWS::SNS::Topic",
              "Properties": {"TopicName": name, "Subscription": list(subscriptions), **fifo}},
        Copies=make_queue(queue, **({"FifoQueue": True} if fifo else {})),
        Policy={"Type": "AWS::SQS::QueuePolicy",
                "Properties": {"Queues": [{"Ref": "Copies"}], "PolicyDocument": {"Statement": policy}}},
        May={"Type": "AWS::Lambda::Permission", "Properties": may},
        **more,
    )  # fmt: skip


def publish(content: Content) -> Iterator[dict[str, Any]]:
    subject = {} if content.subject is None else {"Subject": content.subject}
    attributes = {"MessageAttributes": content.attributes} if content.attributes else {}
    yield call("0s", "sns.publish", TopicArn="news", Message=content.body, **subject, **attributes)


def publish_in_order(content: Content) -> Iterator[dict[str, Any]]:
    (step,) = publish(content)
    step["with"] |= {"TopicArn": "news.fifo", "MessageGroupId": "a"}
    yield step


def to_copies(name: str = "copies", **more: Any) -> dict[str, Any]:
    return {"Protocol": "sqs", "Endpoint": arn_of("sqs", name), **more}


def put_record(content: Content) -> Iterator[dict[str, Any]]:
    key = content.body[:60]
    yield call("0s", "kinesis.put_record", StreamName="clicks", PartitionKey=key, Data={"file": "data.bin"})
    yield call("1s", "kinesis.put_record", StreamName="clicks", PartitionKey="a", Data=content.text)


def item(content: Content) -> dict[str, Any]:
    """An item with an attribute of every type."""
    binary = {"file": "data.bin"}
    word = content.words[0] if content.words else "a"
    many: dict[str, Any] = {"S": {"S": content.text}, "N": {"N": "-1.5e3"}, "B": {"B": binary}, "Z": {"NULL": True},
                            "T": {"BOOL": False}}  # fmt: skip
    sets = {"SS": {"SS": ["a", content.body + "b"]}, "NS": {"NS": ["1", "2.5"]}}
    return {
        "id": {"S": word},
        **many,
        **sets,
        "L": {"L": [*many.values(), {"L": []}]},
        f"m{content.body[:20]}": {"M": many},
    }


def change(content: Content) -> Iterator[dict[str, Any]]:
    key = {"id": item(content)["id"]}
    yield call("0s", "dynamodb.put_item", TableName="orders", Item=item(content))
    yield call("2s", "dynamodb.put_item", TableName="orders", Item={**item(content), "S": {"S": "changed"}})
    yield call("4s", "dynamodb.delete_item", TableName="orders", Key=key)


def table(view: str, function: str = "work", **mapping: Any) -> dict[str, Any]:
    return make_template(
        make_function(function),
        Orders=streams.make_table(view=view),
        Poll=streams.make_mapping(streams.ORDERS, function, **mapping),
        Failed=make_queue("failed"),
    )


ON_FAILURE = {"MaximumRetryAttempts": 0, "DestinationConfig": {"OnFailure": {"Destination": arn_of("sqs", "failed")}}}
TO_WORK = {"Protocol": "lambda", "Endpoint": WORK}
POLL = polled(arn_of("sqs", "copies"))
POLL_IN_ORDER = polled(arn_of("sqs", "copies.fifo"))
KINESIS = make_template(make_function(), Clicks=streams.make_stream(), Poll=streams.make_mapping())
WINDOWS = make_template(
    make_function(), Clicks=streams.make_stream(), Poll=streams.make_mapping(TumblingWindowInSeconds=10)
)
DELIVERIES = {
    "SQS": Delivery("SqsModel", of_queue(), send),
    "SQS FIFO": Delivery("SqsModel", of_queue("orders.fifo", **FIFO), send_in_order),
    "SNS": Delivery("SnsModel", topic(TO_WORK), publish),
    "SNS to SQS": Delivery("SqsModel", topic(to_copies(), Poll=POLL), publish),
    "SNS in SQS": Delivery("SnsNotificationModel", topic(to_copies(), Poll=POLL), publish, inside("body")),
    "SNS to SQS, raw": Delivery("SqsModel", topic(to_copies(RawMessageDelivery=True), Poll=POLL), publish),
    "SNS FIFO in SQS FIFO": Delivery(
        "SnsNotificationModel", topic(to_copies("copies.fifo"), name="news.fifo", Poll=POLL_IN_ORDER), publish_in_order,
        inside("body"),
    ),
    "Kinesis": Delivery("KinesisDataStreamModel", KINESIS, put_record),
    "Kinesis, tumbling windows": Delivery("KinesisDataStreamModel", WINDOWS, put_record),
    **{
        f"DynamoDB, {view}": Delivery("DynamoDBStreamModel", table(view), change, least=1)
        for view in ("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")
    },
    "DynamoDB, on failure": Delivery(
        "DynamoDBStreamLambdaOnFailureDestinationModel", table("NEW_IMAGE", "broken", **ON_FAILURE), change,
        in_queue("failed"),
    ),
}  # fmt: skip
