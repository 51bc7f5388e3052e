"""Runs in which things go wrong: every figure of the summary that is nothing on a good day says something here."""

import json
from typing import Any

from lambdalab.simulator.lambda_.handlers import Connect
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.template import read_template
from tests.simulator import streams
from tests.simulator.networks import inside, make_database
from tests.simulator.playing import (
    CODE,
    FAIL,
    Played,
    arn_of,
    as_files,
    call,
    invoke,
    make_function,
    make_queue,
    make_template,
    play,
    seconds,
    steps,
)
from tests.simulator.services.batch_operations.test_jobs import create, each_key, manifest
from tests.simulator.services.batch_operations.test_jobs import template as batch_template
from tests.simulator.services.codepipeline.test_jobs import UPLOAD, pipeline, start
from tests.simulator.services.cognito.test_triggers import confirm, pool, sign_in, sign_up
from tests.simulator.services.events.rules import BUS, make_rule
from tests.simulator.services.events.rules import put as put_event
from tests.simulator.services.firehose.test_transforming import each_record, firehose, ok
from tests.simulator.services.firehose.test_transforming import put as put_records
from tests.simulator.services.http.clients import http
from tests.simulator.services.http.cloudfront.sites import at as at_edge
from tests.simulator.services.http.cloudfront.sites import site, visit
from tests.simulator.services.http.cloudfront.test_cache import invalidate, own
from tests.simulator.services.http.test_function_url import project as with_url
from tests.simulator.services.s3.buckets import PERMISSION, make_bucket, put, tell, telling
from tests.simulator.services.stepfunctions import machines


def by_name(function: Any, event: Any, count: int) -> Act:
    """What a function does its name says."""
    acts = {
        "slow": Act(takes=seconds(2)),
        "fat": Act(status="out_of_memory"),
        "broken": FAIL,
        "held": Act(takes=seconds(30)),
    }
    return acts.get(function.name, Act())


def functions() -> Played:
    dead = {"DeadLetterConfig": {"TargetArn": arn_of("sqs", "dead")}}
    template = make_template(
        make_function("slow", Timeout=1, EphemeralStorage={"Size": 10_240}),
        make_function("fat"),
        make_function("broken", **dead),
        make_function("held", ReservedConcurrentExecutions=1, Timeout=60),
        make_function("closed", ReservedConcurrentExecutions=0),
        Dead=make_queue("dead"),
        Young={
            "Type": "AWS::Lambda::EventInvokeConfig",
            "Properties": {"FunctionName": "held", "Qualifier": "$LATEST", "MaximumEventAgeInSeconds": 60},
        },
    )
    entries = [invoke(function=name) for name in ("slow", "fat", "broken", "closed")]
    held = invoke(function="held", kind="RequestResponse", rate={"per_second": 1, "for": "3m"})
    return play(template, steps(*entries, held, invoke("1s", function="held"), until="10m"), by_name)


def queues() -> Played:
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": "Dead.Arn"}, "maxReceiveCount": 1}
    template = make_template(
        Orders=make_queue("orders", RedrivePolicy=redrive, VisibilityTimeout=5),
        Dead=make_queue("dead"),
        Lanes=make_queue("lanes.fifo", FifoQueue=True, ContentBasedDeduplication=True),
        Later=make_queue("later"),
    )
    receive = [call(at, "sqs.receive_message", QueueUrl="Orders") for at in ("1s", "10s")]
    return play(template, steps(
        call("0s", "sqs.send_message", QueueUrl="Orders", MessageBody="x"), *receive,
        call("1s", "sqs.send_message", QueueUrl="Lanes", MessageBody="x", MessageGroupId="a"),
        call("2s", "sqs.send_message", QueueUrl="Later", MessageBody="x"),
        call("3s", "sqs.send_message", QueueUrl="Later", MessageBody="y", DelaySeconds=900),
        call("12s", "sqs.receive_message", QueueUrl="Later"),
    ))  # fmt: skip


