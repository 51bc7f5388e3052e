"""boto3's Kinesis and DynamoDB Streams, unmodified in the sandbox, and real code behind the mapping of a stream."""

import textwrap

from lambdalab.simulator.trace.facts import RecordsDiscarded
from tests.runtime.conftest import Play
from tests.runtime.projects import make_project
from tests.simulator.streams import make_mapping, make_stream, make_table


def test_boto3_puts_records_into_a_stream_and_reads_them_again(played: Play) -> None:
    code = textwrap.dedent("""
        import boto3
        kinesis = boto3.client("kinesis")
        def handler(event, context):
            entries = [{"Data": b"\\xff1", "PartitionKey": "a"}, {"Data": "text", "PartitionKey": "b"}]
            failed = kinesis.put_records(StreamName="clicks", Records=entries)["FailedRecordCount"]
            shard = kinesis.list_shards(StreamName="clicks")["Shards"][0]["ShardId"]
            iterator = kinesis.get_shard_iterator(
                StreamName="clicks", ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            records = kinesis.get_records(ShardIterator=iterator)["Records"]
            try:
                kinesis.describe_stream(StreamName="others")
            except kinesis.exceptions.ResourceNotFoundException as error:
                missing = str(error)
            return [failed, [[repr(r["Data"]), r["ApproximateArrivalTimestamp"].year] for r in records], missing]
        """)
    made = played(make_project(code, function={"Timeout": 30}, resources={"Clicks": make_stream()}))
    failed, records, missing = made.result
    assert (failed, records) == (0, [[repr(b"\xff1"), 2025], [repr(b"text"), 2025]])
    assert missing.endswith("Stream others under account 123456789012 not found.")


def test_boto3_reads_the_stream_of_a_table(played: Play) -> None:
    code = textwrap.dedent("""
        import boto3
        streams = boto3.client("dynamodbstreams")
        def handler(event, context):
            boto3.client("dynamodb").put_item(TableName="orders", Item={"id": {"S": "1"}, "b": {"B": b"\\x00\\xff"}})
            arn = streams.list_streams(TableName="orders")["Streams"][0]["StreamArn"]
            shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
            iterator = streams.get_shard_iterator(
                StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            (record,) = streams.get_records(ShardIterator=iterator)["Records"]
            return [record["eventName"], repr(record["dynamodb"]["NewImage"]["b"]["B"])]
        """)
    made = played(make_project(code, function={"Timeout": 30}, resources={"Orders": make_table()}))
    assert made.result == ["INSERT", repr(b"\x00\xff")]


def test_code_that_reports_its_failures_gets_the_rest_of_the_batch_again(played: Play) -> None:
    code = textwrap.dedent("""
        import base64, json
        def handler(event, context):
            for record in event["Records"]:
                number = json.loads(base64.b64decode(record["kinesis"]["data"]))["n"]
                if number == 3:
                    return {"batchItemFailures": [{"itemIdentifier": record["kinesis"]["sequenceNumber"]}]}
                print("done", number)
        """)
    mapping = make_mapping(
        FunctionResponseTypes=["ReportBatchItemFailures"], BisectBatchOnFunctionError=True, MaximumRetryAttempts=0
    )
    records = [{"Data": {"n": n}, "PartitionKey": "a"} for n in range(1, 6)]
    put = {"at": "0s", "call": "kinesis.put_records", "with": {"StreamName": "clicks", "Records": records}}
    made = played(make_project(code, put, resources={"Clicks": make_stream(), "Poll": mapping}))
    lines = [line["text"].strip() for line in made.summary["logs"]["/aws/lambda/work"]["lines"]]
    assert [line for line in lines if line.startswith("done")] == ["done 1", "done 2", "done 4", "done 5"]
    assert [fact.records for fact in made.of(RecordsDiscarded)] == [1]
