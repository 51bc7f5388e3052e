"""What holds of versions, aliases and deployments, whatever is drawn. Facts B.1, K.4, K.5 and K.6."""

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import (
    AliasChanged,
    ApiCalled,
    AsyncEventReceived,
    AsyncEventSucceeded,
    DeploymentEnded,
    InvocationEnded,
    InvocationRouted,
    InvocationStarted,
    TrafficShifted,
    VersionPublished,
)
from tests.simulator.lambda_.test_codedeploy import FILES, acting, every_second, template
from tests.simulator.playing import Played, call, invoke, make_function, make_template, play, seconds, steps

some_runs = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
VERSION = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Work"}}}


def aliased(**function: Any) -> dict[str, Any]:
    leads = {"FunctionName": {"Ref": "Work"}, "Name": "live", "FunctionVersion": {"Fn::GetAtt": ["V", "Version"]}}
    alias = {"Type": "AWS::Lambda::Alias", "Properties": leads}
    return make_template(make_function(**function), V=VERSION, Live=alias)


def update(at: str, memory_mb: int) -> dict[str, Any]:
    return call(at, "lambda.update_function_configuration", FunctionName="work", MemorySize=memory_mb)


versions = st.sampled_from(["1", "2", "3", "9", "$LATEST"])
changes = st.lists(
    st.one_of(
        st.builds(
            lambda version, weights: {
                "FunctionVersion": version,
                "RoutingConfig": {"AdditionalVersionWeights": weights},
            },
            versions,
            st.dictionaries(versions, st.sampled_from([-0.1, 0.0, 0.3, 1.0, 1.5]), max_size=2),
        ),
        st.builds(lambda version: {"FunctionVersion": version}, versions),
        st.just("publish"),
        st.just("delete"),
    ),
    min_size=1,
    max_size=12,
)  # fmt: skip


@some_runs
@given(changes)
def test_an_alias_shares_out_all_of_its_invocations_among_versions_that_there_are(drawn: list[Any]) -> None:
    entries: list[dict[str, Any]] = []
    for number, change in enumerate(drawn):
        at = f"{number * 10 + 10}s"
        if change == "publish":
            entries += [
                update(f"{number * 10 + 5}s", 200 + number),
                call(at, "lambda.publish_version", FunctionName="work"),
            ]
        elif change == "delete":
            entries.append(call(at, "lambda.delete_function", FunctionName="work", Qualifier="1"))
        else:
            entries.append(call(at, "lambda.update_alias", FunctionName="work", Name="live", **change))
        entries.append(
            invoke(f"{number * 10 + 12}s", kind="RequestResponse", function="work:live", repeat={"count": 5})
        )
    played = play(aliased(), steps(*entries))
    published = {"$LATEST"}
    for stamped in played.facts:
        fact = stamped.fact
        if isinstance(fact, VersionPublished):
            assert fact.version not in published  # a number is never used again
            published.add(fact.version)
        elif isinstance(fact, AliasChanged):
            shares = {fact.version: 1 - fact.weight, fact.additional: fact.weight}
            assert sum(shares.values()) == 1 or fact.additional is None
            assert min(shares.values()) >= 0
            assert fact.weight == 0 or fact.additional not in (None, fact.version)
            assert published >= shares.keys() - {None}
            allowed = {version for version, share in shares.items() if share > 0}
        elif isinstance(fact, InvocationRouted):
            assert fact.version in allowed
    assert len(played.of(InvocationEnded)) == 5 * len(drawn)


@some_runs
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.05, 0.1, 0.5, 0.9, 1.0]))
def test_the_measured_share_of_a_version_agrees_with_its_weight(seed: int, weight: float) -> None:
    routing = {"AdditionalVersionWeights": {"2": weight}}
    shift = call("20s", "lambda.update_alias", FunctionName="work", Name="live", RoutingConfig=routing)
    publish = call("10s", "lambda.publish_version", FunctionName="work")
    count = 400
    calls = invoke("30s", kind="RequestResponse", function="work:live", repeat={"count": count, "every": "10ms"})
    played = play(aliased(), steps(update("1s", 256), publish, shift, calls), seed=seed)
    ran = Counter(fact.version for fact in played.of(InvocationStarted))
    assert ran.total() == count
    spread = (count * weight * (1 - weight)) ** 0.5
    assert abs(ran["2"] - count * weight) <= 5 * spread  # one in two million would be farther off


@settings(some_runs, max_examples=6)  # each plays a quarter of an hour twice
@given(st.integers(0, 10_000), st.sampled_from(["Canary10Percent5Minutes", "Linear10PercentEvery1Minute"]))
def test_a_deployment_ends_with_one_version_for_all_the_old_one_after_a_rollback(seed: int, kind: str) -> None:
    for code, outcome, serving in (("next/", "Succeeded", "2"), ("broken/", "RolledBack", "1")):
        scenario = steps({"at": "10s", "deploy": {"code": {"Work": code}}}, every_second(780))
        played = play(template(kind), scenario, acting, files=FILES, seed=seed)
        (ended,) = played.of(DeploymentEnded)
        assert ended.outcome == outcome
        weights = [fact.weight for fact in played.of(TrafficShifted)]
        rising = weights[:-1] if outcome == "RolledBack" else weights
        assert rising == sorted(rising)
        assert weights[-1] == (0.0 if outcome == "RolledBack" else 1.0)
        assert {fact.version for fact in after(played, DeploymentEnded, InvocationRouted)} == {serving}


def after(played: Played, event: type[Any], kind: type[Any]) -> list[Any]:
    """The facts of one kind that come after the first of another."""
    found = [stamped.fact for stamped in played.facts if isinstance(stamped.fact, event | kind)]
    place = next(number for number, fact in enumerate(found) if isinstance(fact, event))
    return [fact for fact in found[place:] if isinstance(fact, kind)]


updates = st.lists(
    st.tuples(st.sampled_from(["update", "publish", "lead"]), st.integers(0, 120_000)), min_size=1, max_size=8
)


@some_runs
@given(st.integers(0, 10_000), updates, st.sampled_from([0.0, 0.4, 6.0]))
def test_no_update_loses_an_event_or_ends_an_invocation_that_runs(
    seed: int, drawn: list[tuple[str, int]], takes_s: float
) -> None:
    entries: list[dict[str, Any]] = []
    for number, (what, at_ms) in enumerate(sorted(drawn, key=lambda each: each[1])):
        at = f"{at_ms}ms"
        if what == "update":
            entries.append(update(at, 256 + number))
        elif what == "publish":
            entries.append(call(at, "lambda.publish_version", FunctionName="work"))
        else:
            entries.append(call(at, "lambda.update_alias", FunctionName="work", Name="live", FunctionVersion="$LATEST"))
    for target, every in (("work", "1s"), ("work:live", "700ms")):
        entries.append(invoke("0s", function=target, repeat={"count": 100, "every": every}))
        entries.append(invoke("0s", kind="RequestResponse", function=target, repeat={"count": 100, "every": every}))
    played = play(aliased(Timeout=900), steps(*entries), Act(takes=seconds(takes_s)), seed=seed)
    received = [fact.request_id for fact in played.of(AsyncEventReceived)]
    assert len(received) == 200
    assert Counter(received) == Counter(fact.request_id for fact in played.of(AsyncEventSucceeded))
    assert [fact.status for fact in played.of(InvocationEnded)] == ["ok"] * 400
    assert not [fact for fact in played.of(ApiCalled) if fact.operation == "Invoke" and fact.error]
