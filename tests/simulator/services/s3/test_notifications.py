"""What buckets tell functions, queues and topics."""

import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import (
    AsyncEventDiscarded,
    FaultApplied,
    InvocationStarted,
    MessageAccepted,
    MessageSent,
    NotificationLost,
    NotificationSent,
)
from tests.simulator.playing import (
    CODE,
    Played,
    arn_of,
    as_files,
    call,
    make_function,
    make_queue,
    make_template,
    play,
    steps,
)
from tests.simulator.services.s3.buckets import (
    PERMISSION,
    WORK,
    make_bucket,
    outcomes,
    put,
    records,
    tell,
    telling,
    versioned,
)


def run(*entries: dict[str, Any], bucket: dict[str, Any] | None = None, **more: Any) -> Played:
    template = make_template(Photos=bucket or make_bucket(**telling(tell())), May=PERMISSION)
    return play(template, steps(*entries, **more))


def allowed_queue() -> dict[str, Any]:
    """A queue and a topic that S3 may send to."""

    def policy(service: str, action: str, name: str, prop: str, ref: Any) -> dict[str, Any]:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": action,
            "Resource": arn_of(service, name),
            "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::photos"}},
        }
        kind = "AWS::SQS::QueuePolicy" if service == "sqs" else "AWS::SNS::TopicPolicy"
        return {"Type": kind, "Properties": {prop: [ref], "PolicyDocument": {"Statement": [statement]}}}

    return {
        "Inbox": make_queue("inbox"),
        "News": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "news"}},
        "InboxPolicy": policy("sqs", "sqs:SendMessage", "inbox", "Queues", {"Ref": "Inbox"}),
        "NewsPolicy": policy("sns", "sns:Publish", "news", "Topics", {"Ref": "News"}),
    }


def test_a_new_object_invokes_the_function_with_awss_record() -> None:
    played = run(put("1s", "my cat/ä+1.jpg", "meow"))
    (record,) = records(played)
    assert {key: record[key] for key in ("eventVersion", "eventSource", "awsRegion", "eventName", "eventTime")} == {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventName": "ObjectCreated:Put",
        "eventTime": "2025-12-01T09:00:01.010Z",
    }
    assert record["userIdentity"]["principalId"].startswith("AWS:AIDA")
    assert set(record) == {
        "eventVersion", "eventSource", "awsRegion", "eventTime", "eventName", "userIdentity", "requestParameters",
        "responseElements", "s3",
    }  # fmt: skip
    s3 = record["s3"]
    assert (s3["s3SchemaVersion"], s3["configurationId"]) == ("1.0", "Photos-1")
    assert (s3["bucket"]["name"], s3["bucket"]["arn"]) == ("photos", "arn:aws:s3:::photos")
    assert s3["object"] == {
        "key": "my+cat/%C3%A4%2B1.jpg",
        "size": 4,
        "eTag": "4a4be40c96ac6314e91d93f38043a634",
        "sequencer": s3["object"]["sequencer"],
    }
    assert len(s3["object"]["sequencer"]) == 18
    assert int(s3["object"]["sequencer"], 16)


def test_it_comes_seconds_later_and_asynchronously() -> None:
    played = run(*(put(f"{minute}m", f"{minute}") for minute in range(20)))
    delays = [fact.delay_us for fact in played.of(NotificationSent)]
    assert 300_000 <= min(delays) < max(delays) <= 5_000_000
    assert len(played.of(InvocationStarted)) == 20
    assert played.summary["functions"]["work"]["by_source"] == {"s3": 20}
    assert played.summary["buckets"]["photos"]["notifications"] == 20


def test_sequencers_of_one_key_grow() -> None:
    found = [r["s3"]["object"]["sequencer"] for r in records(run(*(put(f"{n}m", "same", str(n)) for n in range(5))))]
    assert found == sorted(found)
    assert len(set(found)) == 5


