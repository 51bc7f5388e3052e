import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import (
    ApiCalled,
    EnvironmentReset,
    InitEnded,
    InvocationEnded,
    InvocationStarted,
    InvocationThrottled,
    LogLine,
    StepPlayed,
)
from tests.simulator.playing import (
    FAIL,
    Played,
    call,
    first,
    invoke,
    make_function,
    make_queue,
    make_template,
    play,
    seconds,
    steps,
)

SYNC = invoke(kind="RequestResponse")


def sync(script: Any, *, init: Act | None = None, **properties: Any) -> InvocationEnded:
    (ended,) = play(make_template(make_function(**properties)), steps(SYNC), script, init=init).of(InvocationEnded)
    return ended


def outcome(**params: Any) -> StepPlayed:
    usual = {"FunctionName": "work", "InvocationType": "RequestResponse", "Payload": {}}
    (step,) = play(make_template(), steps(call("0s", "lambda.invoke", **usual | params))).of(StepPlayed)
    return step


@pytest.mark.rule("A.1-01", "A.1-02")
@pytest.mark.parametrize(("kind", "status"), [("RequestResponse", "200"), ("Event", "202"), ("DryRun", "204")])
def test_each_invocation_type_has_its_status(kind: str, status: str) -> None:
    assert outcome(InvocationType=kind).outcome == status


@pytest.mark.rule("A.1-02")
def test_a_dry_run_runs_nothing() -> None:
    played = play(make_template(), steps(invoke(kind="DryRun")))
    assert played.of(InvocationStarted) == []


@pytest.mark.rule("A.1-03", "A.1-04")
def test_a_failed_function_answers_200_with_a_function_error() -> None:
    played = play(make_template(), steps(SYNC), FAIL)
    assert played.of(StepPlayed)[0].outcome == "200 Unhandled"
    assert played.of(ApiCalled)[0].status == 200


@pytest.mark.rule("A.1-16")
def test_an_unknown_function_is_not_found() -> None:
    played = play(make_template(), steps(call("0s", "lambda.invoke", FunctionName="nobody")))
    (called,) = played.of(ApiCalled)
    assert (called.status, called.error) == (404, "ResourceNotFoundException")
    assert called.message == ("Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody:$LATEST")


@pytest.mark.parametrize(
    "name", ["work", "arn:aws:lambda:us-east-1:123456789012:function:work", "Work", "work:$LATEST"]
)
def test_a_function_is_found_by_name_arn_or_logical_id(name: str) -> None:
    assert outcome(FunctionName=name).outcome == "200"


@pytest.mark.rule("A.1-15")
def test_a_payload_that_is_not_json_is_refused() -> None:
    played = play(make_template(), steps(call("0s", "lambda.invoke", FunctionName="work", Payload="{no")))
    (called,) = played.of(ApiCalled)
    assert (called.status, called.error) == (400, "InvalidRequestContentException")
    assert str(called.message).startswith("Could not parse request body into json: Could not parse payload into json:")


def test_a_payload_nested_too_deeply_is_refused_and_the_run_goes_on() -> None:
    deep = "[" * 200_000 + "]" * 200_000
    asked = (call("0s", "lambda.invoke", FunctionName="work", Payload=deep), invoke("1s", kind="RequestResponse"))
    first, second = play(make_template(), steps(*asked)).of(ApiCalled)
    assert (first.status, first.error, second.status) == (400, "InvalidRequestContentException", 200)
    assert str(first.message).endswith("it is nested too deeply")


@pytest.mark.parametrize("payload", ['"\\ud800"', "1e999", " 12 "])
def test_what_only_pythons_own_parser_reads_is_taken_as_before(payload: str) -> None:
    asked = [
        call(at, "lambda.invoke", FunctionName="work", InvocationType=kind, Payload=payload)
        for at, kind in (("0s", "DryRun"), ("1s", "RequestResponse"))
    ]
    assert [fact.status for fact in play(make_template(), steps(*asked)).of(ApiCalled)] == [204, 200]


@pytest.mark.rule("A.1-11")
@pytest.mark.parametrize(("kind", "limit"), [("Event", 1_048_576), ("RequestResponse", 6_291_456)])
def test_a_payload_may_have_its_limit_and_no_byte_more(kind: str, limit: int) -> None:
    outcomes = []
    for size in (limit, limit + 1):
        text = b'"' + b"x" * (size - 2) + b'"'
        step = invoke(kind=kind, payload={"file": "events/large.txt"})
        played = play(make_template(), steps(step), files={"events/large.txt": text})
        outcomes.append(played.of(StepPlayed)[0].outcome)
    assert outcomes == ["202" if kind == "Event" else "200", "413 RequestTooLargeException"]


@pytest.mark.rule("A.1-13")
def test_a_response_may_be_as_large_as_aws_says() -> None:
    assert sync(Act(result="x" * (6_291_556 - 2))).status == "ok"
    ended = sync(Act(result="x" * (6_291_556 - 1)))
    assert ended.error_type == "Function.ResponseSizeTooLarge"
    assert json.loads(ended.payload) == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }


