import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.lambda_.tracing import Trace, parse, untraced
from lambdalab.simulator.trace.facts import InvocationTraced, LogLine, RequestTraced, TracingConfigured
from tests.simulator.playing import FAIL, Played, first, invoke, make_function, make_queue, make_template, play, steps

ROOT, PARENT = "1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8"
ACTIVE = {"TracingConfig": {"Mode": "Active"}}


def run(*calls: dict[str, Any], script: Any = None, allow: list[str] | None = None, **more: Any) -> Played:
    function = make_function(**{**ACTIVE, **more})
    template = make_template(function, make_function("next", **ACTIVE), allow=allow, Q=make_queue("q"))
    return play(template, steps(*(calls or (invoke(kind="RequestResponse"),))), script)


@pytest.mark.rule("H.3-07")
@pytest.mark.parametrize(
    ("header", "trace"),
    [
        (f"Root={ROOT};Parent={PARENT};Sampled=1", Trace(ROOT, PARENT, True)),
        (f"Root={ROOT};Parent={PARENT};Sampled=0;Lineage=a:0", Trace(ROOT, PARENT, False)),
        (f"Parent={PARENT};Root={ROOT}", Trace(ROOT, PARENT, False)),
        (f"Root={ROOT}", None),
        (f"Root=2-x;Parent={PARENT}", None),
        ("", None),
        (None, None),
        (";;=;", None),
    ],
)
def test_a_header_names_its_trace_or_none(header: str | None, trace: Trace | None) -> None:  # H.3
    assert parse(header) == trace


@pytest.mark.rule("H.3-07")
def test_a_header_read_back_is_the_same_trace() -> None:
    trace = Trace(ROOT, PARENT, True)
    assert parse(trace.header()) == trace
    assert trace.header("00000000000000ff").split(";")[1] == "Parent=00000000000000ff"


def test_a_trace_that_nobody_records_still_has_a_valid_header() -> None:  # B.5: set per invocation
    trace = untraced("6f0a5d3e-8d1c-4b2f-9a3e-0123456789ab", 1_764_579_600_000_000)
    assert trace.header() == "Root=1-692d5910-6f0a5d3e8d1c4b2f9a3e0123;Parent=9a3e0123456789ab;Sampled=0"
    assert parse(trace.header()) == trace


@pytest.mark.rule("H.3-01")
def test_pass_through_is_the_default_and_records_nothing() -> None:  # H.3
    played = play(make_template(), steps(invoke(kind="RequestResponse")))
    assert not played.of(TracingConfigured)
    assert not played.of(RequestTraced)
    assert not played.of(InvocationTraced)
    assert played.summary["traces"] == {"count": 0, "slowest": []}


@pytest.mark.rule("H.3-03")
def test_the_first_request_of_each_second_is_sampled_and_five_percent_of_the_rest() -> None:  # H.3
    every = {"count": 4_000, "every": "10ms"}
    played = run(invoke(kind="RequestResponse", repeat=every))
    assert 40 + 0.035 * 3_960 < len(played.of(RequestTraced)) < 40 + 0.065 * 3_960
    seconds = {int(at) for at in played.times(RequestTraced)}
    assert set(range(40)) <= seconds


def test_the_same_seed_samples_the_same_requests() -> None:
    every = {"count": 200, "every": "10ms"}
    once, again = (run(invoke(kind="RequestResponse", repeat=every)).trace for _ in range(2))
    assert once == again


@pytest.mark.rule("H.3-09")
def test_without_the_permission_nothing_is_sent() -> None:  # H.3: PutTraceSegments
    assert run(allow=["sqs:*"]).of(RequestTraced) == []


@pytest.mark.rule("H.3-04")
def test_all_attempts_of_an_event_belong_to_one_trace() -> None:  # H.3: origin AWS::Lambda has the attempts
    played = run(invoke(), script=first(2, FAIL))
    (request,) = played.of(RequestTraced)
    attempts = played.of(InvocationTraced)
    assert [fact.attempt for fact in attempts] == [1, 2, 3]
    assert {fact.root for fact in attempts} == {request.root}
    assert {fact.service_segment for fact in attempts} == {request.segment}
    assert len({fact.segment for fact in attempts}) == 3


@pytest.mark.rule("H.3-02")
def test_a_function_that_is_called_honours_the_decision_of_its_caller() -> None:  # H.3
    def script(function: Any, event: Any, count: int) -> Act:
        call = ("lambda", "Invoke", {"FunctionName": "next", "Payload": b"{}"})
        return Act(calls=(call, call, call)) if function.name == "work" else Act()

    played = run(script=script)
    mine, *theirs = played.of(RequestTraced)
    (segment,) = (fact.segment for fact in played.of(InvocationTraced) if fact.function == "work")
    assert mine.parent is None
    assert [(fact.function, fact.root, fact.parent) for fact in theirs] == [("next", mine.root, segment)] * 3


@pytest.mark.rule("H.3-01")
def test_a_pass_through_function_hands_the_header_on_and_sends_nothing_itself() -> None:  # H.3
    def script(function: Any, event: Any, count: int) -> Act:
        target = {"work": "between", "between": "next"}.get(function.name)
        return Act(calls=(("lambda", "Invoke", {"FunctionName": target, "Payload": b"{}"}),)) if target else Act()

    template = make_template(make_function(**ACTIVE), make_function("between"), make_function("next", **ACTIVE))
    played = play(template, steps(invoke(kind="RequestResponse")), script)
    assert [fact.function for fact in played.of(RequestTraced)] == ["work", "next"]
    (segment,) = (fact.segment for fact in played.of(InvocationTraced) if fact.function == "work")
    assert played.of(RequestTraced)[1].parent == segment


def test_a_topic_hands_the_trace_on_to_its_subscribers() -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t", "Subscription": [
        {"Protocol": "lambda", "Endpoint": {"Fn::GetAtt": "Next.Arn"}}]}}  # fmt: skip
    publish = ("sns", "Publish", {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Message": "m"})
    permission = {"Type": "AWS::Lambda::Permission", "Properties": {
        "Action": "lambda:InvokeFunction", "FunctionName": "next", "Principal": "sns.amazonaws.com"}}  # fmt: skip
    template = make_template(make_function(**ACTIVE), make_function("next", **ACTIVE), T=topic, P=permission)
    script = lambda function, event, count: Act(calls=(publish,)) if function.name == "work" else Act()  # noqa: E731
    mine, theirs = play(template, steps(invoke(kind="RequestResponse")), script).of(RequestTraced)
    assert (theirs.function, theirs.root) == ("next", mine.root)


@pytest.mark.rule("B.4-05")
def test_the_report_of_a_traced_invocation_has_a_line_more() -> None:  # B.4
    played = run()
    (report,) = (fact.text for fact in played.of(LogLine) if fact.text.startswith("REPORT"))
    (traced,) = played.of(InvocationTraced)
    assert report.endswith(f"\t\nXRAY TraceId: {traced.root}\tSegmentId: {traced.segment}\tSampled: true")


@pytest.mark.rule("B.4-28")
def test_json_records_of_a_traced_invocation_name_its_trace() -> None:  # B.4
    played = run(LoggingConfig={"LogFormat": "JSON"})
    (traced,) = played.of(InvocationTraced)
    records = [json.loads(fact.text) for fact in played.of(LogLine)]
    contexts = [each["record"]["tracing"] for each in records if each["type"] in ("platform.start", "platform.report")]
    value = f"Root={traced.root};Parent={traced.service_segment};Sampled=1"
    assert contexts == [{"spanId": traced.segment, "type": "X-Amzn-Trace-Id", "value": value}] * 2