def test_each_way_of_writing_and_removing_has_its_own_name() -> None:
    named = {"Bucket": "photos", "Key": "a"}
    everything = telling(tell(), tell("s3:ObjectRemoved:*"), tell("s3:ObjectTagging:*"))
    played = run(
        put("0m", "a"),
        call("1m", "s3.copy_object", Bucket="photos", Key="b", CopySource="photos/a"),
        call("2m", "s3.put_object_tagging", **named, Tagging={"TagSet": [{"Key": "k", "Value": "v"}]}),
        call("3m", "s3.delete_object_tagging", **named),
        call("4m", "s3.delete_object", **named),
        call("5m", "s3.delete_object", **named),
        bucket=make_bucket(**everything),
    )
    assert [record["eventName"] for record in records(played)] == [
        "ObjectCreated:Put",
        "ObjectCreated:Copy",
        "ObjectTagging:Put",
        "ObjectTagging:Delete",
        "ObjectRemoved:Delete",
    ]
    assert set(records(played)[-1]["s3"]["object"]) == {"key", "sequencer"}
    assert set(records(played)[2]["s3"]["object"]) == {"key", "eTag"}
    assert [record["eventVersion"] for record in records(played)] == ["2.1", "2.1", "2.3", "2.3", "2.1"]


def test_with_versions_records_name_them_and_a_marker_is_not_a_deletion() -> None:
    everything = telling(tell(), tell("s3:ObjectRemoved:*"))
    played = run(
        put("0m", "a"), call("1m", "s3.delete_object", Bucket="photos", Key="a"), bucket=versioned(**everything)
    )
    written, marker = records(played)
    assert written["s3"]["object"]["versionId"]
    assert marker["eventName"] == "ObjectRemoved:DeleteMarkerCreated"
    assert marker["s3"]["object"]["versionId"] != written["s3"]["object"]["versionId"]
    assert marker["s3"]["object"]["eTag"] == "d41d8cd98f00b204e9800998ecf8427e"


def test_filters_let_through_what_begins_and_ends_as_they_say() -> None:
    bucket = make_bucket(**telling(tell(prefix="in/", suffix=".jpg")))
    keys = ["in/a.jpg", "in/a.png", "out/a.jpg", "in/b.JPG", "in/.jpg"]
    played = run(*(put(f"{number}m", key) for number, key in enumerate(keys)), bucket=bucket)
    assert [record["s3"]["object"]["key"] for record in records(played)] == ["in/a.jpg", "in/.jpg"]


def test_failed_calls_tell_nobody() -> None:
    played = run(put("0m", "a"), put("1m", "a", IfNoneMatch="*"), put("2m", "a", bucket="nowhere"))
    assert len(played.of(NotificationSent)) == 1


def test_a_queue_and_a_topic_get_a_test_event_and_then_the_same_record() -> None:
    configuration = {
        "QueueConfigurations": [tell("s3:ObjectCreated:*", Queue=arn_of("sqs", "inbox"))],
        "TopicConfigurations": [tell("s3:ObjectRemoved:*", Topic=arn_of("sns", "news"))],
    }
    bucket = make_bucket(NotificationConfiguration=configuration)
    template = make_template(Photos=bucket, **allowed_queue())
    deleted = call("2m", "s3.delete_object", Bucket="photos", Key="a")
    played = play(template, steps(put("1m", "a"), deleted))
    first, second = (json.loads(fact.body) for fact in played.of(MessageSent))
    assert (first["Event"], first["Service"], first["Bucket"]) == ("s3:TestEvent", "Amazon S3", "photos")
    assert second["Records"][0]["eventName"] == "ObjectCreated:Put"
    published = [json.loads(fact.message) for fact in played.of(MessageAccepted)]
    assert published[0]["Event"] == "s3:TestEvent"
    assert published[1]["Records"][0]["eventName"] == "ObjectRemoved:Delete"


def test_a_permission_that_is_taken_away_later_ends_the_telling() -> None:
    template = make_template(Photos=make_bucket(**telling(tell())), May=PERMISSION)
    read = read_template({**CODE, **as_files(template)})
    sid = read.name(read.resources["May"])
    removed = call("1m", "lambda.remove_permission", FunctionName="work", StatementId=sid)
    played = play(template, steps(put("0m", "a"), removed, put("2m", "b")))
    first, second = played.of(NotificationSent)
    assert first.error is None
    assert (second.error or "").startswith("AccessDeniedException: User: s3.amazonaws.com is not authorized")
    assert played.summary["buckets"]["photos"]["notifications_failed"] == 1


