import json
from typing import Any

import pytest

from lambdalab.simulator.__main__ import main
from lambdalab.simulator.lambda_.handlers import Connect
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import InvocationTraced
from lambdalab.simulator.views import segments
from lambdalab.simulator.views.segments import SegmentsFold
from lambdalab.simulator.views.service_graph import service_graph
from tests.simulator.playing import FAIL, Played, first, invoke, make_function, make_template, play, seconds, steps

ACTIVE = {"TracingConfig": {"Mode": "Active"}}
EPOCH = 1_764_579_600


def run(*calls: dict[str, Any], script: Any = None, init: Act | None = None, **more: Any) -> Played:
    template = make_template(make_function(**{**ACTIVE, **more}), make_function("next", **ACTIVE))
    return play(template, steps(*(calls or (invoke(kind="RequestResponse"),))), script, init=init)


def fold(played: Played) -> SegmentsFold:
    made = SegmentsFold()
    for at, _, fact in played.facts:
        if take := made.takes.get(type(fact)):
            take(at, fact)
    return made


def documents(played: Played, style: Any = "new") -> list[dict[str, Any]]:
    (found,) = fold(played).documents(style)
    return found


def below(document: dict[str, Any]) -> list[str]:
    return [each["name"] for each in document.get("subsegments", [])]


@pytest.mark.rule("H.3-04")
def test_a_request_has_a_segment_of_the_service_and_one_of_the_function() -> None:  # H.3
    service, function = documents(run(script=Act(takes=seconds(0.5)), init=Act(status="ready", takes=seconds(0.2))))
    assert [each["origin"] for each in (service, function)] == ["AWS::Lambda", "AWS::Lambda::Function"]
    assert {each["name"] for each in (service, function)} == {"work"}
    assert function["parent_id"] == service["id"]
    assert "parent_id" not in service
    assert service["start_time"] - EPOCH == pytest.approx(0.006, abs=0.004)
    assert function["end_time"] == service["end_time"]
    assert function["end_time"] - function["start_time"] == pytest.approx(0.7)
    assert service["http"]["response"]["status"] == 200


@pytest.mark.rule("H.3-05", "H.3-06")
def test_the_new_style_has_init_and_annotations_and_the_old_one_three_subsegments() -> None:  # H.3
    played = run(script=Act(takes=seconds(0.5)))
    new, old = documents(played)[1], documents(played, "old")[1]
    assert below(new) == ["Init"]
    assert new["annotations"]["aws.responseLatency"] == 500
    assert below(old) == ["Initialization", "Invocation", "Overhead"]
    assert "annotations" not in old


def test_a_warm_invocation_has_no_initialization() -> None:
    twice = invoke(kind="RequestResponse"), invoke("5s", kind="RequestResponse")
    colds = sorted((found[1]["start_time"], below(found[1])) for found in fold(run(*twice)).documents())
    assert [names for _, names in colds] == [["Init"], []]


@pytest.mark.rule("H.3-04")
def test_the_service_segment_of_an_event_has_its_wait_and_its_attempts() -> None:  # H.3
    service, *functions = documents(run(invoke(), script=first(1, FAIL)))
    assert below(service) == ["Dwell Time", "Attempt #1", "Attempt #2"]
    assert service["http"]["response"]["status"] == 202
    assert [each.get("fault", False) for each in functions] == [True, False]
    assert functions[0]["cause"]["exceptions"] == [{"message": "the card was declined", "type": "CardDeclined"}]
    assert service["end_time"] - service["start_time"] > 50


@pytest.mark.rule("H.3-04")
def test_a_throttled_request_has_only_the_service_segment() -> None:  # H.3
    (service,) = documents(run(ReservedConcurrentExecutions=0))
    assert (service["throttle"], service["error"], service["http"]["response"]["status"]) == (True, True, 429)


def test_what_has_not_ended_is_in_progress() -> None:
    template = make_template(make_function(Timeout=900, **ACTIVE))
    calls = steps(invoke(kind="RequestResponse"), until="10s")
    played = play(template, calls, Act(takes=seconds(60)))
    assert [each["in_progress"] for each in documents(played)] == [True, True]


def sent(document: dict[str, Any]) -> Connect:
    data = b'{"format":"json","version":1}\n' + json.dumps(document).encode()
    return Connect(1, "datagram", address="169.254.79.129", port=2000, data=data)


