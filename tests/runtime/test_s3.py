"""boto3's whole S3, unmodified in the sandbox: managed transfers and their threads, paginators, waiters, resources."""

import re
import textwrap
from typing import Any

from lambdalab.simulator.trace.facts import ApiCalled, NotificationSent, ObjectWritten
from tests.runtime.conftest import Play, Played
from tests.runtime.projects import invoke, make_project

BUCKETS = {
    "Photos": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "photos"}},
    "Kept": {
        "Type": "AWS::S3::Bucket",
        "Properties": {"BucketName": "kept", "VersioningConfiguration": {"Status": "Enabled"}},
    },
}


def run(played: Play, body: str, **function: Any) -> Played:
    """Play a handler with this body, in which ``s3`` is a client."""
    head = "import boto3, io\ns3 = boto3.client('s3')\ndef handler(event, context):\n"
    code = head + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    made = played(make_project(code, function={"Timeout": 60, **function}, resources=BUCKETS))
    assert made.summary["functions"]["work"]["last_error"] is None
    return made


def operations(made: Played) -> list[str]:
    return [fact.operation for fact in made.of(ApiCalled) if fact.service == "s3"]


def test_files_go_up_and_come_down_with_the_managed_transfers(played: Play) -> None:
    made = run(
        played,
        """
        open("/tmp/a.txt", "w").write("hello")
        s3.upload_file("/tmp/a.txt", "photos", "dir/a b.txt", ExtraArgs={"Metadata": {"who": "Ada"}})
        s3.download_file("photos", "dir/a b.txt", "/tmp/b.txt")
        s3.upload_fileobj(io.BytesIO(b"\\x00\\xff"), "photos", "raw")
        back = io.BytesIO()
        s3.download_fileobj("photos", "raw", back)
        s3.copy({"Bucket": "photos", "Key": "raw"}, "kept", "copied")
        head = s3.head_object(Bucket="photos", Key="dir/a b.txt")
        return [open("/tmp/b.txt").read(), back.getvalue().hex(), head["Metadata"]]
        """,
    )
    assert made.result == ["hello", "00ff", {"who": "Ada"}]
    assert [fact.operation for fact in made.of(ObjectWritten)] == ["PutObject", "PutObject", "CopyObject"]


def test_a_large_file_goes_up_in_parts_by_several_threads_and_the_same_way_each_time(played: Play) -> None:
    body = """
        content = bytes(range(256)) * 4096 * 20
        open("/tmp/big", "wb").write(content)
        s3.upload_file("/tmp/big", "photos", "big")
        s3.download_file("photos", "big", "/tmp/back")
        return [s3.head_object(Bucket="photos", Key="big")["ContentLength"], open("/tmp/back", "rb").read() == content]
        """
    one, two = (run(played, body, MemorySize=512) for _ in range(2))
    assert one.result == [20 * 2**20, True]
    assert [operations(one).count(name) for name in ("UploadPart", "CompleteMultipartUpload")] == [3, 1]
    (written,) = one.of(ObjectWritten)
    assert written.etag.endswith("-3")  # as AWS marks what was put together
    assert one.summary["run"]["reproducible"]
    assert one.trace == two.trace


def test_errors_are_the_clients_typed_exceptions(played: Play) -> None:
    made = run(
        played,
        """
        from botocore.exceptions import ClientError
        said = []
        for call in (lambda: s3.get_object(Bucket="photos", Key="x"), lambda: s3.list_objects_v2(Bucket="nowhere")):
            try:
                call()
            except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket) as error:
                said.append([type(error).__name__, str(error)])
        try:
            s3.head_object(Bucket="photos", Key="x")
        except ClientError as error:
            said.append([error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]])
        return said
        """,
    )
    no_key, no_bucket, head = made.result
    occurred = "An error occurred ({}) when calling the {} operation: {}"
    assert no_key == [
        "NoSuchKey", occurred.format("NoSuchKey", "GetObject", "The specified key does not exist.")
    ]  # fmt: skip
    assert no_bucket == [
        "NoSuchBucket", occurred.format("NoSuchBucket", "ListObjectsV2", "The specified bucket does not exist")
    ]  # fmt: skip
    assert head == ["404", 404]


def test_paginators_waiters_and_resources_work_with_any_key(played: Play) -> None:
    made = run(
        played,
        """
        for number in range(3):
            s3.put_object(Bucket="photos", Key=f"ä b+{number}", Body=str(number))
        def keys(operation):
            pages = s3.get_paginator(operation).paginate(Bucket="photos", PaginationConfig={"PageSize": 2})
            return [[each["Key"] for each in page["Contents"]] for page in pages]
        s3.get_waiter("object_exists").wait(Bucket="photos", Key="ä b+0")
        bucket = boto3.resource("s3").Bucket("photos")
        bodies = [each.get()["Body"].read().decode() for each in bucket.objects.all()]
        return [keys("list_objects_v2"), keys("list_objects"), bodies,
                s3.get_bucket_location(Bucket="photos")["LocationConstraint"]]
        """,
    )
    pages = [["ä b+0", "ä b+1"], ["ä b+2"]]
    assert made.result == [pages, pages, ["0", "1", "2"], None]


