"""AWS::RDS and AWS::ElastiCache: servers inside a VPC that accept, count and limit connections.

Source: Amazon RDS User Guide, "Quotas and constraints", "Maximum number of database connections" and "DB instance
classes"; Amazon ElastiCache User Guide, "Redis OSS configuration", read 2026-10. How many connections: assumption A-43.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lambdalab.simulator.account import World
from lambdalab.simulator.account.vpc import Network, SecurityGroup, Server
from lambdalab.simulator.project import network_names
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.resources.vpc.classes import memory_gib
from lambdalab.simulator.project.resources.vpc.parts import (
    by_id,
    default_groups,
    id_of,
    is_true,
    listed,
    reference_problems,
    vpc_of,
)
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.trace.facts import ServerDeployed
from lambdalab.simulator.vocabulary.assumptions import CACHE_CONNECTIONS_MAX

_INSTANCE, _CLUSTER, _PROXY = "AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::RDS::DBProxy"
_NODES, _REPLICAS = "AWS::ElastiCache::CacheCluster", "AWS::ElastiCache::ReplicationGroup"
_SERVERLESS = "AWS::ElastiCache::ServerlessCache"
_DB_SUBNETS, _CACHE_SUBNETS = "AWS::RDS::DBSubnetGroup", "AWS::ElastiCache::SubnetGroup"
_PARAMETERS = "AWS::RDS::DBParameterGroup"

KNOWN = {
    _INSTANCE: {
        "AllocatedStorage", "BackupRetentionPeriod", "DBClusterIdentifier", "DBInstanceClass", "DBInstanceIdentifier",
        "DBName", "DBParameterGroupName", "DBSubnetGroupName", "DeletionProtection", "Engine", "EngineVersion",
        "ManageMasterUserPassword", "MasterUserPassword", "MasterUsername", "MultiAZ", "Port", "PubliclyAccessible",
        "StorageEncrypted", "StorageType", "Tags", "VPCSecurityGroups",
    },
    _CLUSTER: {
        "DBClusterIdentifier", "DBSubnetGroupName", "DatabaseName", "DeletionProtection", "Engine", "EngineVersion",
        "ManageMasterUserPassword", "MasterUserPassword", "MasterUsername", "Port", "ServerlessV2ScalingConfiguration",
        "StorageEncrypted", "Tags", "VpcSecurityGroupIds",
    },
    _PROXY: {
        "Auth", "DBProxyName", "EngineFamily", "IdleClientTimeout", "RequireTLS", "RoleArn", "Tags",
        "VpcSecurityGroupIds", "VpcSubnetIds",
    },
    "AWS::RDS::DBProxyTargetGroup": {
        "DBProxyName", "TargetGroupName", "DBInstanceIdentifiers", "DBClusterIdentifiers",
        "ConnectionPoolConfigurationInfo",
    },
    _PARAMETERS: {"DBParameterGroupName", "Description", "Family", "Parameters", "Tags"},
    _DB_SUBNETS: {"DBSubnetGroupDescription", "DBSubnetGroupName", "SubnetIds", "Tags"},
    _NODES: {
        "CacheNodeType", "CacheSubnetGroupName", "ClusterName", "Engine", "EngineVersion", "NumCacheNodes", "Port",
        "Tags", "VpcSecurityGroupIds",
    },
    _REPLICAS: {
        "AtRestEncryptionEnabled", "AutomaticFailoverEnabled", "CacheNodeType", "CacheSubnetGroupName", "Engine",
        "EngineVersion", "NumCacheClusters", "Port", "ReplicationGroupDescription", "ReplicationGroupId",
        "SecurityGroupIds", "Tags", "TransitEncryptionEnabled",
    },
    _SERVERLESS: {
        "Description", "Engine", "MajorEngineVersion", "SecurityGroupIds", "ServerlessCacheName", "SubnetIds", "Tags",
    },
    _CACHE_SUBNETS: {"CacheSubnetGroupName", "Description", "SubnetIds", "Tags"},
}  # fmt: skip
_GROUPS = {
    _INSTANCE: "VPCSecurityGroups", _CLUSTER: "VpcSecurityGroupIds", _PROXY: "VpcSecurityGroupIds",
    _NODES: "VpcSecurityGroupIds", _REPLICAS: "SecurityGroupIds", _SERVERLESS: "SecurityGroupIds",
}  # fmt: skip
_SUBNETS = {
    _INSTANCE: "DBSubnetGroupName", _CLUSTER: "DBSubnetGroupName", _NODES: "CacheSubnetGroupName",
    _REPLICAS: "CacheSubnetGroupName",
}  # fmt: skip
_OWN_SUBNETS = {_PROXY: "VpcSubnetIds", _SERVERLESS: "SubnetIds", _DB_SUBNETS: "SubnetIds", _CACHE_SUBNETS: "SubnetIds"}
_ENGINES = {
    _INSTANCE: ("postgres", "mysql", "mariadb", "aurora-postgresql", "aurora-mysql"),
    _CLUSTER: ("aurora-postgresql", "aurora-mysql"),
    _NODES: ("redis", "memcached"),
    _REPLICAS: ("redis", "valkey"),
    _SERVERLESS: ("redis", "valkey", "memcached"),
}
_POSTGRES_BYTES, _POSTGRES_MAX, _MYSQL_BYTES = 9_531_392, 5_000, 12_582_880
_FAMILIES = {"POSTGRESQL": "postgres", "MYSQL": "mysql"}


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a database, a cache, or what belongs to one."""
    problems = unknown_properties(template, resource, KNOWN[resource.type])
    props = resource.properties
    if resource.type in _OWN_SUBNETS:
        problems += _subnet_problems(template, resource, _OWN_SUBNETS[resource.type])
    if resource.type in _GROUPS:
        prop = _GROUPS[resource.type]
        kind = "AWS::EC2::SecurityGroup"
        problems += reference_problems(template, resource, prop, listed(props.get(prop)), kind)
    if resource.type in _SUBNETS and not _in_cluster(resource) and _subnets(template, resource) is None:
        prop = _SUBNETS[resource.type]
        kind = _CACHE_SUBNETS if "ElastiCache" in resource.type else _DB_SUBNETS
        text = f"lambdalab has no default VPC: {prop} must be an {kind} of this template."
        problems.append(template.problem(resource, prop, text, f"Write {prop}: !Ref MySubnets."))
    if resource.type in _ENGINES and not (_in_cluster(resource) and "Engine" not in props):
        problems += _engine_problems(template, resource)
    problems += _own_problems(template, resource)
    return problems