def traced(document: dict[str, Any]) -> Played:
    """A run whose code sends ``document`` below its own segment: ids are known from a run before."""
    (fact,) = run().of(InvocationTraced)
    whole = {"trace_id": fact.root, "parent_id": fact.segment, "type": "subsegment"} | document
    return run(script=Act(connects=(sent(whole),)))


QUERY = {"id": "70de5b6f19ff9a0a", "name": "DynamoDB", "namespace": "aws", "start_time": EPOCH, "end_time": EPOCH + 1}


@pytest.mark.rule("H.3-06")
def test_what_the_code_sends_stands_below_its_function() -> None:  # H.3: new style, right below the segment
    played = traced(QUERY)
    assert below(documents(played)[1]) == ["Init", "DynamoDB"]
    old = documents(played, "old")[1]
    assert below(old) == ["Initialization", "Invocation", "Overhead"]
    assert below(old["subsegments"][1]) == ["DynamoDB"]


def test_a_document_that_fits_nowhere_stands_apart() -> None:
    found = documents(traced(QUERY | {"parent_id": "ffffffffffffffff"}))
    assert [each["name"] for each in found] == ["work", "work", "DynamoDB"]
    own = documents(traced(QUERY | {"parent_id": QUERY["id"]}))
    assert [each["name"] for each in own] == ["work", "work", "DynamoDB"]


@pytest.mark.parametrize(
    "change", [{"id": 5}, {"name": None}, {"start_time": "now"}, {"end_time": True}, {"trace_id": "1-0-0"}]
)
def test_what_x_ray_would_refuse_is_dropped(change: dict[str, Any]) -> None:
    assert len(documents(traced(QUERY | change))) == 2


def test_the_service_graph_shows_who_calls_whom() -> None:
    def script(function: Any, event: Any, count: int) -> Act:
        call = ("lambda", "Invoke", {"FunctionName": "next", "Payload": b"{}"})
        return Act(calls=(call, call)) if function.name == "work" else FAIL

    graph = service_graph(fold(run(script=script)).documents())
    edges = {(edge["from"], edge["to"]): (edge["count"], edge["faults"]) for edge in graph["edges"]}
    assert edges == {
        ("client", "work (AWS::Lambda)"): (1, 0),
        ("work (AWS::Lambda)", "work (AWS::Lambda::Function)"): (1, 0),
        ("work (AWS::Lambda::Function)", "next (AWS::Lambda)"): (2, 0),
        ("next (AWS::Lambda)", "next (AWS::Lambda::Function)"): (2, 2),
    }
    called = service_graph(fold(traced(QUERY)).documents())
    assert "DynamoDB (aws)" in {edge["to"] for edge in called["edges"]}


def test_the_slowest_traces_come_first_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "TRACES_MAX", 12)
    lengths = iter(range(1, 101))
    calls = invoke(kind="RequestResponse", repeat={"count": 100, "every": "2s"})
    played = run(calls, script=lambda f, e, c: Act(takes=seconds(0.01 * next(lengths))))
    shown = played.summary["traces"]
    assert shown["count"] == 100
    assert len(shown["slowest"]) == 10
    took = [row["duration_ms"] for row in shown["slowest"]]
    assert took == sorted(took, reverse=True)
    assert (took[0], took[-1]) == (1_000, 910)
    assert len(fold(played).traces()) == 12
    assert shown["slowest"][0]["functions"] == ["work"]


def test_a_stored_trace_is_exported_as_documents_graph_and_chromes_events(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trace.jsonl"
    path.write_bytes(run(invoke(), script=first(1, FAIL)).trace)
    told = {}
    for command in ("x-ray", "x-ray-old", "service-graph", "chrome"):
        assert main([command, str(path)]) == 0
        told[command] = json.loads(capsys.readouterr().out)
    assert len(told["x-ray"]) == len(told["x-ray-old"]) == 3
    assert len(told["service-graph"]["edges"]) == 2
    events = told["chrome"]["traceEvents"]
    assert {event["ph"] for event in events} == {"M", "X", "b", "e"}
    runs = [event for event in events if event.get("cat") == "invocation"]
    assert [event["args"]["status"] for event in runs] == ["error", "ok"]
    assert {event["name"] for event in events if event["ph"] == "M"} == {"process_name", "thread_name"}


def test_an_unknown_export_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["zipkin", "trace.jsonl"]) == 2
    assert "x-ray" in capsys.readouterr().err
