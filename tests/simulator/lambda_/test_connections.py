"""Connections to servers inside a VPC: accepted, counted, limited, kept for as long as an environment holds them."""

from typing import Any

import pytest

from lambdalab.simulator.kernel import MINUTE, SECOND, Micros
from lambdalab.simulator.lambda_.handlers import Connect, Finished, HandlerEvent, Turn
from lambdalab.simulator.lambda_.scripted import Act, ScriptedHandlers
from lambdalab.simulator.trace.explain import Explainer
from lambdalab.simulator.trace.facts import (
    ConnectionAccepted,
    ConnectionClosed,
    ConnectionRefused,
    ConnectionTried,
    NameLookedUp,
    PathBlocked,
)
from tests.simulator.networks import ATTACHED, inside, made, make_database, make_nat, ref
from tests.simulator.playing import Played, invoke, make_function, make_template, play, steps

HOST = "orders.c0lambdalab0.us-east-1.rds.amazonaws.com"
DATABASE = "10.0.1.4"
DIAL = Connect(1, "connect", address=DATABASE, port=5432)
ONCE = Act(connects=(DIAL,))


def asking(
    *invocations: Any, most: int | None = None, act: Act = ONCE, init: Act | None = None, **parts: Any
) -> Played:
    template = inside(**make_database(most=most) | parts)
    return play(template, steps(*invocations), act, init=init)


def sync(at: str = "0s") -> dict[str, Any]:
    return invoke(at, kind="RequestResponse")


def test_a_databases_name_leads_to_its_private_address_and_a_connect_is_counted() -> None:
    run = asking(sync(), act=Act(connects=(Connect(2, "lookup", host=HOST), DIAL)))
    assert [fact.address for fact in run.of(NameLookedUp)] == [DATABASE]
    assert [(fact.endpoint, fact.connections_open) for fact in run.of(ConnectionAccepted)] == [("orders", 1)]
    assert run.summary["endpoints"]["orders"] == {
        "connections_open": 1,
        "connections_max": 112,
        "connections_peak": 1,
        "accepted": 1,
        "refused": 0,
    }


def test_connections_of_frozen_environments_count_until_they_are_gone() -> None:
    three = [sync() for _ in range(3)]
    run = asking(*three, {"at": "15m", "call": "sqs.list_queues"}, act=Act(connects=(DIAL,), takes=SECOND))
    assert [fact.connections_open for fact in run.of(ConnectionAccepted)] == [1, 2, 3]
    assert [(fact.connections_open, fact.reason) for fact in run.of(ConnectionClosed)] == [
        (2, "environment ended"),
        (1, "environment ended"),
        (0, "environment ended"),
    ]
    assert all(at > 10 * MINUTE / SECOND for at in run.times(ConnectionClosed))


def test_a_connection_made_in_init_is_made_once_for_each_environment() -> None:
    many = [sync(f"{n}s") for n in range(10)]
    run = asking(*many, act=Act(), init=Act(status="ready", connects=(DIAL,)))
    assert run.summary["endpoints"]["orders"]["accepted"] == run.summary["functions"]["work"]["cold_starts"] == 1


def test_a_full_database_refuses_and_says_why() -> None:
    run = asking(*[sync() for _ in range(8)], most=6, act=Act(connects=(DIAL,), takes=SECOND))
    row = run.summary["endpoints"]["orders"]
    assert (row["accepted"], row["refused"], row["connections_peak"], row["connections_max"]) == (6, 2, 6, 6)
    explainer = Explainer()
    told = [explainer.explain(stamped) for stamped in run.facts if isinstance(stamped.fact, ConnectionRefused)]
    assert told[0] == "orders refuses env-7 of work: all of its 6 connections are in use."


def test_a_reset_of_the_runtime_closes_its_connections() -> None:
    template = inside(make_function(VpcConfig=ATTACHED, Timeout=2), **make_database())
    run = play(template, steps(sync()), Act(connects=(DIAL,), takes=Micros(5 * SECOND)))
    (fact,) = run.of(ConnectionClosed)
    assert (fact.reason, fact.connections_open) == ("runtime killed", 0)
    assert run.facts[-1].fact.kind == "run.ended"


def test_a_port_on_which_nobody_listens_refuses() -> None:
    group = make_database()["Db"]
    group["Properties"]["SecurityGroupIngress"] = [{"IpProtocol": "-1", "CidrIp": "10.0.0.0/16"}]
    run = asking(sync(), act=Act(connects=(Connect(1, "connect", address=DATABASE, port=3306),)), Db=group)
    assert [fact.connections_open for fact in run.of(ConnectionRefused)] == [None]
    assert run.of(ConnectionAccepted) == []


@pytest.mark.rule("I-09")
@pytest.mark.parametrize(
    ("rule", "let_in"),
    [
        ({"SourceSecurityGroupId": ref("App")}, True),
        ({"SourceSecurityGroupId": ref("Db")}, False),
        ({"CidrIp": "10.0.1.0/24"}, True),
        ({"CidrIp": "10.0.2.0/24"}, False),
        ({"CidrIp": "0.0.0.0/0"}, True),
    ],
)
def test_the_databases_security_group_decides_by_group_or_by_address(rule: dict[str, Any], let_in: bool) -> None:
    """I: a wrong security group makes a silence, not an error."""
    group = made("SecurityGroup", VpcId=ref("Vpc"), GroupDescription="d", GroupName="db")
    apart = made("SecurityGroupIngress", GroupId=ref("Db"), IpProtocol="tcp", FromPort=5432, ToPort=5432, **rule)
    run = asking(sync(), Db=group, Apart=apart)
    assert len(run.of(ConnectionAccepted)) == let_in
    assert [fact.why for fact in run.of(PathBlocked)] == (
        [] if let_in else ["the security group db of orders does not let in port 5432 from the security group app"]
    )
    assert run.summary["endpoints"]["orders"]["refused"] == 0


