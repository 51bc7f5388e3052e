"""Carrying out a job: the manifest, the tasks side by side, the threshold, the report.

Source: Amazon S3 User Guide, "Invoke AWS Lambda function", "Tracking job status and completion reports" and "Tracking
job failures", read 2026-11: a job fails when more than half of its tasks have failed after 1,000. How many tasks run at
once, how often and when one is tried again, how long preparations take, and the codes of failures: A-148. A job that
says nothing of its confirmation waits for it: A-182.
"""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer, Principal, Request, World, service_principal
from lambdalab.simulator.kernel import SECOND, Micros, Process, Signal
from lambdalab.simulator.services.batch_operations.job import CODES, CURRENT, Code, Job, Result, Status, Task
from lambdalab.simulator.services.batch_operations.manifest import ManifestError, read_manifest
from lambdalab.simulator.services.batch_operations.report import files_of
from lambdalab.simulator.trace.facts import BatchJobChanged, BatchReportWritten, BatchTaskEnded, BatchTaskRetried
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.events.plain import compact
from lambdalab.simulator.vocabulary.json_values import read_json

PRINCIPAL = "batchoperations.s3.amazonaws.com"
PREPARATION = (2_000_000, 10_000_000)  # microseconds
AT_ONCE = 20  # tasks
ATTEMPTS = 4  # of a task
FIRST_DELAY = Micros(1 * SECOND)  # doubled with each attempt
THRESHOLD_TASKS, THRESHOLD_SHARE = 1_000, 0.5
MESSAGE_MAX = 1_024  # of a result in the report. ours
Assume = Callable[[str, Principal], Principal | None]


