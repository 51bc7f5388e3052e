"""Objects and versions: what calls answer, what the trace says, what buckets hold in the end."""

import base64
import datetime as dt
import hashlib
import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.services.s3 import holdings
from lambdalab.simulator.trace.facts import ApiCalled, ObjectDeleted, ObjectTagged, ObjectWritten
from tests.simulator.playing import Played, call, invoke, make_function, make_template, play, steps
from tests.simulator.services.s3.buckets import make_bucket, outcomes, put, versioned


def run(*entries: dict[str, Any], bucket: dict[str, Any] | None = None, **more: Any) -> Played:
    return play(make_template(Photos=bucket or make_bucket()), steps(*entries), **more)


def get(at: str, key: str, **more: Any) -> dict[str, Any]:
    return call(at, "s3.get_object", Bucket="photos", Key=key, **more)


def answers(*calls: tuple[str, dict[str, Any]], bucket: dict[str, Any] | None = None) -> list[Any]:
    """What a function gets for its calls of S3, one after the other."""
    seen: list[Any] = []
    acts = [Act(calls=(("s3", operation, params),)) for operation, params in calls]
    template = make_template(make_function(), Photos=bucket or make_bucket())
    entries = [invoke(f"{number}s", kind="RequestResponse") for number in range(len(acts))]
    from lambdalab.simulator.services.s3.service import S3Service

    dispatch = S3Service.dispatch

    def noting(self: Any, request: Any) -> Any:
        answer = yield from dispatch(self, request)
        seen.append(answer)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(S3Service, "dispatch", noting)
        play(template, steps(*entries), lambda function, event, count: acts[count - 1])
    return seen


def test_what_is_put_can_be_got_with_its_type_metadata_and_tags() -> None:
    content = bytes(range(256))
    params, metadata = {"Bucket": "photos", "Key": "a/ä b+c.bin"}, {"Who": "Ada"}
    made, got = answers(
        ("PutObject", params | {"Body": content, "ContentType": "image/x", "Metadata": metadata, "Tagging": "k=v"}),
        ("GetObject", params),
    )
    assert made.output["ETag"] == f'"{hashlib.md5(content).hexdigest()}"'
    assert got.output["Body"] == content
    assert (got.output["ContentType"], got.output["Metadata"], got.output["TagCount"]) == ("image/x", {"who": "Ada"}, 1)
    assert got.output["LastModified"] == dt.datetime(2025, 12, 1, 9, 0, tzinfo=dt.UTC)


def test_a_range_of_bytes_is_partial_content() -> None:
    _, got = answers(
        ("PutObject", {"Bucket": "photos", "Key": "a", "Body": b"0123456789"}),
        ("GetObject", {"Bucket": "photos", "Key": "a", "Range": "bytes=2-4"}),
    )
    assert (got.status, got.output["Body"], got.output["ContentRange"]) == (206, b"234", "bytes 2-4/10")


def test_a_written_object_is_a_fact_with_its_small_content() -> None:
    large = "x" * 5_000
    played = run(put("0s", "small", "hello", Metadata={"Who": "Ada"}), put("1s", "large", large))
    small, big = played.of(ObjectWritten)
    assert (small.bucket, small.key, small.operation, small.size) == ("photos", "small", "PutObject", 5)
    assert (small.version_id, small.metadata) == (None, {"who": "Ada"})
    assert base64.b64decode(small.body or "") == b"hello"
    assert (big.body, big.sha256) == (None, hashlib.sha256(large.encode()).hexdigest())
    bucket = played.summary["buckets"]["photos"]
    assert bucket["objects"]["small"]["size"] == 5
    assert bucket["object_count"] == 2


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (get("1s", "nothing"), ("GetObject", 404, "NoSuchKey")),
        (call("1s", "s3.head_object", Bucket="photos", Key="nothing"), ("HeadObject", 404, "404")),
        (call("1s", "s3.get_object", Bucket="nowhere", Key="a"), ("GetObject", 404, "NoSuchBucket")),
        (call("1s", "s3.head_bucket", Bucket="nowhere"), ("HeadBucket", 404, "404")),
        (call("1s", "s3.put_object", Bucket="nowhere", Key="a"), ("PutObject", 404, "NoSuchBucket")),
        (call("1s", "s3.delete_bucket", Bucket="photos"), ("DeleteBucket", 409, "BucketNotEmpty")),
        (put("1s", "a", IfNoneMatch="*"), ("PutObject", 412, "PreconditionFailed")),
        (get("1s", "a", IfMatch='"nope"'), ("GetObject", 412, "PreconditionFailed")),
        (get("1s", "a", Range="bytes=100-200"), ("GetObject", 416, "InvalidRange")),
        (call("1s", "s3.get_bucket_policy", Bucket="photos"), ("GetBucketPolicy", 404, "NoSuchBucketPolicy")),
        (call("1s", "s3.select_object_content", Bucket="photos", Key="a", ExpressionType="SQL", Expression="x",
              InputSerialization={}, OutputSerialization={}), ("SelectObjectContent", 501, "NotSimulated")),
    ],
)  # fmt: skip
def test_what_s3_refuses_has_its_own_code(entry: dict[str, Any], expected: tuple[str, int, str]) -> None:
    assert outcomes(run(put("0s", "a"), entry))[1] == expected


