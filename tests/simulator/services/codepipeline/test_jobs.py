"""A function as an action of a pipeline: its job, its result, and the twenty minutes."""

import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import PipelineActionEnded, PipelineExecutionChanged, StepPlayed
from tests.simulator.playing import CODE, TRUST, Played, as_files, call, make_function, make_template, play, steps

PIPELINE_TRUST = json.loads(json.dumps(TRUST).replace("lambda.amazonaws.com", "codepipeline.amazonaws.com"))
FAIL = Act(status="error", error_type="ValueError", error_message="no")


def source(**configuration: str) -> dict[str, Any]:
    config = {"S3Bucket": "code", "S3ObjectKey": "app.zip", **configuration}
    kind = {"Category": "Source", "Owner": "AWS", "Provider": "S3", "Version": "1"}
    return {"Name": "Fetch", "ActionTypeId": kind, "Configuration": config, "OutputArtifacts": [{"Name": "App"}]}


def invoke(name: str = "Check", order: int = 1, **configuration: str) -> dict[str, Any]:
    config = {"FunctionName": "work", "UserParameters": "smoke", **configuration}
    kind = {"Category": "Invoke", "Owner": "AWS", "Provider": "Lambda", "Version": "1"}
    return {"Name": name, "ActionTypeId": kind, "Configuration": config, "InputArtifacts": [{"Name": "App"}],
            "RunOrder": order}  # fmt: skip


def pipeline(*actions: dict[str, Any], may: tuple[str, ...] = ("*",), **properties: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": list(may), "Resource": "*"}
    policy = {"PolicyName": "all", "PolicyDocument": {"Statement": [statement]}}
    role = {"AssumeRolePolicyDocument": PIPELINE_TRUST, "Policies": [policy]}
    usual = {
        "Name": "release",
        "RoleArn": {"Fn::GetAtt": "PipelineRole.Arn"},
        "ArtifactStore": {"Type": "S3", "Location": {"Ref": "Artifacts"}},
        "Stages": [{"Name": "Source", "Actions": [source()]},
                   {"Name": "Test", "Actions": list(actions or (invoke(),))}],
    }  # fmt: skip
    return {
        "PipelineRole": {"Type": "AWS::IAM::Role", "Properties": role},
        "Release": {"Type": "AWS::CodePipeline::Pipeline", "Properties": usual | properties},
        "Code": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "code"}},
        "Artifacts": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "artifacts"}},
    }


UPLOAD = call("0s", "s3.put_object", Bucket="code", Key="app.zip", Body="zip")


def start(at: str = "10s") -> dict[str, Any]:
    return call(at, "codepipeline.start_pipeline_execution", name="Release")


def run(resources: dict[str, Any], *entries: dict[str, Any], script: Any = None, **scenario: Any) -> Played:
    return play(make_template(make_function(), **resources), steps(*(entries or (UPLOAD, start())), **scenario), script)


def answering(*answers: dict[str, Any]) -> Any:
    """A script that answers its jobs one after the other, the last one for all that follow."""
    events: list[Any] = []

    def script(function: Any, event: Any, count: int) -> Act:
        job = event["CodePipeline.job"]
        events.append(job)
        answer = answers[min(len(events), len(answers)) - 1]
        operation = "PutJobFailureResult" if "failureDetails" in answer else "PutJobSuccessResult"
        return Act(calls=(("codepipeline", operation, {"jobId": job["id"], **answer}),))

    script.events = events  # type: ignore[attr-defined]
    return script


def told(played: Played) -> dict[str, Any]:
    found: dict[str, Any] = played.summary["pipelines"]["release"]
    return found


def test_a_function_that_reports_success_lets_the_pipeline_go_on() -> None:
    script = answering({})
    played = run(pipeline(), script=script)
    assert told(played)["succeeded"] == 1
    (job,) = script.events
    assert job["accountId"] == "123456789012"
    assert job["data"]["actionConfiguration"]["configuration"] == {"FunctionName": "work", "UserParameters": "smoke"}
    place = job["data"]["inputArtifacts"][0]["location"]["s3Location"]
    assert place["bucketName"] == "artifacts"
    assert place["objectKey"] in played.summary["buckets"]["artifacts"]["objects"]
    assert "continuationToken" not in job["data"]


def test_a_function_that_reports_failure_stops_it_with_its_message() -> None:
    script = answering({"failureDetails": {"type": "JobFailed", "message": "the page says 500"}})
    played = run(pipeline(invoke(), invoke("Later", 2)), script=script)
    (execution,) = told(played)["executions"]
    assert (execution["status"], execution["why"]) == ("Failed", "Test/Check: the page says 500")
    assert told(played)["actions"]["Test/Later"]["started"] == 0


