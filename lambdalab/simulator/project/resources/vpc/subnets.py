"""AWS::EC2::VPC and what its packets follow: subnets, route tables, internet and NAT gateways.

Source: Amazon VPC User Guide, "VPC CIDR blocks", "Subnet CIDR blocks", "Configure route tables", "NAT gateways"; error
texts as EC2 answers them, in moto 5.2's copy, read 2026-11.
"""

from __future__ import annotations

from lambdalab.simulator.account.vpc import NatGateway, Network, Route, RouteTable, Subnet, Vpc
from lambdalab.simulator.account.vpc.network import room
from lambdalab.simulator.project import network_names
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.vpc.addresses import addresses_needed
from lambdalab.simulator.project.resources.vpc.parts import block, by_id, called, id_of, is_true, shape_problems
from lambdalab.simulator.project.template import Resource, Template

PREFIX_MIN, PREFIX_MAX = 16, 28  # of VPCs and subnets. VPC User Guide, "VPC CIDR blocks"
CONNECTIVITY = ("public", "private")


def check_vpc(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a VPC."""
    problems = shape_problems(template, resource)
    given = resource.properties.get("CidrBlock")
    if given and block(given, PREFIX_MIN, PREFIX_MAX) is None:
        text = f"The CIDR '{given}' is invalid."
        problems.append(template.problem(resource, "CidrBlock", text, f"Choose a block of /{PREFIX_MIN} to /28."))
    return problems


def check_subnet(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a subnet: its block must lie in its VPC's and touch no other subnet's."""
    problems = shape_problems(template, resource)
    given, vpc_id = resource.properties.get("CidrBlock"), resource.properties.get("VpcId")
    own = block(given, PREFIX_MIN, PREFIX_MAX)
    vpc = by_id(template, "AWS::EC2::VPC").get(str(vpc_id))
    around = block(vpc.properties.get("CidrBlock")) if vpc else None
    if given and (own is None or (around is not None and not own.subnet_of(around))):
        inside = f" inside {around}" if around else ""
        text = f"The CIDR '{given}' is invalid."
        return [*problems, template.problem(resource, "CidrBlock", text, f"Choose a block of /16 to /28{inside}.")]
    if own is not None and (needed := addresses_needed(template, id_of(template, resource))) > room(own):
        text = f"There are not enough free addresses: {own} has {room(own)}, and {needed} are needed."
        problems.append(template.problem(resource, "CidrBlock", text, "Choose a larger block."))
    for other in template.of_type("AWS::EC2::Subnet"):
        if other.logical_id == resource.logical_id:
            break
        theirs = block(other.properties.get("CidrBlock"))
        if own and theirs and other.properties.get("VpcId") == vpc_id and own.overlaps(theirs):
            text = f"The CIDR '{given}' conflicts with another subnet."
            problems.append(template.problem(resource, "CidrBlock", text, f"{other.logical_id} has {theirs}."))
    return problems


def check_route(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a route: one target, in the VPC of its table."""
    problems = shape_problems(template, resource)
    props = resource.properties
    if props.get("DestinationCidrBlock") and block(props["DestinationCidrBlock"]) is None:
        text = f"Value ({props['DestinationCidrBlock']}) for parameter destinationCidrBlock is invalid."
        problems.append(template.problem(resource, "DestinationCidrBlock", text, "Write a block like 0.0.0.0/0."))
    targets = [prop for prop in ("GatewayId", "NatGatewayId") if props.get(prop)]
    if len(targets) != 1:
        text = "a route leads to one target: GatewayId or NatGatewayId."
        return [*problems, template.problem(resource, "GatewayId", text)]
    gateway = props.get("GatewayId")
    table = by_id(template, "AWS::EC2::RouteTable").get(str(props.get("RouteTableId")))
    if gateway and table and str(table.properties.get("VpcId")) not in _attached(template, str(gateway)):
        text = f"route table {props['RouteTableId']} and network gateway {gateway} belong to different networks."
        problems.append(
            template.problem(resource, "GatewayId", text, "Attach it to the VPC: AWS::EC2::VPCGatewayAttachment.")
        )
    return problems


def check_association(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with the association of a subnet and a route table; a subnet has one table."""
    problems = shape_problems(template, resource)
    subnet = resource.properties.get("SubnetId")
    for other in template.of_type(resource.type):
        if other.logical_id == resource.logical_id:
            break
        if other.properties.get("SubnetId") == subnet:
            text = f"The specified association for route table {resource.properties.get('RouteTableId')} conflicts"
            fix = f"{other.logical_id} gives the subnet its route table already."
            problems.append(template.problem(resource, "SubnetId", f"{text} with an existing association.", fix))
    there, tables = by_id(template, "AWS::EC2::Subnet"), by_id(template, "AWS::EC2::RouteTable")
    one, two = there.get(str(subnet)), tables.get(str(resource.properties.get("RouteTableId")))
    if one and two and one.properties.get("VpcId") != two.properties.get("VpcId"):
        text = f"{one.logical_id} and {two.logical_id} belong to different networks."
        problems.append(template.problem(resource, "RouteTableId", text))
    return problems


def check_nat_gateway(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a NAT gateway."""
    problems = shape_problems(template, resource)
    kind, allocation = resource.properties.get("ConnectivityType", "public"), resource.properties.get("AllocationId")
    if kind not in CONNECTIVITY:
        text = f"ConnectivityType must be public or private, not {kind!r}."
        return [*problems, template.problem(resource, "ConnectivityType", text)]
    if kind == "private":
        return problems
    make = network_names.ATTRIBUTES["AWS::EC2::EIP", "AllocationId"]
    if str(allocation) not in {make(template.name(each)) for each in template.of_type("AWS::EC2::EIP")}:
        text = "a public NAT gateway needs the AllocationId of an AWS::EC2::EIP."
        problems.append(template.problem(resource, "AllocationId", text, "Write !GetAtt MyAddress.AllocationId."))
    subnet = by_id(template, "AWS::EC2::Subnet").get(str(resource.properties.get("SubnetId")))
    vpc = str(subnet.properties.get("VpcId")) if subnet else ""
    if subnet and not any(vpc == each.properties.get("VpcId") for each in template.of_type(ATTACHMENT)):
        text = f"Network {vpc} has no Internet gateway attached."
        problems.append(template.problem(resource, "SubnetId", text, f"Attach one to the VPC: {ATTACHMENT}."))
    return problems


ATTACHMENT = "AWS::EC2::VPCGatewayAttachment"


def _attached(template: Template, gateway: str) -> set[str]:
    """The VPCs, by id, that an internet gateway is attached to."""
    here = [each.properties for each in template.of_type(ATTACHMENT)]
    return {str(props.get("VpcId")) for props in here if props.get("InternetGatewayId") == gateway}


def build(template: Template, network: Network) -> None:
    """Put VPCs, subnets and gateways into the account's network. All have been checked."""
    for resource in template.of_type("AWS::EC2::VPC"):
        cidr = block(resource.properties["CidrBlock"])
        assert cidr is not None
        vpc = Vpc(id_of(template, resource), called(template, resource), cidr, resolves(resource))
        network.vpcs[vpc.id] = vpc
    tables = _tables(template)
    chosen = {
        each.properties["SubnetId"]: tables[each.properties["RouteTableId"]]
        for each in template.of_type("AWS::EC2::SubnetRouteTableAssociation")
    }
    for resource in template.of_type("AWS::EC2::Subnet"):
        network.subnets[id_of(template, resource)] = _subnet(template, resource, chosen)
    for resource in template.of_type("AWS::EC2::NatGateway"):
        public = resource.properties.get("ConnectivityType", "public") == "public"
        subnet = resource.properties["SubnetId"]
        made = NatGateway(id_of(template, resource), called(template, resource), subnet, public)
        network.nat_gateways[made.id] = made
        network.new_address(subnet)


def resolves(vpc: Resource) -> bool:
    """Whether AWS's name server answers in a VPC: it does unless it is told not to."""
    return is_true(vpc.properties.get("EnableDnsSupport"), default=True)


def _subnet(template: Template, resource: Resource, chosen: dict[str, RouteTable]) -> Subnet:
    subnet_id, vpc = id_of(template, resource), resource.properties["VpcId"]
    cidr = block(resource.properties["CidrBlock"])
    assert cidr is not None
    main = RouteTable(f"main-{vpc}", "the VPC's main route table")
    table = chosen.get(subnet_id, main)
    return Subnet(subnet_id, called(template, resource), vpc, cidr, table, network_names.zone_of(resource.properties))


def _tables(template: Template) -> dict[str, RouteTable]:
    routes: dict[str, list[Route]] = {}
    for resource in template.of_type("AWS::EC2::Route"):
        props = resource.properties
        cidr = block(props["DestinationCidrBlock"])
        assert cidr is not None
        kind, target = "internet gateway", props.get("GatewayId")
        if not target:
            kind, target = "NAT gateway", props["NatGatewayId"]
        routes.setdefault(props["RouteTableId"], []).append(Route(cidr, kind, target))  # type: ignore[arg-type]
    return {
        key: RouteTable(key, called(template, resource), tuple(routes.get(key, ())))
        for key, resource in by_id(template, "AWS::EC2::RouteTable").items()
    }
