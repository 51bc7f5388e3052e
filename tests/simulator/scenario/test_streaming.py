"""Long runs: facts stream out, nothing stays behind, and a run can be ended anywhere."""

import gc
import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from lambdalab.simulator.kernel import Kernel
from lambdalab.simulator.kernel.agenda import Running
from lambdalab.simulator.kernel.kernel import STEPS_BETWEEN_QUESTIONS
from lambdalab.simulator.lambda_.async_queue import QueuedEvent
from lambdalab.simulator.lambda_.scripted import Act, ScriptedHandlers, always
from lambdalab.simulator.scenario import run
from lambdalab.simulator.scenario.load import load_scenario
from lambdalab.simulator.scenario.run import Limits, Outcome, simulate
from lambdalab.simulator.trace import Entry, Stamped, decode_lines
from lambdalab.simulator.trace.facts import InvocationStarted, RunEnded
from lambdalab.simulator.trace.tape import CHUNK_BYTES
from tests.simulator.playing import CODE, FAIL, as_files, as_scenario, invoke, make_template, seconds

MILLION = [
    invoke(f"{begin}s", kind="RequestResponse", repeat={"count": 100_000, "every": "10ms"})
    for begin in range(0, 10_000, 1_000)
]


def streamed(
    *steps: dict[str, Any],
    should_stop: Callable[[], str | None] = lambda: None,
    limits: Limits | None = None,
    folds: tuple[Callable[[Stamped], None], ...] = (),
    script: Any = None,
    **scenario: Any,
) -> tuple[Outcome, list[bytes]]:
    project = {**CODE, **as_files(make_template())}
    chunks: list[bytes] = []
    outcome = simulate(
        project,
        load_scenario(project | as_scenario({"steps": list(steps), **scenario})),
        ScriptedHandlers(script or always(Act())),
        sink=chunks.append,
        should_stop=should_stop,
        limits=limits or Limits(),
        folds=folds,
    )
    return outcome, chunks


def after(questions: int) -> Callable[[], str | None]:
    """Says stop at the given question, and checks before that it is asked at all."""
    left = [questions]

    def answer() -> str | None:
        left[0] -= 1
        return "cancelled" if left[0] <= 0 else None

    return answer


def test_a_million_can_be_stopped_in_the_middle_with_everything_up_to_there() -> None:
    outcome, chunks = streamed(*MILLION, should_stop=after(100))
    facts = list(decode_lines(b"".join(chunks).splitlines()))
    assert outcome.stopped == "cancelled"
    assert not outcome.passed
    assert facts[-1].fact == RunEnded("cancelled", True)
    assert outcome.facts == len(facts) == facts[-1].seq == outcome.summary["run"]["facts"]
    assert outcome.sha256 == hashlib.sha256(b"".join(chunks)).hexdigest()
    started = sum(isinstance(stamped.fact, InvocationStarted) for stamped in facts)
    assert 0 < outcome.summary["functions"]["work"]["invocations"] <= started < 2_000


def test_a_million_stops_when_the_tape_is_asked_after_the_fact_that_passes_the_limit() -> None:
    outcome, _ = streamed(*MILLION, limits=Limits(facts=5_000))
    assert outcome.stopped == "facts"
    assert 5_000 < outcome.facts <= 5_000 + 4 * STEPS_BETWEEN_QUESTIONS  # a step records four facts at most
    again, _ = streamed(*MILLION, limits=Limits(facts=5_000))
    assert again.sha256 == outcome.sha256


def test_a_million_stops_at_the_chunk_that_passes_the_limit() -> None:
    limit = 500_000
    outcome, chunks = streamed(*MILLION, limits=Limits(trace_bytes=limit))
    assert outcome.stopped == "trace bytes"
    assert limit < sum(map(len, chunks)) < limit + 3 * CHUNK_BYTES


def test_a_million_ends_where_the_scenario_says_until() -> None:
    outcome, _ = streamed(*MILLION, until="20s")
    assert (outcome.stopped, outcome.summary["run"]["virtual_s"]) == ("until", 20)
    assert 1_990 <= outcome.summary["functions"]["work"]["invocations"] <= 2_000


def test_chunks_are_handed_over_as_they_fill() -> None:
    _, chunks = streamed(invoke(repeat={"count": 1_000, "every": "10ms"}))
    assert len(chunks) > 5
    assert all(CHUNK_BYTES <= len(chunk) < CHUNK_BYTES + STEPS_BETWEEN_QUESTIONS * 4_000 for chunk in chunks[:-1])
    assert all(chunk.endswith(b"\n") for chunk in chunks)


def test_folds_have_seen_everything_when_the_run_is_asked_whether_to_go_on() -> None:
    seen: list[int] = []
    behind: list[int] = []
    recorded = [0]
    record = run.World.__init__

    def ask() -> None:
        behind.append(recorded[0] - len(seen))

    def counting(self: Any, kernel: Any, listener: Any, **more: Any) -> None:
        def listen(entry: Entry) -> None:
            recorded[0] = entry[1]
            listener(entry)

        record(self, kernel, listen, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run.World, "__init__", counting)
        streamed(
            invoke(repeat={"count": 200, "every": "10ms"}),
            should_stop=ask,
            folds=(lambda stamped: seen.append(stamped.seq),),
        )
    assert len(behind) > 10
    assert set(behind) == {0}


@pytest.mark.parametrize("kind", ["Event", "RequestResponse"])
def test_nothing_of_a_request_outlives_it(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After ten times as many requests as much is alive, and as much stands on the agenda."""
    kernels: list[Kernel] = []

    def kept(seed: int) -> Kernel:
        kernels.append(Kernel(seed))
        return kernels[-1]

    monkeypatch.setattr(run, "Kernel", kept)

    def left_after(count: int) -> tuple[int, int, int, int]:
        found: list[tuple[int, int]] = []

        def look(stamped: Stamped) -> None:
            if isinstance(stamped.fact, RunEnded):
                gc.collect()
                alive = gc.get_objects()
                found.append((sum(type(o) is Running for o in alive), sum(type(o) is QueuedEvent for o in alive)))

        draws = [Act(), FAIL, Act(takes=seconds(0.3))]
        streamed(
            invoke(kind=kind, repeat={"count": count, "every": "20ms"}),
            script=lambda function, event, number: draws[number % 3],
            folds=(look,),
            until="1h",
        )
        kernel = kernels[-1]
        return *found[0], kernel.waiting, len(kernel._streams)

    assert left_after(3_000) == left_after(300)
