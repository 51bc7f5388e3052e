"""Paths through a VPC, by themselves: rules only ever let more through, and hosts belong to their services."""

from dataclasses import replace
from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.account.vpc import (
    GatewayEndpoint,
    Interface,
    InterfaceEndpoint,
    NatGateway,
    Network,
    Route,
    RouteTable,
    Rule,
    SecurityGroup,
    Subnet,
    Vpc,
    VpcConfig,
    to_address,
    to_service,
)
from lambdalab.simulator.account.vpc.network import is_of

BLOCKS = [IPv4Network(block) for block in ("0.0.0.0/0", "10.0.0.0/16", "10.0.1.0/24", "198.51.100.0/24")]
HOSTS = ["sqs.us-east-1.amazonaws.com", "dynamodb.us-east-1.amazonaws.com", "photos.s3.amazonaws.com"]

ports = st.sampled_from([None, (443, 443), (80, 90), (0, 65_535)])
rules = st.builds(Rule, ports, st.sampled_from([None, *BLOCKS]), st.sampled_from([None, "sg-app", "sg-door"]))
routes = st.builds(
    Route, st.sampled_from(BLOCKS), st.sampled_from(["internet gateway", "NAT gateway"]), st.just("nat-1")
)


@st.composite
def networks(draw: st.DrawFn) -> tuple[Network, Interface]:
    """Any small network, and the interface of a function in it."""
    network = Network()
    network.vpcs["vpc-1"] = Vpc("vpc-1", "shop", IPv4Network("10.0.0.0/16"))
    for number, name in ((1, "private"), (2, "public")):
        table = RouteTable(f"rtb-{name}", name, tuple(draw(st.lists(routes, max_size=3))))
        subnet = Subnet(f"subnet-{name}", name, "vpc-1", IPv4Network(f"10.0.{number}.0/24"), table)
        network.subnets[subnet.id] = subnet
    for name in ("app", "door"):
        given_rules = (tuple(draw(st.lists(rules, max_size=3))) for _ in range(2))
        network.groups[f"sg-{name}"] = SecurityGroup(f"sg-{name}", name, "vpc-1", *given_rules)
    network.nat_gateways["nat-1"] = NatGateway("nat-1", "nat", "subnet-public", draw(st.booleans()))
    if draw(st.booleans()):
        network.gateway_endpoints.append(GatewayEndpoint("vpce-1", "way", "dynamodb", ("rtb-private",)))
    if draw(st.booleans()):
        door = (network.groups["sg-door"],)
        address = network.new_address("subnet-public")
        endpoint = InterfaceEndpoint("vpce-2", "door", "sqs", "vpc-1", door, address, draw(st.booleans()))
        network.interface_endpoints.append(endpoint)
    return network, network.attach(VpcConfig("vpc-1", ("subnet-private",), ("sg-app",)), "subnet-private")


def opened(network: Network, interface: Interface) -> tuple[Network, Interface]:
    """The same with one rule more in each direction of each group: everything, from and to everywhere."""
    anything = Rule(cidr=BLOCKS[0])

    def wider(group: SecurityGroup) -> SecurityGroup:
        return replace(group, ingress=(*group.ingress, anything), egress=(*group.egress, anything))

    endpoints = [replace(each, groups=tuple(map(wider, each.groups))) for each in network.interface_endpoints]
    copy = replace(network, interface_endpoints=endpoints)
    return copy, replace(interface, groups=tuple(map(wider, interface.groups)))


@given(networks(), st.sampled_from(HOSTS))
def test_a_rule_more_never_stops_what_passed(network: tuple[Network, Interface], host: str) -> None:
    wide = opened(*network)
    if to_service(*network, host) is None:
        assert to_service(*wide, host) is None
    if to_address(*network, host, "198.51.100.9", 443) is None:
        assert to_address(*wide, host, "198.51.100.9", 443) is None


@given(networks(), st.sampled_from(HOSTS))
def test_where_all_groups_are_open_only_routes_stop_a_packet(network: tuple[Network, Interface], host: str) -> None:
    blocked = to_service(*opened(*network), host)
    assert blocked is None or blocked.reason in ("no route", "no public address", "NAT gateway without a route")


@given(networks(), st.sampled_from(HOSTS))
def test_an_internet_gateway_alone_is_never_a_way(network: tuple[Network, Interface], host: str) -> None:
    """I: a function's interface has no public address."""
    found, interface = network
    table = RouteTable("rtb-private", "private", (Route(BLOCKS[0], "internet gateway", "igw-1"),))
    there = replace(interface, subnet=replace(interface.subnet, table=table))
    assert to_address(found, there, host, "198.51.100.9", 443) is not None


@pytest.mark.parametrize(
    ("host", "service", "found"),
    [
        ("sqs.us-east-1.amazonaws.com", "sqs", True),
        ("queue.sqs.us-east-1.amazonaws.com", "sqs", True),
        ("sqs.eu-west-1.amazonaws.com", "sqs", False),
        ("evilsqs.us-east-1.amazonaws.com", "sqs", False),
        ("photos.s3.amazonaws.com", "s3", True),
        ("photos.s3.us-east-1.amazonaws.com", "s3", True),
        ("123456789012.ddb.us-east-1.amazonaws.com", "dynamodb", True),
        ("kinesis.us-east-1.amazonaws.com", "kinesis-streams", True),
        ("sts.amazonaws.com", "sts", True),
        ("monitoring.us-east-1.amazonaws.com", "logs", False),
    ],
)
def test_a_host_is_one_of_its_services(host: str, service: str, found: bool) -> None:
    assert is_of(host, service) is found


def test_a_full_subnet_gives_its_last_address_again() -> None:
    network = Network()
    network.vpcs["vpc-1"] = Vpc("vpc-1", "shop", IPv4Network("10.0.0.0/16"))
    table = RouteTable("rtb-1", "main")
    network.subnets["subnet-1"] = Subnet("subnet-1", "a", "vpc-1", IPv4Network("10.0.1.0/28"), table)
    addresses = [str(network.new_address("subnet-1")) for _ in range(13)]
    assert addresses[0] == "10.0.1.4"
    assert addresses[10:] == ["10.0.1.14"] * 3
