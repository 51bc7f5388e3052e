"""Versions and aliases. Facts K.4 and K.5."""

import json
from dataclasses import replace
from typing import Any

import pytest

from lambdalab.simulator.account import Principal
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import (
    AliasChanged,
    ApiCalled,
    AsyncEventReceived,
    EnvironmentCreated,
    InvocationRouted,
    InvocationStarted,
    LogLine,
    RetryScheduled,
    VersionPublished,
)
from tests.simulator.desk import Desk, refused
from tests.simulator.playing import (
    FAIL,
    Played,
    arn_of,
    call,
    first,
    invoke,
    make_event_invoke,
    make_function,
    make_queue,
    make_template,
    play,
    seconds,
    steps,
)

PUBLISH = call("0s", "lambda.publish_version", FunctionName="work")
CONFIGURE = call("1s", "lambda.update_function_configuration", FunctionName="work", MemorySize=256)
PUBLISH_AGAIN = call("10s", "lambda.publish_version", FunctionName="work")
TWO_VERSIONS = (PUBLISH, CONFIGURE, PUBLISH_AGAIN)


def alias(at: str = "20s", operation: str = "create_alias", **params: Any) -> dict[str, Any]:
    weights = params.pop("weights", None)
    routing = {} if weights is None else {"RoutingConfig": {"AdditionalVersionWeights": weights}}
    return call(at, f"lambda.{operation}", **{"FunctionName": "work", "Name": "live"} | routing | params)


def sync(at: str, qualifier: str | None = None, **more: Any) -> dict[str, Any]:
    step = invoke(at, kind="RequestResponse", **more)
    return step | {"with": step["with"] | ({} if qualifier is None else {"Qualifier": qualifier})}


def answers(played: Played, operation: str) -> list[tuple[int, str | None]]:
    return [(c.status, c.message or c.error) for c in played.of(ApiCalled) if c.operation == operation]


@pytest.mark.rule("K.4-02")
def test_publishing_without_a_change_makes_no_new_version() -> None:
    played = play(make_template(), steps(PUBLISH, PUBLISH_AGAIN))
    assert [fact.version for fact in played.of(VersionPublished)] == ["1"]
    assert answers(played, "PublishVersion") == [(201, None), (201, None)]


@pytest.mark.rule("K.4-01")
def test_a_changed_configuration_is_worth_a_version() -> None:
    assert [fact.version for fact in play(make_template(), steps(*TWO_VERSIONS)).of(VersionPublished)] == ["1", "2"]


@pytest.mark.rule("K.4-01")
def test_a_number_is_never_used_again() -> None:
    delete = call("15s", "lambda.delete_function", FunctionName="work", Qualifier="2")
    change = CONFIGURE | {"at": "20s", "with": {"FunctionName": "work", "MemorySize": 512}}
    played = play(make_template(), steps(*TWO_VERSIONS, delete, change, PUBLISH_AGAIN | {"at": "30s"}))
    assert [fact.version for fact in played.of(VersionPublished)] == ["1", "2", "3"]


@pytest.mark.rule("C.2-06")
def test_each_version_has_environments_of_its_own() -> None:
    calls = [sync(at, qualifier) for at, qualifier in (("20s", "1"), ("30s", "2"), ("40s", "1"), ("50s", None))]
    played = play(make_template(), steps(*TWO_VERSIONS, *calls))
    assert [fact.version for fact in played.of(EnvironmentCreated)] == ["1", "2", "$LATEST"]
    assert [fact.cold for fact in played.of(InvocationStarted)] == [True, True, False, True]
    assert [fact.log_stream[11:14] for fact in played.of(EnvironmentCreated)] == ["[1]", "[2]", "[$L"]
    assert played.summary["functions"]["work"]["by_version"] == {"1": 2, "2": 1, "$LATEST": 1}


@pytest.mark.rule("K.4-01")
def test_a_version_keeps_the_memory_it_was_published_with() -> None:
    played = play(make_template(), steps(*TWO_VERSIONS, sync("20s", "1"), sync("21s", "2")))
    reports = [line.text for line in played.of(LogLine) if line.text.startswith("REPORT")]
    assert ["Memory Size: 128 MB" in reports[0], "Memory Size: 256 MB" in reports[1]] == [True, True]


@pytest.mark.rule("K.5-05")
def test_the_start_line_names_the_version_that_an_alias_led_to() -> None:
    played = play(make_template(), steps(*TWO_VERSIONS, alias(FunctionVersion="1"), sync("30s", "live")))
    assert [line.text[-10:] for line in played.of(LogLine) if line.text.startswith("START")] == ["Version: 1"]


