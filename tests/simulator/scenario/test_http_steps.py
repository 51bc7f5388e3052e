"""Steps that send requests over HTTP."""

import base64
from typing import Any

import pytest

from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.scenario.load import load_scenario
from lambdalab.simulator.trace.explain import Explainer
from lambdalab.simulator.trace.facts import HttpAnswered, StepPlayed
from tests.simulator.services.http.clients import delivered, http, says, send
from tests.simulator.services.http.test_function_url import project

STEP = """steps:
  - at: 0s
    http:
      to: Url
      {line}
"""


@pytest.mark.parametrize(
    ("line", "at", "text"),
    [
        ("method: FETCH", 5, "'FETCH' is no method."),
        ("path: orders", 5, "'orders' is no path."),
        ("path: /a?b=1", 5, "a query does not belong into the path."),
        ("query: 3", 5, "3 is no query."),
        ("source_ip: here", 5, "'here' is no IP address."),
        ("headers: {a b: c}", 5, "a b is no header"),
        ('headers: {a: "x\\r\\ny"}', 5, "a is no header"),
        ("headers: [a]", 5, "must be a mapping"),
        ("body: {file: no.json}", 5, "there is no file no.json"),
        ("body: '{{ shrug }}'", 5, "{{ shrug }} is not an expression."),
        ("path: '/{{ shrug }}'", 5, "{{ shrug }} is not an expression."),
        ("host: x", 5, "unknown key host."),
    ],
)
def test_what_is_wrong_with_a_request_is_told_with_its_line(line: str, at: int, text: str) -> None:
    with pytest.raises(ProjectError) as refused:
        load_scenario({"scenario.yaml": STEP.format(line=line).encode()})
    (problem,) = refused.value.problems
    assert text in problem.message
    assert problem.line == at


def test_a_step_without_a_door_is_refused() -> None:
    with pytest.raises(ProjectError, match=r"an API, a load balancer or a distribution\) must be a text"):
        load_scenario({"scenario.yaml": b"steps:\n  - {at: 0s, http: {path: /}}\n"})


def test_a_door_that_is_not_there_is_told_before_the_run_with_those_that_are() -> None:
    with pytest.raises(ProjectError, match=r"scenario.yaml:1: nothing here answers HTTP as Shop.* here: Url"):
        send(project(), http("Shop"))


def test_expressions_are_drawn_for_each_repetition() -> None:
    request = http("Url", "/orders/{{ n }}", query={"q": "{{ n }}"}, body={"n": "{{ n }}"}, method="POST")
    played = send(project(), request | {"label": "order-{{ n }}", "repeat": {"count": 3, "every": "1s"}})
    rows = [(row["path"], row["query"], row["label"], row["at_s"]) for row in played.summary["http"]]
    assert rows == [(f"/orders/{n}", f"q={n}", f"order-{n}", n - 1.0) for n in (1, 2, 3)]


def test_a_path_is_encoded_once() -> None:
    assert delivered(project(), http("Url", "/my cat/ä%20"))["rawPath"] == "/my%20cat/%C3%A4%20"


def test_a_text_query_is_sent_as_it_stands() -> None:
    event = delivered(project(), http("Url", query="a=1&b&a=%202+3"))
    assert event["rawQueryString"] == "a=1&b&a=%202+3"
    assert event["queryStringParameters"] == {"a": "1, 2 3", "b": ""}


@pytest.mark.parametrize(
    ("body", "kind", "sent"),
    [
        ({"a": "ä"}, "application/json", '{"a": "ä"}'),
        ([1], "application/json", "[1]"),
        ("text", "text/plain; charset=utf-8", "text"),
        ({"file": "events/a.json"}, "application/json", '{"a":  1}'),
    ],
)
def test_a_body_has_the_content_type_of_its_kind(body: Any, kind: str, sent: str) -> None:
    files = {"events/a.json": b'{"a":  1}'}
    seen: list[Any] = []

    def script(function: Any, event: Any, count: int) -> Any:
        seen.append(event)
        return says()

    send(project(), http("Url", method="POST", body=body), script=script, files=files)
    assert (seen[0]["body"], seen[0]["headers"]["content-type"]) == (sent, kind)
    assert seen[0]["headers"]["content-length"] == str(len(sent.encode()))