@pytest.mark.rule("I-01")
def test_a_function_outside_knows_the_name_and_reaches_nobody() -> None:
    template = make_template(make_function(), **inside(**make_database())["Resources"] | {"Work": make_function()})
    run = play(template, steps(sync()), Act(connects=(Connect(2, "lookup", host=HOST), DIAL)))
    assert [fact.address for fact in run.of(NameLookedUp)] == [DATABASE]
    (fact,) = run.of(PathBlocked)
    assert fact.why == "orders has an address inside the VPC shop, the function is outside"
    assert [fact.outcome for fact in run.of(ConnectionTried)] == ["silent"]


def test_a_function_in_another_vpc_reaches_nobody_even_with_a_nat_gateway() -> None:
    elsewhere = {
        "Vpc2": made("VPC", CidrBlock="10.9.0.0/16"),
        "Subnet2": made("Subnet", VpcId=ref("Vpc2"), CidrBlock="10.9.1.0/24"),
        "Group2": made("SecurityGroup", VpcId=ref("Vpc2"), GroupDescription="g"),
    }
    config = {"SubnetIds": [ref("Subnet2")], "SecurityGroupIds": [ref("Group2")]}
    template = inside(make_function(VpcConfig=config), **make_database(), **make_nat(), **elsewhere)
    run = play(template, steps(sync()), ONCE)
    assert [fact.why for fact in run.of(PathBlocked)] == ["orders is in the VPC shop, the function in another one"]


CACHE = {
    "CacheSubnets": {"Type": "AWS::ElastiCache::SubnetGroup", "Properties": {"SubnetIds": [ref("Private")]}},
    "Cache": {
        "Type": "AWS::ElastiCache::CacheCluster",
        "Properties": {
            "ClusterName": "Sessions",
            "CacheNodeType": "cache.t4g.micro",
            "Engine": "redis",
            "NumCacheNodes": 1,
            "CacheSubnetGroupName": ref("CacheSubnets"),
            "VpcSecurityGroupIds": [ref("App")],
        },
    },
}
PROXY = {
    "Proxy": {
        "Type": "AWS::RDS::DBProxy",
        "Properties": {
            "DBProxyName": "pool",
            "EngineFamily": "POSTGRESQL",
            "VpcSubnetIds": [ref("Private"), ref("Other")],
            "VpcSecurityGroupIds": [ref("Db")],
        },
    }
}


def test_a_cache_is_a_server_too() -> None:
    group = make_database()["Db"] | {}
    open_group = made(
        "SecurityGroup", VpcId=ref("Vpc"), GroupDescription="f", GroupName="app",
        SecurityGroupIngress=[{"IpProtocol": "tcp", "FromPort": 6379, "ToPort": 6379, "CidrIp": "10.0.0.0/16"}],
    )  # fmt: skip
    host = "sessions.lab0ab.0001.use1.cache.amazonaws.com"
    look, dial = Connect(1, "lookup", host=host), Connect(2, "connect", address="10.0.1.5", port=6379)
    run = asking(sync(), act=Act(connects=(look, dial)), App=open_group, Db=group, **CACHE)
    assert [fact.address for fact in run.of(NameLookedUp)] == ["10.0.1.5"]
    assert run.summary["endpoints"]["Sessions"]["connections_max"] == 65_000
    assert run.summary["endpoints"]["Sessions"]["accepted"] == 1


def test_a_proxy_takes_as_many_connections_as_come_and_its_database_sees_none() -> None:
    """A-44."""
    dial = Connect(1, "connect", address="10.0.1.5", port=5432)
    run = asking(*[sync() for _ in range(9)], most=6, act=Act(connects=(dial,), takes=SECOND), **PROXY)
    assert run.summary["endpoints"]["pool"]["accepted"] == 9
    assert run.summary["endpoints"]["pool"]["connections_max"] is None
    assert run.summary["endpoints"]["orders"]["accepted"] == 0


class Closing(ScriptedHandlers):
    """Environments that connect, and close what they have connected when they finish."""

    def environment(self, *args: Any) -> Any:
        inner = super().environment(*args)

        class Closes:
            def __getattr__(self, name: str) -> Any:
                return getattr(inner, name)

            def invoke(self, event: HandlerEvent, now: Micros) -> Turn:
                return inner.invoke(event, now)

            def resume(self, replies: Any, now: Micros) -> Turn:
                return Turn(closed=(1, 1, 99), finished=Finished("ok", "1"))

        return Closes()


def test_what_the_code_closes_is_free_again_and_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.simulator.playing.ScriptedHandlers", Closing)
    run = asking(sync(), sync("1s"), init=Act(status="ready"))
    assert [fact.connections_open for fact in run.of(ConnectionAccepted)] == [1, 1]
    assert [(fact.connections_open, fact.reason) for fact in run.of(ConnectionClosed)] == [(0, "closed")] * 2
    assert run.summary["endpoints"]["orders"]["connections_open"] == 0