@pytest.mark.rule("K.4-06")
@pytest.mark.parametrize(
    "name", ["work:live", "Work:live", "arn:aws:lambda:us-east-1:123456789012:function:work:live"]
)
def test_a_qualifier_may_stand_in_the_name_or_the_arn(name: str) -> None:
    played = play(make_template(), steps(PUBLISH, alias(FunctionVersion="1"), sync("30s", function=name)))
    assert [fact.version for fact in played.of(InvocationStarted)] == ["1"]


def test_two_qualifiers_that_differ_are_refused() -> None:
    played = play(make_template(), steps(PUBLISH, sync("1s", "$LATEST", function="work:1")))
    text = "The derived qualifier from the function name does not match the specified qualifier."
    assert answers(played, "Invoke") == [(400, text)]


@pytest.mark.rule("A.1-16")
def test_an_unknown_qualifier_is_not_found_by_its_arn() -> None:
    played = play(make_template(), steps(sync("0s", "7")))
    text = "Function not found: arn:aws:lambda:us-east-1:123456789012:function:work:7"
    assert answers(played, "Invoke") == [(404, text)]


@pytest.mark.rule("G.3-04")
@pytest.mark.parametrize(("qualifier", "error"), [("live", None), ("1", "AccessDeniedException")])
def test_rights_on_an_alias_are_no_rights_on_the_version_behind_it(qualifier: str, error: str | None) -> None:
    """G.3: the resource of the call is the ARN by which the function was called."""
    function = "arn:aws:lambda:us-east-1:123456789012:function:work"
    template = make_template(make_function(), make_function("caller"))
    (policy,) = template["Resources"]["Role"]["Properties"]["Policies"]
    policy["PolicyDocument"]["Statement"][0]["Resource"] = f"{function}:live"
    asked = {"FunctionName": f"work:{qualifier}", "Payload": b"{}"}

    def script(function: Any, event: Any, count: int) -> Act:
        return Act(calls=(("lambda", "Invoke", asked),)) if function.name == "caller" else Act()

    named = alias("1s", FunctionVersion="1")
    played = play(template, steps(PUBLISH, named, sync("10s", function="caller")), script)
    called = [fact for fact in played.of(ApiCalled) if fact.source == "function/caller"]
    assert [fact.error for fact in called] == [error]


def test_an_operation_that_is_not_simulated_says_so() -> None:
    played = play(make_template(), steps(call("0s", "lambda.list_code_signing_configs")))
    assert [fact.error for fact in played.of(ApiCalled)] == ["NotSimulated"]


@pytest.mark.rule("K.5-01", "K.5-05")
def test_weights_are_drawn_for_each_invocation() -> None:
    """K.5: 10 % of the invocations, not of the users."""
    played = play(
        make_template(),
        steps(*TWO_VERSIONS, alias(FunctionVersion="1", weights={"2": 0.1}), sync("30s", "live", repeat=EVERY_SECOND)),
    )
    share = played.summary["functions"]["work"]["by_version"]["2"] / 1_000
    assert 0.07 < share < 0.13
    assert len(played.of(InvocationRouted)) == 1_000


EVERY_SECOND = {"count": 1_000, "every": "1s"}


def test_the_draw_of_one_alias_moves_nothing_elsewhere() -> None:
    def by_version(*more: dict[str, Any]) -> list[str]:
        routed = alias(FunctionVersion="1", weights={"2": 0.5})
        played = play(make_template(), steps(*TWO_VERSIONS, routed, *more, sync("60s", "live", repeat={"count": 50})))
        return [fact.version for fact in played.of(InvocationRouted) if fact.alias == "live"]

    other = alias("30s", FunctionVersion="1", weights={"2": 0.5}) | {}
    other["with"] = other["with"] | {"Name": "other"}
    assert by_version() == by_version(other, sync("40s", "other", repeat={"count": 50}))


@pytest.mark.rule("K.5-02")
@pytest.mark.parametrize(
    ("params", "text"),
    [
        (
            {"FunctionVersion": "1", "weights": {"2": 0.1, "3": 0.1}},
            "Number of items in AdditionalVersionWeights cannot be greater than 1",
        ),
        (
            {"FunctionVersion": "1", "weights": {"1": 0.1}},
            "Invalid function version 1. Function version 1 is already included in routing configuration.",
        ),
        (
            {"FunctionVersion": "$LATEST", "weights": {"1": 0.1}},
            "$LATEST is not supported for an alias pointing to more than 1 version",
        ),
        (
            {"FunctionVersion": "9"},
            "Function not found: arn:aws:lambda:us-east-1:123456789012:function:work:9",
        ),
    ],
)
def test_an_alias_that_cannot_be_is_refused_with_awss_words(params: dict[str, Any], text: str) -> None:
    third = [CONFIGURE | {"at": "12s", "with": {"FunctionName": "work", "MemorySize": 512}}]
    played = play(make_template(), steps(*TWO_VERSIONS, *third, PUBLISH | {"at": "17s"}, alias(**params)))
    assert [message for _, message in answers(played, "CreateAlias")] == [text]