def test_a_conditional_put_writes_only_what_is_not_there() -> None:
    played = run(put("0s", "a", "first", IfNoneMatch="*"), put("1s", "a", "second", IfNoneMatch="*"))
    assert [fact.size for fact in played.of(ObjectWritten)] == [5]


def test_a_copy_keeps_content_and_metadata() -> None:
    played = run(
        put("0s", "my cat.jpg", "meow", Metadata={"who": "Ada"}, ContentType="image/jpeg"),
        call("1s", "s3.copy_object", Bucket="photos", Key="copy", CopySource={"Bucket": "Photos", "Key": "my cat.jpg"}),
    )
    copied = played.of(ObjectWritten)[1]
    assert (copied.key, copied.operation, copied.metadata) == ("copy", "CopyObject", {"who": "Ada"})
    assert copied.content_type == "image/jpeg"


def test_without_versions_a_deletion_is_final_and_of_nothing_is_no_change() -> None:
    delete = {"Bucket": "photos", "Key": "a"}
    played = run(put("0s", "a"), call("1s", "s3.delete_object", **delete), call("2s", "s3.delete_object", **delete))
    assert [status for _, status, _ in outcomes(played)] == [200, 204, 204]
    assert played.of(ObjectDeleted) == [ObjectDeleted("photos", "a", None, None)]
    assert played.summary["buckets"]["photos"]["object_count"] == 0


def test_with_versions_a_delete_marker_hides_the_object_and_its_removal_brings_it_back() -> None:
    played = run(
        put("0s", "a", "one"),
        put("1s", "a", "three"),
        call("2s", "s3.delete_object", Bucket="photos", Key="a"),
        get("3s", "a"),
        bucket=versioned(),
    )
    one, three = played.of(ObjectWritten)
    assert one.version_id
    assert one.version_id != three.version_id
    (hidden,) = played.of(ObjectDeleted)
    assert (hidden.version_id, bool(hidden.marker)) == (None, True)
    assert outcomes(played)[-1] == ("GetObject", 404, "NoSuchKey")
    assert played.summary["buckets"]["photos"]["object_count"] == 0
    entries = [
        put("0s", "a", "one"),
        put("1s", "a", "three"),
        call("2s", "s3.delete_object", Bucket="photos", Key="a"),
        call("3s", "s3.delete_object", Bucket="photos", Key="a", VersionId=hidden.marker),
        call("4s", "s3.delete_object", Bucket="photos", Key="a", VersionId=one.version_id),
    ]
    again = run(*entries, bucket=versioned())  # the same run: version ids come from its seed
    assert again.summary["buckets"]["photos"]["objects"]["a"] | {"etag": ""} == {
        "size": 5, "etag": "", "content_type": "binary/octet-stream", "metadata": {}, "tags": {}, "versions": 1,
    }  # fmt: skip


def test_delete_objects_deletes_each_and_says_so() -> None:
    params = {"Bucket": "photos", "Delete": {"Objects": [{"Key": "a"}, {"Key": "nothing"}]}}
    _, done = answers(("PutObject", {"Bucket": "photos", "Key": "a"}), ("DeleteObjects", params))
    assert done.output == {"Deleted": [{"Key": "a"}, {"Key": "nothing"}]}


def test_lists_come_in_pages_by_name_with_common_prefixes() -> None:
    keys = ["b/1", "b/2", "a", "c"]
    puts = [("PutObject", {"Bucket": "photos", "Key": key, "Body": b"x"}) for key in keys]
    first, folders = answers(
        *puts,
        ("ListObjectsV2", {"Bucket": "photos", "MaxKeys": 3}),
        ("ListObjectsV2", {"Bucket": "photos", "Delimiter": "/"}),
    )[-2:]
    assert [entry["Key"] for entry in first.output["Contents"]] == ["a", "b/1", "b/2"]
    assert (first.output["IsTruncated"], bool(first.output["NextContinuationToken"])) == (True, True)
    assert folders.output["CommonPrefixes"] == [{"Prefix": "b/"}]


def test_tags_of_an_object_are_a_fact() -> None:
    tags = {"TagSet": [{"Key": "state", "Value": "done"}]}
    played = run(put("0s", "a"), call("1s", "s3.put_object_tagging", Bucket="photos", Key="a", Tagging=tags))
    assert played.of(ObjectTagged) == [ObjectTagged("photos", "a", None, {"state": "done"})]
    assert played.summary["buckets"]["photos"]["objects"]["a"]["tags"] == {"state": "done"}


