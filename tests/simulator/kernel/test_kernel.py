from collections.abc import Callable
from typing import Any

import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.kernel import DAY, MINUTE, SECOND, Kernel, Micros, Process, Signal, seconds
from lambdalab.simulator.kernel.agenda import CANCELLED_MAX
from lambdalab.simulator.kernel.kernel import STEPS_BETWEEN_QUESTIONS


def never() -> None:
    return None


def note(kernel: Kernel, log: list[Any], word: object, *delays: int) -> Process[object]:
    for delay in delays:
        yield from kernel.sleep(Micros(delay))
    log.append((kernel.now, word))
    return word


def test_processes_due_at_the_same_moment_run_in_the_order_in_which_they_were_scheduled() -> None:
    kernel, log = Kernel(1), []
    for word in "abcde":
        kernel.spawn(note(kernel, log, word, 5))
    kernel.run(DAY, never)
    assert log == [(5, word) for word in "abcde"]


def test_time_is_whole_microseconds() -> None:
    kernel = Kernel(1)
    kernel.spawn(kernel.sleep(seconds(0.1)))
    kernel.run(DAY, never)
    assert kernel.now == 100_000
    assert isinstance(kernel.now, int)
    assert seconds(1 / 3) == 333_333


def test_a_new_draw_in_one_stream_moves_nothing_in_another() -> None:
    alone, beside = Kernel(7), Kernel(7)
    beside.random_for("other").random()
    assert alone.random_for("poller/orders").random() == beside.random_for("poller/orders").random()
    assert alone.random_for("a").random() != alone.random_for("b").random()


def test_another_seed_draws_otherwise() -> None:
    assert Kernel(1).random_for("x").random() != Kernel(2).random_for("x").random()


def test_a_background_process_does_not_keep_the_run_alive() -> None:
    kernel, log = Kernel(1), []
    kernel.spawn(note(kernel, log, "expiry", 10 * MINUTE), background=True)
    kernel.spawn(note(kernel, log, "work", SECOND))
    assert kernel.run(DAY, never) is None
    assert log == [(SECOND, "work")]
    assert not kernel.busy


def test_a_background_process_is_played_when_the_run_has_a_length() -> None:
    kernel, log = Kernel(1), []
    kernel.spawn(note(kernel, log, "expiry", 10 * MINUTE), background=True)
    kernel.run(Micros(20 * MINUTE), never, to_the_end=True)
    assert log == [(10 * MINUTE, "expiry")]
    assert kernel.now == 20 * MINUTE


def test_what_lies_behind_the_end_is_not_played() -> None:
    kernel, log = Kernel(1), []
    kernel.spawn(note(kernel, log, "late", 2 * MINUTE))
    kernel.run(MINUTE, never)
    assert log == []
    assert kernel.busy


def test_a_process_tells_its_value_to_those_who_wait() -> None:
    kernel, log = Kernel(1), []

    def asker() -> Process[None]:
        done = kernel.signal()
        kernel.spawn(note(kernel, log, "answer", 3), done=done)
        log.append((yield from kernel.wait(done)))

    kernel.spawn(asker())
    kernel.run(DAY, never)
    assert log == [(3, "answer"), "answer"]


@pytest.mark.parametrize(("fires_at", "until", "in_time"), [(3, 5, True), (8, 5, False), (3, None, True)])
def test_waiting_ends_with_the_signal_or_at_the_moment(fires_at: int, until: int | None, in_time: bool) -> None:
    kernel, log = Kernel(1), []
    bell = kernel.signal()

    def ring() -> Process[None]:
        yield from kernel.sleep(Micros(fires_at))
        bell.fire()

    def listen() -> Process[None]:
        heard = yield from kernel.wait_until(bell, None if until is None else Micros(until))
        log.append((kernel.now, heard))

    kernel.spawn(ring())
    kernel.spawn(listen())
    kernel.run(DAY, never)
    assert log == [(fires_at if in_time else until, in_time)]


def test_a_signal_that_fired_before_is_heard_at_once() -> None:
    kernel, log = Kernel(1), []
    bell = kernel.signal()
    bell.fire("first")
    bell.fire("second")

    def listen() -> Process[None]:
        log.append((yield from kernel.wait(bell)))

    kernel.spawn(listen())
    kernel.run(DAY, never)
    assert log == ["first"]


def test_an_interruption_ends_the_run_with_its_reason() -> None:
    kernel = Kernel(1)

    def forever() -> Process[None]:
        while True:
            yield from kernel.sleep(SECOND)

    kernel.spawn(forever())
    asked = iter([None, None, "enough"])
    stop: Callable[[], str | None] = lambda: next(asked)  # noqa: E731
    assert kernel.run(DAY, stop) == "enough"
    assert kernel.steps == 2 * STEPS_BETWEEN_QUESTIONS


