"""What a function in a VPC reaches, and why it does not. Fact I."""

from typing import Any

import pytest

from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.lambda_.handlers import Connect
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.explain import Explainer
from lambdalab.simulator.trace.facts import (
    ApiCalled,
    ConnectionTried,
    InvocationEnded,
    LogLine,
    NameLookedUp,
    PathBlocked,
    SegmentSent,
)
from tests.simulator.networks import ATTACHED, inside, made, make_endpoint, make_nat, ref, tagged
from tests.simulator.playing import Played, invoke, make_function, make_queue, make_template, play, steps

SEND = ("sqs", "SendMessage", {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/dlq", "MessageBody": "x"})
GET = ("dynamodb", "GetItem", {"TableName": "notes", "Key": {"id": {"S": "1"}}})
WEB = {"https://api.example.com/rates": {"body": "1.1"}}
HTTPS = Connect(1, "connect", address="198.51.100.1", port=443)
TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "TableName": "notes",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    },
}
LET_IN = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/16"}
SQS = "sqs.us-east-1.amazonaws.com"
REFUSES = "of the interface endpoint Way does not let in port 443 from the security group app"
NO_ROUTE = "subnet private-a has no route to the Internet (no NAT gateway)"
DOOR = made(
    "SecurityGroup", VpcId=ref("Vpc"), GroupDescription="d", GroupName="door", SecurityGroupIngress=[LET_IN]
)
INTERFACE = make_endpoint(
    "sqs",
    VpcEndpointType="Interface",
    SubnetIds=[ref("Public")],
    SecurityGroupIds=[ref("Door")],
    PrivateDnsEnabled=True,
)


def doing(template: dict[str, Any], act: Act, **more: Any) -> Played:
    return play(template, steps(invoke(kind="RequestResponse"), web=WEB, **more), act)


def calling(*calls: Any, **parts: Any) -> Played:
    return doing(inside(Dlq=make_queue(), Notes=TABLE, **parts), Act(calls=calls))


def sentences(run: Played) -> list[str]:
    explainer = Explainer()
    told = [(stamped.fact, explainer.explain(stamped)) for stamped in run.facts]
    return [sentence for fact, sentence in told if isinstance(fact, PathBlocked)]


def ended(run: Played) -> tuple[str, float]:
    (fact,) = run.of(InvocationEnded)
    return fact.status, fact.duration_us / SECOND


@pytest.mark.rule("I-08", "I-13")
def test_without_a_route_a_call_is_never_answered_and_the_sdks_patience_ends_after_60_seconds() -> None:
    run = calling(SEND)
    assert ended(run) == ("ok", 60.0)
    assert [fact.source for fact in run.of(ApiCalled)] == ["scenario"]  # AWS never saw the other one
    (sentence,) = sentences(run)
    assert sentence == (
        "work could not reach sqs.us-east-1.amazonaws.com: subnet private-a has no route to the Internet (no NAT "
        "gateway), and its VPC has no endpoint for sqs.us-east-1.amazonaws.com."
    )


@pytest.mark.rule("I-13")
def test_the_functions_timeout_may_end_it_sooner_and_the_run_with_it() -> None:
    template = inside(make_function(VpcConfig=ATTACHED, Timeout=5), Dlq=make_queue())
    run = doing(template, Act(calls=(SEND,)))
    assert ended(run) == ("timeout", 5.0)
    assert run.facts[-1].at < 6 * SECOND


@pytest.mark.rule("I-05")
def test_a_nat_gateway_in_a_public_subnet_is_a_way_to_everything() -> None:
    run = doing(inside(Dlq=make_queue(), **make_nat()), Act(calls=(SEND,), connects=(HTTPS,)))
    assert run.summary["queues"]["dlq"]["visible"] == 1
    assert [fact.outcome for fact in run.of(ConnectionTried)] == ["answered"]
    assert run.of(PathBlocked) == []


@pytest.mark.rule("I-05")
def test_a_public_subnet_is_no_way_out_for_a_function() -> None:
    """I: its network interface has no public address."""
    config = {"SubnetIds": [ref("Public")], "SecurityGroupIds": [ref("App")]}
    run = doing(inside(make_function(VpcConfig=config), Dlq=make_queue()), Act(connects=(HTTPS,)))
    assert ended(run) == ("timeout", 3.0)
    (sentence,) = sentences(run)
    assert sentence == (
        "work could not reach api.example.com: subnet public-a leads to an internet gateway, but a function's network "
        "interface has no public address: it needs a subnet that leads to a NAT gateway."
    )


