"""S3 Batch Operations behind the front door: jobs of s3control. Source: botocore's s3control model, read 2026-11."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer, Request, Right, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import SECOND, Process
from lambdalab.simulator.services.batch_operations.job import Job, wrong_job
from lambdalab.simulator.services.batch_operations.running import PRINCIPAL, Runner
from lambdalab.simulator.trace.facts import BatchJobCreated
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, arn
from lambdalab.simulator.vocabulary.errors import AwsError

LISTED = 1_000
_ON_ONE = ("DescribeJob", "UpdateJobStatus", "UpdateJobPriority")


class BatchOperations:
    """The jobs of the account."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.jobs: dict[str, Job] = {}
        self._tokens: dict[str, str] = {}
        self.runner = Runner(world)
        self._on_job: Mapping[str, Callable[[Job, dict[str, Any]], Answer | AwsError]] = {
            "DescribeJob": lambda job, params: Answer({"Job": self._described(job)}),
            "UpdateJobStatus": self._update,
            "UpdateJobPriority": _prefer,
        }
        world.api.register("s3control", self, BatchGuard())

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The job that a call acts on."""
        job = str(params.get("JobId") or "")
        return (arn("s3", f"job/{job}"), job) if job else ("*", "")

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        yield from ()  # a generator, like every service
        if request.params.get("AccountId", ACCOUNT_ID) != ACCOUNT_ID:
            return AwsError("AccessDenied", "Access Denied", 403)
        if request.operation == "CreateJob":
            return self._create(request)
        if request.operation == "ListJobs":
            return self._list(request.params)
        operation = self._on_job.get(request.operation)
        if operation is None:
            return unsupported(request)
        job = self.jobs.get(str(request.params["JobId"]))
        if job is None:
            return AwsError("NoSuchJob", "The specified job does not exist.", 404)
        return operation(job, request.params)

    def _create(self, request: Request) -> Answer | AwsError:
        params = request.params
        refusal = wrong_job(params)
        if refusal is not None:
            return refusal
        known = self._tokens.get(params["ClientRequestToken"])
        if known is not None:
            if self.jobs[known].asked == params:
                return Answer({"JobId": known})
            return AwsError("IdempotencyException", "The ClientRequestToken belongs to a job with other parameters.")
        kernel = self._world.kernel
        job = Job(self._world.new_uuid("batch_operations/jobs"), params, kernel.now, request.source)
        job.priority = int(params["Priority"])
        self.jobs[job.id] = job
        self._tokens[params["ClientRequestToken"]] = job.id
        self._world.trace.record(
            BatchJobCreated(
                job.id,
                str(params.get("Description") or ""),
                str(job.invoke["FunctionArn"]),
                "/".join(job.manifest),
                request.source,
            )
        )
        kernel.spawn(self.runner.run(job))
        return Answer({"JobId": job.id})

    def _update(self, job: Job, params: dict[str, Any]) -> Answer | AwsError:
        """Confirm a suspended job, or cancel one."""
        wanted, job.why = params["RequestedJobStatus"], str(params.get("StatusUpdateReason") or "")
        suspended = job.status == "Suspended"
        if wanted not in ("Ready", "Cancelled"):
            return AwsError("InvalidRequest", f"RequestedJobStatus must be Cancelled or Ready, not {wanted}.")
        if job.is_over or job.is_stopping or (wanted == "Ready" and not suspended):
            text = f"A job that is {job.status} cannot become {wanted}."
            return AwsError("JobStatusException", text)
        self.runner.change(job, "Cancelling" if wanted == "Cancelled" else "Ready")
        if suspended:
            self._world.kernel.spawn(self.runner.go_on(job))
        answer = {"JobId": job.id, "Status": job.status}
        return Answer(answer | ({"StatusUpdateReason": job.why} if job.why else {}))

    def _list(self, params: Mapping[str, Any]) -> Answer:
        statuses = params.get("JobStatuses")
        found = [job for job in reversed(self.jobs.values()) if not statuses or job.status in statuses]
        token = str(params.get("NextToken") or "0")
        start, most = int(token) if token.isdecimal() and len(token) < 9 else 0, int(params.get("MaxResults") or LISTED)
        rows = [
            {
                "JobId": job.id,
                "Operation": "LambdaInvoke",
                "Priority": job.priority,
                "Status": job.status,
                "CreationTime": self._world.wall_clock(job.created_at),
                "ProgressSummary": self._progress(job),
                **({"Description": job.asked["Description"]} if job.asked.get("Description") else {}),
            }
            for job in found[start : start + most]
        ]
        return Answer({"Jobs": rows} | ({"NextToken": str(start + most)} if start + most < len(found) else {}))

    def _described(self, job: Job) -> dict[str, Any]:
        kept = ("ConfirmationRequired", "Description", "Manifest", "Operation", "Report", "RoleArn")
        told: dict[str, Any] = {name: job.asked[name] for name in kept if name in job.asked}
        told |= {
            "JobId": job.id,
            "JobArn": job.arn,
            "Status": job.status,
            "Priority": job.priority,
            "ProgressSummary": self._progress(job),
            "FailureReasons": [],
            "CreationTime": self._world.wall_clock(job.created_at),
        }
        if job.why:
            told["StatusUpdateReason"] = job.why
        if job.reason is not None:
            told["FailureReasons"] = [{"FailureCode": job.reason[0], "FailureReason": job.reason[1]}]
        if job.ended_at is not None:
            told["TerminationDate"] = self._world.wall_clock(job.ended_at)
        return told

    def _progress(self, job: Job) -> dict[str, Any]:
        since, until = job.active_since, job.ended_at if job.ended_at is not None else self._world.kernel.now
        seconds = 0 if since is None else (until - since) // SECOND
        return {
            "TotalNumberOfTasks": len(job.tasks),
            "NumberOfTasksSucceeded": job.succeeded,
            "NumberOfTasksFailed": job.failed,
            "Timers": {"ElapsedTimeInActiveSeconds": seconds},
        }


def _prefer(job: Job, params: dict[str, Any]) -> Answer | AwsError:
    """UpdateJobPriority. Jobs do not compete here, so it changes nothing else."""
    job.priority = int(params["Priority"])
    return Answer({"JobId": job.id, "Priority": job.priority})


class BatchGuard:
    """What calls need. Source: Service Authorization Reference, "Amazon S3", read 2026-11."""

    def rights(self, operation: str, params: dict[str, Any]) -> Iterable[Right]:
        """CreateJob and ListJobs act on no resource that IAM knows. Who creates a job passes its role on."""
        if operation in _ON_ONE:
            return [Right(f"s3:{operation}", arn("s3", f"job/{params['JobId']}"))]
        rights = [Right(f"s3:{operation}", "*")]
        if operation == "CreateJob":
            rights.append(Right("iam:PassRole", str(params["RoleArn"]), {"iam:passedtoservice": PRINCIPAL}))
        return rights

    def refusal(self, operation: str, error: AwsError) -> AwsError:
        """S3 refuses in IAM's own words."""
        return error