@pytest.mark.rule("K.5-03", "X.3-16")
def test_an_alias_exists_once() -> None:
    played = play(make_template(), steps(PUBLISH, alias("1s", FunctionVersion="1"), alias("2s", FunctionVersion="1")))
    text = "Alias already exists: arn:aws:lambda:us-east-1:123456789012:function:work:live"
    assert answers(played, "CreateAlias")[1] == (409, text)


def test_an_alias_is_not_called_like_a_version() -> None:
    played = play(make_template(), steps(PUBLISH, alias("1s", Name="7", FunctionVersion="1")))
    assert answers(played, "CreateAlias")[0][0] == 400


@pytest.mark.rule("X.3-15")
def test_an_alias_that_is_missing_is_told_in_two_ways() -> None:
    """X.3: GetAlias and UpdateAlias say it differently."""
    get, update = alias("1s", "get_alias"), alias("2s", "update_alias", FunctionVersion="$LATEST")
    played = play(make_template(), steps(get, update))
    arn = "arn:aws:lambda:us-east-1:123456789012:function:work:live"
    assert answers(played, "GetAlias") == [(404, f"Cannot find alias arn: {arn}")]
    assert answers(played, "UpdateAlias") == [(404, f"Alias not found: {arn}")]


def test_an_updated_alias_keeps_its_weights_unless_they_are_given() -> None:
    made = alias(FunctionVersion="1", weights={"2": 0.25})
    said = alias("30s", "update_alias", Description="still")
    ended = alias("40s", "update_alias", FunctionVersion="2", weights={})
    played = play(make_template(), steps(*TWO_VERSIONS, made, said, ended))
    routes = [(fact.version, fact.additional, fact.weight) for fact in played.of(AliasChanged)]
    assert routes == [("1", "2", 0.25), ("1", "2", 0.25), ("2", None, 0.0)]


@pytest.mark.rule("X.3-18")
def test_an_alias_is_not_changed_from_an_old_revision() -> None:
    stale = alias("30s", "update_alias", FunctionVersion="1", RevisionId="00000000-0000-4000-8000-000000000000")
    played = play(make_template(), steps(PUBLISH, alias(FunctionVersion="1"), stale))
    assert answers(played, "UpdateAlias")[0][0] == 412


@pytest.mark.rule("K.4-04")
def test_a_version_that_an_alias_leads_to_cannot_be_deleted() -> None:
    delete = call("30s", "lambda.delete_function", FunctionName="work", Qualifier="2")
    played = play(make_template(), steps(*TWO_VERSIONS, alias(FunctionVersion="1", weights={"2": 0.1}), delete))
    text = "Unable to delete version because the following aliases reference it: [live]"
    assert answers(played, "DeleteFunction") == [(409, text)]


@pytest.mark.rule("C.3-01", "X.3-06")
def test_reserved_concurrency_is_not_for_versions_and_aliases() -> None:
    """X.3"""
    put = {"FunctionName": "work:1", "ReservedConcurrentExecutions": 1}
    played = play(make_template(), steps(PUBLISH, call("1s", "lambda.put_function_concurrency", **put)))
    assert answers(played, "PutFunctionConcurrency")[0][1].startswith("This operation is permitted on Lambda functions")  # type: ignore[union-attr]


@pytest.mark.rule("C.3-01", "K.4-05")
def test_reserved_concurrency_counts_all_versions_together() -> None:
    """C.3"""
    calls = [sync("20s", "1", repeat={"count": 2}), sync("20s", "2", repeat={"count": 2})]
    played = play(
        make_template(make_function(ReservedConcurrentExecutions=3)),
        steps(*TWO_VERSIONS, *calls),
        Act(takes=seconds(1)),
    )
    assert played.summary["functions"]["work"]["throttles"] == 1


