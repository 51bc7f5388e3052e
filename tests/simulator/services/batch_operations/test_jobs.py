"""Jobs of S3 Batch Operations that invoke a function for each object of a manifest."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parser.models import S3BatchOperationModel
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdalab.simulator.lambda_.scripted import Act, Script
from lambdalab.simulator.services.batch_operations.manifest import ManifestError, read_manifest
from lambdalab.simulator.services.batch_operations.running import read_result
from lambdalab.simulator.trace.facts import BatchJobChanged, BatchTaskRetried
from tests.simulator.playing import Played, arn_of, call, first, make_function, make_template, play, steps

TRUST = {
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "batchoperations.s3.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]
}


def template(*rights: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(rights) or ["*"], "Resource": "*"}
    policies = [{"PolicyName": "all", "PolicyDocument": {"Statement": [statement]}}]
    return make_template(
        make_function(),
        Batch={"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, "Policies": policies}},
        Photos={"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "photos"}},
    )


def manifest(*keys: str) -> dict[str, Any]:
    body = "".join(f"photos,{key}\n" for key in keys)
    return call("0s", "s3.put_object", Bucket="Photos", Key="manifest.csv", Body=body)


def create(at: str = "1s", **changes: Any) -> dict[str, Any]:
    usual = {
        "Operation": {"LambdaInvoke": {"FunctionArn": "Work", **changes.pop("invoke", {})}},
        "Manifest": {
            "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key"]},
            "Location": {"ObjectArn": "Photos/manifest.csv", "ETag": "current", **changes.pop("location", {})},
        },
        "Report": {"Enabled": True, "Bucket": "Photos", "Format": "Report_CSV_20180820", "ReportScope": "AllTasks",
                   "Prefix": "reports"},
        "Priority": 1,
        "ConfirmationRequired": False,
        "RoleArn": "Batch",
        "ClientRequestToken": "one",
        "Description": "thumbnails",
    }  # fmt: skip
    return call(at, "s3control.create_job", **(usual | changes))


def each_key(make: Callable[[str], dict[str, Any] | None], **answer: Any) -> Script:
    """A function that answers the task of each key; None leaves it out."""

    def script(function: Any, event: Any, count: int) -> Act:
        task = event["tasks"][0]
        result = make(task["s3Key"])
        results = [] if result is None else [{"taskId": task["taskId"], **result}]
        told = {name: event[name] for name in ("invocationSchemaVersion", "invocationId")}
        return Act(result={**told, "results": results, **answer})

    return script


def done(key: str) -> dict[str, Any]:
    return {"resultCode": "Succeeded", "resultString": f"made {key}"}


def row(played: Played, number: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = played.summary["batch_jobs"][number]
    return found


def results(played: Played) -> dict[str, tuple[str, int, str]]:
    return {each["key"]: (each["result"], each["attempts"], each["message"]) for each in row(played)["results"]}


def test_a_job_invokes_the_function_for_each_object_and_reports() -> None:
    played = play(template(), steps(manifest("a.jpg", "my+cat.jpg"), create()), each_key(done))
    assert [fact.status for fact in played.of(BatchJobChanged)] == [
        "Preparing", "Ready", "Active", "Completing", "Complete",
    ]  # fmt: skip
    assert results(played) == {
        "a.jpg": ("Succeeded", 1, "made a.jpg"),
        "my+cat.jpg": ("Succeeded", 1, "made my+cat.jpg"),
    }
    assert (row(played)["succeeded"], row(played)["failed"], row(played)["tasks"]) == (2, 0, 2)
    assert row(played)["report"] == f"reports/job-{row(played)['id']}/manifest.json"
    keys = [key for key in played.summary["buckets"]["photos"]["objects"] if "/results/" in key]
    assert len(keys) == 1
    assert played.summary["functions"]["work"]["by_source"] == {"batch_operations": 2}


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_the_event_is_what_powertools_reads(version: str) -> None:
    events: list[dict[str, Any]] = []
    answer = each_key(done)

    def script(function: Any, event: Any, count: int) -> Act:
        events.append(event)
        return answer(function, event, count)

    invoke: dict[str, Any] = {"InvocationSchemaVersion": version}
    if version == "2.0":
        invoke["UserArguments"] = {"size": "small"}
    play(template(), steps(manifest("a.jpg"), create(invoke=invoke)), script)
    parsed = S3BatchOperationModel.model_validate(events[0])
    assert (parsed.invocationSchemaVersion, parsed.tasks[0].s3Bucket, parsed.tasks[0].s3Key) == (
        version,
        "photos",
        "a.jpg",
    )
    assert parsed.tasks[0].s3BucketArn == ("arn:aws:s3:::photos" if version == "1.0" else None)
    assert parsed.job.userArguments == ({"size": "small"} if version == "2.0" else None)


def test_the_report_has_a_row_for_each_task(monkeypatch: pytest.MonkeyPatch) -> None:
    from lambdalab.simulator.services.s3.service import S3Service

    bodies: dict[str, bytes] = {}
    original = S3Service._exchange

    def exchange(service: S3Service, operation: str, params: dict[str, Any]) -> Any:
        if operation == "PutObject":
            body = params["Body"]
            bodies[params["Key"]] = body if isinstance(body, bytes) else str(body).encode()
        return original(service, operation, params)

    monkeypatch.setattr(S3Service, "_exchange", exchange)
    answers = {"a": done("a"), "b": {"resultCode": "PermanentFailure", "resultString": 'no "b"'}}
    played = play(template(), steps(manifest("a", "b"), create()), each_key(lambda key: answers[key]))
    told = json.loads(bodies[row(played)["report"]])
    assert told["ReportSchema"] == "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage"
    found = {each["TaskExecutionStatus"]: bodies[each["Key"]].decode() for each in told["Results"]}
    assert found == {
        "succeeded": "photos,a,,succeeded,200,,made a\n",
        "failed": 'photos,b,,failed,200,PermanentFailure,"no ""b"""\n',
    }


