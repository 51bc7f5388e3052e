"""AWS::RDS and AWS::ElastiCache: what is wrong with a database, a cache, or what belongs to one.

Source: Amazon RDS User Guide, "Quotas and constraints", "DB instance classes"; CloudFormation Template Reference.
"""

from __future__ import annotations

from lambdalab.simulator.project import network_names
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.resources.vpc.classes import memory_gib
from lambdalab.simulator.project.resources.vpc.parts import by_id, is_true, listed, reference_problems, vpc_of
from lambdalab.simulator.project.resources.vpc.server_types import (
    CACHE_SUBNETS,
    CLUSTER,
    DB_SUBNETS,
    ENGINES,
    FAMILIES,
    GROUPS,
    INSTANCE,
    KNOWN,
    OWN_SUBNETS,
    PARAMETERS,
    PROXY,
    SUBNETS,
    in_cluster,
    members,
    subnets_of,
)
from lambdalab.simulator.project.template import Resource, Template


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a database, a cache, or what belongs to one."""
    problems = unknown_properties(template, resource, KNOWN[resource.type])
    props = resource.properties
    if resource.type in OWN_SUBNETS:
        problems += _subnet_problems(template, resource, OWN_SUBNETS[resource.type])
    if resource.type in GROUPS:
        prop = GROUPS[resource.type]
        kind = "AWS::EC2::SecurityGroup"
        problems += reference_problems(template, resource, prop, listed(props.get(prop)), kind)
    if resource.type in SUBNETS and not in_cluster(resource) and subnets_of(template, resource) is None:
        prop = SUBNETS[resource.type]
        kind = CACHE_SUBNETS if "ElastiCache" in resource.type else DB_SUBNETS
        text = f"lambdalab has no default VPC: {prop} must be an {kind} of this template."
        problems.append(template.problem(resource, prop, text, f"Write {prop}: !Ref MySubnets."))
    if resource.type in ENGINES and not (in_cluster(resource) and "Engine" not in props):
        problems += _engine_problems(template, resource)
    problems += _own_problems(template, resource)
    return problems


def _own_problems(template: Template, resource: Resource) -> list[Problem]:
    """What concerns one type alone."""
    props = resource.properties
    if resource.type == INSTANCE:
        return _instance_problems(template, resource)
    if resource.type == CLUSTER and not any(members(template, resource)):
        text = f"nothing answers for this cluster: it has no {INSTANCE}."
        return [
            template.problem(resource, "Engine", text, f"Add one with DBClusterIdentifier: !Ref {resource.logical_id}.")
        ]
    if resource.type == PROXY and str(props.get("EngineFamily")) not in FAMILIES:
        text = f"EngineFamily must be one of: {', '.join(FAMILIES)}."
        return [template.problem(resource, "EngineFamily", text)]
    if resource.type == PARAMETERS:
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
    if kind == "db.serverless" and not in_cluster(resource):
        text = "the class db.serverless is for an instance of a cluster (DBClusterIdentifier)."
        problems.append(template.problem(resource, "DBInstanceClass", text))
    if in_cluster(resource) and str(props["DBClusterIdentifier"]) not in by_id(template, CLUSTER):
        text = f"there is no {CLUSTER} {props['DBClusterIdentifier']} in this template."
        problems.append(template.problem(resource, "DBClusterIdentifier", text, "Write !Ref MyCluster."))
    group = props.get("DBParameterGroupName")
    if group is not None and str(group) not in by_id(template, PARAMETERS):
        text = f"there is no {PARAMETERS} {group} in this template."
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
    engines = ENGINES[resource.type]
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
    if resource.type == DB_SUBNETS and not problems and len(zones) < 2:
        text = (
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: "
            f"{', '.join(sorted(zones))}. Add subnets to cover at least 2 AZs."
        )
        problems.append(template.problem(resource, prop, text))
    return problems
