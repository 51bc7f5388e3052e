"""A small VPC in CloudFormation's words, for tests: each part is there only when it is asked for."""

from typing import Any

from tests.simulator.playing import make_function, make_template


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def made(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::EC2::{kind}", "Properties": properties}


def tagged(name: str) -> list[dict[str, str]]:
    return [{"Key": "Name", "Value": name}]


ATTACHED = {"SubnetIds": [ref("Private")], "SecurityGroupIds": [ref("App")]}


def make_network(**more: Any) -> dict[str, Any]:
    """A VPC ``shop`` with the subnets ``private-a`` and ``public-a`` and the security group ``app``; no way out of
    the private one. ``more`` are further resources; None takes one out."""
    parts = {
        "Vpc": made("VPC", CidrBlock="10.0.0.0/16", EnableDnsHostnames=True, Tags=tagged("shop")),
        "Private": made("Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.1.0/24", Tags=tagged("private-a")),
        "Public": made("Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.2.0/24", Tags=tagged("public-a")),
        "App": made("SecurityGroup", VpcId=ref("Vpc"), GroupDescription="functions", GroupName="app"),
        "PrivateTable": made("RouteTable", VpcId=ref("Vpc"), Tags=tagged("private")),
        "PublicTable": made("RouteTable", VpcId=ref("Vpc"), Tags=tagged("public")),
        "PrivateUses": made("SubnetRouteTableAssociation", SubnetId=ref("Private"), RouteTableId=ref("PrivateTable")),
        "PublicUses": made("SubnetRouteTableAssociation", SubnetId=ref("Public"), RouteTableId=ref("PublicTable")),
        "Gateway": made("InternetGateway"),
        "GatewayHere": made("VPCGatewayAttachment", VpcId=ref("Vpc"), InternetGatewayId=ref("Gateway")),
        "ToGateway": made(
            "Route",
            RouteTableId=ref("PublicTable"),
            DestinationCidrBlock="0.0.0.0/0",
            GatewayId=ref("Gateway"),
        ),
    }
    return {name: part for name, part in (parts | more).items() if part is not None}


def make_nat(subnet: str = "Public") -> dict[str, Any]:
    """A NAT gateway ``nat``, and the way of the private subnet through it."""
    return {
        "Address": made("EIP", Domain="vpc"),
        "Nat": made(
            "NatGateway",
            SubnetId=ref(subnet),
            AllocationId={"Fn::GetAtt": "Address.AllocationId"},
            Tags=tagged("nat"),
        ),
        "ToNat": made(
            "Route", RouteTableId=ref("PrivateTable"), DestinationCidrBlock="0.0.0.0/0", NatGatewayId=ref("Nat")
        ),
    }


def make_endpoint(service: str, **properties: Any) -> dict[str, Any]:
    return made("VPCEndpoint", VpcId=ref("Vpc"), ServiceName=f"com.amazonaws.us-east-1.{service}", **properties)


def make_database(groups: tuple[str, ...] = ("Db",), most: int | None = None, **properties: Any) -> dict[str, Any]:
    """A database ``orders`` in two subnets, for the security group ``db`` that lets ``app`` in."""
    parameters = {"max_connections": most} if most else {}
    rule = {
        "IpProtocol": "tcp",
        "FromPort": 5432,
        "ToPort": 5432,
        "SourceSecurityGroupId": {"Fn::GetAtt": "App.GroupId"},
    }
    usual = {
        "DBInstanceIdentifier": "orders",
        "DBInstanceClass": "db.t4g.micro",
        "Engine": "postgres",
        "DBSubnetGroupName": ref("Subnets"),
        "VPCSecurityGroups": [ref(group) for group in groups],
        "DBParameterGroupName": ref("Parameters"),
    }
    other = made("Subnet", VpcId=ref("Vpc"), CidrBlock="10.0.3.0/24", AvailabilityZone="us-east-1b")
    return {
        "Other": other,
        "Subnets": {"Type": "AWS::RDS::DBSubnetGroup", "Properties": {"SubnetIds": [ref("Private"), ref("Other")]}},
        "Parameters": {"Type": "AWS::RDS::DBParameterGroup", "Properties": {"Parameters": parameters}},
        "Db": made(
            "SecurityGroup",
            VpcId=ref("Vpc"),
            GroupDescription="databases",
            GroupName="db",
            SecurityGroupIngress=[rule],
        ),
        "Orders": {"Type": "AWS::RDS::DBInstance", "Properties": usual | properties},
    }


def inside(*functions: dict[str, Any], allow: list[str] | None = None, **more: Any) -> dict[str, Any]:
    """A template whose function ``work`` is attached to the private subnet, and the VPC with ``more``."""
    attached = functions or (make_function(VpcConfig=ATTACHED, Timeout=900),)
    return make_template(*attached, allow=allow, **make_network(**more))
