"""A job of S3 Batch Operations, and how CreateJob describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lambdalab.simulator.account import Principal
from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError

Status = Literal[
    "New", "Preparing", "Suspended", "Ready", "Active", "Completing", "Complete", "Failing", "Failed", "Cancelling",
    "Cancelled",
]  # fmt: skip
Code = Literal["Succeeded", "TemporaryFailure", "PermanentFailure"]
CODES: tuple[Code, ...] = ("Succeeded", "TemporaryFailure", "PermanentFailure")
OVER = ("Complete", "Failed", "Cancelled")
CURRENT = "current"  # what a scenario may write for the ETag of a manifest: the object as it is
FIELDS = ("Ignore", "Bucket", "Key", "VersionId")


@dataclass(frozen=True, slots=True)
class Task:
    """One object of a manifest. ``key`` is as the manifest has it: URL-encoded."""

    id: str
    bucket: str
    key: str
    version: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a task, as the report shows it."""

    task: Task
    code: Code
    message: str


@dataclass(slots=True, eq=False)
class Job:
    """One job. ``asked`` are the parameters of CreateJob; ``tasks`` those of its manifest, as ``role`` has read it."""

    id: str
    asked: Mapping[str, Any]
    created_at: Micros
    created_by: str
    status: Status = "New"
    priority: int = 0
    tasks: list[Task] = field(default_factory=list)
    role: Principal | None = None
    results: list[Result] = field(default_factory=list)
    succeeded: int = 0
    failed: int = 0
    reason: tuple[str, str] | None = None
    why: str = ""
    active_since: Micros | None = None
    ended_at: Micros | None = None

    @property
    def arn(self) -> str:
        """The job's ARN."""
        return arn("s3", f"job/{self.id}")

    @property
    def invoke(self) -> Mapping[str, Any]:
        """LambdaInvoke, the operation."""
        operation: Mapping[str, Any] = self.asked["Operation"]["LambdaInvoke"]
        return operation

    @property
    def schema(self) -> str:
        """The version of the payload."""
        return str(self.invoke.get("InvocationSchemaVersion") or "1.0")

    @property
    def manifest(self) -> tuple[str, str]:
        """Bucket and key of the manifest."""
        bucket, _, key = (
            str(self.asked["Manifest"]["Location"]["ObjectArn"]).removeprefix("arn:aws:s3:::").partition("/")
        )
        return bucket, key

    @property
    def is_over(self) -> bool:
        """Whether nothing happens to it any more."""
        return self.status in OVER

    @property
    def is_stopping(self) -> bool:
        """Whether no further task may begin."""
        return self.status in ("Failing", "Cancelling")


def wrong_job(params: Mapping[str, Any]) -> AwsError | None:
    """Why CreateJob refuses these parameters, or None. Texts: A-148."""
    operation = params["Operation"]
    others = sorted(name for name in operation if name != "LambdaInvoke")
    if others or params.get("ManifestGenerator"):
        what = others[0] if others else "a ManifestGenerator"
        return AwsError("NotSimulated", f"lambdalab does not simulate {what} of S3 Batch Operations.", 501)
    invoke = operation.get("LambdaInvoke") or {}
    if ":function:" not in str(invoke.get("FunctionArn") or ""):
        return _bad("LambdaInvoke needs a FunctionArn.")
    version = invoke.get("InvocationSchemaVersion") or "1.0"
    if version not in ("1.0", "2.0"):
        return _bad(f"InvocationSchemaVersion {version} is not supported.")
    if invoke.get("UserArguments") and version != "2.0":
        return _bad("UserArguments need InvocationSchemaVersion 2.0.")
    if len(invoke.get("UserArguments") or ()) > 10:
        return _bad("UserArguments have at most 10 items.")
    return _wrong_manifest(params.get("Manifest")) or _wrong_report(params["Report"])


def _wrong_manifest(manifest: Mapping[str, Any] | None) -> AwsError | None:
    if manifest is None:
        return _bad("A job needs a Manifest.")
    if manifest["Spec"]["Format"] != "S3BatchOperations_CSV_20180820":
        text = f"lambdalab does not simulate manifests of the format {manifest['Spec']['Format']}."
        return AwsError("NotSimulated", text, 501)
    fields = manifest["Spec"].get("Fields") or []
    if "Bucket" not in fields or "Key" not in fields or any(each not in FIELDS for each in fields):
        return _bad("The Fields of a manifest in CSV are Bucket, Key and, where there are any, VersionId and Ignore.")
    if any(fields.count(each) > 1 for each in fields if each != "Ignore"):
        return _bad("Of the Fields of a manifest only Ignore may come twice.")
    location = str(manifest["Location"]["ObjectArn"])
    if not location.startswith("arn:aws:s3:::") or "/" not in location:
        return _bad("The ObjectArn of a manifest is like arn:aws:s3:::bucket/key.")
    return None


def _wrong_report(report: Mapping[str, Any]) -> AwsError | None:
    if not report["Enabled"]:
        return None
    lacking = [name for name in ("Bucket", "Format", "ReportScope") if not report.get(name)]
    if lacking:
        return _bad(f"A report needs {lacking[0]}.")
    if not str(report["Bucket"]).startswith("arn:aws:s3:::"):
        return _bad("The Bucket of a report is given by its ARN.")
    return None


def _bad(text: str) -> AwsError:
    return AwsError("InvalidRequest", text, 400)
