from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import InvocationEnded, LogLine
from tests.simulator.playing import Played, invoke, make_function, make_template, play, seconds, steps


def lines(played: Played) -> list[str]:
    return [fact.text.split(" ")[0].split("\t")[0] for fact in played.of(LogLine)]


def run(script: Any, *events: dict[str, Any], init: Act | None = None, **properties: Any) -> Played:
    template = make_template(make_function(**properties))
    return play(template, steps(*(events or (invoke(kind="RequestResponse"),))), script, init=init)


@pytest.mark.rule("B.4-01", "B.4-02", "B.4-04")
def test_the_lines_of_a_cold_and_a_warm_invocation_stand_in_order() -> None:
    twice = invoke(kind="RequestResponse"), invoke("5s", kind="RequestResponse")
    played = run(Act(logs=("hello",)), *twice)
    cold, warm = ["INIT_START", "START", "hello", "END", "REPORT"], ["START", "hello", "END", "REPORT"]
    assert lines(played) == cold + warm
    reports = [fact.text for fact in played.of(LogLine) if fact.text.startswith("REPORT")]
    assert ["Init Duration" in text for text in reports] == [True, False]


def test_platform_lines_are_told_from_the_functions_own() -> None:
    played = run(Act(logs=("REPORT RequestId: forged",)))
    (forged,) = (fact for fact in played.of(LogLine) if "forged" in fact.text)
    assert forged.source == "function"
    assert {fact.source for fact in played.of(LogLine) if fact.text.startswith(("START", "END"))} == {"platform"}


@pytest.mark.rule("B.4-15")
def test_a_failing_init_is_reported_in_both_phases() -> None:
    played = run(Act(), init=Act(status="init_error", error_type="Runtime.ImportModuleError"))
    assert lines(played) == ["INIT_START", "INIT_REPORT", "INIT_REPORT", "START", "END", "REPORT"]
    first, second = (fact.text for fact in played.of(LogLine) if fact.text.startswith("INIT_REPORT"))
    assert "\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError" in first
    assert "\tPhase: invoke\tStatus: error\tError Type: Runtime.ImportModuleError" in second


def test_the_report_line_says_what_the_fact_says() -> None:
    played = run(Act(takes=seconds(0.123456)), MemorySize=256)
    (ended,) = played.of(InvocationEnded)
    (report,) = (fact.text for fact in played.of(LogLine) if fact.text.startswith("REPORT"))
    assert f"\tDuration: {ended.duration_us / 1_000:.2f} ms\tBilled Duration: {ended.billed_ms} ms\t" in report
    assert f"\tMemory Size: 256 MB\tMax Memory Used: {ended.max_memory_mb} MB\t" in report


@pytest.mark.rule("H.2-01", "H.2-02")
def test_each_environment_has_its_own_stream_named_by_date_version_and_digits() -> None:
    template = make_template()
    played = play(template, steps(*[invoke(kind="RequestResponse")] * 2), Act(takes=seconds(1)))
    streams = [s.fact.log_stream for s in played.facts if hasattr(s.fact, "log_stream")]
    assert len(set(streams)) == 2
    assert all(stream.startswith("2025/12/01/[$LATEST]") and len(stream) == 20 + 32 for stream in streams)
    assert played.summary["logs"]["/aws/lambda/work"]["streams"] == 2


@pytest.mark.rule("B.4-15", "B.4-22")
def test_start_follows_what_a_repeated_init_logs() -> None:
    """As in logs of real functions, April and June 2026."""
    played = run(Act(), init=Act(status="ready", takes=seconds(11)), Timeout=30)
    texts = [fact.text for fact in played.of(LogLine)]
    assert [text.split()[0] for text in texts] == ["INIT_START", "INIT_REPORT", "START", "END", "REPORT"]
    assert texts[1] == "INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout"