def _own_problems(template: Template, resource: Resource) -> list[Problem]:
    """What concerns one type alone."""
    props = resource.properties
    if resource.type == _INSTANCE:
        return _instance_problems(template, resource)
    if resource.type == _CLUSTER and not any(_members(template, resource)):
        text = f"nothing answers for this cluster: it has no {_INSTANCE}."
        return [
            template.problem(resource, "Engine", text, f"Add one with DBClusterIdentifier: !Ref {resource.logical_id}.")
        ]
    if resource.type == _PROXY and props.get("EngineFamily") not in _FAMILIES:
        text = f"EngineFamily must be one of: {', '.join(_FAMILIES)}."
        return [template.problem(resource, "EngineFamily", text)]
    if resource.type == _PARAMETERS:
        return _parameter_problems(template, resource)
    return []


def _instance_problems(template: Template, resource: Resource) -> list[Problem]:
    props = resource.properties
    problems = []
    if is_true(props.get("PubliclyAccessible")):
        text = "a database with a public address has no effect in lambdalab yet."
        problems.append(template.problem(resource, "PubliclyAccessible", text, "Write false.", "unsupported"))
    kind = str(props.get("DBInstanceClass", ""))
    if memory_gib(kind) is None and kind != "db.serverless":
        text = f"lambdalab does not know the memory of the DB instance class {kind or '(none)'}."
        problems.append(
            template.problem(resource, "DBInstanceClass", text, "Choose one like db.t4g.micro.", "unsupported")
        )
    if kind == "db.serverless" and not _in_cluster(resource):
        text = "the class db.serverless is for an instance of a cluster (DBClusterIdentifier)."
        problems.append(template.problem(resource, "DBInstanceClass", text))
    if _in_cluster(resource) and str(props["DBClusterIdentifier"]) not in by_id(template, _CLUSTER):
        text = f"there is no {_CLUSTER} {props['DBClusterIdentifier']} in this template."
        problems.append(template.problem(resource, "DBClusterIdentifier", text, "Write !Ref MyCluster."))
    group = props.get("DBParameterGroupName")
    if group is not None and str(group) not in by_id(template, _PARAMETERS):
        text = f"there is no {_PARAMETERS} {group} in this template."
        problems.append(template.problem(resource, "DBParameterGroupName", text, "Write !Ref MyParameters."))
    return problems