def mappings() -> Played:
    poll = {
        "MaximumRetryAttempts": 1, "BisectBatchOnFunctionError": True,
        "FilterCriteria": {"Filters": [{"Pattern": json.dumps({"data": {"n": [{"numeric": ["<", 4]}]}})}]},
    }  # fmt: skip
    partial = {"EventSourceArn": arn_of("sqs", "orders"), "FunctionName": "items",
               "FunctionResponseTypes": ["ReportBatchItemFailures"]}  # fmt: skip
    template = make_template(
        make_function("broken"), make_function("items"),
        Clicks=streams.make_stream(), Orders=make_queue("orders"),
        Poll=streams.make_mapping(function="broken", **poll),
        PollItems={"Type": "AWS::Lambda::EventSourceMapping", "Properties": partial},
    )  # fmt: skip

    def script(function: Any, event: Any, count: int) -> Act:
        failures = [{"itemIdentifier": record["messageId"]} for record in event["Records"] if function.name == "items"]
        return Act(result={"batchItemFailures": failures}) if function.name == "items" else FAIL

    read = call("5s", "kinesis.get_shard_iterator", StreamName="clicks", ShardId=streams.FIRST,
                ShardIteratorType="LATEST")  # fmt: skip
    big = call("2s", "kinesis.put_record", StreamName="clicks", PartitionKey="a", Data="x" * 700_000)
    send = call("0s", "sqs.send_message", QueueUrl="Orders", MessageBody="{}")
    return play(template, steps(streams.put_at_once(5), send, read, big | {"repeat": {"count": 3}}, until="5m"), script)


def deliveries() -> Played:
    """Nobody lets these in: their rights have been taken away by hand before."""
    topic = {"Protocol": "sqs", "Endpoint": arn_of("sqs", "inbox")}
    clock = {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}
    template = make_template(
        make_function(),
        News={"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news", "Subscription": [topic]}},
        Inbox=make_queue("inbox"),
        Bus=BUS,
        Rule=make_rule(arn_of("sqs", "inbox")),
        Photos=make_bucket(**telling(tell())),
        May=PERMISSION,
        Clock={"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [clock]}}},
        Due={
            "Type": "AWS::Scheduler::Schedule",
            "Properties": {
                "Name": "due", "ScheduleExpression": "rate(5 minutes)", "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": {"Arn": arn_of("lambda", "function:work"), "RoleArn": {"Fn::GetAtt": "Clock.Arn"}},
            },
        },
    )  # fmt: skip
    may = read_template({**CODE, **as_files(template)}).names["May"]
    photo = {"Bucket": "photos", "Key": "a"}
    tags = call("3s", "s3.put_object_tagging", **photo, Tagging={"TagSet": [{"Key": "kind", "Value": "cat"}]})
    return play(template, steps(
        call("1s", "lambda.remove_permission", FunctionName="work", StatementId=may),
        call("1s", "sns.publish", TopicArn="News", Message="x"), put_event({}, at="1s"),
        put("2s", "a", Metadata={"by": "ada"}), put("2100ms", "a", "again", Metadata={"by": "ada"}), tags,
        faults=[{"s3": "collapse"}], until="20m",
    ))  # fmt: skip


def readers() -> Played:
    """A shard gives five reads a second, and eight mappings want one each."""
    names = [f"r{n}" for n in range(8)]
    polls = {f"Poll{name}": streams.make_mapping(function=name) for name in names}
    template = make_template(*map(make_function, names), Clicks=streams.make_stream(), **polls)
    return play(template, steps(streams.put(count=20, every="200ms")))


def stores() -> Played:
    table = streams.make_table()
    put_item = call("0s", "dynamodb.put_item", TableName="orders", Item={"id": {"S": "a"}},
                    ConditionExpression="attribute_not_exists(id)")  # fmt: skip
    get = call("2s", "dynamodb.get_item", TableName="orders", Key={"id": {"S": "a"}})
    return play(make_template(Orders=table), steps(put_item, {**put_item, "at": "1s"}, get))


def servers() -> Played:
    dial = Act(connects=(Connect(1, "connect", address="10.0.1.4", port=5432),), takes=seconds(2))
    return play(inside(**make_database(most=6)), steps(*[invoke(kind="RequestResponse") for _ in range(8)]), dial)