def test_a_run_can_configure_a_bucket_and_aws_looks_whether_it_may() -> None:
    def configure(at: str, arn: str, **more: Any) -> dict[str, Any]:
        one = {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
        document = {"LambdaFunctionConfigurations": [one]}
        named = {"Bucket": "photos", "NotificationConfiguration": document, **more}
        return call(at, "s3.put_bucket_notification_configuration", **named)

    other = arn_of("lambda", "function:other")
    template = make_template(make_function(), make_function("other"), Photos=make_bucket(), May=PERMISSION)
    played = play(template, steps(configure("0m", other), configure("1m", WORK), put("2m", "a")))
    assert outcomes(played)[:2] == [
        ("PutBucketNotificationConfiguration", 400, "InvalidArgument"),
        ("PutBucketNotificationConfiguration", 200, None),
    ]
    assert len(records(played)) == 1
    skipped = play(template, steps(configure("0m", other, SkipDestinationValidation=True), put("2m", "a")))
    assert outcomes(skipped)[0][2] is None
    assert [bool(fact.error) for fact in skipped.of(NotificationSent)] == [True]


def bad_day(*entries: dict[str, Any], fault: str, **more: Any) -> Played:
    return run(*entries, faults=[{"from": "0s", "s3": fault, **more}])


def test_on_a_bad_day_notifications_are_late() -> None:
    (sent,) = bad_day(put("0s", "a"), fault="delay").of(NotificationSent)
    assert sent.delay_us >= 90_000_000


def test_on_a_bad_day_notifications_change_places() -> None:
    entries = [put(f"{n * 6}s", f"key-{n}") for n in range(12)]  # no two within the usual 5 s
    usual = [fact.key for fact in run(*entries).of(NotificationSent)]
    mixed = [fact.key for fact in bad_day(*entries, fault="reorder").of(NotificationSent)]
    assert usual == sorted(usual, key=lambda key: int(key[4:]))
    assert sorted(mixed) == sorted(usual)
    assert mixed != usual


def test_on_a_bad_day_only_the_last_of_two_quick_writes_is_told() -> None:
    entries = [put("0ms", "a", "one"), put("200ms", "a", "three"), put("100ms", "b"), put("1m", "a", "later")]
    played = bad_day(*entries, fault="collapse")
    assert [fact.key for fact in played.of(NotificationLost)] == ["a"]
    told = sorted((r["s3"]["object"]["key"], r["s3"]["object"]["size"]) for r in records(played))
    assert told == [("a", 5), ("a", 5), ("b", 5)]
    assert played.summary["buckets"]["photos"]["notifications_lost"] == 1
    assert [f.fault for f in played.of(FaultApplied) if f.phase == "strikes"] == ["s3 collapse"]
    assert not run(*entries).of(NotificationLost)


@pytest.mark.rule("K.9-04")
def test_a_function_that_writes_into_the_bucket_that_starts_it_is_stopped() -> None:
    """K.9: after about sixteen invocations in one chain of requests."""

    def writing(function: Any, event: Any, count: int) -> Act:
        return Act(calls=(("s3", "PutObject", {"Bucket": "photos", "Key": f"copy-{count}"}),))

    template = make_template(Photos=make_bucket(**telling(tell())), May=PERMISSION)
    played = play(template, steps(put("0s", "a")), writing)
    assert len(played.of(InvocationStarted)) == 16
    assert [fact.condition for fact in played.of(AsyncEventDiscarded)] == ["RecursionDetected"]


def test_delivery_is_at_least_once() -> None:
    played = run(put("0s", "a"), faults=[{"duplicate": "s3"}])
    one, two = records(played)
    assert one["s3"]["object"] == two["s3"]["object"]


@pytest.mark.parametrize("fault", [{"s3": "burn"}, {"duplicate": "cows"}])
def test_faults_that_nobody_knows_are_refused(fault: dict[str, Any]) -> None:
    with pytest.raises(ProjectError):
        run(put("0s", "a"), faults=[fault])
