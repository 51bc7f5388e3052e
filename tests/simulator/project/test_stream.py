"""AWS::Kinesis::Stream in a template, and what a run tells of it."""

from typing import Any

import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import StreamDeployed
from tests.simulator.playing import CODE, as_files, call, make_template, play, steps


def make_stream(name: str = "clicks", **properties: Any) -> dict[str, Any]:
    usual = {"Name": name} | ({} if "StreamModeDetails" in properties else {"ShardCount": 1})
    return {"Type": "AWS::Kinesis::Stream", "Properties": usual | properties}


def problems(**properties: Any) -> list[str]:
    template = read_template({**CODE, **as_files(make_template(Clicks=make_stream(**properties)))}, {})
    return [problem.message for problem in problems_of(template)]


def put(at: str = "0s", count: int = 1, **params: Any) -> dict[str, Any]:
    usual = {"StreamName": "Clicks", "PartitionKey": "page-{{ n }}", "Data": {"n": 1}}
    return call(at, "kinesis.put_record", **usual | params) | {"repeat": {"count": count, "every": "1ms"}}


def test_a_stream_of_the_template_takes_records_by_its_logical_id() -> None:
    played = play(make_template(Clicks=make_stream(ShardCount=2)), steps(put(count=20)))
    clicks = played.summary["streams"]["clicks"]
    assert (clicks["records"], clicks["throttled"]) == (20, 0)
    assert set(clicks["shards"]) == {"shardId-000000000000", "shardId-000000000001"}
    assert sum(shard["records"] for shard in clicks["shards"].values()) == 20


def test_records_of_one_call_may_be_written_as_json() -> None:
    records = [{"Data": {"n": 1}, "PartitionKey": "a"}, {"Data": "{}", "PartitionKey": "b"}]
    step = call("0s", "kinesis.put_records", StreamName="clicks", Records=records)
    played = play(make_template(Clicks=make_stream()), steps(step))
    assert played.summary["streams"]["clicks"]["bytes"] == len('{"n": 1}') + len("{}") + 2


def test_a_stream_is_named_by_its_logical_id_where_a_call_wants_an_arn() -> None:
    step = call("0s", "kinesis.list_shards", StreamARN="Clicks")
    played = play(make_template(Clicks=make_stream()), steps(step))
    assert played.summary["calls"]["kinesis.list_shards"] == {"count": 1, "errors": {}, "denied": 0}


def test_an_hour_of_a_shard_and_its_records_are_billed() -> None:
    big = put(count=2, Data="x" * 26_000)
    played = play(make_template(Clicks=make_stream(ShardCount=3)), steps(big, until="1h"))
    assert played.summary["bill"]["total_usd"] == pytest.approx(3 * 0.015 + 4 * 0.014 / 1e6)


def test_a_stream_on_demand_is_billed_by_the_hour_and_by_its_bytes() -> None:
    on_demand = make_stream(StreamModeDetails={"StreamMode": "ON_DEMAND"})
    played = play(make_template(Clicks=on_demand), steps(put(Data="x" * 999_994), until="1h"))
    assert len(played.summary["streams"]["clicks"]["shards"]) == 4
    assert played.summary["bill"]["total_usd"] == pytest.approx(0.040 + 1_000_000 / 1024**3 * 0.080)


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"ShardCount": 0}, "Value '0' at 'shardCount' failed to satisfy constraint"),
        ({"RetentionPeriodHours": 12}, "at 'retentionPeriodHours' failed to satisfy constraint"),
        ({"StreamModeDetails": {"StreamMode": "FAST"}}, "FAST is no StreamMode."),
        ({"StreamModeDetails": {"StreamMode": "PROVISIONED"}}, "needs a ShardCount"),
        ({"StreamModeDetails": {"StreamMode": "ON_DEMAND"}, "ShardCount": 2}, "as many shards as Kinesis gives it"),
        ({"StreamEncryption": {}}, "StreamEncryption of AWS::Kinesis::Stream has no effect in lambdalab yet"),
    ],
)
def test_what_is_wrong_with_a_stream_is_told(properties: dict[str, Any], text: str) -> None:
    assert any(text in message for message in problems(**properties)), problems(**properties)


def test_a_stream_without_faults_has_none() -> None:
    assert problems() == []


def test_properties_without_a_value_are_as_if_they_were_not_there() -> None:
    nothing = {"ShardCount": 1, "RetentionPeriodHours": None, "MaxRecordSizeInKiB": None}
    stream = {"Type": "AWS::Kinesis::Stream", "Properties": {"Name": "s", **nothing}}
    (deployed,) = play(make_template(Stream=stream), steps()).of(StreamDeployed)
    assert deployed.retention_h == 24