@pytest.mark.rule("A.3-18", "E.1-14", "K.4-05")
def test_event_invoke_configuration_belongs_to_the_qualifier_by_which_the_event_came() -> None:
    config = make_event_invoke(Qualifier="live", MaximumRetryAttempts=0)
    template = make_template(
        Version={"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Work"}}},
        Live=make_alias(),
        Config=config,
    )
    named = invoke("1s") | {"with": invoke("1s")["with"] | {"Qualifier": "live"}}
    played = play(template, steps(invoke("0s"), named), FAIL)
    assert [fact.qualifier for fact in played.of(AsyncEventReceived)] == ["$LATEST", "live"]
    bare = played.of(AsyncEventReceived)[0].request_id
    assert [fact.request_id for fact in played.of(RetryScheduled)] == [bare, bare]


def make_alias(**properties: Any) -> dict[str, Any]:
    usual = {
        "FunctionName": {"Ref": "Work"},
        "Name": "live",
        "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]},
    }
    return {"Type": "AWS::Lambda::Alias", "Properties": usual | properties}


@pytest.mark.rule("E.1-07", "E.1-14")
def test_the_record_of_an_event_tells_its_qualifier_and_the_version_that_ran() -> None:
    """E.1"""
    target = arn_of("sqs", "done")
    template = make_template(
        Version={"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Work"}}},
        Live=make_alias(),
        Done=make_queue("done"),
        Config=make_event_invoke(Qualifier="live", success=target),
    )
    played = play(template, steps(invoke(function="work:live")))
    (message,) = played.summary["queues"]["done"]["messages"]
    record = json.loads(message["body"])
    assert record["requestContext"]["functionArn"].endswith(":function:work:live")
    assert record["responseContext"]["executedVersion"] == "1"


@pytest.mark.rule("K.5-03")
def test_an_alias_may_lead_to_latest_alone() -> None:
    template = make_template(Live=make_alias(FunctionVersion="$LATEST"))
    assert play(template, steps(invoke(function="work:live"))).summary["functions"]["work"]["by_version"] == {
        "$LATEST": 1
    }


@pytest.mark.rule("K.2-06")
def test_sams_autopublish_alias_is_a_version_and_an_alias() -> None:
    template = """
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
    played = play(template, steps(invoke(function="work:live", kind="RequestResponse")), first(9, Act(result=1)))
    assert [fact.version for fact in played.of(VersionPublished)] == ["1"]
    assert played.summary["functions"]["work"]["by_version"] == {"1": 1}


@pytest.mark.rule("K.4-03")
def test_a_publication_may_name_code_and_revision_that_it_expects() -> None:
    desk = Desk()
    shown = desk.call("GetFunctionConfiguration").output
    text = f"CodeSHA256 (other) is different from current CodeSHA256 in $LATEST ({shown['CodeSha256']})."
    text += " Please try again with the CodeSHA256 in $LATEST."
    assert refused(desk.call("PublishVersion", CodeSha256="other")) == (400, "InvalidParameterValueException", text)
    stale = desk.call("PublishVersion", RevisionId="00000000-0000-4000-8000-000000000000")
    assert refused(stale)[:2] == (412, "PreconditionFailedException")
    assert desk.call("PublishVersion", CodeSha256=shown["CodeSha256"]).status == 201


@pytest.mark.rule("K.5-04")
def test_two_versions_behind_an_alias_have_the_same_role() -> None:
    desk = Desk(role=Principal("arn:aws:sts::123456789012:assumed-role/one/work", role="arn:aws:iam::1:role/one"))
    desk.call("PublishVersion")
    registered = desk.lambda_.functions["work"]
    other = Principal("arn:aws:sts::123456789012:assumed-role/two/work", role="arn:aws:iam::1:role/two")
    registered.latest = replace(registered.latest, role=other)
    desk.call("PublishVersion")
    weights = {"AdditionalVersionWeights": {"2": 0.5}}
    refusal = refused(desk.call("CreateAlias", Name="live", FunctionVersion="1", RoutingConfig=weights))
    assert refusal[0] == 400
    assert "must have the same execution role" in refusal[2]  # assumption A-62


@pytest.mark.rule("K.5-02")
@pytest.mark.parametrize("weight", [-0.1, 1.1])
def test_a_weight_lies_between_0_and_1(weight: float) -> None:
    desk = Desk()
    desk.call("PublishVersion")
    desk.call("UpdateFunctionConfiguration", MemorySize=256)
    desk.call("PublishVersion")
    weights = {"AdditionalVersionWeights": {"2": weight}}
    refusal = refused(desk.call("CreateAlias", Name="live", FunctionVersion="1", RoutingConfig=weights))
    assert refusal[:2] == (400, "ValidationException")
