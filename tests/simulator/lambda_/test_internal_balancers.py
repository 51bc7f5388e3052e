"""Load balancers with private addresses: reached by functions inside their VPC, and by nobody else."""

from typing import Any

import pytest

from lambdalab.simulator.lambda_.handlers import Connect, WebRequest
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.trace.facts import (
    ConnectionTried,
    HttpAnswered,
    HttpDoorDeployed,
    InvocationEnded,
    NameLookedUp,
    PathBlocked,
    WebRequested,
)
from tests.simulator.networks import ATTACHED, inside, made, ref
from tests.simulator.playing import Played, invoke, make_function, play, steps
from tests.simulator.services.http.clients import http, says
from tests.simulator.services.http.test_balancer import elb, fixed, group, listener, may, rule

ADDRESS = "10.0.1.5"  # the first subnet's second that is not AWS's own: the function's interface has the first
LET_IN = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "SourceSecurityGroupId": {"Fn::GetAtt": "App.GroupId"}}
DIAL = Connect(1, "connect", address=ADDRESS, port=80)


def make_balancer(function: str = "Orders", let_in: dict[str, Any] | None = None) -> dict[str, Any]:
    """An internal load balancer ``shop`` in two subnets, whose target is a function."""
    rules = [LET_IN if let_in is None else let_in]
    return {
        "Other": made("Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.3.0/24", AvailabilityZone="us-east-1b"),
        "Front": made(
            "SecurityGroup", VpcId=ref("Vpc"), GroupDescription="f", GroupName="front", SecurityGroupIngress=rules
        ),
        "Balancer": elb(
            "LoadBalancer", Name="shop", Scheme="internal", Subnets=[ref("Private"), ref("Other")],
            SecurityGroups=[ref("Front")],
        ),
        "Listener": listener(),
        "Group": group(function),
        "May": may(function),
    }  # fmt: skip


def project(*functions: dict[str, Any], let_in: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The function ``work`` in a VPC with the load balancer, which leads to ``orders``."""
    attached = make_function(VpcConfig=ATTACHED, Timeout=200)
    return inside(*(functions or (attached, make_function("orders"))), **(make_balancer(let_in=let_in) | more))


def host_of(run: Played) -> str:
    (door,) = run.of(HttpDoorDeployed)
    return door.url.removeprefix("http://").rstrip("/")


def asking(template: dict[str, Any], *requests: WebRequest, connects: Any = (DIAL,), **more: Any) -> Played:
    seen: list[Any] = more.pop("seen", [])

    def script(function: Any, event: Any, count: int) -> Act:
        if function.name == "orders":
            seen.append(event)
            return says(200, "from inside")
        return Act(connects=tuple(connects), requests=requests)

    return play(template, steps(invoke(kind="RequestResponse"), **more), script)


HOST = host_of(asking(project()))


def test_its_name_says_that_it_is_internal_and_leads_to_a_private_address() -> None:
    run = asking(project(), connects=(Connect(2, "lookup", host=HOST), DIAL))
    assert HOST.startswith("internal-shop-")
    assert [fact.address for fact in run.of(NameLookedUp)] == [ADDRESS]
    assert [fact.outcome for fact in run.of(ConnectionTried)] == ["answered"]


def test_a_function_of_the_vpc_is_answered_by_the_function_behind_it() -> None:
    seen: list[Any] = []
    headers = (("Host", HOST), ("Content-Type", "application/json"), ("X-Shop", "7"))
    request = WebRequest(1, "POST", f"http://{HOST}/orders?a=1", b'{"n": 1}', headers)
    run = asking(project(), request, seen=seen)
    (event,) = seen
    assert (event["httpMethod"], event["path"], event["queryStringParameters"]) == ("POST", "/orders", {"a": "1"})
    assert (event["body"], event["isBase64Encoded"], event["headers"]["x-shop"]) == ('{"n": 1}', False, "7")
    assert event["headers"]["x-forwarded-for"].startswith("10.0.1.")
    assert [(fact.status, fact.body) for fact in run.of(HttpAnswered)] == [(200, "from inside")]
    assert [fact.status for fact in run.of(WebRequested)] == [200]
    assert run.summary["doors"]["shop"]["requests"] == 1
    assert [fact.latency_us for fact in run.of(WebRequested)] == [fact.latency_us for fact in run.of(HttpAnswered)]


def test_its_rules_are_those_of_every_load_balancer() -> None:
    closed = rule(1, fixed("closed", "503"), {"Field": "path-pattern", "Values": ["/closed"]})
    run = asking(project(Closed=closed), WebRequest(1, "GET", f"http://{HOST}/closed"))
    assert [(fact.status, fact.body) for fact in run.of(HttpAnswered)] == [(503, "closed")]


def test_a_port_at_which_it_does_not_listen_is_refused() -> None:
    everything = {"IpProtocol": "-1", "CidrIp": "10.0.0.0/16"}
    run = asking(project(let_in=everything), connects=(Connect(1, "connect", address=ADDRESS, port=8080),))
    assert [fact.outcome for fact in run.of(ConnectionTried)] == ["refused"]


def test_its_security_group_must_let_the_function_in() -> None:
    other = {**LET_IN, "FromPort": 443, "ToPort": 443}
    run = asking(project(let_in=other))
    (blocked,) = run.of(PathBlocked)
    assert (blocked.reason, blocked.host) == ("ingress", HOST)
    assert blocked.why == "the security group front of shop does not let in port 80 from the security group app"
    assert run.of(InvocationEnded)[0].duration_us == 127_000_000  # silence


def test_a_function_outside_the_vpc_does_not_reach_it() -> None:
    first = Connect(1, "connect", address="10.0.1.4", port=80)  # no interface of a function is there before it
    run = asking(project(make_function(Timeout=200), make_function("orders")), connects=(first,))
    (blocked,) = run.of(PathBlocked)
    assert blocked.reason == "not in a VPC"
    assert "shop has an address inside the VPC shop, the function is outside" in blocked.why


@pytest.mark.parametrize("to", ["Balancer", "Listener", HOST])
def test_nobody_reaches_it_from_the_internet(to: str) -> None:
    with pytest.raises(ProjectError, match="nothing here answers HTTP as"):
        play(project(), steps(http(to)))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"Subnets": [ref("Private")]}, "At least two subnets in two different Availability Zones must be specified"),
        ({"Subnets": []}, "At least two subnets in two different Availability Zones must be specified"),
        ({"Subnets": ["subnet-1", ref("Other")]}, "there is no Subnet subnet-1 in this template."),
        ({"SecurityGroups": ["sg-1"]}, "there is no SecurityGroup sg-1 in this template."),
        ({"Scheme": "private"}, "Scheme is internet-facing or internal, not 'private'."),
    ],
)
def test_what_is_wrong_with_an_internal_load_balancer_is_told(changes: dict[str, Any], text: str) -> None:
    template = project()
    template["Resources"]["Balancer"]["Properties"] |= changes
    with pytest.raises(ProjectError, match=text):
        play(template, steps(invoke()))