@pytest.mark.parametrize("silent", [Act(result="done"), FAIL], ids=["no result", "an exception"])
def test_a_function_that_reports_nothing_holds_the_pipeline_for_twenty_minutes(silent: Act) -> None:
    played = run(pipeline(), script=silent)
    (ended,) = [fact for fact in played.of(PipelineActionEnded) if fact.stage == "Test"]
    assert ended.status == "Failed"
    assert "failed to return a result" in ended.message
    assert 1_200 < told(played)["executions"][0]["ended_at_s"] - 10 < 1_201


def test_a_continuation_token_comes_back_until_the_result_is_final() -> None:
    script = answering({"continuationToken": "one"}, {"continuationToken": "two"}, {})
    played = run(pipeline(), script=script)
    assert [job["data"].get("continuationToken") for job in script.events] == [None, "one", "two"]
    assert len({job["id"] for job in script.events}) == 3
    assert told(played)["actions"]["Test/Check"] == {"started": 1, "succeeded": 1, "failed": 0, "rounds": 3}
    assert 60 < told(played)["executions"][0]["ended_at_s"] - 10 < 62


def test_a_job_that_is_never_final_ends_after_a_day() -> None:
    played = run(pipeline(), script=answering({"continuationToken": "more"}), until="24h")
    assert told(played)["actions"]["Test/Check"]["succeeded"] == 0
    assert played.summary["functions"]["work"]["invocations"] > 2_000


def test_a_result_counts_once_and_only_in_time() -> None:
    def twice(function: Any, event: Any, count: int) -> Act:
        job = {"jobId": event["CodePipeline.job"]["id"]}
        return Act(calls=(("codepipeline", "PutJobSuccessResult", job), ("codepipeline", "PutJobSuccessResult", job)))

    unknown = call("60s", "codepipeline.put_job_success_result", jobId="11111111-2222-3333-4444-555555555555")
    played = run(pipeline(), UPLOAD, start(), unknown, script=twice)
    assert played.summary["calls"]["codepipeline.put_job_success_result"]["errors"] == {
        "InvalidJobStateException": 1,
        "JobNotFoundException": 1,
    }


def test_actions_of_one_order_run_at_once_and_the_others_after_them() -> None:
    script = answering({"continuationToken": "one"}, {"continuationToken": "one"}, {})
    played = run(pipeline(invoke("A"), invoke("B"), invoke("C", 2)), script=script)
    ended = [fact.action for fact in played.of(PipelineActionEnded)]
    assert (ended[0], sorted(ended[1:3]), ended[3]) == ("Fetch", ["A", "B"], "C")
    assert told(played)["succeeded"] == 1


def test_the_role_of_the_pipeline_and_what_is_not_there_fail_the_action() -> None:
    played = run(pipeline(may=("s3:*",)), script=answering({}))
    assert "not authorized to perform: lambda:InvokeFunction" in told(played)["executions"][0]["why"]
    assert run(pipeline(), start(), script=answering({})).summary["pipelines"]["release"]["failed"] == 1


def test_a_stage_holds_one_execution_and_the_newest_waiting_one_is_kept() -> None:
    script = answering({"continuationToken": "slow"}, {})
    played = run(pipeline(), UPLOAD, start("10s"), start("15s"), start("20s"), script=script)
    statuses = [each["status"] for each in told(played)["executions"]]
    assert statuses == ["Succeeded", "Superseded", "Succeeded"]
    changes = [fact.status for fact in played.of(PipelineExecutionChanged)]
    assert changes.count("InProgress") == 3


def test_a_rule_may_listen_to_a_pipeline() -> None:
    pattern = {"source": ["aws.codepipeline"], "detail": {"state": ["FAILED"], "pipeline": ["release"]}}
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "alerts"}}
    target = {"Arn": {"Fn::GetAtt": "Alerts.Arn"}, "Id": "q"}
    rule = {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": pattern, "Targets": [target]}}
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
                 "Resource": "*"}  # fmt: skip
    policy = {"Type": "AWS::SQS::QueuePolicy",
              "Properties": {"Queues": [{"Ref": "Alerts"}], "PolicyDocument": {"Statement": [statement]}}}  # fmt: skip
    failing = answering({"failureDetails": {"type": "JobFailed", "message": "no"}})
    played = run({**pipeline(), "Alerts": queue, "Rule": rule, "May": policy}, script=failing)
    (message,) = played.summary["queues"]["alerts"]["messages"]
    event = json.loads(message["body"])
    assert (event["detail-type"], event["detail"]["state"]) == (
        "CodePipeline Pipeline Execution State Change",
        "FAILED",
    )