def test_a_file_that_is_no_text_arrives_byte_for_byte() -> None:
    picture = bytes(range(256))
    seen: list[Any] = []

    def script(function: Any, event: Any, count: int) -> Any:
        seen.append(event)
        return says()

    request = http("Url", method="PUT", body={"file": "web/cat.jpg"})
    send(project(), request, script=script, files={"web/cat.jpg": picture})
    assert base64.b64decode(seen[0]["body"]) == picture
    assert seen[0]["headers"]["content-type"] == "image/jpeg"


def test_a_header_may_come_several_times_and_replaces_the_usual_one() -> None:
    event = delivered(project(), http("Url", headers={"X-A": ["1", "2"], "user-agent": "cat"}))
    assert (event["headers"]["x-a"], event["headers"]["user-agent"]) == ("1,2", "cat")


def test_the_clients_address_is_the_last_of_those_that_were_forwarded() -> None:
    event = delivered(project(), http("Url", headers={"X-Forwarded-For": "10.0.0.1"}, source_ip="203.0.113.7"))
    assert event["headers"]["x-forwarded-for"] == "10.0.0.1, 203.0.113.7"
    assert event["requestContext"]["http"]["sourceIp"] == "203.0.113.7"


@pytest.mark.parametrize(("expect", "outcome"), [(404, "404 (expected)"), ("404", "404 (expected)"), (200, "404")])
def test_an_expected_status_is_told_as_such(expect: Any, outcome: str) -> None:
    (step,) = send(project(), http("Url", expect=expect), script=says(404)).of(StepPlayed)
    assert (step.action, step.outcome) == ("http GET Url/", outcome)


def test_the_summary_has_what_came_back() -> None:
    act = says(404, "no such order", headers={"Content-Type": "text/plain", "X-A": "1"}, cookies=["a=1", "b=2"])
    played = send(project(), http("Url", "/orders/9", query="full=1", at="5s"), script=act)
    (row,) = played.summary["http"]
    assert {name: row[name] for name in ("at_s", "to", "method", "path", "query", "status", "body", "why")} == {
        "at_s": 5.0,
        "to": "Url",
        "method": "GET",
        "path": "/orders/9",
        "query": "full=1",
        "status": 404,
        "body": "no such order",
        "why": None,
    }
    assert row["headers"] == {"content-type": "text/plain", "x-a": "1", "set-cookie": "a=1\nb=2"}
    assert played.summary["doors"]["Url"]["by_status"] == {"404": 1}
    assert played.summary["doors"]["Url"]["latency_ms"]["max"] == row["latency_ms"]


def test_the_summary_keeps_a_thousand_answers_and_counts_all() -> None:
    request = http("Url") | {"repeat": {"count": 1_005, "every": "10ms"}}
    played = send(project(), request, script=says(200, "x" * 3_000))
    assert len(played.summary["http"]) == 1_000
    assert played.summary["doors"]["Url"]["requests"] == 1_005
    assert len(played.summary["http"][0]["body"]) == 2_048


def test_the_same_seed_gives_the_same_bytes() -> None:
    request = http("Url", "/{{ uuid }}") | {"repeat": {"count": 20, "every": "1ms"}}
    assert send(project(), request).trace == send(project(), request).trace


def test_a_run_tells_in_a_sentence_what_came_back_and_why() -> None:
    played = send(project(), http("Url", "/a", label="first"), script=says("no"))
    explainer = Explainer()
    told = [explainer.explain(stamped) for stamped in played.facts if isinstance(stamped.fact, HttpAnswered)]
    assert told[0].startswith("Url answers GET /a (first) with 502 after ")
    assert told[0].endswith('ms: statusCode in the function\'s answer is no whole number from 100 to 599 but "no".')
