"""Resource types of a VPC: what is wrong is told before the run, at its place, in AWS's words where there are some."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.resources.vpc import CHECKS
from lambdalab.simulator.project.resources.vpc.classes import memory_gib
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import ServerDeployed
from tests.simulator.networks import inside, made, make_database, make_endpoint, make_nat, make_network, ref
from tests.simulator.playing import CODE, as_files, make_function, make_template, play, steps


def problems(template: dict[str, Any]) -> list[Problem]:
    return problems_of(read_template({**CODE, **as_files(template)}))


def messages(**parts: Any) -> list[str]:
    return [problem.message for problem in problems(inside(make_function(), **parts))]


def test_a_complete_network_has_no_problem() -> None:
    way = make_endpoint("s3", RouteTableIds=[ref("PrivateTable")])
    assert messages(**make_nat(), **make_database(), Way=way) == []


SUBNET = {"VpcId": ref("Vpc"), "CidrBlock": "10.0.8.0/24"}


@pytest.mark.parametrize(
    ("name", "part", "message"),
    [
        ("Vpc", made("VPC", CidrBlock="10.0.0.0/8"), "Vpc: The CIDR '10.0.0.0/8' is invalid."),
        ("Vpc", made("VPC", CidrBlock="ten"), "Vpc: The CIDR 'ten' is invalid."),
        ("Vpc", made("VPC"), "Vpc: an AWS::EC2::VPC needs CidrBlock."),
        ("More", made("Subnet", **SUBNET | {"CidrBlock": "10.1.0.0/24"}), "More: The CIDR '10.1.0.0/24' is invalid."),
        ("More", made("Subnet", **SUBNET | {"CidrBlock": "10.0.1.128/25"}),
         "More: The CIDR '10.0.1.128/25' conflicts with another subnet."),
        ("More", made("Subnet", **SUBNET | {"CidrBlock": "10.0.8.0/29"}), "More: The CIDR '10.0.8.0/29' is invalid."),
        ("More", made("Subnet", **SUBNET | {"VpcId": "vpc-1"}),
         "More: there is no AWS::EC2::VPC vpc-1 in this template."),
        ("More", made("Subnet", **SUBNET | {"Ipv6CidrBlock": "::/64"}),
         "More: the property Ipv6CidrBlock of AWS::EC2::Subnet has no effect in lambdalab yet."),
        ("GatewayHere", None, "ToGateway: route table {rtb} and network gateway {igw} belong to different networks."),
        ("ToGateway", made("Route", RouteTableId=ref("PublicTable"), DestinationCidrBlock="0.0.0.0/0"),
         "ToGateway: a route leads to one target: GatewayId or NatGatewayId."),
        ("ToGateway", made("Route", RouteTableId=ref("PublicTable"), DestinationCidrBlock="x", GatewayId="y"),
         "ToGateway: Value (x) for parameter destinationCidrBlock is invalid."),
        ("Twice", made("SubnetRouteTableAssociation", SubnetId=ref("Private"), RouteTableId=ref("PublicTable")),
         "Twice: The specified association for route table {rtb} conflicts with an existing association."),
        ("Nat", made("NatGateway", SubnetId=ref("Public")),
         "Nat: a public NAT gateway needs the AllocationId of an AWS::EC2::EIP."),
        ("Nat", made("NatGateway", SubnetId=ref("Public"), ConnectivityType="secret"),
         "Nat: ConnectivityType must be public or private, not 'secret'."),
        ("Way", make_endpoint("sqs"), "Way: there are gateway endpoints for s3 and dynamodb only."),
        ("Way", make_endpoint("s3", SubnetIds=[ref("Private")]),
         "Way: SubnetIds is not for an endpoint of the type Gateway."),
        ("Way", make_endpoint("sqs", VpcEndpointType="Interface"),
         "Way: an interface endpoint here needs the SubnetIds in which it has addresses."),
        ("Way", made("VPCEndpoint", VpcId=ref("Vpc"), ServiceName="sqs"),
         "Way: The Vpc Endpoint Service 'sqs' does not exist."),
        ("Way", make_endpoint("s3", PolicyDocument={}),
         "Way: the policy of the endpoint Way has no Statement."),
        ("Way", make_endpoint("s3", VpcEndpointType="GatewayLoadBalancer"),
         "Way: endpoints of the type GatewayLoadBalancer have no effect in lambdalab yet."),
    ],
)  # fmt: skip
def test_a_wrong_part_of_a_network_is_told(name: str, part: Any, message: str) -> None:
    found = messages(**{name: part})
    shapes = [text for text in found if _shape(text) == _shape(message)]
    assert shapes, found


def _shape(text: str) -> str:
    """A message without the ids in it."""
    words = ["ID" if word.startswith(("rtb-", "igw-", "{")) else word for word in text.split()]
    return " ".join(words)


def test_private_dns_needs_two_settings_of_the_vpc() -> None:
    way = make_endpoint("sqs", VpcEndpointType="Interface", SubnetIds=[ref("Private")], PrivateDnsEnabled=True)
    (found,) = messages(Vpc=made("VPC", CidrBlock="10.0.0.0/16"), Way=way)
    assert found.startswith("Way: Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC")
    assert messages(Way=way) == []


def test_a_nat_gateway_needs_an_internet_gateway_in_its_vpc() -> None:
    found = messages(**make_nat(), GatewayHere=None, ToGateway=None)
    assert any(
        text.startswith("Nat: Network vpc-") and text.endswith("has no Internet gateway attached.") for text in found
    )


RULE = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0"}


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({**RULE, "CidrIp": "anywhere"}, "CIDR block anywhere is malformed."),
        (
            {**RULE, "ToPort": 80},
            "FromPort and ToPort of a tcp rule must be 0 to 65535, the first not above the second.",
        ),
        ({**RULE, "IpProtocol": "http"}, "Invalid value 'http' for IP protocol. Unknown protocol."),
        ({**RULE, "SourceSecurityGroupId": ref("App")}, "a rule names one other side:"),
        ({"IpProtocol": "-1", "SourceSecurityGroupId": "sg-1"}, "there is no AWS::EC2::SecurityGroup sg-1"),
        ({"IpProtocol": "-1", "SourcePrefixListId": "pl-1"}, "The prefix list ID 'pl-1' does not exist."),
        ({**RULE, "CidrIpv6": "::/0"}, "CidrIpv6 of a security group's rule has no effect in lambdalab yet."),
        ("open", "a rule must be a mapping (key: value)."),
    ],
)
def test_a_wrong_rule_is_told_wherever_it_stands(rule: Any, message: str) -> None:
    group = made("SecurityGroup", VpcId=ref("Vpc"), GroupDescription="g", SecurityGroupIngress=[rule])
    assert [text for text in messages(Group=group) if text.startswith(f"Group: {message}")]
    if isinstance(rule, dict):
        apart = made("SecurityGroupIngress", GroupId=ref("App"), **rule)
        assert [text for text in messages(Apart=apart) if text.startswith(f"Apart: {message}")]


def test_a_subnet_that_is_too_small_for_what_stands_in_it_is_told() -> None:
    """A /28 has sixteen addresses, five of them AWS's."""
    groups = {f"G{n}": made("SecurityGroup", VpcId=ref("Vpc"), GroupDescription="g") for n in range(12)}
    small = made("Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.1.0/28")
    functions = [
        make_function(f"f{n}", VpcConfig={"SubnetIds": [ref("Private")], "SecurityGroupIds": [ref(f"G{n}")]})
        for n in range(12)
    ]
    template = inside(*functions, Private=small, **groups)
    text = "Private: There are not enough free addresses: 10.0.1.0/28 has 11, and 12 are needed."
    assert [problem.message for problem in problems(template)] == [text]
    assert problems(inside(*functions[:11], Private=small, **groups)) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"DBInstanceClass": "db.huge"}, "lambdalab does not know the memory of the DB instance class db.huge."),
        ({"DBInstanceClass": "db.serverless"}, "the class db.serverless is for an instance of a cluster"),
        ({"Engine": "oracle-se2"}, "Engine must be one of: postgres, mysql, mariadb"),
        ({"DBSubnetGroupName": "other"}, "lambdalab has no default VPC: DBSubnetGroupName must be an AWS::RDS::DB"),
        ({"PubliclyAccessible": True}, "a database with a public address has no effect in lambdalab yet."),
        ({"VPCSecurityGroups": ["sg-1"]}, "there is no AWS::EC2::SecurityGroup sg-1"),
        ({"DBParameterGroupName": "x"}, "there is no AWS::RDS::DBParameterGroup x"),
        ({"DBClusterIdentifier": "x"}, "there is no AWS::RDS::DBCluster x"),
        ({"Iops": 1}, "the property Iops of AWS::RDS::DBInstance has no effect in lambdalab yet."),
    ],
)  # fmt: skip
def test_a_wrong_database_is_told(change: dict[str, Any], message: str) -> None:
    found = messages(**make_database(**change))
    assert [text for text in found if text.startswith(f"Orders: {message}")], found