@pytest.mark.rule("B.2-07", "B.3-03", "B.4-10")
def test_a_timeout_strikes_exactly_and_is_billed_exactly() -> None:
    ended = sync(Act(takes=seconds(60)), Timeout=3)
    assert (ended.status, ended.duration_us, ended.billed_ms) == ("timeout", 3_000_000, 3_000)
    assert json.loads(ended.payload) == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {ended.request_id} Error: Task timed out after 3.00 seconds",
    }


@pytest.mark.rule("B.2-07")
def test_work_that_ends_just_before_the_timeout_succeeds() -> None:
    assert sync(Act(takes=seconds(2.999999)), Timeout=3).status == "ok"
    assert sync(Act(takes=seconds(3)), Timeout=3).status == "timeout"


def test_a_call_that_is_answered_after_the_timeout_does_not_save_the_invocation() -> None:
    template = make_template(make_function(Timeout=3), Q=make_queue("q"))
    act = Act(calls=(("sqs", "SendMessage", {"QueueUrl": "q", "MessageBody": "x"}),))
    played = play(template, steps(SYNC, faults=[{"latency": "sqs.send_message", "by": "10s"}]), act)
    assert played.of(InvocationEnded)[0].status == "timeout"
    assert played.summary["queues"]["q"]["sent"] == 1


def test_an_answer_meant_for_a_killed_runtime_never_reaches_its_successor() -> None:
    template = make_template(make_function(Timeout=3), Q=make_queue("q"))
    asks = Act(calls=(("sqs", "SendMessage", {"QueueUrl": "q", "MessageBody": "x"}),))
    waits = Act(calls=(("sqs", "GetQueueUrl", {"QueueName": "q"}),))
    faults = [{"latency": "sqs.send_message", "by": "5500ms"}, {"latency": "sqs.get_queue_url", "by": "2s"}]
    scenario = steps(SYNC, invoke("4s", kind="RequestResponse"), faults=faults)
    played = play(template, scenario, first(1, asks, waits))
    second = played.of(InvocationEnded)[1]
    assert second.status == "ok"
    assert second.duration_us > 2_000_000  # not ended by the first runtime's answer after 1.5 s


@pytest.mark.rule("B.4-12")
@pytest.mark.parametrize(
    ("status", "error_type", "message"),
    [
        ("exit", "Runtime.ExitError", "RequestId: {} Error: Runtime exited without providing a reason"),
        ("out_of_memory", "Runtime.ExitError", "RequestId: {} Error: Runtime exited with error: signal: killed"),
        ("error", "RuntimeError", "scripted"),
    ],
)
def test_each_way_to_fail_has_awss_words(status: Any, error_type: str, message: str) -> None:
    ended = sync(Act(status=status))
    assert (ended.status, ended.error_type) == (status, error_type)
    assert ended.error_message == message.format(ended.request_id)


@pytest.mark.rule("B.4-14")
def test_out_of_memory_has_used_all_of_it() -> None:
    assert sync(Act(status="out_of_memory"), MemorySize=256).max_memory_mb == 256


@pytest.mark.rule("B.2-10")
@pytest.mark.parametrize("status", ["exit", "out_of_memory", "init_error"])
def test_what_kills_the_runtime_keeps_the_environment_and_repeats_init_inside_the_next_invocation(status: Any) -> None:
    scenario = steps(SYNC, invoke("5s", kind="RequestResponse"), compute=cold(init_ms=200))
    played = play(make_template(), scenario, first(1, Act(status=status)))
    one, two = played.of(InvocationStarted)
    assert one.environment == two.environment
    assert (one.cold, two.cold) == (True, False)
    assert [(fact.phase, fact.status) for fact in played.of(InitEnded)] == [("init", "ok"), ("invoke", "ok")]
    again = played.of(InvocationEnded)[1]
    assert again.init_us is None
    assert again.duration_us > 170_000  # the repeated INIT counts as duration
    assert played.summary["functions"]["work"]["cold_starts"] == 1


@pytest.mark.rule("B.2-10")
def test_a_timeout_resets_the_environment_too() -> None:
    played = play(make_template(), steps(SYNC, invoke("5s", kind="RequestResponse")), first(1, Act(takes=seconds(9))))
    assert [fact.reason for fact in played.of(EnvironmentReset)] == ["timeout"]
    assert [fact.phase for fact in played.of(InitEnded)] == ["init", "invoke"]


@pytest.mark.rule("B.2-12")
def test_a_thrown_exception_resets_nothing() -> None:
    played = play(make_template(), steps(SYNC, invoke("5s", kind="RequestResponse")), FAIL)
    assert played.of(EnvironmentReset) == []
    assert len(played.of(InitEnded)) == 1


