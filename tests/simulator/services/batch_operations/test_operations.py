"""The calls about jobs, asked at a desk."""

from typing import Any

from lambdalab.simulator.account import ADMINISTRATOR
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.services.batch_operations import BatchOperations
from lambdalab.simulator.services.s3 import S3Service
from tests.simulator.desk import Desk, output, refused
from tests.simulator.playing import ACCOUNT, arn_of


class JobsDesk(Desk):
    """A bucket with a manifest of two objects, and a function that takes every task."""

    def __init__(self) -> None:
        def script(function: Any, event: Any, count: int) -> Act:
            task = event["tasks"][0]["taskId"]
            return Act(result={"results": [{"taskId": task, "resultCode": "Succeeded", "resultString": "done"}]})

        super().__init__(script)
        self.s3 = S3Service(self.world)
        self.service = BatchOperations(self.world)
        self.service.runner.assume = lambda role, caller: ADMINISTRATOR
        output(self.ask("s3", "CreateBucket", {"Bucket": "photos"}))
        put = {"Bucket": "photos", "Key": "manifest.csv", "Body": b"photos,a\nphotos,b\n"}
        self.etag = output(self.ask("s3", "PutObject", put))["ETag"]

    def jobs(self, operation: str, **params: Any) -> Any:
        return self.ask("s3control", operation, {"AccountId": ACCOUNT, **params})

    def create(self, **changes: Any) -> str:
        asked = {
            "Operation": {"LambdaInvoke": {"FunctionArn": arn_of("lambda", "function:work")}},
            "Manifest": {
                "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key"]},
                "Location": {"ObjectArn": "arn:aws:s3:::photos/manifest.csv", "ETag": self.etag},
            },
            "Report": {"Enabled": False},
            "Priority": 1,
            "ConfirmationRequired": False,
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/batch",
            "ClientRequestToken": "one",
            **changes,
        }
        made: str = output(self.jobs("CreateJob", **asked))["JobId"]
        return made

    def described(self, job: str) -> dict[str, Any]:
        found: dict[str, Any] = output(self.jobs("DescribeJob", JobId=job))["Job"]
        return found

    def close(self) -> None:
        self.s3.close()


def test_a_job_is_described_from_beginning_to_end() -> None:
    desk = JobsDesk()
    job = desk.described(desk.create(Description="two"))
    desk.close()
    assert (job["Status"], job["Description"], job["FailureReasons"]) == ("Complete", "two", [])
    summary = job["ProgressSummary"]
    assert [summary[f"{name}"] for name in ("TotalNumberOfTasks", "NumberOfTasksSucceeded", "NumberOfTasksFailed")] == [
        2, 2, 0,
    ]  # fmt: skip
    assert job["JobArn"] == arn_of("s3", f"job/{job['JobId']}")


def test_a_suspended_job_goes_on_when_it_is_confirmed() -> None:
    desk = JobsDesk()
    job = desk.create(ConfirmationRequired=True)
    assert desk.described(job)["Status"] == "Suspended"
    assert output(desk.jobs("UpdateJobStatus", JobId=job, RequestedJobStatus="Ready"))["Status"] == "Ready"
    assert desk.described(job)["Status"] == "Complete"
    again = desk.jobs("UpdateJobStatus", JobId=job, RequestedJobStatus="Cancelled")
    desk.close()
    assert refused(again)[1] == "JobStatusException"


def test_a_suspended_job_may_be_cancelled() -> None:
    desk = JobsDesk()
    job = desk.create(ConfirmationRequired=True)
    output(desk.jobs("UpdateJobStatus", JobId=job, RequestedJobStatus="Cancelled", StatusUpdateReason="no"))
    found = desk.described(job)
    desk.close()
    assert (found["Status"], found["StatusUpdateReason"]) == ("Cancelled", "no")
    assert found["ProgressSummary"]["NumberOfTasksSucceeded"] == 0


def test_jobs_are_listed_the_newest_first_and_by_status() -> None:
    desk = JobsDesk()
    one, two = desk.create(), desk.create(ClientRequestToken="two", ConfirmationRequired=True)
    listed = output(desk.jobs("ListJobs"))["Jobs"]
    waiting = output(desk.jobs("ListJobs", JobStatuses=["Suspended"]))["Jobs"]
    output(desk.jobs("UpdateJobPriority", JobId=two, Priority=9))
    priority = desk.described(two)["Priority"]
    missing = desk.jobs("DescribeJob", JobId="nobody-123")
    desk.close()
    assert [each["JobId"] for each in listed] == [two, one]
    assert [each["JobId"] for each in waiting] == [two]
    assert priority == 9
    assert refused(missing)[:2] == (404, "NoSuchJob")


def test_a_job_that_is_confirmed_twice_at_once_begins_once() -> None:
    desk = JobsDesk()
    job = desk.service.jobs[desk.create(ConfirmationRequired=True)]
    first = desk.service._update(job, {"RequestedJobStatus": "Ready"})
    again = desk.service._update(job, {"RequestedJobStatus": "Ready"})
    desk.wait(60)
    desk.close()
    assert output(first)["Status"] == "Ready"
    assert refused(again)[1] == "JobStatusException"
    assert (job.status, job.succeeded) == ("Complete", 2)