ELSEWHERE = made(
    "Route", RouteTableId=ref("PrivateTable"), DestinationCidrBlock="203.0.113.0/24", NatGatewayId=ref("Nat")
)


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        (
            {**make_nat(), "ToGateway": None},
            "the NAT gateway nat is in subnet public-a, which has no route to an internet gateway",
        ),
        (
            {**make_nat(), "Nat": made("NatGateway", SubnetId=ref("Public"), ConnectivityType="private")},
            "the NAT gateway Nat is a private one: it does not lead to the Internet",
        ),
        ({**make_nat(), "ToNat": ELSEWHERE}, "subnet private-a has no route to the Internet (no NAT gateway)"),
        (
            make_nat("Private"),
            "the NAT gateway nat is in subnet private-a, which has no route to an internet gateway",
        ),
    ],
)
def test_a_nat_gateway_helps_only_where_the_whole_way_is_there(parts: dict[str, Any], why: str) -> None:
    run = doing(inside(**parts), Act(connects=(HTTPS,)))
    assert [fact.why for fact in run.of(PathBlocked)] == [why]
    assert [fact.outcome for fact in run.of(ConnectionTried)] == ["silent"]
    assert ended(run) == ("ok", 127.0)


def test_a_more_specific_route_wins() -> None:
    hole = made(
        "Route", RouteTableId=ref("PrivateTable"), DestinationCidrBlock="198.51.100.0/24", GatewayId=ref("Gateway")
    )
    run = doing(inside(Hole=hole, **make_nat()), Act(connects=(HTTPS,)))
    assert [fact.reason for fact in run.of(PathBlocked)] == ["no public address"]


@pytest.mark.rule("I-08")
def test_a_gateway_endpoint_leads_to_its_service_and_nowhere_else() -> None:
    """I: gateway endpoints of S3 and DynamoDB."""
    run = calling(GET, SEND, Door2=make_endpoint("dynamodb", RouteTableIds=[ref("PrivateTable")]))
    assert [(fact.service, fact.status) for fact in run.of(ApiCalled) if fact.source != "scenario"] == [
        ("dynamodb", 200)
    ]
    assert [fact.host for fact in run.of(PathBlocked)] == ["sqs.us-east-1.amazonaws.com"]


def test_a_gateway_endpoint_helps_only_the_subnets_of_its_route_tables() -> None:
    run = calling(GET, Way=make_endpoint("dynamodb", RouteTableIds=[ref("PublicTable")], Tags=tagged("to-dynamodb")))
    (fact,) = run.of(PathBlocked)
    assert fact.why.endswith("and the gateway endpoint to-dynamodb is not in its route table (private)")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, None),
        (
            {"PrivateDnsEnabled": False},
            f"{NO_ROUTE}, and the interface endpoint Way has no private DNS, so {SQS} does not lead to it",
        ),
        (
            {"SecurityGroupIds": [ref("App")]},
            f"the security group app {REFUSES}",
        ),
        (
            {"SecurityGroupIds": [{"Fn::GetAtt": "Vpc.DefaultSecurityGroup"}]},
            f"the security group default-shop {REFUSES}",
        ),
    ],
)
def test_an_interface_endpoint_needs_private_dns_and_a_security_group_that_lets_the_function_in(
    change: dict[str, Any], why: str | None
) -> None:
    run = calling(SEND, Door=DOOR, Way={**INTERFACE, "Properties": INTERFACE["Properties"] | change})
    assert [fact.why for fact in run.of(PathBlocked)] == ([why] if why else [])
    assert run.summary["queues"]["dlq"]["visible"] == (0 if why else 1)


def test_an_endpoints_private_dns_takes_the_name_over_even_where_there_is_a_nat_gateway() -> None:
    way = {**INTERFACE, "Properties": INTERFACE["Properties"] | {"SecurityGroupIds": [ref("App")]}}
    run = calling(SEND, Door=DOOR, Way=way, **make_nat())
    assert [fact.reason for fact in run.of(PathBlocked)] == ["ingress"]