def cold(**cost: float) -> dict[str, Any]:
    return {"mode": "declared", "functions": {"work": {"init_ms": 0, "cpu_ms": 0, **cost}}}


@pytest.mark.rule("B.3-01", "B.3-02")
def test_init_counts_for_the_bill_not_for_the_duration() -> None:
    played = play(make_template(), steps(SYNC, compute=cold(init_ms=400)), Act(takes=seconds(0.1)))
    (ended,) = played.of(InvocationEnded)
    assert ended.init_us is not None
    assert 340_000 <= ended.init_us <= 460_000
    assert ended.duration_us == 100_000
    assert ended.billed_ms == -(-(ended.init_us + ended.duration_us) // 1_000)


@pytest.mark.rule("B.2-02", "B.2-03", "B.4-22")
def test_init_that_takes_ten_seconds_is_repeated_inside_the_invocation() -> None:
    template = make_template(make_function(Timeout=30))
    played = play(template, steps(SYNC), init=Act(status="ready", takes=seconds(12)))
    assert [(f.phase, f.status, f.duration_us) for f in played.of(InitEnded)] == [
        ("init", "timeout", 10_000_000),
        ("invoke", "ok", 12_000_000),
    ]
    (ended,) = played.of(InvocationEnded)
    assert (ended.status, ended.duration_us, ended.init_us) == ("ok", 12_000_000, None)


@pytest.mark.rule("B.2-03")
def test_a_repeated_init_counts_against_the_timeout() -> None:
    template = make_template(make_function(Timeout=3))
    played = play(template, steps(SYNC), init=Act(status="ready", takes=seconds(12)))
    (ended,) = played.of(InvocationEnded)
    assert (ended.status, ended.duration_us) == ("timeout", 3_000_000)


@pytest.mark.rule("B.2-03")
def test_code_that_cannot_be_loaded_fails_each_attempt_with_its_error() -> None:
    played = play(
        make_template(), steps(invoke()), init=Act(status="init_error", error_type="Runtime.ImportModuleError")
    )
    ended = played.of(InvocationEnded)
    assert [fact.status for fact in ended] == ["init_error"] * 3
    assert {fact.error_type for fact in ended} == {"Runtime.ImportModuleError"}
    assert len({fact.environment for fact in ended}) == 1


@pytest.mark.rule("J.1-02", "J.1-03")
def test_declared_work_takes_longer_with_less_memory() -> None:
    durations = [sync_with(cpu_ms=100, memory=memory) for memory in (128, 1_769, 10_240)]
    assert durations[0] == pytest.approx(100_000 * 1_769 / 128, rel=0.11)
    assert durations[1] == pytest.approx(100_000, rel=0.11)
    assert durations[2] == durations[1]  # one thread gets one vCPU at most


def sync_with(*, cpu_ms: float, memory: int) -> int:
    template = make_template(make_function(MemorySize=memory, Timeout=60))
    return play(template, steps(SYNC, compute=cold(cpu_ms=cpu_ms))).of(InvocationEnded)[0].duration_us


def test_work_may_grow_with_the_event() -> None:
    template = make_template(make_function(MemorySize=1_769))
    small, large = (
        play(template, steps(invoke(payload={"x": "x" * size}, kind="RequestResponse"), compute=cold(per_kb_ms=1)))
        for size in (0, 100 * 1024)
    )
    durations = [p.of(InvocationEnded)[0].duration_us for p in (small, large)]
    assert durations[0] < 20
    assert durations[1] == pytest.approx(100_000, rel=0.11)


@pytest.mark.rule("A.2-01", "A.2-03", "A.2-09", "C.3-02")
def test_a_synchronous_throttle_answers_429_with_awss_words() -> None:
    template = make_template(make_function(ReservedConcurrentExecutions=0))
    played: Played = play(template, steps(SYNC))
    (called,) = played.of(ApiCalled)
    assert (called.status, called.error, called.message) == (429, "TooManyRequestsException", "Rate Exceeded.")
    assert len(played.of(InvocationThrottled)) == 1
    row = played.summary["functions"]["work"]
    assert (row["throttles"], row["invocations"], row["errors"], row["billed_ms"]) == (1, 0, 0, 0)
    assert played.of(LogLine) == []


@pytest.mark.rule("B.3-04")
def test_a_failed_init_is_billed_where_it_is_repeated() -> None:
    """Assumption A-64: the first one, of 400 ms, is in no Billed Duration."""
    failing = Act(status="init_error", takes=seconds(0.3))
    played = play(make_template(), steps(SYNC, compute=cold(init_ms=100)), init=failing)
    one, two = played.of(InitEnded)
    (ended,) = played.of(InvocationEnded)
    assert (one.phase, two.phase) == ("init", "invoke")
    assert ended.duration_us == two.duration_us
    assert ended.billed_ms == -(-two.duration_us // 1_000)
    assert played.summary["functions"]["work"]["billed_ms"] == ended.billed_ms