def test_only_failures_are_reported_where_that_is_asked() -> None:
    report = {"Enabled": True, "Bucket": "Photos", "Format": "Report_CSV_20180820", "ReportScope": "FailedTasksOnly"}
    played = play(template(), steps(manifest("a"), create(Report=report)), each_key(done))
    assert [key for key in played.summary["buckets"]["photos"]["objects"] if key != "manifest.csv"] == [
        f"job-{row(played)['id']}/manifest.json"
    ]


def test_a_temporary_failure_is_tried_again_until_it_passes() -> None:
    later = {"resultCode": "TemporaryFailure", "resultString": "busy"}
    left = [2]

    def make(key: str) -> dict[str, Any]:
        left[0] -= 1
        return later if left[0] >= 0 else done(key)

    played = play(template(), steps(manifest("a"), create()), each_key(make))
    assert results(played) == {"a": ("Succeeded", 3, "made a")}
    assert [fact.delay_us for fact in played.of(BatchTaskRetried)] == [1_000_000, 2_000_000]


@pytest.mark.parametrize(
    ("script", "result", "attempts", "words"),
    [
        (
            each_key(lambda key: {"resultCode": "TemporaryFailure", "resultString": "busy"}),
            "TemporaryFailure",
            4,
            "busy",
        ),
        (each_key(lambda key: {"resultCode": "PermanentFailure", "resultString": "bad"}), "PermanentFailure", 1, "bad"),
        (each_key(lambda key: None), "TemporaryFailure", 4, "Lambda returned no result for this task"),
        (each_key(lambda key: None, treatMissingKeysAs="PermanentFailure"), "PermanentFailure", 1, "no result"),
        (each_key(lambda key: None, treatMissingKeysAs="Succeeded"), "Succeeded", 1, "no result"),
        (each_key(lambda key: {"resultCode": "Fine"}), "PermanentFailure", 1, "an invalid resultCode: Fine"),
        (lambda *_: Act(result="hello"), "PermanentFailure", 1, "Invalid JSON returned in Lambda payload"),
        (lambda *_: Act(status="error"), "TemporaryFailure", 4, "Lambda returned function error: "),
    ],
)
def test_what_the_function_answers_decides(script: Script, result: str, attempts: int, words: str) -> None:
    (found,) = results(play(template(), steps(manifest("a"), create()), script)).values()
    assert found[:2] == (result, attempts)
    assert words in found[2]


def test_a_throttle_passes() -> None:
    fault = {"from": "0s", "until": "12s", "throttle": "work"}
    played = play(template(), steps(manifest("a"), create(), faults=[fault]), each_key(done))
    assert row(played)["succeeded"] == 1
    assert played.of(BatchTaskRetried)[0].message.startswith("TooManyRequestsException")


def test_a_role_without_the_right_to_invoke_fails_each_task() -> None:
    played = play(template("s3:GetObject", "s3:PutObject"), steps(manifest("a", "b"), create()), each_key(done))
    assert (row(played)["status"], row(played)["failed"]) == ("Complete", 2)
    assert results(played)["a"][2].startswith("AccessDeniedException")


