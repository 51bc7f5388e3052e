"""Buckets and objects by name."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, unquote

_BUCKET = re.compile(r"(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def is_bucket_name(name: str) -> bool:
    """Whether a bucket may be called so. Source: Amazon S3 User Guide, "Bucket naming rules", read 2026-11."""
    return _BUCKET.fullmatch(name) is not None


def bucket_arn(bucket: str) -> str:
    """A bucket's ARN: it has neither Region nor account."""
    return f"arn:aws:s3:::{bucket}"


def object_arn(bucket: str, key: str) -> str:
    """The ARN of an object as policies name it."""
    return f"arn:aws:s3:::{bucket}/{key}"


def name_of(bucket: Any) -> str:
    """The bucket's name, whether it was named or given by its ARN."""
    return str(bucket).removeprefix("arn:aws:s3:::")


def copy_source(value: Any) -> tuple[str, str, str | None]:
    """Bucket, key and version that ``CopySource`` names, as a mapping or as ``bucket/key?versionId=…``."""
    if isinstance(value, dict):
        return name_of(value["Bucket"]), str(value["Key"]), value.get("VersionId")
    path, _, query = str(value).partition("?")
    bucket, _, key = unquote(path).removeprefix("arn:aws:s3:::").lstrip("/").partition("/")
    return bucket, key, parse_qs(query).get("versionId", [None])[0]
