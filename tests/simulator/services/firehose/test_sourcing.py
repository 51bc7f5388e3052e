"""A Kinesis stream as the source."""

from typing import Any

from aws_lambda_powertools.utilities.parser.models import KinesisFirehoseModel

from lambdalab.simulator.lambda_.scripted import Act
from tests.simulator.playing import arn_of, call, play, steps
from tests.simulator.services.firehose.streams import Objects, each_record, firehose, ok, put, row


def test_a_kinesis_stream_may_be_the_source(objects: Objects) -> None:
    events: list[dict[str, Any]] = []
    answer = each_record(ok)

    def script(function: Any, event: Any, count: int) -> Act:
        events.append(event)
        return answer(function, event, count)

    source = {"KinesisStreamARN": arn_of("kinesis", "stream/source"), "RoleARN": {"Fn::GetAtt": "Sender.Arn"}}
    template = firehose(DeliveryStreamType="KinesisStreamAsSource", KinesisStreamSourceConfiguration=source)
    entries = [
        call(f"{n}s", "kinesis.put_record", StreamName="source", Data=f"{n};", PartitionKey=f"{n}") for n in range(5)
    ]
    played = play(template, steps(*entries, put("no", at="10s")), script)
    assert sorted(objects.data.decode().split(";"))[1:] == ["0", "1", "2", "3", "4"]
    record = KinesisFirehoseModel.model_validate(events[0]).records[0]
    assert record.kinesisRecordMetadata is not None
    assert record.kinesisRecordMetadata.partitionKey in "01234"
    assert events[0]["sourceKinesisStreamArn"] == arn_of("kinesis", "stream/source")
    assert played.summary["calls"]["firehose.put_record_batch"]["errors"] == {"InvalidArgumentException": 1}


def test_a_role_that_may_not_read_the_source_gets_nothing() -> None:
    source = {"KinesisStreamARN": arn_of("kinesis", "stream/source"), "RoleARN": {"Fn::GetAtt": "Sender.Arn"}}
    template = firehose(
        ("s3:PutObject",), DeliveryStreamType="KinesisStreamAsSource", KinesisStreamSourceConfiguration=source
    )
    played = play(template, steps(call("0s", "kinesis.put_record", StreamName="source", Data="x", PartitionKey="1")))
    assert row(played) == {}
    assert played.summary["calls"]["kinesis.get_shard_iterator"]["denied"] == 10
