"""The types of databases and caches, and how the resources of one belong together."""

from __future__ import annotations

from collections.abc import Iterator

from lambdalab.simulator.project.resources.vpc.parts import by_id, id_of, listed
from lambdalab.simulator.project.template import Resource, Template

INSTANCE, CLUSTER, PROXY = "AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::RDS::DBProxy"
NODES, REPLICAS = "AWS::ElastiCache::CacheCluster", "AWS::ElastiCache::ReplicationGroup"
SERVERLESS = "AWS::ElastiCache::ServerlessCache"
DB_SUBNETS, CACHE_SUBNETS = "AWS::RDS::DBSubnetGroup", "AWS::ElastiCache::SubnetGroup"
PARAMETERS = "AWS::RDS::DBParameterGroup"

KNOWN = {
    INSTANCE: {
        "AllocatedStorage", "BackupRetentionPeriod", "DBClusterIdentifier", "DBInstanceClass", "DBInstanceIdentifier",
        "DBName", "DBParameterGroupName", "DBSubnetGroupName", "DeletionProtection", "Engine", "EngineVersion",
        "ManageMasterUserPassword", "MasterUserPassword", "MasterUsername", "MultiAZ", "Port", "PubliclyAccessible",
        "StorageEncrypted", "StorageType", "Tags", "VPCSecurityGroups",
    },
    CLUSTER: {
        "DBClusterIdentifier", "DBSubnetGroupName", "DatabaseName", "DeletionProtection", "Engine", "EngineVersion",
        "ManageMasterUserPassword", "MasterUserPassword", "MasterUsername", "Port", "ServerlessV2ScalingConfiguration",
        "StorageEncrypted", "Tags", "VpcSecurityGroupIds",
    },
    PROXY: {
        "Auth", "DBProxyName", "EngineFamily", "IdleClientTimeout", "RequireTLS", "RoleArn", "Tags",
        "VpcSecurityGroupIds", "VpcSubnetIds",
    },
    "AWS::RDS::DBProxyTargetGroup": {
        "DBProxyName", "TargetGroupName", "DBInstanceIdentifiers", "DBClusterIdentifiers",
        "ConnectionPoolConfigurationInfo",
    },
    PARAMETERS: {"DBParameterGroupName", "Description", "Family", "Parameters", "Tags"},
    DB_SUBNETS: {"DBSubnetGroupDescription", "DBSubnetGroupName", "SubnetIds", "Tags"},
    NODES: {
        "CacheNodeType", "CacheSubnetGroupName", "ClusterName", "Engine", "EngineVersion", "NumCacheNodes", "Port",
        "Tags", "VpcSecurityGroupIds",
    },
    REPLICAS: {
        "AtRestEncryptionEnabled", "AutomaticFailoverEnabled", "CacheNodeType", "CacheSubnetGroupName", "Engine",
        "EngineVersion", "NumCacheClusters", "Port", "ReplicationGroupDescription", "ReplicationGroupId",
        "SecurityGroupIds", "Tags", "TransitEncryptionEnabled",
    },
    SERVERLESS: {
        "Description", "Engine", "MajorEngineVersion", "SecurityGroupIds", "ServerlessCacheName", "SubnetIds", "Tags",
    },
    CACHE_SUBNETS: {"CacheSubnetGroupName", "Description", "SubnetIds", "Tags"},
}  # fmt: skip
GROUPS = {
    INSTANCE: "VPCSecurityGroups", CLUSTER: "VpcSecurityGroupIds", PROXY: "VpcSecurityGroupIds",
    NODES: "VpcSecurityGroupIds", REPLICAS: "SecurityGroupIds", SERVERLESS: "SecurityGroupIds",
}  # fmt: skip
SUBNETS = {
    INSTANCE: "DBSubnetGroupName", CLUSTER: "DBSubnetGroupName", NODES: "CacheSubnetGroupName",
    REPLICAS: "CacheSubnetGroupName",
}  # fmt: skip
OWN_SUBNETS = {PROXY: "VpcSubnetIds", SERVERLESS: "SubnetIds", DB_SUBNETS: "SubnetIds", CACHE_SUBNETS: "SubnetIds"}
ENGINES = {
    INSTANCE: ("postgres", "mysql", "mariadb", "aurora-postgresql", "aurora-mysql"),
    CLUSTER: ("aurora-postgresql", "aurora-mysql"),
    NODES: ("redis", "memcached"),
    REPLICAS: ("redis", "valkey"),
    SERVERLESS: ("redis", "valkey", "memcached"),
}
FAMILIES = {"POSTGRESQL": "postgres", "MYSQL": "mysql"}


def standing(template: Template) -> Iterator[Resource]:
    """The resources that are a server each: a cluster is its instances."""
    return (each for each in template.resources.values() if each.type in GROUPS and each.type != CLUSTER)


def in_subnet(template: Template, subnet: str) -> int:
    """How many servers have their address in the subnet with this id."""
    homes = (subnets_of(template, cluster_of(template, each) or each) for each in standing(template))
    return sum(home[0] == subnet for home in homes if home)


def subnets_of(template: Template, resource: Resource) -> list[str] | None:
    """The subnets of a server, by id; None when it names a subnet group that is not there."""
    if resource.type in OWN_SUBNETS:
        return [str(each) for each in listed(resource.properties.get(OWN_SUBNETS[resource.type]))]
    kind = CACHE_SUBNETS if "ElastiCache" in resource.type else DB_SUBNETS
    group = by_id(template, kind).get(str(resource.properties.get(SUBNETS[resource.type])))
    found = listed(group.properties.get("SubnetIds")) if group else []
    return [str(each) for each in found] or None


def in_cluster(resource: Resource) -> bool:
    """Whether it is an instance of a cluster."""
    return resource.type == INSTANCE and bool(resource.properties.get("DBClusterIdentifier"))


def cluster_of(template: Template, resource: Resource) -> Resource | None:
    """The cluster of an instance, or None."""
    return (
        by_id(template, CLUSTER).get(str(resource.properties["DBClusterIdentifier"]))
        if in_cluster(resource)
        else None
    )


def members(template: Template, cluster: Resource) -> Iterator[Resource]:
    """The instances of a cluster, in the template's order."""
    wanted = id_of(template, cluster)
    return (each for each in template.of_type(INSTANCE) if each.properties.get("DBClusterIdentifier") == wanted)
