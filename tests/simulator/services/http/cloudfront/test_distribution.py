"""A distribution: its behaviors, its origins, and what viewers get before any function runs."""

from typing import Any

import pytest

from lambdalab.simulator.trace.facts import ApiCalled, EdgeFunctionReplicated, HttpDoorDeployed
from tests.simulator.playing import call
from tests.simulator.services.http.clients import header, http
from tests.simulator.services.http.cloudfront.sites import answers, at, changing, results, site, visit


def test_a_request_comes_from_the_origin_and_then_from_the_cache() -> None:
    played = visit(site(), http("Site"), http("Site", at="5s"))
    first, second = answers(played)
    assert [first.body, second.body] == ["home", "home"]
    assert results(played) == ["Miss", "Hit"]
    assert (header(first, "age"), header(second, "age")) == (None, "4")
    assert second.why == "its cache has it, 4 s old"
    assert second.latency_us < first.latency_us
    (door,) = played.of(HttpDoorDeployed)
    assert (door.door, door.door_kind) == ("Site", "distribution")
    assert door.url.startswith("https://d")
    assert door.url.endswith(".cloudfront.net/")


@pytest.mark.rule("F.7-01")
def test_a_function_at_the_viewer_request_runs_for_every_request_and_changes_it() -> None:
    def rewrite(told: dict[str, Any]) -> None:
        told["request"]["uri"] = "/new"

    web = {"/new": {"body": "new"}, "/old": {"body": "old"}}
    played = visit(
        site(events=(at("viewer-request"),)), http("Site", "/old"), http("Site", "/old", at="5s"),
        script=changing(rewrite), web=web,
    )  # fmt: skip
    assert [each.body for each in answers(played)] == ["new", "new"]
    assert results(played) == ["Miss", "Hit"]
    assert played.summary["functions"]["us-east-1.work"]["invocations"] == 2
    assert played.summary["functions"]["work"]["invocations"] == 0
    (copy,) = played.of(EdgeFunctionReplicated)
    assert (copy.original, copy.function, copy.version, copy.event_type) == (
        "work",
        "us-east-1.work",
        "1",
        "viewer-request",
    )
    assert list(played.summary["logs"]) == ["/aws/lambda/us-east-1.work"]


def test_the_event_of_a_viewer_request_is_the_one_of_cloudfronts_guide() -> None:
    """Amazon CloudFront Developer Guide, "Lambda@Edge event structure", read 2026-11-29."""
    seen: list[dict[str, Any]] = []
    headers = {"User-Agent": "curl/7.66.0", "Accept": "*/*", "Cookie": ["a=1", "b=2"], "Connection": "close"}
    visit(
        site(events=(at("viewer-request"),)),
        http("Site", "/", query="x=1", headers=headers, source_ip="203.0.113.178"),
        script=changing(seen.append),
    )
    (told,) = seen
    host = told["config"]["distributionDomainName"]
    assert set(told) == {"config", "request"}
    assert set(told["config"]) == {"distributionDomainName", "distributionId", "eventType", "requestId"}
    assert told["request"] == {
        "clientIp": "203.0.113.178",
        "headers": {
            "host": [{"key": "Host", "value": host}],
            "user-agent": [{"key": "User-Agent", "value": "curl/7.66.0"}],
            "accept": [{"key": "Accept", "value": "*/*"}],
            "cookie": [{"key": "Cookie", "value": "a=1; b=2"}],
        },
        "method": "GET",
        "querystring": "x=1",
        "uri": "/",
    }


def test_a_response_of_the_viewer_request_ends_the_way_and_is_not_cached() -> None:
    made = {"status": "302", "statusDescription": "Found", "headers": {"location": [{"value": "https://a.example"}]}}
    played = visit(
        site(events=(at("viewer-request"), at("viewer-response"))), http("Site"), http("Site", at="1s"),
        script=changing(lambda told: made),
    )  # fmt: skip
    assert results(played) == ["LambdaGeneratedResponse"] * 2
    assert [(each.status, header(each, "location")) for each in answers(played)] == [(302, "https://a.example")] * 2
    assert played.summary["functions"]["us-east-1.work"]["invocations"] == 2  # and never at the viewer response
    assert played.summary["distributions"]["Site"]["origin_requests"] == 0


def test_a_version_with_a_copy_at_the_edge_cannot_be_deleted() -> None:
    gone = call("0s", "lambda.delete_function", FunctionName="work", Qualifier="1")
    played = visit(site(events=(at("viewer-request"),)), gone)
    (failed,) = [fact for fact in played.of(ApiCalled) if fact.operation == "DeleteFunction"]
    assert failed.error == "InvalidParameterValueException"
    assert "because it is a replicated function" in str(failed.message)


def test_a_fault_and_a_cost_that_name_a_function_are_its_copies_as_well() -> None:
    faults = [{"from": "1s", "until": "2s", "throttle": "work"}]
    compute = {"mode": "declared", "functions": {"work": {"init_ms": 500, "cpu_ms": 0}}}
    played = visit(
        site(events=(at("viewer-request"),)), http("Site"), http("Site", at="1500ms"),
        script=changing(lambda told: None), faults=faults, compute=compute,
    )  # fmt: skip
    assert results(played) == ["Miss", "LambdaLimitExceeded"]
    assert [each.status for each in answers(played)] == [200, 503]
    assert played.summary["functions"]["us-east-1.work"]["init_ms"] == pytest.approx(500, rel=0.25)
