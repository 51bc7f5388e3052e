"""Completion reports. Source: Amazon S3 User Guide, "Examples: S3 Batch Operations completion reports", 2026-11."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from lambdalab.simulator.services.batch_operations.job import Result

SCHEMA = "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage"


def files_of(
    job_id: str, asked: Mapping[str, Any], results: Sequence[Result], written_at: dt.datetime
) -> list[tuple[str, bytes]]:
    """(key, body) of each file of a report; that of ``manifest.json``, which names the others, is the last."""
    prefix = str(asked.get("Prefix") or "").strip("/")
    root = (f"{prefix}/" if prefix else "") + f"job-{job_id}"
    bucket = str(asked["Bucket"]).removeprefix("arn:aws:s3:::")
    files: list[tuple[str, bytes]] = []
    listed: list[dict[str, str]] = []
    wanted = ("failed",) if asked["ReportScope"] == "FailedTasksOnly" else ("succeeded", "failed")
    for status in wanted:
        rows = [each for each in results if (each.code == "Succeeded") == (status == "succeeded")]
        if not rows:
            continue
        body = _rows(rows, status)
        key = f"{root}/results/{hashlib.sha1(body, usedforsecurity=False).hexdigest()}.csv"
        files.append((key, body))
        digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
        listed.append({"TaskExecutionStatus": status, "Bucket": bucket, "MD5Checksum": digest, "Key": key})
    manifest = {
        "Format": asked["Format"],
        "ReportCreationDate": written_at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        "Results": listed,
        "ReportSchema": SCHEMA,
    }
    return [*files, (f"{root}/manifest.json", json.dumps(manifest, indent=2).encode())]


def _rows(results: Sequence[Result], status: str) -> bytes:
    """As AWS's examples have the columns: the status 200 before the code of an error, whatever the schema says."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for each in results:
        code = "" if each.code == "Succeeded" else "PermanentFailure"
        task = each.task
        writer.writerow([task.bucket, task.key, task.version or "", status, 200, code, each.message])
    return text.getvalue().encode("utf-8", "replace")
