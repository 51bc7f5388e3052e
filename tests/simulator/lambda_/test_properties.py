"""What holds in every run, whatever is deployed and whatever happens: scenarios drawn at random."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import (
    AsyncEventDiscarded,
    AsyncEventDuplicated,
    AsyncEventReceived,
    AsyncEventSucceeded,
    EnvironmentCreated,
    InvocationEnded,
    InvocationStarted,
    InvocationThrottled,
    StepPlayed,
)
from tests.simulator.playing import FAIL, Played, invoke, make_function, make_queue, make_template, play, seconds

NAMES = ("alpha", "beta")
CONCURRENCY = 110  # of the account: 100 always stay unreserved
SEND = ("sqs", "SendMessage", {"QueueUrl": "q", "MessageBody": "x"})
ACTS = (
    Act(),
    FAIL,
    Act(takes=seconds(0.4)),
    Act(takes=seconds(5)),
    Act(status="exit"),
    Act(status="out_of_memory"),
    Act(calls=(SEND,), logs=("sent",)),
)

functions = st.fixed_dictionaries(
    {"Timeout": st.sampled_from([1, 3, 900])},
    optional={"ReservedConcurrentExecutions": st.sampled_from([0, 1, 3, 5])},
)
steps = st.builds(
    lambda at, name, kind, count, every: invoke(
        at, function=name, kind=kind, repeat={"count": count, "every": every}, payload={"n": "{{ n }}"}
    ),
    st.sampled_from(["0s", "1s", "90s"]),
    st.sampled_from(NAMES),
    st.sampled_from(["Event", "RequestResponse"]),
    st.sampled_from([1, 4, 25, 60]),
    st.sampled_from(["0s", "3ms", "250ms", "20s"]),
)
faults = st.sampled_from(
    [
        {"duplicate": "async", "probability": 0.5},
        {"throttle": "alpha", "from": "1s", "until": "3m"},
        {"cold": "all"},
        {"kill": "environments", "from": "2s"},
        {"latency": "lambda.invoke", "by": "900ms"},
        {"fail": "lambda.invoke", "with": "ServiceException", "probability": 0.3},
    ]
)
scenarios = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 1_000),
        "steps": st.lists(steps, min_size=1, max_size=3),
        "faults": st.lists(faults, max_size=2),
        "account": st.just({"concurrency": CONCURRENCY}),
    },
    optional={"until": st.sampled_from(["1s", "10s", "2m", "8h"])},
)


@st.composite
def runs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], list[int]]:
    """A template, a scenario, and the acts that the invocations of the run go through, over and over."""
    reserved = [draw(functions) for _ in NAMES]
    template = make_template(
        *(make_function(name, **more) for name, more in zip(NAMES, reserved, strict=True)), Q=make_queue("q")
    )
    return template, draw(scenarios), draw(st.lists(st.integers(0, len(ACTS) - 1), min_size=1, max_size=8))


def played_from(run: tuple[dict[str, Any], dict[str, Any], list[int]]) -> Played:
    template, scenario, acts = run
    turn = [0]

    def script(function: Any, event: Any, count: int) -> Act:
        turn[0] += 1
        return ACTS[acts[turn[0] % len(acts)]]

    return play(template, scenario, script)


every_run = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@every_run
@given(runs())
def test_each_event_ends_exactly_once_or_still_waits_at_the_end(run: Any) -> None:
    played = played_from(run)
    copies = Counter(fact.request_id for fact in played.of(AsyncEventReceived))
    copies.update(fact.request_id for fact in played.of(AsyncEventDuplicated))
    ended = Counter(fact.request_id for fact in played.of(AsyncEventSucceeded))
    ended.update(fact.request_id for fact in played.of(AsyncEventDiscarded))
    waiting = copies - ended
    assert ended <= copies
    assert not waiting or played.stopped == "until"


@every_run
@given(runs())
def test_each_synchronous_request_is_answered_once(run: Any) -> None:
    played = played_from(run)
    asked = sum(
        step["repeat"]["count"] for step in run[1]["steps"] if step["with"]["InvocationType"] == "RequestResponse"
    )
    sync = [number for number, step in enumerate(run[1]["steps"], 1) if "Event" not in step["with"].values()]
    answered = Counter((fact.step, fact.number) for fact in played.of(StepPlayed) if fact.step in sync)
    assert set(answered.values()) <= {1}
    assert len(answered) == asked or played.stopped == "until"


@pytest.mark.rule("C.2-04", "C.2-05")
@every_run
@given(runs())
def test_concurrency_never_exceeds_its_limits(run: Any) -> None:
    played = played_from(run)
    reserved = {
        resource["Properties"]["FunctionName"]: resource["Properties"].get("ReservedConcurrentExecutions")
        for resource in run[0]["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
    }
    running: Counter[str] = Counter()
    for stamped in played.facts:
        fact = stamped.fact
        if isinstance(fact, InvocationStarted):
            running[fact.function] += 1
            limit = reserved[fact.function]
            assert running[fact.function] <= (CONCURRENCY if limit is None else limit)
            assert running.total() <= CONCURRENCY
        elif isinstance(fact, InvocationEnded):
            running[fact.function] -= 1
        assert min(running.values(), default=0) >= 0


@pytest.mark.rule("B.2-08")
@every_run
@given(runs())
def test_an_environment_runs_one_invocation_at_a_time_and_only_after_it_was_made(run: Any) -> None:
    busy: dict[str, str | None] = {}
    for stamped in played_from(run).facts:
        fact = stamped.fact
        if isinstance(fact, EnvironmentCreated):
            assert fact.environment not in busy
            busy[fact.environment] = None
        elif isinstance(fact, InvocationStarted):
            assert busy[fact.environment] is None
            busy[fact.environment] = fact.request_id
        elif isinstance(fact, InvocationEnded):
            assert busy[fact.environment] == fact.request_id
            busy[fact.environment] = None


@every_run
@given(runs())
def test_time_never_runs_back_and_the_sequence_has_no_gaps(run: Any) -> None:
    facts = played_from(run).facts
    assert [stamped.at for stamped in facts] == sorted(stamped.at for stamped in facts)
    assert [stamped.seq for stamped in facts] == list(range(1, len(facts) + 1))


@every_run
@given(runs())
def test_the_summary_adds_up_what_was_reported(run: Any) -> None:
    played = played_from(run)
    for name, row in played.summary["functions"].items():
        ended = [fact for fact in played.of(InvocationEnded) if fact.function == name]
        assert row["invocations"] == len(ended)
        assert row["billed_ms"] == sum(fact.billed_ms for fact in ended)
        assert row["errors"] == sum(fact.status != "ok" for fact in ended)
        assert row["throttles"] == sum(fact.function == name for fact in played.of(InvocationThrottled))
    for name, row in played.summary["async"].items():
        done = {fact.request_id for fact in played.of(AsyncEventSucceeded) if fact.function == name}
        assert row["succeeded"] == len(done)
        assert row["dropped"] == sum(fact.function == name for fact in played.of(AsyncEventDiscarded))


@every_run
@given(runs())
def test_the_same_inputs_give_the_same_bytes(run: Any) -> None:
    once, again = played_from(run), played_from(run)
    assert once.trace == again.trace
    assert once.summary == again.summary
    assert once.player == again.player
