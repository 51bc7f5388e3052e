"""Updates of distributions: new functions at the edge, other policies; the old configuration serves meanwhile."""

import json
from typing import Any

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import (
    EdgeFunctionReplicated,
    HttpDoorDeployed,
    StackResourceChanged,
    StackUpdateEnded,
    StepPlayed,
)
from tests.simulator.playing import Played, make_function, play, steps
from tests.simulator.services.http.clients import header, http
from tests.simulator.services.http.cloudfront.sites import answers, at, behavior, policy, results, site

WEB = {f"https://shop.example.com/{name}": {"body": name} for name in ("1", "2", "page")}


def by_version(function: Any, event: Any, count: int) -> Act:
    """Every version leads viewers to a page of its own."""
    if "Records" not in event:
        return Act()
    request = event["Records"][0]["cf"]["request"]
    return Act(result={**request, "uri": f"/{function.version}"})


def deploy(old: dict[str, Any], new: dict[str, Any], *entries: dict[str, Any], script: Any = by_version) -> Played:
    """Deploy ``new`` over ``old`` a minute after the start."""
    files = {"next.json": json.dumps(new).encode(), "next/app.py": b"def handler(event, context):\n    return 2\n"}
    step = {"at": "1m", "deploy": {"template": "next.json"}}
    return play(old, steps(*entries, step, web=WEB), script, files=files)


def with_version_2(template: dict[str, Any]) -> dict[str, Any]:
    """The same with new code in a new version, to which the distribution leads, as SAM writes it."""
    parts = dict(template["Resources"])
    parts["Work"] = make_function(Timeout=5, Code="next/")
    parts["WorkVersion2"] = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Work"}}}
    parts["Site"] = site(events=({"EventType": "viewer-request", "LambdaFunctionARN": {"Ref": "WorkVersion2"}},))[
        "Resources"
    ]["Site"]
    return {"Resources": parts}


def test_a_new_version_serves_at_the_edge_when_it_is_everywhere() -> None:
    old = site(events=(at("viewer-request"),))
    asked = [http("Site", "/", at=each) for each in ("10s", "2m", "3m", "5m")]
    played = deploy(old, with_version_2(old), *asked)
    assert [each.body for each in answers(played)] == ["1", "1", "1", "2"]
    assert [(fact.version, fact.event_type) for fact in played.of(EdgeFunctionReplicated)] == [
        ("1", "viewer-request"), ("2", "viewer-request"),
    ]  # fmt: skip
    assert [fact.status for fact in played.of(StackUpdateEnded)] == ["UPDATE_COMPLETE"]
    assert played.times(StackUpdateEnded)[0] > 60 + 180
    assert played.summary["functions"]["us-east-1.work"]["by_version"] == {"1": 3, "2": 1}


def test_a_policy_that_changes_changes_the_distributions_that_name_it() -> None:
    old = site(behavior(policy={"Ref": "Own"}), Own=policy())
    new = {"Resources": {**old["Resources"], "Own": policy(queries="all")}}
    asked = [http("Site", "/page", at=each, query=query) for each, query in (
        ("10s", "x=1"), ("20s", "x=2"), ("5m", "x=1"), ("301s", "x=2"), ("302s", "x=1"))]  # fmt: skip
    played = deploy(old, new, *asked)
    assert results(played) == ["Miss", "Hit", "Miss", "Miss", "Hit"]
    assert ("Own", "updated") in [(fact.resource, fact.action) for fact in played.of(StackResourceChanged)]


def test_a_distribution_that_a_step_adds_answers_and_one_that_it_removes_does_not_any_more() -> None:
    whole = site()
    without = {"Resources": {name: part for name, part in whole["Resources"].items() if name != "Site"}}
    host = header_of(play(whole, steps(web=WEB)))
    asked = [http(f"https://{host}", "/page", at=each) for each in ("10s", "10m")]
    added = deploy(without, whole, *asked)
    assert [each.body for each in answers(added)] == ["page"]
    assert [fact.outcome for fact in added.of(StepPlayed) if fact.action != "deploy"] == ["no such host", "200"]
    removed = deploy(whole, without, *asked)
    assert [fact.outcome for fact in removed.of(StepPlayed) if fact.action != "deploy"] == ["200", "no such host"]


def header_of(played: Played) -> str:
    (door,) = played.of(HttpDoorDeployed)
    return door.url.removeprefix("https://").removesuffix("/")


def test_a_failed_update_leaves_the_distribution_as_it_was() -> None:
    old = site(events=(at("viewer-request"),))
    new = with_version_2(old)
    token = {"ServiceToken": {"Fn::GetAtt": "Work.Arn"}, "ServiceTimeout": "60"}
    new["Resources"]["Thing"] = {"Type": "Custom::Thing", "Properties": token}  # nobody answers CloudFormation
    played = deploy(old, new, http("Site", "/", at="30m"))
    (ended,) = played.of(StackUpdateEnded)
    assert ended.status.startswith("UPDATE_ROLLBACK")
    assert [(each.body, header(each, "x-cache")) for each in answers(played)] == [("1", "Miss from cloudfront")]