@pytest.mark.parametrize(
    ("rights", "changes", "words"),
    [
        (("lambda:*",), {}, "ManifestUnreadable: The manifest could not be read: User: "),
        ((), {"RoleArn": "Role"}, "AssumeRoleFailed"),
        ((), {"location": {"ETag": "0" * 32}}, "its ETag is "),
        ((), {"location": {"ObjectArn": "Photos/nothing.csv"}}, "(NoSuchKey)"),
        (("s3:GetObject", "lambda:*"), {}, "ReportNotWritten"),
    ],
)
def test_a_job_that_cannot_be_carried_out_fails_and_says_why(
    rights: tuple[str, ...], changes: dict[str, Any], words: str
) -> None:
    played = play(template(*rights), steps(manifest("a"), create(**changes)), each_key(done))
    assert row(played)["status"] == "Failed"
    assert words in row(played)["reason"]


def test_a_job_fails_when_more_than_half_of_a_thousand_tasks_have() -> None:
    keys = [f"k{number:04}" for number in range(1_500)]

    def make(key: str) -> dict[str, Any]:
        good = int(key[1:]) % 5 == 0
        return done(key) if good else {"resultCode": "PermanentFailure", "resultString": "no"}

    played = play(template(), steps(manifest(*keys), create()), each_key(make))
    found = row(played)
    assert found["status"] == "Failed"
    assert 1_000 <= found["succeeded"] + found["failed"] <= 1_020
    assert found["reason"].startswith("TooManyTaskFailures: More than 50% of the tasks have failed")
    assert found["report"] is not None


def test_less_than_half_is_not_too_many() -> None:
    keys = [f"k{number:04}" for number in range(1_200)]

    def make(key: str) -> dict[str, Any]:
        good = int(key[1:]) % 5 < 3
        return done(key) if good else {"resultCode": "PermanentFailure", "resultString": "no"}

    played = play(template(), steps(manifest(*keys), create()), each_key(make))
    assert (row(played)["status"], row(played)["failed"]) == ("Complete", 480)


@pytest.mark.parametrize("said", [True, None])
def test_a_job_waits_to_be_confirmed_unless_it_says_otherwise(said: bool | None) -> None:
    asked = create(ConfirmationRequired=said)
    if said is None:
        del asked["with"]["ConfirmationRequired"]
    played = play(template(), steps(manifest("a"), asked), each_key(done))
    assert (row(played)["status"], row(played)["tasks"]) == ("Suspended", 1)
    assert played.summary["functions"]["work"]["invocations"] == 0


def test_the_same_token_makes_one_job() -> None:
    asked = [manifest("a"), create(), create("2s"), create("3s", Priority=2)]
    played = play(template(), steps(*asked), each_key(done))
    assert len(played.summary["batch_jobs"]) == 1
    assert played.summary["calls"]["s3control.create_job"]["errors"] == {"IdempotencyException": 1}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Operation": {"S3PutObjectCopy": {}}}, "NotSimulated"),
        ({"invoke": {"InvocationSchemaVersion": "3.0"}}, "InvalidRequest"),
        (
            {
                "Manifest": {
                    "Spec": {"Format": "S3BatchOperations_CSV_20180820", "Fields": ["Bucket", "Key", "Key"]},
                    "Location": {"ObjectArn": "Photos/manifest.csv", "ETag": "current"},
                }
            },
            "InvalidRequest",
        ),
        ({"invoke": {"UserArguments": {"a": "b"}}}, "InvalidRequest"),
        ({"Report": {"Enabled": True}}, "InvalidRequest"),
        ({"AccountId": "999999999999"}, "AccessDenied"),
    ],
)
def test_a_job_that_cannot_be_is_refused(changes: dict[str, Any], code: str) -> None:
    played = play(template(), steps(manifest("a"), create(**changes)), each_key(done))
    assert played.summary["calls"]["s3control.create_job"]["errors"] == {code: 1}
    assert played.summary["batch_jobs"] == []


def test_a_handler_creates_a_job_and_pays_for_it() -> None:
    asked = create()["with"] | {
        "AccountId": "123456789012",
        "RoleArn": {"placeholder": True},
        "Operation": {"LambdaInvoke": {"FunctionArn": arn_of("lambda", "function:work")}},
        "Report": {"Enabled": False},
    }

    def script(function: Any, event: Any, count: int) -> Act:
        if "tasks" in event:
            return each_key(done)(function, event, count)
        return Act(calls=(("s3control", "ListJobs", {"AccountId": "123456789012"}),
                          ("s3control", "CreateJob", asked)))  # fmt: skip

    made = template()
    asked["RoleArn"] = "arn:aws:iam::123456789012:role/batch"
    made["Resources"]["Batch"]["Properties"]["RoleName"] = "batch"
    location = {"ObjectArn": "arn:aws:s3:::photos/manifest.csv", "ETag": "3f54fc3a4a8a6ee3d6ff4a9e0c2d9a8e"}
    asked["Manifest"] = {**asked["Manifest"], "Location": location}
    invoke = {"at": "2s", "call": "lambda.invoke", "with": {"FunctionName": "work", "Payload": {}}}
    played = play(made, steps(manifest("a"), invoke), script)
    assert row(played)["reason"].startswith("ManifestUnreadable: The manifest could not be read: its ETag is ")
    items = {entry["item"]: entry["usd"] for entry in played.player["bill"]["rows"]}
    assert items["S3 Batch Operations jobs"] == 0.25
    assert played.summary["calls"]["s3control.list_jobs"]["count"] == 1