def test_executions_can_be_asked_for() -> None:
    missing = call("60s", "codepipeline.get_pipeline_execution", pipelineName="Release",
                   pipelineExecutionId="11111111-2222-3333-4444-555555555555")  # fmt: skip
    played = run(
        pipeline(),
        UPLOAD,
        start(),
        call("50s", "codepipeline.list_pipeline_executions", pipelineName="Release"),
        missing,
        call("70s", "codepipeline.start_pipeline_execution", name="other"),
        call("80s", "codepipeline.retry_stage_execution", pipelineName="Release", stageName="Test",
             pipelineExecutionId="11111111-2222-3333-4444-555555555555", retryMode="FAILED_ACTIONS"),
        script=answering({}),
    )  # fmt: skip
    assert [step.outcome for step in played.of(StepPlayed)] == [
        "200", "200", "200", "400 PipelineExecutionNotFoundException", "400 PipelineNotFoundException",
        "501 NotSimulated",
    ]  # fmt: skip


def test_the_same_seed_gives_the_same_bytes() -> None:
    one, two = (run(pipeline(), script=answering({"continuationToken": "a"}, {})) for _ in range(2))
    assert one.trace == two.trace


BUILD = {**invoke(), "ActionTypeId": {"Category": "Build", "Owner": "AWS", "Provider": "CodeBuild", "Version": "1"}}


@pytest.mark.parametrize(
    ("properties", "severity", "text"),
    [
        ({"Stages": []}, "error", "two or more Stages"),
        ({"Stages": [{"Name": "A", "Actions": [source()]}, {"Name": "B", "Actions": [{"Name": "x"}]}]}, "error",
         "a Name and an ActionTypeId"),
        ({"Stages": [{"Name": "A", "Actions": [invoke()]}, {"Name": "B", "Actions": [invoke()]}]}, "error",
         "the first stage holds sources"),
        ({"Stages": [{"Name": "A", "Actions": [source()]}, {"Name": "B", "Actions": [BUILD]}]}, "unsupported",
         "Build by CodeBuild has no effect"),
        ({"Stages": [{"Name": "A", "Actions": [source(S3Bucket="")]}, {"Name": "B", "Actions": [invoke()]}]}, "error",
         "needs S3Bucket"),
        ({"ArtifactStore": {"Type": "S3", "Location": "elsewhere"}}, "error", "a bucket of this template"),
        ({"RoleArn": {"Fn::GetAtt": "Role.Arn"}}, "error", "not authorized to perform AssumeRole"),
        ({"ExecutionMode": "QUEUED"}, "unsupported", "execution modes other than"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_pipeline_is_told(properties: dict[str, Any], severity: str, text: str) -> None:
    template = make_template(**pipeline(**properties))
    found = problems_of(read_template({**CODE, **as_files(template)}))
    assert [problem.severity for problem in found if text in problem.message] == [severity], found


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"RunOrder": "first"}, "the RunOrder of Check is a whole number from 1 to 999."),
        ({"RunOrder": 1_000}, "the RunOrder of Check is a whole number from 1 to 999."),
        ({"InputArtifacts": -1}, "InputArtifacts of Check is a list of mappings"),
        ({"OutputArtifacts": [{"a": [1]}]}, "OutputArtifacts of Check is a list of mappings"),
        ({"InputArtifacts": [{"Name": "Other"}]}, "the artifact Other of Check is the output of no action before."),
        ({"OutputArtifacts": [{"Name": "App"}]}, "an output of Check has the name of an artifact"),
        ({"InputArtifacts": [{"Name": "App"}] * 6}, "an action has at most 5 InputArtifacts."),
        ({"Configuration": {"FunctionName": "work", "UserParameters": "x" * 1_001}}, "at most 1,000 characters"),
    ],
)
def test_an_action_that_cannot_be_is_refused_with_a_reason(change: dict[str, Any], text: str) -> None:
    project = as_files(make_template(make_function(), **pipeline(invoke() | change)))
    found = [problem.message for problem in problems_of(read_template(CODE | project))]
    assert any(text in message for message in found), found


def test_a_store_that_is_no_name_is_refused_with_a_reason() -> None:
    project = as_files(make_template(make_function(), **pipeline(ArtifactStore={"Type": "S3", "Location": []})))
    found = [problem.message for problem in problems_of(read_template(CODE | project))]
    assert any("ArtifactStore needs Type: S3 and a Location" in message for message in found), found