@pytest.mark.rule("I-09")
@pytest.mark.parametrize(
    ("egress", "reached"),
    [
        (None, True),
        ([{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}], True),
        ([{"IpProtocol": "-1", "CidrIp": "198.51.100.0/24"}], True),
        ([{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": "0.0.0.0/0"}], False),
        ([{"IpProtocol": "udp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}], False),
        ([{"IpProtocol": "-1", "CidrIp": "10.0.0.0/16"}], False),
        ([{"IpProtocol": "-1", "DestinationPrefixListId": "pl-63a5400a"}], False),
    ],
)
def test_the_functions_own_security_group_must_let_it_out(egress: Any, reached: bool) -> None:
    group = made("SecurityGroup", VpcId=ref("Vpc"), GroupDescription="f", GroupName="app", SecurityGroupEgress=egress)
    if egress is None:
        del group["Properties"]["SecurityGroupEgress"]
    run = doing(inside(**make_nat() | {"App": group}), Act(connects=(HTTPS,)))
    assert [fact.why for fact in run.of(PathBlocked)] == (
        [] if reached else ["the security group app of the function lets nothing out to port 443 of api.example.com"]
    )


def test_a_prefix_list_lets_out_to_its_service() -> None:
    group = made(
        "SecurityGroup", VpcId=ref("Vpc"), GroupDescription="f",
        SecurityGroupEgress=[{"IpProtocol": "-1", "DestinationPrefixListId": "pl-02cd2c6b"}],
    )  # fmt: skip
    way = make_endpoint("dynamodb", RouteTableIds=[ref("PrivateTable")])
    run = calling(GET, SEND, Way=way, App=group)
    assert [(fact.host, fact.reason) for fact in run.of(PathBlocked)] == [("sqs.us-east-1.amazonaws.com", "egress")]


def test_a_rule_apart_takes_the_place_of_the_one_that_lets_everything_out() -> None:
    rule = made(
        "SecurityGroupEgress", GroupId=ref("App"), IpProtocol="tcp", FromPort=80, ToPort=80, CidrIp="0.0.0.0/0"
    )
    run = doing(inside(Rule=rule, **make_nat()), Act(connects=(HTTPS,)))
    assert [fact.reason for fact in run.of(PathBlocked)] == ["egress"]


def test_subnets_take_turns_so_half_of_the_environments_may_reach_what_the_others_do_not() -> None:
    """A-41."""
    both = {"SubnetIds": [ref("Private"), ref("Public")], "SecurityGroupIds": [ref("App")]}
    template = inside(make_function(VpcConfig=both), Dlq=make_queue(), **make_nat())
    four = [invoke(kind="RequestResponse") for _ in range(4)]
    run = play(template, steps(*four), Act(calls=(SEND,), takes=SECOND))
    assert run.summary["queues"]["dlq"]["visible"] == 2
    assert {fact.environment for fact in run.of(PathBlocked)} == {"env/work/2", "env/work/4"}


@pytest.mark.rule("I-07")
def test_logs_and_the_x_ray_daemon_need_no_route() -> None:
    """I: Lambda sends both itself."""
    data = b'{"format": "json", "version": 1}\n{"name": "work"}'
    act = Act(logs=("hello",), connects=(Connect(1, "datagram", address="169.254.79.129", port=2000, data=data),))
    run = doing(inside(), act)
    assert "hello" in [fact.text for fact in run.of(LogLine)]
    assert len(run.of(SegmentSent)) == 1


def test_names_of_the_internet_are_known_inside_a_vpc_without_any_route() -> None:
    run = doing(inside(), Act(connects=(Connect(1, "lookup", host="api.example.com"),)))
    assert [fact.address for fact in run.of(NameLookedUp)] == ["198.51.100.1"]


def test_a_vpc_without_dns_support_knows_no_name() -> None:
    vpc = made("VPC", CidrBlock="10.0.0.0/16", EnableDnsSupport=False)
    act = Act(connects=(Connect(1, "lookup", host="api.example.com"),), calls=(SEND,))
    run = doing(inside(Dlq=make_queue(), Vpc=vpc, **make_nat()), act)
    assert [fact.address for fact in run.of(NameLookedUp)] == [None, None]
    assert run.summary["queues"]["dlq"]["sent"] == 0


def test_an_interface_endpoints_name_leads_into_the_vpc() -> None:
    look = Connect(1, "lookup", host="sqs.us-east-1.amazonaws.com")
    act = Act(connects=(look, Connect(2, "connect", address="10.0.2.4", port=443)))
    run = doing(inside(Door=DOOR, Way=INTERFACE), act)
    assert [fact.address for fact in run.of(NameLookedUp)] == ["10.0.2.4"]
    assert [fact.outcome for fact in run.of(ConnectionTried)] == ["answered"]
    assert doing(make_template(), act).of(NameLookedUp)[0].address is None


def test_an_address_inside_that_nobody_has_stays_silent_and_needs_no_route() -> None:
    act = Act(connects=(Connect(1, "connect", address="10.0.9.9", port=80),))
    run = doing(inside(), act)
    assert [fact.outcome for fact in run.of(ConnectionTried)] == ["silent"]
    assert run.of(PathBlocked) == []


@pytest.mark.rule("I-01")
def test_a_function_outside_a_vpc_is_not_changed_by_one_that_is_there() -> None:
    template = inside(make_function(), Dlq=make_queue())
    run = doing(template, Act(calls=(SEND,), connects=(HTTPS,)))
    assert run.summary["queues"]["dlq"]["visible"] == 1
    assert [fact.outcome for fact in run.of(ConnectionTried)] == ["answered"]


def test_the_same_vpc_gives_the_same_bytes() -> None:
    one, two = (calling(GET, SEND, Door=DOOR, Way=INTERFACE).trace for _ in range(2))
    assert one == two