def test_a_subnet_group_covers_two_zones() -> None:
    parts = make_database()
    parts["Other"]["Properties"]["AvailabilityZone"] = "us-east-1a"
    (found,) = messages(**parts)
    assert found == (
        "Subnets: The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: "
        "us-east-1a. Add subnets to cover at least 2 AZs."
    )


@pytest.mark.parametrize(
    ("kind", "engine", "most"),
    [
        ("db.t4g.micro", "postgres", 112),
        ("db.t3.medium", "mysql", 341),
        ("db.m6g.large", "mariadb", 682),
        ("db.r6g.large", "postgres", 1_802),
        ("db.r5.12xlarge", "postgres", 5_000),
    ],
)
def test_a_database_takes_as_many_connections_as_its_class_has_memory(kind: str, engine: str, most: int) -> None:
    """A-43."""
    template = inside(make_function(), **make_database(DBInstanceClass=kind, Engine=engine, DBParameterGroupName=None))
    del template["Resources"]["Orders"]["Properties"]["DBParameterGroupName"]
    (fact,) = play(template, steps()).of(ServerDeployed)
    assert fact.connections_max == most
    assert fact.port == (5432 if engine == "postgres" else 3306)


@pytest.mark.parametrize("name", ["db.t4g.tiny", "db.m5.micro", "t3.micro", "db.t3x.micro", "db.r6g", "db.q5.large"])
def test_an_unknown_class_has_no_memory(name: str) -> None:
    assert memory_gib(name) is None


