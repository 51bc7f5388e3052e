"""What Firehose and S3 Batch Operations hand over, many at a time."""

import urllib.parse
from collections.abc import Iterator
from typing import Any

from tests.simulator.delivered.contents import Content
from tests.simulator.delivered.delivery import Delivery
from tests.simulator.delivered.objects import key_of
from tests.simulator.playing import arn_of, call
from tests.simulator.services.batch_operations.test_jobs import create, template
from tests.simulator.services.firehose.test_transforming import firehose


def put_records(content: Content) -> Iterator[dict[str, Any]]:
    records = [{"Data": {"file": "data.bin"}}, {"Data": content.text}]
    yield call("0s", "firehose.put_record_batch", DeliveryStreamName="Clicks", Records=records)


def put_into_source(content: Content) -> Iterator[dict[str, Any]]:
    yield call(
        "0s", "kinesis.put_record", StreamName="source", PartitionKey=content.body[:60], Data={"file": "data.bin"}
    )


def put_objects(content: Content) -> Iterator[dict[str, Any]]:
    key = key_of(content)
    yield call("0s", "s3.put_object", Bucket="Photos", Key=key, Body="x")
    body = f"photos,{urllib.parse.quote(key)}\nphotos,missing\n"
    yield call("0s", "s3.put_object", Bucket="Photos", Key="manifest.csv", Body=body)
    yield create()
    arguments = dict.fromkeys(content.words, content.body[:100])
    invoke = {"InvocationSchemaVersion": "2.0", **({"UserArguments": arguments} if arguments else {})}
    yield create("1m", invoke=invoke, ClientRequestToken="two")


SOURCE = {"KinesisStreamARN": arn_of("kinesis", "stream/source"), "RoleARN": {"Fn::GetAtt": "Sender.Arn"}}
DELIVERIES = {
    "Firehose": Delivery("KinesisFirehoseModel", firehose(), put_records),
    "Firehose, of a stream": Delivery(
        "KinesisFirehoseModel",
        firehose(DeliveryStreamType="KinesisStreamAsSource", KinesisStreamSourceConfiguration=SOURCE),
        put_into_source,
    ),
    "S3 Batch Operations": Delivery("S3BatchOperationModel", template(), put_objects, least=4),
}
