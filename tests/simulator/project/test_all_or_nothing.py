"""A stack that is refused leaves nothing behind; an update that is refused leaves the stack as it was."""

from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act, ScriptedHandlers, always
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.scenario.load import load_scenario
from lambdalab.simulator.scenario.run import simulate
from lambdalab.simulator.trace.facts import StepPlayed
from tests.simulator.playing import (
    CODE,
    as_files,
    as_scenario,
    call,
    invoke,
    make_function,
    make_queue,
    make_template,
    play,
    steps,
)

TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "TableName": "things",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    },
}
BUCKET = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "photos"}}
LATE: dict[str, dict[str, Any]] = {
    "an error that is seen before": {"Bad": make_queue("bad", VisibilityTimeout=-1)},
    "an unsupported type": {"Bad": {"Type": "AWS::Batch::JobQueue"}},
    "a circle": {"A": make_queue({"Ref": "B"}), "B": make_queue({"Ref": "A"})},
    "a dynamic reference that leads to nothing": {"Bad": make_queue("{{resolve:ssm:/nowhere}}")},
    "provisioning that the account has no room for": {
        "Version": {
            "Type": "AWS::Lambda::Version",
            "Properties": {
                "FunctionName": {"Ref": "Work"},
                "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 5_000},
            },
        }
    },
}


@pytest.mark.parametrize("bad", LATE.values(), ids=LATE)
def test_of_a_stack_that_is_refused_no_fact_and_no_thing_stays(bad: dict[str, Any]) -> None:
    many = {f"Queue{n}": make_queue(f"q{n}") for n in range(450 if len(bad) == 1 else 1)}
    project = {**CODE, **as_files(make_template(Things=TABLE, Photos=BUCKET, **many, **bad))}
    chunks: list[bytes] = []
    seen: list[Any] = []
    scenario = load_scenario(project | as_scenario(steps(invoke())))
    with pytest.raises(ProjectError):
        simulate(project, scenario, ScriptedHandlers(always(Act())), sink=chunks.append, folds=(seen.append,))
    assert (chunks, seen) == ([], [])
    after = play(make_template(), steps(call("0s", "dynamodb.list_tables"), call("1s", "s3.list_buckets")))
    assert (after.summary["tables"], after.summary["buckets"]) == ({}, {})


@pytest.mark.parametrize("bad", LATE.values(), ids=LATE)
def test_an_update_that_is_refused_changes_nothing_of_the_run(bad: dict[str, Any]) -> None:
    files = {"next/app.py": b"def handler(event, context):\n    return 2\n"}
    project = make_template(make_function(Code="next/"), **bad)
    update = {"at": "10s", "deploy": {"template": "next.json"}}
    files["next.json"] = as_files(project)["template.json"]
    try:
        played = play(make_template(), steps(update, invoke("60s", kind="RequestResponse")), folder, files=files)
    except ProjectError:  # refused before the run: nothing has happened at all
        return
    assert played.summary["functions"]["work"]["results"] == ["src"]
    outcomes = [step.outcome for step in played.of(StepPlayed) if step.action == "deploy"]
    assert outcomes[0].startswith(("ValidationError", "UPDATE_ROLLBACK_COMPLETE"))


def folder(function: Any, event: Any, count: int) -> Act:
    return Act(result=function.code_folder)