AURORA = {
    "Cluster": {
        "Type": "AWS::RDS::DBCluster",
        "Properties": {
            "DBClusterIdentifier": "Shop",
            "Engine": "aurora-postgresql",
            "DBSubnetGroupName": ref("Subnets"),
            "VpcSecurityGroupIds": [ref("Db")],
            "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 4},
        },
    },
    **{
        name: {
            "Type": "AWS::RDS::DBInstance",
            "Properties": {
                "DBInstanceIdentifier": name.lower(),
                "DBInstanceClass": "db.serverless",
                "Engine": "aurora-postgresql",
                "DBClusterIdentifier": ref("Cluster"),
            },
        }
        for name in ("Writer", "Reader")
    },
}


def test_a_clusters_names_lead_to_its_instances() -> None:
    parts = make_database() | AURORA
    del parts["Orders"]
    run = play(inside(make_function(), **parts), steps())
    assert [
        (fact.endpoint, fact.host.split(".")[0], fact.port, fact.connections_max) for fact in run.of(ServerDeployed)
    ] == [
        ("writer", "writer", 5432, 901),
        ("reader", "reader", 5432, 901),
    ]
    del parts["Writer"], parts["Reader"]
    (found,) = [text for text in messages(**parts) if text.startswith("Cluster")]
    assert found == "Cluster: nothing answers for this cluster: it has no AWS::RDS::DBInstance."


def test_addresses_and_ports_can_be_asked_for() -> None:
    variables = {
        "HOST": {"Fn::GetAtt": "Orders.Endpoint.Address"},
        "PORT": {"Fn::GetAtt": "Orders.Endpoint.Port"},
        "BLOCK": {"Fn::GetAtt": "Vpc.CidrBlock"},
    }
    template = inside(make_function(Environment={"Variables": variables}), **make_database())
    read = read_template({**CODE, **as_files(template)})
    assert read.resources["Work"].properties["Environment"]["Variables"] == {
        "HOST": "orders.c0lambdalab0.us-east-1.rds.amazonaws.com",
        "PORT": "5432",
        "BLOCK": "10.0.0.0/16",
    }


def test_a_property_that_needs_itself_is_told() -> None:
    template = make_template(**make_network(Vpc=made("VPC", CidrBlock={"Fn::GetAtt": "Vpc.CidrBlock"})))
    with pytest.raises(ProjectError, match=r"Circular dependency between resources: .Vpc."):
        read_template({**CODE, **as_files(template)})


PROPERTIES = sorted(
    {prop for part in make_network(**make_nat(), **make_database()).values() for prop in part["Properties"]}
)
odd = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 70_000) | st.sampled_from(["", "x", "10.0.0.0/16", "10.0.0.0/99"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["CidrIp", "IpProtocol", "a"]), inner),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(CHECKS)), st.dictionaries(st.sampled_from(PROPERTIES), odd, max_size=5))
def test_odd_properties_are_problems_and_never_crashes(kind: str, properties: dict[str, Any]) -> None:
    template = inside(make_function(), **make_database())
    template["Resources"]["Odd"] = {"Type": kind, "Properties": properties}
    if all(problem.severity == "warning" for problem in problems(template)):
        play(template, steps())


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted({**make_network(), **make_nat(), **make_database()})), st.data())
def test_a_network_with_an_odd_property_is_told_or_plays(name: str, data: Any) -> None:
    template = inside(**make_nat(), **make_database())
    given_properties = template["Resources"][name]["Properties"]
    given_properties[data.draw(st.sampled_from(sorted(given_properties) or ["Tags"]))] = data.draw(odd)
    if all(problem.severity == "warning" for problem in problems(template)):
        play(template, steps())