def test_whoever_creates_a_job_must_be_allowed_to_pass_its_role() -> None:
    made = template()
    statement = made["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0]
    statement["Action"] = ["s3:CreateJob"]
    asked = {**create()["with"], "AccountId": "123456789012", "RoleArn": "arn:aws:iam::123456789012:role/batch"}
    asked["Operation"] = {"LambdaInvoke": {"FunctionArn": arn_of("lambda", "function:work")}}
    invoke = {"at": "2s", "call": "lambda.invoke", "with": {"FunctionName": "work", "Payload": {}}}
    played = play(made, steps(invoke), Act(calls=(("s3control", "CreateJob", asked),)))
    assert played.summary["calls"]["s3control.create_job"]["denied"] == 1


def test_a_function_that_fails_first_is_asked_again_for_that_task_only() -> None:
    script = first(1, Act(status="error"), None)
    answer = each_key(done)

    def both(function: Any, event: Any, count: int) -> Act:
        act = script(function, event, count)
        return act if act.status == "error" else answer(function, event, count)

    played = play(template(), steps(manifest("a", "b", "c"), create()), both)
    assert sorted(attempts for _, attempts, _ in results(played).values()) == [1, 1, 2]


@settings(max_examples=12, deadline=None)
@given(st.lists(st.sampled_from(["good", "bad", "later", "missing"]), min_size=1, max_size=40))
def test_every_task_ends_exactly_once(kinds: list[str]) -> None:
    answers = {
        "good": {"resultCode": "Succeeded"},
        "bad": {"resultCode": "PermanentFailure"},
        "later": {"resultCode": "TemporaryFailure"},
        "missing": None,
    }
    keys = [f"{kind}/{number}" for number, kind in enumerate(kinds)]
    played = play(template(), steps(manifest(*keys), create()), each_key(lambda key: answers[key.split("/")[0]]))
    found = row(played)
    assert sorted(each["key"] for each in found["results"]) == sorted(keys)
    assert (found["succeeded"], found["succeeded"] + found["failed"]) == (kinds.count("good"), len(kinds))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"photos,a,v1\nphotos,b,\n", "row 2 lacks its version ID"),
        (b"photos," + b"a" * 1_025 + b",v1\n", "the key of row 1 has more than 1,024 characters"),
        (b"photos,a\n", "row 1 has 2 fields, not 3"),
        (b'photos,"a"b,v1\n', "expected after"),
        (b"photos,\xff,v1\n", "it is not UTF-8"),
        (b"\n\n", "it is empty"),
    ],
)
def test_a_manifest_that_cannot_be_read_says_where(body: bytes, words: str) -> None:
    with pytest.raises(ManifestError, match=words):
        read_manifest(body, ["Bucket", "Key", "VersionId"], lambda: "t")


@pytest.mark.parametrize(
    "body",
    [b"photos,a,v1\r\nphotos,b,v2\r\n", b"\xef\xbb\xbfphotos,a,v1\nphotos,b,v2", b'photos,"a","v1"\n\nphotos,b,v2\n'],
)
def test_a_manifest_may_come_from_any_editor(body: bytes) -> None:
    tasks = read_manifest(body, ["Bucket", "Key", "VersionId"], lambda: "t")
    assert [(task.bucket, task.key, task.version) for task in tasks] == [("photos", "a", "v1"), ("photos", "b", "v2")]


def test_half_a_surrogate_pair_in_an_answer_becomes_a_question_mark() -> None:
    """JSON can carry it, and neither the report nor the trace could."""
    answer = r'{"results": [{"taskId": "t", "resultCode": "Succeeded", "resultString": "a\ud800b"}]}'
    assert read_result(answer, "t") == ("Succeeded", "a?b")
    wrong = r'{"results": [{"taskId": "t", "resultCode": "\ud800"}]}'
    assert read_result(wrong, "t") == ("PermanentFailure", "Lambda returned an invalid resultCode: ?")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_manifest_or_a_reason(body: bytes) -> None:
    tasks = []
    with suppress(ManifestError):
        tasks = read_manifest(body, ["Bucket", "Key"], lambda: "t")
    assert all(task.bucket and task.key for task in tasks)


@given(st.text(max_size=100))
def test_any_answer_is_a_result(text: str) -> None:
    code, message = read_result(text, "t")
    assert code in ("PermanentFailure", "TemporaryFailure", "Succeeded")
    assert message
