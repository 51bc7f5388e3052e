"""Ids, host names and ports of what stands in a VPC: what Ref and Fn::GetAtt answer, in the shapes of AWS's own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from lambdalab.simulator.vocabulary.arns import REGION, arn

NAME_PROPERTY = {
    "AWS::RDS::DBInstance": "DBInstanceIdentifier",
    "AWS::RDS::DBCluster": "DBClusterIdentifier",
    "AWS::RDS::DBProxy": "DBProxyName",
    "AWS::RDS::DBSubnetGroup": "DBSubnetGroupName",
    "AWS::RDS::DBParameterGroup": "DBParameterGroupName",
    "AWS::ElastiCache::CacheCluster": "ClusterName",
    "AWS::ElastiCache::ReplicationGroup": "ReplicationGroupId",
    "AWS::ElastiCache::ServerlessCache": "ServerlessCacheName",
    "AWS::ElastiCache::SubnetGroup": "CacheSubnetGroupName",
}
PORTS = {
    "postgres": 5432, "postgresql": 5432, "mysql": 3306, "mariadb": 3306, "redis": 6379, "valkey": 6379,
    "memcached": 11211,
}  # fmt: skip


def _id(prefix: str, name: str) -> str:
    return f"{prefix}-{hashlib.sha256(name.encode()).hexdigest()[:17]}"


def _lower(name: str) -> str:
    return name.lower()


def _rds(infix: str, name: str) -> str:
    return f"{name.lower()}.{infix}c0lambdalab0.{REGION}.rds.amazonaws.com"


def _cache(form: str, name: str) -> str:
    return form.format(name.lower()) + ".use1.cache.amazonaws.com"


_LOWER = (
    "AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup", "AWS::ElastiCache::ServerlessCache",
)  # fmt: skip
REFS: dict[str, Callable[[str], str]] = {
    "AWS::EC2::VPC": partial(_id, "vpc"),
    "AWS::EC2::Subnet": partial(_id, "subnet"),
    "AWS::EC2::SecurityGroup": partial(_id, "sg"),
    "AWS::EC2::SecurityGroupIngress": partial(_id, "sgr"),
    "AWS::EC2::SecurityGroupEgress": partial(_id, "sgr"),
    "AWS::EC2::RouteTable": partial(_id, "rtb"),
    "AWS::EC2::Route": partial(_id, "r"),
    "AWS::EC2::SubnetRouteTableAssociation": partial(_id, "rtbassoc"),
    "AWS::EC2::InternetGateway": partial(_id, "igw"),
    "AWS::EC2::VPCGatewayAttachment": partial(_id, "attach"),
    "AWS::EC2::NatGateway": partial(_id, "nat"),
    "AWS::EC2::EIP": partial(_id, "eip"),
    "AWS::EC2::VPCEndpoint": partial(_id, "vpce"),
    **dict.fromkeys(_LOWER, _lower),
}
HOSTS: dict[tuple[str, str], Callable[[str], str]] = {
    ("AWS::RDS::DBInstance", "Endpoint.Address"): partial(_rds, ""),
    ("AWS::RDS::DBCluster", "Endpoint.Address"): partial(_rds, "cluster-"),
    ("AWS::RDS::DBCluster", "ReadEndpoint.Address"): partial(_rds, "cluster-ro-"),
    ("AWS::RDS::DBProxy", "Endpoint"): partial(_rds, "proxy-"),
    ("AWS::ElastiCache::CacheCluster", "RedisEndpoint.Address"): partial(_cache, "{}.lab0ab.0001"),
    ("AWS::ElastiCache::CacheCluster", "ConfigurationEndpoint.Address"): partial(_cache, "{}.lab0ab.cfg"),
    ("AWS::ElastiCache::ReplicationGroup", "PrimaryEndPoint.Address"): partial(_cache, "{}.lab0ab.ng.0001"),
    ("AWS::ElastiCache::ReplicationGroup", "ReaderEndPoint.Address"): partial(_cache, "{}-ro.lab0ab.ng.0001"),
    ("AWS::ElastiCache::ReplicationGroup", "ConfigurationEndPoint.Address"): partial(_cache, "clustercfg.{}.lab0ab"),
    ("AWS::ElastiCache::ServerlessCache", "Endpoint.Address"): partial(_cache, "{}-lab0ab.serverless"),
    ("AWS::ElastiCache::ServerlessCache", "ReaderEndpoint.Address"): partial(_cache, "{}-ro-lab0ab.serverless"),
}
ATTRIBUTES: dict[tuple[str, str], Callable[[str], str]] = {
    ("AWS::EC2::VPC", "VpcId"): REFS["AWS::EC2::VPC"],
    ("AWS::EC2::VPC", "DefaultSecurityGroup"): partial(_id, "sg"),
    ("AWS::EC2::Subnet", "SubnetId"): REFS["AWS::EC2::Subnet"],
    ("AWS::EC2::SecurityGroup", "GroupId"): REFS["AWS::EC2::SecurityGroup"],
    ("AWS::EC2::RouteTable", "RouteTableId"): REFS["AWS::EC2::RouteTable"],
    ("AWS::EC2::InternetGateway", "InternetGatewayId"): REFS["AWS::EC2::InternetGateway"],
    ("AWS::EC2::NatGateway", "NatGatewayId"): REFS["AWS::EC2::NatGateway"],
    ("AWS::EC2::EIP", "AllocationId"): partial(_id, "eipalloc"),
    ("AWS::EC2::VPCEndpoint", "Id"): REFS["AWS::EC2::VPCEndpoint"],
    ("AWS::RDS::DBInstance", "DBInstanceArn"): lambda name: arn("rds", f"db:{name.lower()}"),
    ("AWS::RDS::DBCluster", "DBClusterArn"): lambda name: arn("rds", f"cluster:{name.lower()}"),
    ("AWS::RDS::DBProxy", "DBProxyArn"): lambda name: arn("rds", f"db-proxy:{name}"),
    **HOSTS,
}
_PORT_ATTRIBUTES = {
    "Endpoint.Port", "ReadEndpoint.Port", "RedisEndpoint.Port", "ConfigurationEndpoint.Port", "PrimaryEndPoint.Port",
    "ReaderEndPoint.Port", "ConfigurationEndPoint.Port", "ReaderEndpoint.Port",
}  # fmt: skip


PROPERTIES = {
    ("AWS::EC2::VPC", "CidrBlock"), ("AWS::EC2::Subnet", "CidrBlock"), ("AWS::EC2::Subnet", "VpcId"),
    ("AWS::EC2::Subnet", "AvailabilityZone"), ("AWS::EC2::SecurityGroup", "VpcId"),
}  # fmt: skip
"""Attributes that are what the resource's property of that name says."""


def zone_of(subnet: Mapping[str, Any]) -> str:
    """The Availability Zone of a subnet's properties."""
    return str(subnet.get("AvailabilityZone") or f"{REGION}a")


def port_of(properties: Mapping[str, Any]) -> int:
    """The port of a database or cache, from its properties: its own, else that of its engine."""
    given = properties.get("Port")
    if given is not None and str(given).isdecimal():
        return int(given)
    engine = str(properties.get("Engine", "redis")).removeprefix("aurora-").split("-")[0]
    return PORTS.get(engine, 0)


def is_port(kind: str, attribute: str) -> bool:
    """Whether an attribute of a resource type is a port."""
    return attribute in _PORT_ATTRIBUTES and kind.startswith(("AWS::RDS::", "AWS::ElastiCache::"))
