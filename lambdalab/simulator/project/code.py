"""Where the code of a function or layer is: a folder or a zip of the project, or inline in the template."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from lambdalab.simulator.lambda_.packages import too_large, unzipped, uploaded
from lambdalab.simulator.project import inline
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.yaml_source import Path, Source
from lambdalab.simulator.vocabulary.errors import AwsError, invalid
from lambdalab.simulator.vocabulary.quotas import UNZIPPED_BYTES_MAX

BUCKET = "lambdalab-project"  # stands for "a folder of this project", as `sam package` would upload it
INLINE_FILE = "index.py"  # where CloudFormation saves a ZipFile. Fact K.2
CFNRESPONSE = {"cfnresponse.py": (FilePath(inline.__file__).parent / "cfnresponse.py").read_bytes()}
"""What CloudFormation adds to inline code that imports it, and to no other. Fact K.2"""
PROPERTIES = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Lambda::Function": "Code",
    "AWS::Serverless::LayerVersion": "ContentUri",
    "AWS::Lambda::LayerVersion": "Content",
}
DEFINITIONS = {
    "AWS::Serverless::StateMachine": "DefinitionUri",
    "AWS::StepFunctions::StateMachine": "DefinitionS3Location",
}
"""Where each type names its code."""


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
        problems += _point_to_definition(source, logical_id, body, files)
        key = PROPERTIES.get(body["Type"])
        if key is None or not isinstance(properties, dict):
            continue
        path: Path = ("Resources", logical_id, "Properties", key)
        if isinstance(properties.get(key), str):
            uri, problem = _uploaded(source, path, properties[key], files)
            folder = uri.removeprefix(f"s3://{BUCKET}/")
            properties[key] = uri if key.endswith("Uri") else {"S3Bucket": BUCKET, "S3Key": folder}
            problems += problem
        elif key == "CodeUri" and not {"CodeUri", "InlineCode", "ImageUri"} & {*properties, *shared}:
            text = f"{logical_id}: a function needs CodeUri, the folder of its code."
            problems.append(source.problem(("Resources", logical_id), text, "Add CodeUri: src/"))
    return problems


def _point_to_definition(
    source: Source, logical_id: str, body: dict[str, Any], files: Mapping[str, bytes]
) -> list[Problem]:
    """The same for a state machine's definition, which is one file."""
    properties, key = body.get("Properties"), DEFINITIONS.get(body["Type"], "")
    if not isinstance(properties, dict) or not isinstance(properties.get(key), str):
        return []
    path: Path = ("Resources", logical_id, "Properties", key)
    file = posixpath.normpath(properties[key])
    properties[key] = {"Bucket": BUCKET, "Key": file}
    if file in files:
        return []
    text = f"{logical_id}: there is no file {file} in this project."
    return [source.problem(path, text, "Create it, or fix the path.")]


def files_of(code: Mapping[str, Any], files: Mapping[str, bytes]) -> tuple[str, dict[str, bytes]] | AwsError:
    """The folder and the files of a resolved ``Code`` or ``Content``, or AWS's answer to what is wrong with it."""
    if "ZipFile" in code:
        text = str(code["ZipFile"])
        return "", {INLINE_FILE: text.encode()} | (CFNRESPONSE if "cfnresponse" in text else {})
    key = str(code.get("S3Key", ""))
    if code.get("S3Bucket") != BUCKET:
        return _no_such_key()
    if key in files:
        found = unzipped(files[key])
        return found if isinstance(found, AwsError) else (key, found)
    prefix = "" if key in ("", ".") else f"{key}/"
    inside = {path.removeprefix(prefix): content for path, content in files.items() if path.startswith(prefix)}
    if not inside:
        return _no_such_key()
    if sum(map(len, inside.values())) > UNZIPPED_BYTES_MAX:
        return too_large()
    return prefix.rstrip("/"), inside


def source_of(files: Mapping[str, bytes], params: Mapping[str, Any]) -> tuple[str, dict[str, bytes]] | AwsError:
    """The folder and files that a call names: a zip file within it, or what the project has in its bucket."""
    if "ZipFile" not in params:
        return files_of(params, files)
    found = uploaded(params["ZipFile"])
    return found if isinstance(found, AwsError) else ("", found)


def _no_such_key() -> AwsError:
    cause = "S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."
    return invalid(f"Error occurred while GetObject. {cause}")


def _uploaded(source: Source, path: Path, uri: str, files: Mapping[str, bytes]) -> tuple[str, list[Problem]]:
    folder = posixpath.normpath(uri)
    if uri.startswith(("s3://", "https://")):
        text = f"the code at {uri} is not in this project."
        return uri, [source.problem(path, text, "Put it into a folder or zip here and name that.")]
    if folder.startswith(("..", "/")):
        return uri, [source.problem(path, f"{uri} leads out of the project.", "Name a folder inside it.")]
    if folder in files and folder.endswith(".zip"):
        return f"s3://{BUCKET}/{folder}", []
    if folder != "." and not any(name.startswith(f"{folder}/") for name in files):
        text = f"there is no folder {uri} with files in it."
        return uri, [source.problem(path, text, "Create it, or fix the path.")]
    return f"s3://{BUCKET}/{folder}", []