def _parameter_problems(template: Template, resource: Resource) -> list[Problem]:
    given = resource.properties.get("Parameters") or {}
    if not isinstance(given, dict):
        return [template.problem(resource, "Parameters", "Parameters must be a mapping (name: value).")]
    problems = [
        template.problem(
            resource, "Parameters", f"the parameter {name} has no effect in lambdalab yet.", "", "unsupported"
        )
        for name in given
        if name != "max_connections"
    ]
    value = given.get("max_connections")
    if value is not None and not (str(value).isdecimal() and len(str(value)) <= 6 and 6 <= int(value) <= 262_143):
        text = f"max_connections must be a whole number of 6 to 262143 here, not {value!r}."
        problems.append(template.problem(resource, "Parameters", text))
    return problems


def _engine_problems(template: Template, resource: Resource) -> list[Problem]:
    engines = _ENGINES[resource.type]
    if resource.properties.get("Engine") in engines:
        return []
    text = f"Engine must be one of: {', '.join(engines)}, not {resource.properties.get('Engine')!r}."
    return [template.problem(resource, "Engine", text, "", "unsupported")]


def _subnet_problems(template: Template, resource: Resource, prop: str) -> list[Problem]:
    subnets = listed(resource.properties.get(prop))
    if not subnets:
        return [template.problem(resource, prop, f"an {resource.type} here needs {prop}.")]
    problems = reference_problems(template, resource, prop, subnets, "AWS::EC2::Subnet")
    if len(vpc_of(template, subnets)) > 1:
        problems.append(template.problem(resource, prop, "these subnets are in different VPCs."))
    there = by_id(template, "AWS::EC2::Subnet")
    zones = {network_names.zone_of(there[each].properties) for each in map(str, subnets) if each in there}
    if resource.type == _DB_SUBNETS and not problems and len(zones) < 2:
        text = (
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: "
            f"{', '.join(sorted(zones))}. Add subnets to cover at least 2 AZs."
        )
        problems.append(template.problem(resource, prop, text))
    return problems


def _standing(template: Template) -> Iterator[Resource]:
    """The resources that are a server each: a cluster is its instances."""
    return (each for each in template.resources.values() if each.type in _GROUPS and each.type != _CLUSTER)


def in_subnet(template: Template, subnet: str) -> int:
    """How many servers have their address in the subnet with this id."""
    homes = (_subnets(template, _cluster_of(template, each) or each) for each in _standing(template))
    return sum(home[0] == subnet for home in homes if home)


def deploy(world: World, template: Template) -> None:
    """Put the servers into the account's network. All have been checked."""
    network = world.network
    for resource in _standing(template):
        server = _server(template, resource, network)
        network.servers.append(server)
        host = server.hosts[-1]
        world.trace.record(ServerDeployed(server.name, server.kind, host, server.port, server.connections_max))


def _server(template: Template, resource: Resource, network: Network) -> Server:
    whole = _cluster_of(template, resource) or resource  # a cluster says where its instances are
    subnets = _subnets(template, whole)
    assert subnets is not None
    vpc = network.subnets[subnets[0]].vpc
    groups = _groups(template, whole, network, vpc)
    kind = _kind(resource, whole)
    port = network_names.PORTS[_FAMILIES[resource.properties["EngineFamily"]]] if resource.type == _PROXY else None
    return Server(
        template.shown_as(resource),
        kind,
        tuple(_hosts(template, resource)),
        port or network_names.port_of(whole.properties),
        vpc,
        groups,
        network.new_address(subnets[0]),
        _connections_max(template, resource, whole),
    )