def test_a_bucket_can_be_made_and_deleted_in_a_run() -> None:
    played = run(
        call("0s", "s3.create_bucket", Bucket="another"),
        put("1s", "a", bucket="another"),
        call("2s", "s3.delete_object", Bucket="another", Key="a"),
        call("3s", "s3.delete_bucket", Bucket="another"),
    )
    assert [status for _, status, _ in outcomes(played)] == [200, 200, 204, 204]
    assert list(played.summary["buckets"]) == ["photos"]


def test_objects_are_deleted_together_if_they_are_as_the_caller_thinks() -> None:
    entries = [{"Key": "a", "ETag": "0cc175b9c0f1b6a831c399e269772661"}, {"Key": "b", "ETag": "another"}]
    deletion = {"Objects": entries}
    played = run(
        put("0s", "a", "a"), put("0s", "b", "b"), call("1s", "s3.delete_objects", Bucket="photos", Delete=deletion)
    )
    assert [fact.key for fact in played.of(ObjectDeleted)] == ["a"]
    assert list(played.summary["buckets"]["photos"]["objects"]) == ["b"]


def test_a_condition_for_directory_buckets_is_told_to_be_left_out() -> None:
    deletion = {"Objects": [{"Key": "a", "Size": 1}]}
    played = run(put("0s", "a"), call("1s", "s3.delete_objects", Bucket="photos", Delete=deletion))
    assert outcomes(played)[-1] == ("DeleteObjects", 501, "NotSimulated")


@pytest.mark.parametrize(
    "name", ["$LATEST", "MyPhotos", "ab", "a..b", "-ab", "ab-", "10.0.0.1", "a_b", "x" * 64, "é" * 5]
)
def test_a_bucket_has_a_name_by_the_rules(name: str) -> None:
    played = run(call("0s", "s3.create_bucket", Bucket=name))
    assert outcomes(played) == [("CreateBucket", 400, "InvalidBucketName")]


def test_what_s3_does_beside_buckets_is_told_to_be_left_out() -> None:
    played = run(call("0s", "s3.list_directory_buckets"))
    assert outcomes(played) == [("ListDirectoryBuckets", 501, "NotSimulated")]


def test_the_next_run_finds_no_bucket_of_the_one_before() -> None:
    run(put("0s", "a"))
    template = make_template()
    assert outcomes(play(template, steps(get("0s", "a")))) == [("GetObject", 404, "NoSuchBucket")]


def test_the_same_run_is_the_same_trace_byte_for_byte_and_another_seed_is_not() -> None:
    entries = (
        put("0s", "a", "one"),
        call("1s", "s3.delete_object", Bucket="photos", Key="a"),
        call("2s", "s3.create_multipart_upload", Bucket="photos", Key="b"),
    )
    one, two, other = (run(*entries, bucket=versioned(), seed=seed) for seed in (1, 1, 2))
    assert one.trace == two.trace
    assert one.of(ObjectWritten)[0].version_id != other.of(ObjectWritten)[0].version_id


def test_dates_are_those_of_the_run() -> None:
    put_late = ("PutObject", {"Bucket": "photos", "Key": "b"})
    _, listed = answers(put_late, ("ListObjectsV2", {"Bucket": "photos"}))
    assert listed.output["Contents"][0]["LastModified"] == dt.datetime(2025, 12, 1, 9, 0, 0, tzinfo=dt.UTC)


def test_a_run_whose_buckets_hold_too_much_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdalab.simulator.services.s3.changes.HELD_BYTES_MAX", 1_000)
    again = run(*(put(f"{second}s", "same", "x" * 900) for second in range(5)))
    assert again.stopped is None  # what is overwritten is not held
    many = run(*(put(f"{second}s", f"key-{second}", "x" * 900) for second in range(5)))
    assert many.stopped == "bytes held"
    assert len(many.of(ObjectWritten)) == 2


def test_holdings_count_what_is_there_now() -> None:
    held = holdings.Holdings()
    held.put(10, "object", "b", "k", "")
    held.put(4, "object", "b", "k", "")
    held.put(5, "part", "b", "u", "1")
    held.put(6, "part", "b", "u", "2")
    assert held.total == 15
    held.drop_all("part", "b", "u")
    assert held.total == 4
    held.drop("object", "b", "k", "")
    held.drop("object", "b", "never", "")
    assert held.total == 0


def test_calls_of_s3_are_on_the_bill_and_those_of_the_scenario_are_not() -> None:
    named = {"Bucket": "photos", "Key": "a"}
    act = Act(calls=(("s3", "PutObject", named), ("s3", "GetObject", named)))
    played = play(make_template(make_function(), Photos=make_bucket()), steps(invoke(), put("0s", "b")), act)
    rows = {row["item"]: row["quantity"] for row in played.player["bill"]["rows"]}
    assert (rows["S3 PUT and LIST requests"], rows["S3 GET requests"]) == ("1", "1")
    assert json.dumps(played.summary["calls"]["s3.put_object"]["count"]) == "2"
    assert {f.target for f in played.of(ApiCalled) if f.service == "s3"} == {"photos/a", "photos/b"}
