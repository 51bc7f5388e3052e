"""Steps that deploy: new code or a new template while the old one serves."""

import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.trace.facts import (
    AliasChanged,
    FunctionUpdated,
    FunctionUpdateStarted,
    InvocationEnded,
    InvocationTraced,
    LoggingConfigured,
    LogLine,
    StackUpdateEnded,
    StepPlayed,
    TracingConfigured,
    VersionDeleted,
    VersionPublished,
)
from tests.simulator.playing import Played, call, invoke, make_function, make_queue, make_template, play, steps

FILES = {"next/app.py": b"def handler(event, context):\n    return 2\n"}
SAM = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src/
      AutoPublishAlias: live
"""


def deploy(at: str = "10s", **what: Any) -> dict[str, Any]:
    return {"at": at, "deploy": what or {"code": {"Work": "next/"}}}


def folder_of(function: Any, event: Any, count: int) -> Act:
    return Act(result=function.code_folder)


def deployed(template: Any, *entries: dict[str, Any], files: dict[str, bytes] | None = None) -> Played:
    return play(template, steps(*entries), folder_of, files=FILES | (files or {}))


def outcomes(played: Played) -> list[str]:
    return [fact.outcome for fact in played.of(StepPlayed) if fact.action == "deploy"]


def test_new_code_serves_when_the_update_is_done() -> None:
    calls = [invoke(at, kind="RequestResponse") for at in ("0s", "10s", "20s")]
    played = deployed(make_template(), deploy(), *calls)
    assert [fact.payload for fact in played.of(InvocationEnded)] == ['"src"', '"src"', '"next"']
    assert outcomes(played) == ["UPDATE_COMPLETE"]


@pytest.mark.rule("K.2-03")
def test_nothing_is_updated_when_the_template_says_the_same() -> None:
    """K.2: the object may have changed; as long as its name has not, CloudFormation sees nothing."""
    played = deployed(make_template(), deploy(code={"Work": "src/"}))
    assert outcomes(played) == ["No updates are to be performed."]
    assert played.of(FunctionUpdated) == []


@pytest.mark.rule("K.2-05")
def test_auto_publish_alias_publishes_a_version_and_leads_the_alias_to_it() -> None:
    calls = [invoke(at, function="work:live", kind="RequestResponse") for at in ("0s", "20s")]
    played = deployed(SAM, deploy(), *calls)
    assert [fact.version for fact in played.of(VersionPublished)] == ["1", "2"]
    assert [fact.version for fact in played.of(AliasChanged)] == ["1", "2"]
    assert [fact.payload for fact in played.of(InvocationEnded)] == ['"src"', '"next"']


def test_sam_keeps_the_old_version() -> None:
    """SAM writes DeletionPolicy: Retain on its versions, so that an alias can go back."""
    assert deployed(SAM, deploy()).of(VersionDeleted) == []


def test_a_version_that_leaves_the_template_is_deleted_unless_it_is_retained() -> None:
    version = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Work"}}}
    alias = {
        "Type": "AWS::Lambda::Alias",
        "Properties": {"FunctionName": {"Ref": "Work"}, "Name": "live", "FunctionVersion": "$LATEST"},
    }
    after = make_template(V2=version, Live=alias)
    after["Resources"]["Work"]["Properties"]["MemorySize"] = 256
    played = deployed(
        make_template(V1=version, Live=alias),
        deploy(template="v2.json"),
        files={"v2.json": json.dumps(after).encode()},
    )
    assert [fact.version for fact in played.of(VersionDeleted)] == ["1"]
    assert [fact.memory_mb for fact in played.of(FunctionUpdated)] == [256]


def test_parameters_may_be_what_is_new() -> None:
    template = "Parameters: {Memory: {Type: Number, Default: 128}}\n" + SAM.lstrip() + "      MemorySize: !Ref Memory\n"
    played = deployed(template, deploy(parameters={"Memory": 1_024}))
    assert [fact.memory_mb for fact in played.of(FunctionUpdated)] == [1_024]


def test_a_part_that_fails_puts_everything_back() -> None:
    template = SAM + "      ReservedConcurrentExecutions: 2\n"
    more = template + "      MemorySize: 256\n"
    more += "      ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 3}\n"
    played = deployed(template, deploy(template="v2.yaml"), files={"v2.yaml": more.encode()})
    assert [fact.memory_mb for fact in played.of(FunctionUpdated)] == [256, 128]
    (ended,) = played.of(StackUpdateEnded)
    assert ended.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "Requested Provisioned Concurrency should not be greater" in (ended.reason or "")
    assert [fact.version for fact in played.of(AliasChanged)] == ["1", "2", "1"]


def test_a_second_update_is_refused_while_the_first_is_under_way() -> None:
    played = deployed(make_template(), deploy("10s"), deploy("11s", code={"Work": "src/"}))
    assert outcomes(played) == ["Stack lab is in UPDATE_IN_PROGRESS state and can not be updated.", "UPDATE_COMPLETE"]
    assert len(played.of(StackUpdateEnded)) == 1


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ({"code": {"Nobody": "next/"}}, "there is no function or layer Nobody"),
        ({"code": {"Work": "nowhere/"}}, "there is no folder nowhere/"),
        ({"template": "missing.yaml"}, "there is no file missing.yaml"),
        ({"template": "smaller.json"}, "Extra: a deploy step cannot remove a resource yet."),
        ({"template": "larger.json"}, "Other: a deploy step cannot add or change a resource of type"),
        ({"unknown": 1}, "unknown key unknown"),
    ],
)
def test_what_cannot_be_deployed_is_refused_before_the_run(what: dict[str, Any], text: str) -> None:
    queue = {"Type": "AWS::EC2::InternetGateway"}
    files = {
        "smaller.json": json.dumps(make_template()).encode(),
        "larger.json": json.dumps(make_template(Extra=queue, Other=queue)).encode(),
    }
    with pytest.raises(ProjectError, match=text):
        deployed(make_template(Extra=queue), deploy(**what), files=files)


def test_how_a_function_is_watched_and_whose_rights_it_has_may_be_what_is_new() -> None:
    watched = make_function(LoggingConfig={"LogFormat": "JSON"}, TracingConfig={"Mode": "Active"})
    files = {"v2.json": json.dumps(make_template(watched, allow=["logs:*", "xray:*"])).encode()}
    played = deployed(make_template(), deploy(template="v2.json"), invoke("20s", kind="RequestResponse"), files=files)
    (logging,) = played.of(LoggingConfigured)
    assert logging.log_format == "JSON"
    assert [fact.mode for fact in played.of(TracingConfigured)] == ["Active"]
    assert played.of(LogLine)[0].text.startswith('{"time":')
    assert len(played.of(InvocationTraced)) == 1


def test_the_same_role_is_no_change() -> None:
    files = {"v2.json": json.dumps(make_template(Dlq=make_queue())).encode()}
    played = deployed(make_template(Dlq=make_queue()), deploy(template="v2.json"), files=files)
    assert outcomes(played) == ["No updates are to be performed."]
    played = deployed(make_template(), deploy())
    assert [fact.what for fact in played.of(FunctionUpdateStarted)] == ["code"]


def test_nobody_deploys_as_somebody_else() -> None:
    with pytest.raises(ProjectError, match="as has no effect on a deployment"):
        deployed(make_template(), deploy() | {"as": "Role"})


def test_a_version_to_which_another_alias_leads_is_kept_when_the_template_leaves_it_out() -> None:
    template = make_template(Old=PUBLISHED)
    without = json.dumps(make_template(New=PUBLISHED)).encode()
    beta = call("1s", "lambda.create_alias", FunctionName="work", Name="beta", FunctionVersion="1")
    late = invoke("60s", kind="RequestResponse", function="work:beta")
    played = deployed(template, beta, deploy(template="v2.json"), late, files={"v2.json": without})
    assert not played.of(VersionDeleted)
    assert [fact.status for fact in played.of(InvocationEnded)] == ["ok"]


PUBLISHED = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Work"}}}
