from typing import Any

import pytest

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.lambda_ import logs
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import InvocationEnded, LogLine
from tests.simulator.playing import Played, invoke, make_function, make_template, play, seconds, steps

ID = "6f0a5d3e-8d1c-4b2f-9a3e-0123456789ab"


def ms(value: float) -> Micros:
    return Micros(round(value * 1_000))


@pytest.mark.rule("B.3-01")
@pytest.mark.parametrize(
    ("duration", "init", "billed"),
    [
        (133.61, 80.00, 214),  # the guide's own lines, fact B.3
        (3016.78, 84.00, 3101),
        (3004.92, 111.23, 3117),
        (12.0, None, 12),
        (12.001, None, 13),
        (0.001, None, 1),
        (0.4, 0.6, 1),
        (0.5, 0.6, 2),
        (3000.0, None, 3000),
    ],
)
def test_billed_is_the_sum_of_duration_and_init_rounded_up(duration: float, init: float | None, billed: int) -> None:
    assert logs.billed_ms(ms(duration), None if init is None else ms(init)) == billed


@pytest.mark.rule("B.4-02")
def test_start_and_end_are_awss_lines() -> None:
    assert logs.start(ID, "$LATEST") == f"START RequestId: {ID} Version: $LATEST"
    assert logs.end(ID) == f"END RequestId: {ID}"


@pytest.mark.rule("B.4-03")
def test_report_separates_its_fields_by_tabs_and_ends_with_one() -> None:
    line = logs.report(ID, duration=ms(12.345), init=None, memory_mb=128, max_memory_mb=35)
    assert line == (
        f"REPORT RequestId: {ID}\tDuration: 12.35 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB"
        "\tMax Memory Used: 35 MB\t"
    )


@pytest.mark.rule("B.4-03")
def test_report_of_a_cold_start_has_its_init_duration() -> None:
    line = logs.report(ID, duration=ms(133.61), init=ms(80), memory_mb=128, max_memory_mb=35)
    assert line.endswith(
        "Billed Duration: 214 ms\tMemory Size: 128 MB\tMax Memory Used: 35 MB\tInit Duration: 80.00 ms\t"
    )


@pytest.mark.rule("B.4-10")
def test_report_of_a_timeout_names_its_status() -> None:
    line = logs.report(ID, duration=ms(3000), init=None, memory_mb=128, max_memory_mb=35, status="timeout")
    assert line.endswith("Duration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB"
                         "\tMax Memory Used: 35 MB\tStatus: timeout")  # fmt: skip


@pytest.mark.rule("B.4-12")
def test_report_of_an_exit_names_its_error_type() -> None:
    line = logs.report(
        ID, duration=ms(5), init=None, memory_mb=128, max_memory_mb=35, status="error", error_type="Runtime.ExitError"
    )
    assert line.endswith("\tMax Memory Used: 35 MB\tStatus: error\tError Type: Runtime.ExitError")


@pytest.mark.rule("B.4-01")
def test_init_start_names_runtime_version_and_arn() -> None:
    head, tail = logs.init_start("python3.13").split("\t")
    assert head == "INIT_START Runtime Version: python:3.13.v50"
    prefix = "Runtime Version ARN: arn:aws:lambda:us-east-1::runtime:"
    assert tail.startswith(prefix)
    assert len(tail) == len(prefix) + 64


@pytest.mark.rule("B.4-15", "B.4-22")
def test_init_report_is_awss_line() -> None:
    assert logs.init_report(ms(10_008.64), "init", "timeout", None) == (
        "INIT_REPORT Init Duration: 10008.64 ms\tPhase: init\tStatus: timeout"
    )
    assert logs.init_report(ms(5), "invoke", "error", "Runtime.ImportModuleError") == (
        "INIT_REPORT Init Duration: 5.00 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ImportModuleError"
    )


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
