from collections.abc import Sequence
from typing import Any

import pytest

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.lambda_.handlers import AnyReply, EnvironmentHandle, Finished, HandlerEvent, Turn
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.scenario.load import load_scenario
from lambdalab.simulator.scenario.run import simulate
from lambdalab.simulator.trace import decode_lines
from lambdalab.simulator.views.power_tuning import Setting, TuningFold, power_tuning
from tests.simulator.playing import (
    CODE,
    FAIL,
    as_files,
    as_scenario,
    invoke,
    make_function,
    make_template,
    play,
    seconds,
)

SIZES = (128, 512, 1_024, 1_769, 3_008, 10_240)


class Burning:
    """Code that burns half a second of real CPU in each invocation, as the sandbox would measure it."""

    def environment(self, function: Function, number: int, log_stream: str) -> EnvironmentHandle:
        return _Burner()


class _Burner:
    def start(self, now: Micros) -> Turn:
        return Turn(finished=Finished("ready", ""), cpu_us=20_000)

    def invoke(self, event: HandlerEvent, now: Micros) -> Turn:
        return Turn(finished=Finished("ok", "null"), cpu_us=500_000)

    def resume(self, replies: Sequence[AnyReply], now: Micros) -> Turn:
        raise AssertionError("nothing was asked")

    def reset(self) -> None:
        return

    def shutdown(self) -> None:
        return


def measured(memory_mb: int) -> Setting:
    twice = {"count": 2, "every": "5m"}
    scenario = {"compute": {"mode": "measured"}, "steps": [invoke(kind="RequestResponse", repeat=twice)]}
    project = {**CODE, **as_files(make_template(make_function(MemorySize=memory_mb, Timeout=60)))}
    chunks: list[bytes] = []
    loaded = load_scenario(project | as_scenario(scenario))
    simulate(project, loaded, Burning(), sink=chunks.append)
    return folded(b"".join(chunks))["work"]


def folded(trace: bytes) -> dict[str, Setting]:
    fold = TuningFold()
    for stamped in decode_lines(trace.splitlines()):
        fold.add(stamped)
    return fold.result()


def tuned(script: Any = None, *, cpu_ms: float = 0, sizes: Sequence[int] = SIZES) -> dict[str, Any]:
    settings = []
    for size in sizes:
        compute = {"functions": {"work": {"init_ms": 100, "cpu_ms": cpu_ms}}}
        steps = [invoke(kind="RequestResponse", repeat={"count": 3, "every": "1m"})]
        template = make_template(make_function(MemorySize=size, Timeout=60))
        settings.append(folded(play(template, {"compute": compute, "steps": steps}, script).trace)["work"])
    return power_tuning(settings)


@pytest.mark.rule("J.1-02", "J.1-03")
@pytest.mark.parametrize(
    ("memory_mb", "share"), [(128, 0.072), (512, 0.289), (1_024, 0.579), (1_769, 1.0), (3_008, 1.0), (10_240, 1.0)]
)
def test_one_thread_has_the_share_of_a_vcpu_that_its_memory_buys_and_never_more(memory_mb: int, share: float) -> None:
    took = measured(memory_mb).duration_ms  # J.1
    assert took == pytest.approx(500 / (min(memory_mb, 1_769) / 1_769), rel=1e-6)
    assert 500 / took == pytest.approx(share, abs=0.0005)


@pytest.mark.rule("J.3-08")
def test_below_a_full_vcpu_cpu_bound_work_is_faster_for_the_same_price() -> None:  # J.3, 8
    rows = {row["memory_mb"]: row for row in tuned(cpu_ms=500)["settings"]}
    assert rows[128]["duration_ms"] / rows[1_024]["duration_ms"] == pytest.approx(8, rel=0.25)
    assert rows[128]["usd_per_million"] == pytest.approx(rows[1_769]["usd_per_million"], rel=0.25)


def test_above_a_full_vcpu_one_thread_only_costs_more() -> None:
    rows = {row["memory_mb"]: row for row in tuned(cpu_ms=500)["settings"]}
    assert rows[3_008]["duration_ms"] == pytest.approx(rows[1_769]["duration_ms"], rel=0.25)
    assert rows[10_240]["usd_per_million"] > 4 * rows[1_769]["usd_per_million"]


@pytest.mark.rule("J.1-03")
def test_work_that_waits_is_cheapest_at_the_smallest_size() -> None:
    table = tuned(Act(takes=seconds(1)))
    assert (table["cheapest"], table["fastest"]) == (128, 128)
    assert {row["duration_ms"] for row in table["settings"]} == {1_000}


def test_cold_starts_are_left_out_where_there_are_warm_invocations() -> None:
    (row,) = tuned(Act(takes=seconds(0.5)), sizes=[1_024])["settings"]
    assert (row["invocations"], row["billed_ms"]) == (3, 500)
    assert row["usd_per_million"] == pytest.approx(0.5 * 16.6667 + 0.20)


def test_failures_are_counted_and_billed() -> None:
    (row,) = tuned(FAIL, sizes=[128])["settings"]
    assert (row["errors"], row["invocations"]) == (3, 3)


def test_the_table_is_ordered_by_memory() -> None:
    sizes = [row["memory_mb"] for row in tuned(sizes=(1_024, 128))["settings"]]
    assert sizes == [128, 1_024]