def test_a_mistake_of_ours_inside_a_process_is_not_swallowed() -> None:
    kernel = Kernel(1)

    def broken() -> Process[None]:
        yield from kernel.sleep(SECOND)
        raise ZeroDivisionError

    kernel.spawn(broken())
    with pytest.raises(ZeroDivisionError):
        kernel.run(DAY, never)


def test_a_stop_ends_the_run_after_the_step_that_asked_for_it() -> None:
    kernel, log = Kernel(1), []

    def counting() -> Process[None]:
        for number in range(10):
            yield from kernel.sleep(SECOND)
            log.append(number)
            if number == 3:
                kernel.stop("enough")
                kernel.stop("too late")

    kernel.spawn(counting())
    assert kernel.run(DAY, never) == "enough"
    assert log == [0, 1, 2, 3]


def test_an_empty_sleep_lets_everybody_go_first_who_is_due_at_the_same_moment() -> None:
    kernel, log = Kernel(1), []

    def one(word: str) -> Process[None]:
        for part in (1, 2):
            log.append(f"{word}{part}")
            yield from kernel.sleep(Micros(0))

    for word in "ab":
        kernel.spawn(one(word))
    kernel.run(DAY, never)
    assert log == ["a1", "b1", "a2", "b2"]


def test_an_empty_sleep_of_one_of_several_listeners_lets_the_others_go_first() -> None:
    kernel, log = Kernel(1), []
    bell = kernel.signal()

    def listen(word: str) -> Process[None]:
        yield from kernel.wait(bell)
        log.append(f"{word}1")
        yield from kernel.sleep(Micros(0))
        log.append(f"{word}2")

    for word in "ab":
        kernel.spawn(listen(word))
    bell.fire()
    kernel.run(DAY, never)
    assert log == ["a1", "b1", "a2", "b2"]


def test_a_process_begins_before_others_that_are_due_at_its_moment() -> None:
    kernel, log = Kernel(1), []

    def parent() -> Process[None]:
        yield from kernel.sleep(SECOND)
        kernel.spawn(note(kernel, log, "child"))

    kernel.spawn(parent())
    kernel.spawn(note(kernel, log, "other", SECOND))
    kernel.run(DAY, never)
    assert log == [(SECOND, "child"), (SECOND, "other")]


def test_alarms_that_nobody_waits_for_any_more_do_not_stay_until_their_time() -> None:
    kernel = Kernel(1)

    def ring(times: int) -> Process[None]:
        for _ in range(times):
            bell = kernel.signal()
            kernel.spawn(fire(bell))
            assert (yield from kernel.wait_until(bell, Micros(kernel.now + DAY)))

    def fire(bell: Signal) -> Process[None]:
        yield from kernel.sleep(Micros(10))
        bell.fire()

    kernel.spawn(ring(10 * CANCELLED_MAX))
    kernel.run(DAY, never)
    assert kernel.now == 10 * 10 * CANCELLED_MAX
    assert kernel.waiting <= CANCELLED_MAX + 1


def test_who_is_asked_may_stop_the_run_itself() -> None:
    kernel = Kernel(1)

    def forever() -> Process[None]:
        while True:
            yield from kernel.sleep(SECOND)

    kernel.spawn(forever())
    assert kernel.run(DAY, lambda: kernel.stop("enough")) == "enough"


Program = list[tuple[int, "Program"]]  # waits, each with the program of a process that is spawned behind it, if any
programs = st.recursive(st.just([]), lambda inner: st.lists(st.tuples(st.integers(0, 3), inner), max_size=4))


@given(st.lists(programs, max_size=5), st.integers(0, 12))
def test_processes_are_played_in_the_order_in_which_simpy_plays_them(plays: list[Program], until: int) -> None:
    ours, theirs = [], []
    kernel, environment = Kernel(1), simpy.Environment()

    def play(name: str, program: Program) -> Process[None]:
        ours.append((kernel.now, name))
        for n, (wait, spawned) in enumerate(program):
            yield wait
            ours.append((kernel.now, f"{name}.{n}"))
            if spawned:
                kernel.spawn(play(f"{name}.{n}/", spawned))

    def reference(name: str, program: Program) -> Any:
        theirs.append((environment.now, name))
        for n, (wait, spawned) in enumerate(program):
            yield environment.timeout(wait)
            theirs.append((environment.now, f"{name}.{n}"))
            if spawned:
                environment.process(reference(f"{name}.{n}/", spawned))

    for n, program in enumerate(plays):
        kernel.spawn(play(str(n), program))
        environment.process(reference(str(n), program))
    kernel.run(Micros(until), lambda: None)
    environment.run(until + 0.5)
    assert ours == theirs
