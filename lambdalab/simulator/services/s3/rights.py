"""What each S3 operation needs. Source: Service Authorization Reference, "Actions, resources, and condition keys for
Amazon S3", read 2026-10."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from lambdalab.simulator.account import Right
from lambdalab.simulator.services.s3.names import bucket_arn, copy_source, name_of, object_arn
from lambdalab.simulator.vocabulary.errors import AwsError

ON_OBJECT = {  # the action; for a call that names a version, the second one
    "PutObject": ("PutObject", "PutObject"),
    "GetObject": ("GetObject", "GetObjectVersion"),
    "HeadObject": ("GetObject", "GetObjectVersion"),
    "GetObjectAttributes": ("GetObject", "GetObjectVersion"),
    "DeleteObject": ("DeleteObject", "DeleteObjectVersion"),
    "GetObjectTagging": ("GetObjectTagging", "GetObjectVersionTagging"),
    "PutObjectTagging": ("PutObjectTagging", "PutObjectVersionTagging"),
    "DeleteObjectTagging": ("DeleteObjectTagging", "DeleteObjectVersionTagging"),
    "CreateMultipartUpload": ("PutObject", "PutObject"),
    "UploadPart": ("PutObject", "PutObject"),
    "CompleteMultipartUpload": ("PutObject", "PutObject"),
    "AbortMultipartUpload": ("AbortMultipartUpload", "AbortMultipartUpload"),
    "ListParts": ("ListMultipartUploadParts", "ListMultipartUploadParts"),
}
ON_BUCKET = {
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "HeadBucket": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "CreateBucket": "CreateBucket",
    "DeleteBucket": "DeleteBucket",
    "GetBucketLocation": "GetBucketLocation",
    "GetBucketVersioning": "GetBucketVersioning",
    "PutBucketVersioning": "PutBucketVersioning",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetBucketPolicy": "GetBucketPolicy",
    "PutBucketPolicy": "PutBucketPolicy",
    "DeleteBucketPolicy": "DeleteBucketPolicy",
    "GetBucketTagging": "GetBucketTagging",
    "PutBucketTagging": "PutBucketTagging",
    "DeleteBucketTagging": "PutBucketTagging",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
}
LISTING = {"Prefix": "s3:prefix", "Delimiter": "s3:delimiter", "MaxKeys": "s3:max-keys"}
CONDITIONS = {
    "VersionId": "s3:versionid",
    "ACL": "s3:x-amz-acl",
    "StorageClass": "s3:x-amz-storage-class",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
}
OPERATIONS = frozenset({*ON_OBJECT, *ON_BUCKET, "CopyObject", "UploadPartCopy", "DeleteObjects", "ListBuckets"})


class S3Guard:
    """Says what a call needs. ``exists``: whether there is a bucket of this name.

    A call on a bucket that is not there needs nothing: S3 knows no owner to ask, and says NoSuchBucket (A-50).
    """

    def __init__(self, exists: Callable[[str], bool]) -> None:
        self._exists = exists

    def rights(self, operation: str, params: dict[str, Any]) -> Iterable[Right]:
        """In the order in which S3 asks. Which objects of DeleteObjects may go is asked one by one, later."""
        if operation == "ListBuckets":
            return [Right("s3:ListAllMyBuckets", "arn:aws:s3:::*")]
        if "Bucket" not in params:  # of what S3 does beside buckets, and nobody simulates
            return []
        bucket = name_of(params["Bucket"])
        if operation in ON_BUCKET and (operation == "CreateBucket" or self._exists(bucket)):
            keys = {LISTING[name]: str(params[name]) for name in LISTING if name in params}
            return [Right(f"s3:{ON_BUCKET[operation]}", bucket_arn(bucket), keys or None)]
        if not self._exists(bucket):
            return []
        if operation in ("CopyObject", "UploadPartCopy"):
            return [*self._source(params["CopySource"]), *_writing(bucket, params)]
        return list(_on_object(operation, bucket, params))

    def _source(self, source: Any) -> Iterator[Right]:
        bucket, key, version = copy_source(source)
        if self._exists(bucket):
            action = "s3:GetObjectVersion" if version else "s3:GetObject"
            yield Right(action, object_arn(bucket, key))

    def refusal(self, operation: str, error: AwsError) -> AwsError:
        """The answer to HEAD has no body, so no text: botocore makes one of the status."""
        return AwsError("403", "Forbidden", 403) if operation in ("HeadObject", "HeadBucket") else error


def _on_object(operation: str, bucket: str, params: dict[str, Any]) -> Iterator[Right]:
    if operation == "PutObject" or operation == "CreateMultipartUpload":
        yield from _writing(bucket, params)
    elif operation in ON_OBJECT:
        usual, versioned = ON_OBJECT[operation]
        action = versioned if params.get("VersionId") else usual
        yield Right(f"s3:{action}", object_arn(bucket, params["Key"]), _conditions(params))
        if operation == "GetObjectAttributes":
            yield Right("s3:GetObjectAttributes", object_arn(bucket, params["Key"]))


def _writing(bucket: str, params: dict[str, Any]) -> Iterator[Right]:
    target = object_arn(bucket, params["Key"])
    yield Right("s3:PutObject", target, _conditions(params))
    if params.get("Tagging"):
        yield Right("s3:PutObjectTagging", target)
    if params.get("ACL"):
        yield Right("s3:PutObjectAcl", target)


def _conditions(params: dict[str, Any]) -> dict[str, str] | None:
    return {key: str(params[name]) for name, key in CONDITIONS.items() if name in params} or None