def _groups(template: Template, whole: Resource, network: Network, vpc: str) -> tuple[SecurityGroup, ...]:
    given = listed(whole.properties.get(_GROUPS[whole.type]))
    usual = [group for group, owner in default_groups(template).items() if id_of(template, owner) == vpc]
    return tuple(network.groups[each] for each in given or usual)


def _kind(resource: Resource, whole: Resource) -> str:
    if resource.type == _PROXY:
        return "proxy"
    return f"{whole.properties.get('Engine')} {'database' if resource.type == _INSTANCE else 'cache'}"


def _hosts(template: Template, resource: Resource) -> Iterator[str]:
    """The names of a server in DNS. A cluster's lead to its first instance, and for reading to its second."""
    cluster = _cluster_of(template, resource)
    if cluster is not None:
        members = list(_members(template, cluster))
        number = [each.logical_id for each in members].index(resource.logical_id)
        attributes = [attribute for wanted, attribute in ((0, "Endpoint.Address"), (1, "ReadEndpoint.Address"))
                      if number == min(wanted, len(members) - 1)]  # fmt: skip
        yield from (network_names.HOSTS[_CLUSTER, each](template.name(cluster)) for each in attributes)
    for (kind, _), make in network_names.HOSTS.items():
        if kind == resource.type:
            yield make(template.name(resource))


def _connections_max(template: Template, resource: Resource, whole: Resource) -> int | None:
    if resource.type == _PROXY:
        return None
    if resource.type != _INSTANCE:
        return CACHE_CONNECTIONS_MAX * max(1, _nodes(resource))
    group = by_id(template, _PARAMETERS).get(str(resource.properties.get("DBParameterGroupName")))
    given = (group.properties.get("Parameters") or {}).get("max_connections") if group else None
    if given is not None:
        return int(given)
    gib = memory_gib(str(resource.properties["DBInstanceClass"])) or _serverless_gib(whole)
    memory = round(gib * 1024**3)
    if "postgres" in str(whole.properties["Engine"]):
        return min(memory // _POSTGRES_BYTES, _POSTGRES_MAX)
    return memory // _MYSQL_BYTES


def _nodes(resource: Resource) -> int:
    """Only the nodes of memcached share their connections: each of them is written to."""
    value = resource.properties.get("NumCacheNodes", 1)
    return int(value) if resource.properties.get("Engine") == "memcached" and str(value).isdecimal() else 1


def _serverless_gib(cluster: Resource) -> float:
    """About 2 GiB for each Aurora capacity unit. Aurora User Guide, "Aurora Serverless v2"."""
    scaling = cluster.properties.get("ServerlessV2ScalingConfiguration")
    value: Any = scaling.get("MaxCapacity", 1) if isinstance(scaling, dict) else 1
    return 2.0 * (float(value) if isinstance(value, int | float) and 0.5 <= value <= 256 else 1.0)


def _subnets(template: Template, resource: Resource) -> list[str] | None:
    """The subnets of a server, by id; None when it names a subnet group that is not there."""
    if resource.type in _OWN_SUBNETS:
        return [str(each) for each in listed(resource.properties.get(_OWN_SUBNETS[resource.type]))]
    kind = _CACHE_SUBNETS if "ElastiCache" in resource.type else _DB_SUBNETS
    group = by_id(template, kind).get(str(resource.properties.get(_SUBNETS[resource.type])))
    found = listed(group.properties.get("SubnetIds")) if group else []
    return [str(each) for each in found] or None


def _in_cluster(resource: Resource) -> bool:
    return resource.type == _INSTANCE and bool(resource.properties.get("DBClusterIdentifier"))


def _cluster_of(template: Template, resource: Resource) -> Resource | None:
    return (
        by_id(template, _CLUSTER).get(str(resource.properties["DBClusterIdentifier"]))
        if _in_cluster(resource)
        else None
    )


def _members(template: Template, cluster: Resource) -> Iterator[Resource]:
    wanted = id_of(template, cluster)
    return (each for each in template.of_type(_INSTANCE) if each.properties.get("DBClusterIdentifier") == wanted)
