import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import structs

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.trace import Stamped
from lambdalab.simulator.trace import platform_lines as lines
from lambdalab.simulator.trace.facts import Fact, InvocationEnded, InvocationStarted, LogLine, RunEnded
from lambdalab.simulator.trace.facts.invocation import InvocationStatus

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
    assert lines.billed_ms(ms(duration), None if init is None else ms(init)) == billed


def started(logged: bool = True) -> InvocationStarted:
    return InvocationStarted(
        ID, "work", "$LATEST", "env/work/1", "RequestResponse", "scenario", 1, False, 1, logged
    )


def ended(
    duration: float,
    init: float | None = None,
    status: InvocationStatus = "ok",
    error_type: str | None = None,
    logged: bool = True,
) -> InvocationEnded:
    took, initialising = ms(duration), None if init is None else ms(init)
    return InvocationEnded(
        request_id=ID,
        function="work",
        version="$LATEST",
        environment="env/work/1",
        attempt=1,
        status=status,
        duration_us=took,
        init_us=initialising,
        billed_ms=lines.billed_ms(took, initialising),
        memory_mb=128,
        max_memory_mb=35,
        payload="null",
        error_type=error_type,
        error_message=None,
        file=None,
        line=None,
        concurrency=0,
        logged=logged,
    )


@pytest.mark.rule("B.4-02")
def test_start_and_end_are_awss_lines() -> None:
    assert lines.start_of(started()) == f"START RequestId: {ID} Version: $LATEST"
    assert lines.end_of(ended(1)) == f"END RequestId: {ID}"


@pytest.mark.rule("B.4-03")
def test_report_separates_its_fields_by_tabs_and_ends_with_one() -> None:
    assert lines.report_of(ended(12.345)) == (
        f"REPORT RequestId: {ID}\tDuration: 12.35 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB"
        "\tMax Memory Used: 35 MB\t"
    )


@pytest.mark.rule("B.4-03")
def test_report_of_a_cold_start_has_its_init_duration() -> None:
    assert lines.report_of(ended(133.61, 80)).endswith(
        "Billed Duration: 214 ms\tMemory Size: 128 MB\tMax Memory Used: 35 MB\tInit Duration: 80.00 ms\t"
    )


@pytest.mark.rule("B.4-10")
def test_report_of_a_timeout_names_its_status() -> None:
    assert lines.report_of(ended(3000, status="timeout", error_type="Sandbox.Timedout")).endswith(
        "Duration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB"
        "\tMax Memory Used: 35 MB\tStatus: timeout"
    )


@pytest.mark.rule("B.4-12")
def test_report_of_an_exit_names_its_error_type() -> None:
    line = lines.report_of(ended(5, status="exit", error_type="Runtime.ExitError"))
    assert line.endswith("\tMax Memory Used: 35 MB\tStatus: error\tError Type: Runtime.ExitError")


def test_report_says_nothing_of_an_error_that_was_thrown() -> None:
    assert lines.report_of(ended(5, status="error", error_type="KeyError")) == lines.report_of(ended(5))


@given(
    duration=st.integers(0, 900_000_000),
    init=st.none() | st.integers(0, 10_000_000),
    sizes=st.tuples(st.integers(128, 10_240), st.integers(0, 10_240)),
    status=st.sampled_from(["ok", "error", "timeout", "exit", "out_of_memory", "init_error"]),
    error_type=st.none() | st.sampled_from(["Runtime.ExitError", "KeyError", "ZählerFehlt"]),
)
@example(duration=9_994, init=None, sizes=(128, 40), status="ok", error_type=None)  # 9.99 ms
@example(duration=9_995, init=None, sizes=(128, 40), status="ok", error_type=None)  # 9.99 or 10.00
@example(duration=99_999, init=None, sizes=(128, 40), status="ok", error_type=None)  # 100.00
def test_sizes_are_those_of_the_lines(
    duration: int, init: int | None, sizes: tuple[int, int], status: InvocationStatus, error_type: str | None
) -> None:
    made = ended(duration / 1_000, None if init is None else init / 1_000, status, error_type)
    fact = structs.replace(made, memory_mb=sizes[0], max_memory_mb=sizes[1])
    assert lines.end_and_report_size(fact) == len((lines.end_of(fact) + lines.report_of(fact)).encode())
    assert lines.start_size(started()) == len(lines.start_of(started()))


def test_the_lines_that_facts_speak_of_stand_behind_them() -> None:
    facts: list[Fact] = [started(), ended(1), started(logged=False), ended(1, logged=False), RunEnded(None, True)]
    trace = [Stamped(Micros(10 * number), number, fact) for number, fact in enumerate(facts, 1)]
    told = list(lines.with_platform_lines(trace))
    assert [stamped for stamped in told if not isinstance(stamped.fact, LogLine)] == trace
    assert [(at, seq, fact.text.split(" ")[0]) for at, seq, fact in told if isinstance(fact, LogLine)] == [
        (10, 1, "START"),
        (20, 2, "END"),
        (20, 2, "REPORT"),
    ]


@pytest.mark.rule("B.4-01")
def test_init_start_names_runtime_version_and_arn() -> None:
    head, tail = lines.init_start("python3.13").split("\t")
    assert head == "INIT_START Runtime Version: python:3.13.v50"
    prefix = "Runtime Version ARN: arn:aws:lambda:us-east-1::runtime:"
    assert tail.startswith(prefix)
    assert len(tail) == len(prefix) + 64


@pytest.mark.rule("B.4-15", "B.4-22")
def test_init_report_is_awss_line() -> None:
    assert lines.init_report(ms(10_008.64), "init", "timeout", None) == (
        "INIT_REPORT Init Duration: 10008.64 ms\tPhase: init\tStatus: timeout"
    )
    assert lines.init_report(ms(5), "invoke", "error", "Runtime.ImportModuleError") == (
        "INIT_REPORT Init Duration: 5.00 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ImportModuleError"
    )
