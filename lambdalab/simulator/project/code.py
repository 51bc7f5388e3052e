"""Where a function's code is: a folder of the project, or inline in the template."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.yaml_source import Path, Source
from lambdalab.simulator.vocabulary.errors import AwsError, invalid

BUCKET = "lambdalab-project"  # stands for "a folder of this project", as `sam package` would upload it
UNZIPPED_BYTES_MAX = 262_144_000  # fact J.4


def point_to_files(source: Source, document: dict[str, Any], files: Mapping[str, bytes]) -> list[Problem]:
    """Replace local code paths by S3 addresses, as ``sam package`` does, so that SAM's translator accepts them."""
    problems = []
    shared = (
        ((document.get("Globals") or {}).get("Function") or {}) if isinstance(document.get("Globals"), dict) else {}
    )
    if isinstance(shared, dict) and isinstance(shared.get("CodeUri"), str):
        shared["CodeUri"], problem = _uploaded(source, ("Globals", "Function", "CodeUri"), shared["CodeUri"], files)
        problems += problem
    for logical_id, body in document["Resources"].items():
        properties = body.get("Properties")
        key = {"AWS::Serverless::Function": "CodeUri", "AWS::Lambda::Function": "Code"}.get(body["Type"])
        if key is None or not isinstance(properties, dict):
            continue
        path: Path = ("Resources", logical_id, "Properties", key)
        if isinstance(properties.get(key), str):
            uri, problem = _uploaded(source, path, properties[key], files)
            folder = uri.removeprefix(f"s3://{BUCKET}/")
            properties[key] = uri if key == "CodeUri" else {"S3Bucket": BUCKET, "S3Key": folder}
            problems += problem
        elif key == "CodeUri" and not {"CodeUri", "InlineCode", "ImageUri"} & {*properties, *shared}:
            text = f"{logical_id}: a function needs CodeUri, the folder of its code."
            problems.append(source.problem(("Resources", logical_id), text, "Add CodeUri: src/"))
    return problems


def files_of(
    code: Mapping[str, Any], files: Mapping[str, bytes], runtime: str
) -> tuple[str, dict[str, bytes]] | AwsError:
    """The folder and the files of a function's resolved ``Code``, or AWS's answer to what is wrong with it."""
    if "ZipFile" in code:
        return "", {"index.py": str(code["ZipFile"]).encode()}  # saved as index, fact K.2
    if code.get("S3Bucket") != BUCKET:
        cause = "S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."
        text = f"Error occurred while GetObject. {cause}"
        return AwsError("InvalidParameterValueException", text)
    folder = str(code.get("S3Key", ""))
    prefix = "" if folder in ("", ".") else f"{folder}/"
    found = {path.removeprefix(prefix): content for path, content in files.items() if path.startswith(prefix)}
    if sum(map(len, found.values())) > UNZIPPED_BYTES_MAX:
        text = f"Unzipped size must be smaller than {UNZIPPED_BYTES_MAX} bytes"
        return AwsError("InvalidParameterValueException", text)
    return prefix.rstrip("/"), found


def source_of(files: Mapping[str, bytes], params: Mapping[str, Any]) -> tuple[str, dict[str, bytes]] | AwsError:
    """The folder and files that UpdateFunctionCode names: a zip file, or what the project has in its bucket."""
    if "ZipFile" not in params:
        return files_of(params, files, "")
    try:
        return "", _unzipped(params["ZipFile"])
    except (ValueError, OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error):
        text = "Could not unzip uploaded file. Please check your file, then try to upload again."
        return invalid(text)


def _unzipped(content: bytes | str) -> dict[str, bytes]:
    """Raises ``ValueError`` for what is larger or leads elsewhere than a function's code may."""
    raw = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    found: dict[str, bytes] = {}
    left = UNZIPPED_BYTES_MAX
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for entry in archive.infolist():
            path = posixpath.normpath(entry.filename)
            if entry.is_dir():
                continue
            if path.startswith(("..", "/")):
                raise ValueError(path)
            with archive.open(entry) as file:
                found[path] = file.read(left + 1)  # never more than what is left, whatever the archive says
            left -= len(found[path])
            if left < 0:
                raise ValueError("too large")
    return found


def _uploaded(source: Source, path: Path, uri: str, files: Mapping[str, bytes]) -> tuple[str, list[Problem]]:
    folder = posixpath.normpath(uri)
    if uri.startswith(("s3://", "https://")):
        text = f"the code at {uri} is not in this project."
        return uri, [source.problem(path, text, "Put the code into a folder and name that folder.")]
    if folder.startswith(("..", "/")):
        return uri, [source.problem(path, f"{uri} leads out of the project.", "Name a folder inside it.")]
    if folder != "." and not any(name.startswith(f"{folder}/") for name in files):
        return uri, [source.problem(path, f"there is no folder {uri} with files in it.", "Create it, or fix the path.")]
    return f"s3://{BUCKET}/{folder}", []