def workflows() -> Played:
    again = {"ErrorEquals": ["CardDeclined"], "MaxAttempts": 1, "IntervalSeconds": 1}
    caught = machines.task(Retry=[again], Catch=[{"ErrorEquals": ["States.ALL"], "Next": "S2"}])
    definition = machines.chain(caught, {"Type": "Wait", "Seconds": 60}, {"Type": "Fail", "Error": "E", "Cause": "c"})
    aborted = call("10s", "stepfunctions.stop_execution", executionArn="Orders:b", error="Stop", cause="by hand")
    entries = (machines.start(name="a"), machines.start(name="b"), aborted, machines.start(at="4m", name="c"))
    return machines.run(definition, *entries, script=FAIL, until="270s")


def late_workflows() -> Played:
    definition = machines.chain({"Type": "Wait", "Seconds": 60}, TimeoutSeconds=5)
    return machines.run(definition)


def pipelines() -> Played:
    resources = pipeline()
    entries = (UPLOAD, start("10s"), start("11s"), start("12s"))
    return play(
        make_template(make_function(Timeout=60), **resources), steps(*entries), Act(takes=seconds(30), status="error")
    )


def pools() -> Played:
    def script(function: Any, event: Any, count: int) -> Act:
        if event["triggerSource"].startswith("PostAuthentication"):
            return Act(takes=seconds(6))
        if event["triggerSource"].startswith("PreSignUp") and event["userName"] == "mallory":
            return FAIL
        if event["triggerSource"].startswith("TokenGeneration"):
            event["response"]["claimsOverrideDetails"] = {"claimsToAddOrOverride": {"tier": "gold"}}
        return Act(result=event)

    resources = pool("PreSignUp", "PostAuthentication", "PreTokenGeneration")
    entries = (sign_up(), sign_up("1s", "mallory"), sign_up("2s", "bob"), confirm(), sign_in(), confirm("3m", "bob"))
    template = make_template(make_function(Timeout=60), **resources)
    return play(template, steps(*entries), script)


def signed_in() -> Played:
    return play(make_template(make_function(), **pool()), steps(sign_up(), confirm(), sign_in()))


def firehoses() -> Played:
    backup = {"BucketARN": "arn:aws:s3:::raw", "RoleARN": {"Fn::GetAtt": "Sender.Arn"}}
    template = firehose(destination={"S3BackupMode": "Enabled", "S3BackupConfiguration": backup})
    answers = {"good": ok("good"), "noise": {"result": "Dropped"}, "bad": {"result": "ProcessingFailed"}}
    answer = each_record(lambda text: answers[text])
    failed: list[Any] = []

    def script(function: Any, event: Any, count: int) -> Act:
        failed.append(event)
        return FAIL if len(failed) == 1 else answer(function, event, count)

    closed = {"until": "10m", "fail": "s3.put_object", "with": "SlowDown"}
    return play(template, steps(put_records(*answers), faults=[closed]), script)


def lost_records() -> Played:
    return play(firehose(("lambda:InvokeFunction",)), steps(put_records("a"), until="24h"), each_record(ok))


def batch_jobs() -> Played:
    tried: list[str] = []

    def make(key: str) -> dict[str, Any]:
        tried.append(key)
        again = key == "b" and tried.count(key) == 1
        code = "Succeeded" if key == "a" else "TemporaryFailure" if again else "PermanentFailure"
        return {"resultCode": code, "resultString": "not now"}

    wrong = create("1m", location={"ETag": "0" * 32}, ClientRequestToken="two")
    return play(batch_template(), steps(manifest("a", "b"), create(), wrong), each_key(make))


def edges() -> Played:
    """A function at the edge fails."""
    return visit(site(events=(at_edge("viewer-request"),)), http("Site"), script=FAIL)


def forgotten() -> Played:
    """An invalidation makes the cache forget a page."""
    return visit(own(), http("Site"), invalidate("/*"), http("Site", at="30s"))


def requests() -> Played:
    check = {"id": "answered", "says": "Somebody answers.", "query": "http[0].status", "equals": 200}
    hidden = {**check, "id": "secret", "hidden": True}
    entry = http("Url", "/a", query="x=1", label="first")
    return play(with_url(), steps(entry, checks=[check, hidden]), Act(result={"statusCode": 200, "body": "ok"}))


BAD_DAYS = (
    functions, queues, mappings, deliveries, readers, stores, servers, workflows, late_workflows, pipelines, pools,
    signed_in, firehoses, lost_records, batch_jobs, edges, forgotten, requests,
)  # fmt: skip