class Runner:
    """Carries out the jobs of the account. ``assume`` gives the session of a role."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.assume: Assume = lambda role, caller: None

    def run(self, job: Job) -> Process[None]:
        """A job from its beginning to its end, or until it waits for being confirmed."""
        self.change(job, "Preparing")
        delay = self._world.kernel.random_for("batch_operations/preparation").randint(*PREPARATION)
        yield from self._world.kernel.sleep(Micros(delay))
        role = self.assume(str(job.asked["RoleArn"]), service_principal(PRINCIPAL, job.arn))
        if role is None:
            text = f"could not be assumed: it does not exist, or does not trust {PRINCIPAL}."
            self._fail(job, "AssumeRoleFailed", f"The role {job.asked['RoleArn']} {text}")
            return
        tasks = yield from self._prepare(job, role)
        if isinstance(tasks, ManifestError):
            self._fail(job, "ManifestUnreadable", f"The manifest could not be read: {tasks}.")
            return
        job.tasks, job.role = tasks, role
        if job.is_stopping:
            self._end(job, "Cancelled")
        elif job.asked.get("ConfirmationRequired", True):
            self.change(job, "Suspended")
        else:
            self.change(job, "Ready")
            yield from self.go_on(job)

    def go_on(self, job: Job) -> Process[None]:
        """A job that is Ready: prepared, and confirmed where that is needed. Or one that was cancelled instead."""
        role = job.role
        assert role is not None
        if job.is_stopping:
            self._end(job, "Cancelled")
            return
        job.active_since = self._world.kernel.now
        self.change(job, "Active")
        yield from self._work(job, role, deque(job.tasks))
        yield from self._finish(job, role)

    def change(self, job: Job, status: Status) -> None:
        """The job has another status."""
        job.status = status
        reason = None if job.reason is None else f"{job.reason[0]}: {job.reason[1]}"
        fact = BatchJobChanged(job.id, status, len(job.tasks), job.succeeded, job.failed, reason)
        self._world.trace.record(fact)

    def _end(self, job: Job, status: Status) -> None:
        job.ended_at = self._world.kernel.now
        self.change(job, status)

    def _fail(self, job: Job, code: str, text: str) -> None:
        job.reason = (code, text)
        self._end(job, "Failed")

    def _call(
        self, job: Job, role: Principal, service: str, operation: str, **params: Any
    ) -> Process[Answer | AwsError]:
        request = Request(role, service, operation, params, f"batch_operations/{job.id}")
        return (yield from self._world.api.call(request))

    def _prepare(self, job: Job, role: Principal) -> Process[list[Task] | ManifestError]:
        """Read the manifest, by the job's role."""
        location, (bucket, key) = job.asked["Manifest"]["Location"], job.manifest
        version = {"VersionId": location["ObjectVersionId"]} if location.get("ObjectVersionId") else {}
        found = yield from self._call(job, role, "s3", "GetObject", Bucket=bucket, Key=key, **version)
        if isinstance(found, AwsError):
            return ManifestError(f"{found.message} ({found.code})")
        wanted, etag = str(location["ETag"]).strip('"'), str(found.output.get("ETag", "")).strip('"')
        if wanted != etag and not (wanted == CURRENT and job.created_by == "scenario"):
            return ManifestError(f"its ETag is {etag}, not {wanted}")
        body = found.output["Body"]
        content = body.read() if hasattr(body, "read") else body
        try:
            return read_manifest(bytes(content), job.asked["Manifest"]["Spec"]["Fields"], self._task_id)
        except ManifestError as error:
            return error

    def _task_id(self) -> str:
        return base64.b64encode(self._world.new_uuid("batch_operations/tasks").encode()).decode()

    def _work(self, job: Job, role: Principal, waiting: deque[Task]) -> Process[None]:
        """All tasks, so many at once; ends when the last of those that have begun is over."""
        done = self._world.kernel.signal()
        workers = [min(AT_ONCE, len(waiting))]
        for _ in range(workers[0]):
            self._world.kernel.spawn(self._worker(job, role, waiting, workers, done))
        yield from self._world.kernel.wait(done)

    def _worker(
        self, job: Job, role: Principal, waiting: deque[Task], workers: list[int], done: Signal
    ) -> Process[None]:
        while waiting and not job.is_stopping:
            result, attempts = yield from self._task(job, role, waiting.popleft())
            self._note(job, result, attempts)
        workers[0] -= 1
        if not workers[0]:
            done.fire()

    def _note(self, job: Job, result: Result, attempts: int) -> None:
        job.results.append(result)
        good = result.code == "Succeeded"
        job.succeeded, job.failed = job.succeeded + good, job.failed + (not good)
        task = result.task
        fact = BatchTaskEnded(job.id, task.bucket, task.key, result.code, attempts, result.message[:300])
        self._world.trace.record(fact)
        over = len(job.results)
        if over >= THRESHOLD_TASKS and job.failed > THRESHOLD_SHARE * over and not job.is_stopping:
            text = f"More than 50% of the tasks have failed: {job.failed} of the first {over}."
            job.reason = ("TooManyTaskFailures", text)
            self.change(job, "Failing")

    def _task(self, job: Job, role: Principal, task: Task) -> Process[tuple[Result, int]]:
        """Invoke the function, again while it fails for the time being."""
        attempt, delay = 0, FIRST_DELAY
        while True:
            attempt += 1
            code, message = yield from self._invoke(job, role, task)
            if code != "TemporaryFailure" or attempt >= ATTEMPTS or job.is_stopping:
                return Result(task, code, message[:MESSAGE_MAX]), attempt
            fact = BatchTaskRetried(job.id, task.bucket, task.key, attempt, delay, message[:300])
            self._world.trace.record(fact)
            yield from self._world.kernel.sleep(delay)
            delay = Micros(delay * 2)

    def _invoke(self, job: Job, role: Principal, task: Task) -> Process[tuple[Code, str]]:
        event = self._event(job, task)
        params = {
            "FunctionName": str(job.invoke["FunctionArn"]),
            "InvocationType": "RequestResponse",
            "Payload": compact(event).encode(),
        }
        answer = yield from self._call(job, role, "lambda", "Invoke", **params)
        if isinstance(answer, AwsError):
            passing = answer.status == 429 or answer.status >= 500
            return ("TemporaryFailure" if passing else "PermanentFailure"), f"{answer.code}: {answer.message}"
        payload = answer.output.get("Payload") or b""
        text = (payload.read() if hasattr(payload, "read") else bytes(payload)).decode("utf-8", "replace")
        if answer.output.get("FunctionError"):
            return "TemporaryFailure", f"Lambda returned function error: {text}"
        return read_result(text, task.id)

    def _event(self, job: Job, task: Task) -> dict[str, Any]:
        told: dict[str, Any] = {"id": job.id}
        place = {"s3BucketArn": f"arn:aws:s3:::{task.bucket}"}
        if job.schema == "2.0":
            told["userArguments"] = dict(job.invoke.get("UserArguments") or {})
            place = {"s3Bucket": task.bucket}
        return {
            "invocationSchemaVersion": job.schema,
            "invocationId": base64.b64encode(self._world.new_uuid("batch_operations").encode()).decode(),
            "job": told,
            "tasks": [{"taskId": task.id, "s3Key": task.key, "s3VersionId": task.version, **place}],
        }

    def _finish(self, job: Job, role: Principal) -> Process[None]:
        """Write the report, where one is wanted and a task has run."""
        failing, cancelling = job.status == "Failing", job.status == "Cancelling"
        if not failing and not cancelling:
            self.change(job, "Completing")
        if job.asked["Report"]["Enabled"] and job.results:
            refusal = yield from self._report(job, role)
            if refusal is not None and not failing:
                self._fail(job, "ReportNotWritten", f"{refusal.message} ({refusal.code})")
                return
        self._end(job, "Failed" if failing else "Cancelled" if cancelling else "Complete")

    def _report(self, job: Job, role: Principal) -> Process[AwsError | None]:
        asked = job.asked["Report"]
        bucket, key = str(asked["Bucket"]).removeprefix("arn:aws:s3:::"), ""
        for key, body in files_of(job.id, asked, job.results, self._world.wall_clock()):
            answer = yield from self._call(job, role, "s3", "PutObject", Bucket=bucket, Key=key, Body=body)
            if isinstance(answer, AwsError):
                return answer
        self._world.trace.record(BatchReportWritten(job.id, bucket, key, len(job.results)))
        return None


def read_result(text: str, task_id: str) -> tuple[Code, str]:
    """What a function's answer says of a task: the code, and the string for the report.

    ``Invalid JSON …`` is the guide's own text ("Creating a Lambda function to use with S3 Batch Operations").
    """
    try:
        document = read_json(text)
    except ValueError:
        document = None
    if not isinstance(document, Mapping) or not isinstance(document.get("results"), list):
        return "PermanentFailure", f"Invalid JSON returned in Lambda payload: {text[:200]}"
    for each in document["results"]:
        if isinstance(each, Mapping) and each.get("taskId") == task_id:
            code = each.get("resultCode")
            if code not in CODES:
                return "PermanentFailure", f"Lambda returned an invalid resultCode: {code}"
            return code, str(each.get("resultString") or "")
    missing = document.get("treatMissingKeysAs", "TemporaryFailure")
    return (missing if missing in CODES else "TemporaryFailure"), "Lambda returned no result for this task"
