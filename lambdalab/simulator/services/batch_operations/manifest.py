"""Manifests in CSV. Source: Amazon S3 User Guide, "Specifying a manifest" and "Invoke AWS Lambda function", 2026-11.

Keys are URL-encoded, of at most 1,024 characters; where there are version IDs, every object has one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

from lambdalab.simulator.services.batch_operations.job import Task

TASKS_MAX = 100_000  # ours; AWS takes twenty billion
BYTES_MAX = 16 * 1024 * 1024  # ours
KEY_MAX = 1_024  # characters


class ManifestError(ValueError):
    """A manifest that cannot be read."""


def read_manifest(body: bytes, fields: Sequence[str], new_id: Callable[[], str]) -> list[Task]:
    """The tasks of a manifest, in its order. Raises :class:`ManifestError`."""
    if len(body) > BYTES_MAX:
        raise ManifestError(f"lambdalab takes manifests of up to {BYTES_MAX:,} bytes")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ManifestError("it is not UTF-8") from None
    tasks: list[Task] = []
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), strict=True), 1):
            if row:
                tasks.append(_task(row, number, fields, new_id()))
            if len(tasks) > TASKS_MAX:
                raise ManifestError(f"lambdalab takes manifests of up to {TASKS_MAX:,} objects")
    except csv.Error as error:
        raise ManifestError(str(error)) from None
    if not tasks:
        raise ManifestError("it is empty")
    return tasks


def _task(row: list[str], number: int, fields: Sequence[str], task_id: str) -> Task:
    if len(row) != len(fields):
        raise ManifestError(f"row {number} has {len(row)} fields, not {len(fields)}")
    found = dict(zip(fields, row, strict=True))
    if not found["Bucket"] or not found["Key"]:
        raise ManifestError(f"row {number} lacks its bucket or its key")
    if len(found["Key"]) > KEY_MAX:
        raise ManifestError(f"the key of row {number} has more than {KEY_MAX:,} characters")
    if found.get("VersionId") == "":
        raise ManifestError(f"row {number} lacks its version ID, which every row has where Fields name VersionId")
    return Task(task_id, found["Bucket"], found["Key"], found.get("VersionId") or None)