def test_a_stream_is_read_in_pieces_and_lines_and_headers_are_there(played: Play) -> None:
    made = run(
        played,
        """
        s3.put_object(Bucket="photos", Key="a", Body=b"one\\ntwo\\nthree")
        got = s3.get_object(Bucket="photos", Key="a", Range="bytes=0-6")
        lines = [line.decode() for line in s3.get_object(Bucket="photos", Key="a")["Body"].iter_lines()]
        return [got["Body"].read(3).decode(), got["Body"].read().decode(), got["ContentRange"], lines,
                got["ResponseMetadata"]["HTTPHeaders"]["content-length"], got["LastModified"].isoformat()]
        """,
    )
    assert made.result == [
        "one", "\ntwo", "bytes 0-6/13", ["one", "two", "three"], "7", "2025-12-01T09:00:00+00:00",
    ]  # fmt: skip


def test_versions_and_their_markers_are_boto3s(played: Play) -> None:
    made = run(
        played,
        """
        for body in ("1", "2"):
            s3.put_object(Bucket="kept", Key="a", Body=body)
        gone = s3.delete_object(Bucket="kept", Key="a")
        listed = s3.list_object_versions(Bucket="kept")
        old = listed["Versions"][-1]["VersionId"]
        body = s3.get_object(Bucket="kept", Key="a", VersionId=old)["Body"].read().decode()
        removed = s3.delete_object(Bucket="kept", Key="a", VersionId=gone["VersionId"])
        again = s3.get_object(Bucket="kept", Key="a")["Body"].read().decode()
        boto3.resource("s3").Bucket("kept").object_versions.delete()
        return [gone["DeleteMarker"], len(listed["Versions"]), body, removed["DeleteMarker"], again,
                s3.list_object_versions(Bucket="kept").get("Versions", [])]
        """,
    )
    assert made.result == [True, 2, "1", True, "2", []]


def test_a_presigned_url_is_made_without_a_call(played: Play) -> None:
    made = run(played, "return s3.generate_presigned_url('get_object', Params={'Bucket': 'photos', 'Key': 'a b'})")
    assert made.result.startswith("https://photos.s3.amazonaws.com/a%20b?")
    assert operations(made) == []


def test_a_throttled_upload_is_tried_again_with_its_whole_body(played: Play) -> None:
    code = """
import boto3
def handler(event, context):
    s3 = boto3.client("s3")
    s3.put_object(Bucket="photos", Key="a", Body=open(__file__, "rb"))
    return s3.head_object(Bucket="photos", Key="a")["ContentLength"]
"""
    fault = {"fail": "s3.put_object", "with": "SlowDown", "from": "0s", "until": "500ms"}
    project = make_project(code, invoke(), function={"Timeout": 60}, resources=BUCKETS, faults=[fault])
    made = played(project)
    attempts = operations(made).count("PutObject")
    assert attempts > 1
    assert made.result == len(code)


def test_more_bytes_at_once_than_can_leave_are_a_clear_error(played: Play) -> None:
    code = """
import boto3
def handler(event, context):
    try:
        boto3.client("s3").put_object(Bucket="photos", Key="a", Body=bytes(20_000_000))
    except ValueError as error:
        return str(error)
"""
    made = played(make_project(code, function={"MemorySize": 512}, resources=BUCKETS))
    assert re.fullmatch("lambdalab: PutObject carries 26,666,... bytes; 12,582,912 are the most", made.result)


def test_a_bucket_starts_a_function_that_reads_what_was_written(played: Play) -> None:
    code = """
import boto3
from urllib.parse import unquote_plus
def handler(event, context):
    s3 = event["Records"][0]["s3"]
    key = unquote_plus(s3["object"]["key"])
    return boto3.client("s3").get_object(Bucket=s3["bucket"]["name"], Key=key)["Body"].read().decode()
"""
    told = {"Event": "s3:ObjectCreated:*", "Function": {"Fn::GetAtt": "Work.Arn"}}
    photos = {"BucketName": "photos", "NotificationConfiguration": {"LambdaConfigurations": [told]}}
    may = {"Action": "lambda:InvokeFunction", "FunctionName": "work", "Principal": "s3.amazonaws.com"}
    resources = {
        "Photos": {"Type": "AWS::S3::Bucket", "Properties": photos},
        "May": {"Type": "AWS::Lambda::Permission", "Properties": may},
    }
    upload = {"at": "0s", "upload": {"file": "hello.txt", "to": "Photos", "key": "my file ä.txt"}}
    made = played(make_project(code, upload, resources=resources) | {"hello.txt": b"hello"})
    assert made.result == "hello"
    assert len(made.of(NotificationSent)) == 1
