"""What holds in every run, whatever is deployed and whatever happens: scenarios drawn at random."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import (
    AsyncEventDeadLettered,
    AsyncEventDiscarded,
    AsyncEventDuplicated,
    AsyncEventReceived,
    AsyncEventSucceeded,
    DeadLetterFailed,
    DestinationDelivered,
    DestinationFailed,
    EnvironmentCreated,
    EnvironmentEnded,
    InvocationEnded,
    InvocationRouted,
    InvocationStarted,
    InvocationThrottled,
    LogLine,
    MessageSent,
    StepPlayed,
)
from tests.simulator.playing import (
    FAIL,
    Played,
    arn_of,
    call,
    invoke,
    make_event_invoke,
    make_function,
    make_queue,
    make_template,
    play,
    seconds,
)

NAMES = ("alpha", "beta")
CONCURRENCY = 120  # of the account: 100 always stay unreserved
SEND = ("sqs", "SendMessage", {"QueueUrl": "q", "MessageBody": "x"})
ACTS = (
    Act(),
    FAIL,
    Act(takes=seconds(0.4)),
    Act(takes=seconds(5)),
    Act(takes=seconds(500)),
    Act(status="exit"),
    Act(status="out_of_memory"),
    Act(calls=(SEND,), logs=("sent",)),
)

functions = st.fixed_dictionaries(
    {
        "Timeout": st.sampled_from([1, 3, 900]),
        "DeadLetterConfig": st.sampled_from([{"TargetArn": arn_of("sqs", "dead")}, {}]),
    },
    optional={"ReservedConcurrentExecutions": st.sampled_from([0, 1, 3, 5])},
)
configs = st.fixed_dictionaries(
    {"Qualifier": st.sampled_from(["$LATEST", "live"]), "MaximumEventAgeInSeconds": st.sampled_from([60, 100, 21_600])},
    optional={
        "MaximumRetryAttempts": st.sampled_from([0, 1]),
        "success": st.just(arn_of("sqs", "good")),
    },
)
keepers = st.sampled_from([{"failure": arn_of("sqs", "bad")}, {"failure": arn_of("sqs", "nowhere")}, {}])
invocations = st.builds(
    lambda at, name, kind, count, every: invoke(
        at, function=name, kind=kind, repeat={"count": count, "every": every}, payload={"n": "{{ n }}"}
    ),
    st.sampled_from(["0s", "1s", "90s", "200s"]),
    st.sampled_from(["alpha", "beta", "alpha:live", "beta:live", "alpha:1"]),
    st.sampled_from(["Event", "RequestResponse", "Event"]),
    st.sampled_from([1, 4, 25, 130]),
    st.sampled_from(["0s", "3ms", "250ms", "20s"]),
)
TWO_VERSIONS = [
    call("0s", "lambda.update_function_configuration", FunctionName="alpha", MemorySize=256),
    call("5s", "lambda.publish_version", FunctionName="alpha"),
    call("6s", "lambda.update_alias", FunctionName="alpha", Name="live",
         RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}}),
]  # fmt: skip
LIVE = {"FunctionName": "alpha", "Qualifier": "live"}
changes = st.builds(
    lambda at, change: call(at, f"lambda.{change[0]}", **change[1]),
    st.sampled_from(["0s", "1500ms", "5s", "60s", "190s"]),
    st.sampled_from(
        [
            ("publish_version", {"FunctionName": "alpha"}),
            ("update_function_configuration", {"FunctionName": "alpha", "MemorySize": 256}),
            ("update_alias", {"FunctionName": "alpha", "Name": "live", "FunctionVersion": "2"}),
            ("update_alias", {"FunctionName": "alpha", "Name": "live",
                              "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.5}}}),
            ("put_provisioned_concurrency_config", LIVE | {"ProvisionedConcurrentExecutions": 4}),
            ("put_provisioned_concurrency_config", LIVE | {"ProvisionedConcurrentExecutions": 1}),
            ("put_provisioned_concurrency_config",
             {"FunctionName": "alpha", "Qualifier": "1", "ProvisionedConcurrentExecutions": 2}),
            ("delete_provisioned_concurrency_config", LIVE),
            ("put_function_event_invoke_config", LIVE | {"MaximumRetryAttempts": 0}),
            ("delete_function", {"FunctionName": "alpha", "Qualifier": "1"}),
            ("delete_alias", {"FunctionName": "beta", "Name": "live"}),
        ]
    ),
)  # fmt: skip
faults = st.sampled_from(
    [
        {"duplicate": "async", "probability": 0.5},
        {"throttle": "alpha", "from": "1s", "until": "3m"},
        {"cold": "all"},
        {"kill": "environments", "from": "2s"},
        {"latency": "lambda.invoke", "by": "900ms"},
        {"fail": "lambda.invoke", "with": "ServiceException", "probability": 0.3},
        {"fail": "sqs.send_message", "with": "ServiceUnavailable", "probability": 0.5},
    ]
)
scenarios = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 1_000),
        "steps": st.builds(
            lambda first, versions, more: [*first, *versions, *more],
            st.lists(invocations, min_size=1, max_size=4),
            st.sampled_from([TWO_VERSIONS, []]),
            st.lists(changes, max_size=4),
        ),
        "faults": st.lists(faults, max_size=2),
        "account": st.just({"concurrency": CONCURRENCY}),
        "compute": st.sampled_from([{}, {"functions": {name: {"init_ms": 4_000} for name in NAMES}}]),
    },
    optional={
        "until": st.sampled_from(["8h", "10s", "2m"]),
        "client": st.just({"retry_mode": "standard"}),
    },
)


@st.composite
def runs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], list[int]]:
    """A template, a scenario, and the acts that the invocations of the run go through, over and over."""
    resources: dict[str, Any] = {each.title(): make_queue(each) for each in ("q", "dead", "bad", "good")}
    made = []
    for name in NAMES:
        properties: dict[str, Any] = draw(functions)
        made.append(make_function(name, **properties))
        provisioned_max = min(4, properties.get("ReservedConcurrentExecutions", 4))
        resources |= versioned(name, draw(st.integers(0, provisioned_max)))
        resources[f"{name.title()}Config"] = make_event_invoke(name, **draw(configs), **draw(keepers))
    return make_template(*made, **resources), draw(scenarios), draw(acts)


acts = st.just([ACTS.index(FAIL)]) | st.lists(st.integers(0, len(ACTS) - 1), min_size=1, max_size=8)


def versioned(name: str, provisioned: int) -> dict[str, Any]:
    """A version of the function and the alias ``live`` that leads to it, with so much provisioned."""
    title = name.title()
    alias: dict[str, Any] = {
        "FunctionName": {"Ref": title},
        "Name": "live",
        "FunctionVersion": {"Fn::GetAtt": [f"{title}Version", "Version"]},
    }
    if provisioned:
        alias["ProvisionedConcurrencyConfig"] = {"ProvisionedConcurrentExecutions": provisioned}
    return {
        f"{title}Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": title}}},
        f"{title}Live": {"Type": "AWS::Lambda::Alias", "Properties": alias},
    }


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
def test_what_is_given_up_is_told_by_every_target_that_should_keep_it(run: Any) -> None:
    """Nothing is lost in silence: dead-letter queue, destination or both answer for each copy that is kept."""
    played = played_from(run)
    kept = Counter(fact.request_id for fact in played.of(AsyncEventDiscarded) if fact.kept)
    dead = Counter(fact.request_id for kind in (AsyncEventDeadLettered, DeadLetterFailed) for fact in played.of(kind))
    sent = Counter(
        fact.request_id
        for kind in (DestinationDelivered, DestinationFailed)
        for fact in played.of(kind)
        if fact.condition != "Success"
    )
    for request_id, copies in kept.items():
        answers = {dead[request_id], sent[request_id]} - {0}
        assert answers == {copies} or played.stopped == "until"
    assert set(dead) | set(sent) <= set(kept)
    for queue, delivered in (("dead", played.of(AsyncEventDeadLettered)), ("bad", played.of(DestinationDelivered))):
        arrived = [fact for fact in played.of(MessageSent) if fact.queue == queue]
        told = [fact for fact in delivered if fact.target == arn_of("sqs", queue)]
        assert len(arrived) == len(told) or played.stopped == "until"


@every_run
@given(runs())
def test_each_synchronous_request_is_answered_once(run: Any) -> None:
    played = played_from(run)
    asked = sum(
        step["repeat"]["count"]
        for step in run[1]["steps"]
        if step["with"].get("InvocationType") == "RequestResponse"
    )
    sync = [
        number
        for number, step in enumerate(run[1]["steps"], 1)
        if step["with"].get("InvocationType") == "RequestResponse"
    ]
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


@pytest.mark.rule("B.2-08", "C.2-06")
@every_run
@given(runs())
def test_an_environment_runs_one_invocation_at_a_time_and_only_after_it_was_made(run: Any) -> None:
    played = played_from(run)
    busy: dict[str, str | None] = {}
    versions: dict[str, str] = {}
    routed: dict[str, str] = {}
    twice = {fact.request_id for fact in played.of(AsyncEventDuplicated)}
    for stamped in played.facts:
        fact = stamped.fact
        if isinstance(fact, InvocationRouted) and fact.request_id not in twice:
            routed[fact.request_id] = fact.version
        if isinstance(fact, EnvironmentCreated):
            assert fact.environment not in busy
            busy[fact.environment] = None
            versions[fact.environment] = fact.version
        elif isinstance(fact, EnvironmentEnded):
            assert busy.pop(fact.environment) is None
        elif isinstance(fact, InvocationStarted):
            assert busy[fact.environment] is None
            assert routed.get(fact.request_id, fact.version) == fact.version == versions[fact.environment]
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
        assert row["billed_ms"] == sum(billed_by_reports(played, name))
        assert row["errors"] == sum(fact.status != "ok" for fact in ended)
        assert row["throttles"] == sum(fact.function == name for fact in played.of(InvocationThrottled))
    for name, row in played.summary["async"].items():
        done = {fact.request_id for fact in played.of(AsyncEventSucceeded) if fact.function == name}
        assert row["succeeded"] == len(done)
        assert row["dropped"] == sum(fact.function == name for fact in played.of(AsyncEventDiscarded))


def billed_by_reports(played: Played, function: str) -> list[int]:
    lines = (fact.text for fact in played.of(LogLine) if fact.function == function and fact.source == "platform")
    return [int(line.split("Billed Duration: ")[1].split(" ")[0]) for line in lines if line.startswith("REPORT")]


@every_run
@given(runs())
def test_the_same_inputs_give_the_same_bytes(run: Any) -> None:
    once, again = played_from(run), played_from(run)
    assert once.trace == again.trace
    assert once.summary == again.summary
    assert once.player == again.player
