"""Steps that upload: ``upload: {file: events/cat.jpg, to: photos}`` puts a file into a bucket like ``aws s3 cp``."""

from __future__ import annotations

import mimetypes
import posixpath
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.project.yaml_source import Path
from lambdalab.simulator.scenario import values
from lambdalab.simulator.scenario.reader import Reader

KEYS = ("file", "to", "key", "content_type", "metadata")
_TYPES = mimetypes.MimeTypes()  # Python's own list: that of the machine may differ


def read_upload(reader: Reader, value: Any, path: Path, files: Mapping[str, bytes]) -> dict[str, Any]:
    """The parameters of PutObject. The key is the file's name where none is given, the type that of its ending."""
    entry = reader.mapping(value, path, KEYS)
    name = reader.text(entry.get("file"), (*path, "file"), "file")
    place = posixpath.normpath(name)
    if name and place not in files:
        reader.note((*path, "file"), f"there is no file {name} in the project.", "Create it, or fix the path.")
    key = entry.get("key", posixpath.basename(place))
    kind = entry.get("content_type") or _TYPES.guess_type(place)[0]
    params = {
        "Bucket": reader.text(entry.get("to"), (*path, "to"), "to (a bucket)"),
        "Key": reader.text(key, (*path, "key"), "key"),
        **({"ContentType": kind} if kind else {}),
        **({"Metadata": entry["metadata"]} if entry.get("metadata") else {}),
    }
    ready: dict[str, Any] = values.prepare(reader, params, path, files)
    return ready | {"Body": files.get(place, b"")}
