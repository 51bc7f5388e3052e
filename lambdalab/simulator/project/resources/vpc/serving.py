"""Putting databases and caches into the account's network: servers that accept, count and limit connections.

Source: Amazon RDS User Guide, "Maximum number of database connections"; Amazon ElastiCache User Guide, "Redis OSS
configuration", read 2026-10. How many connections: assumption A-43.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lambdalab.simulator.account import World
from lambdalab.simulator.account.vpc import Network, SecurityGroup, Server
from lambdalab.simulator.project import network_names
from lambdalab.simulator.project.resources.vpc.classes import memory_gib
from lambdalab.simulator.project.resources.vpc.parts import by_id, default_groups, id_of, listed
from lambdalab.simulator.project.resources.vpc.server_types import (
    CLUSTER,
    FAMILIES,
    GROUPS,
    INSTANCE,
    PARAMETERS,
    PROXY,
    cluster_of,
    members,
    standing,
    subnets_of,
)
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.trace.facts import ServerDeployed
from lambdalab.simulator.vocabulary.assumptions.networks import CACHE_CONNECTIONS_MAX

_POSTGRES_BYTES, _POSTGRES_MAX, _MYSQL_BYTES = 9_531_392, 5_000, 12_582_880


def deploy(world: World, template: Template) -> None:
    """Put the servers into the account's network. All have been checked."""
    network = world.network
    for resource in standing(template):
        server = _server(template, resource, network)
        network.servers.append(server)
        host = server.hosts[-1]
        world.trace.record(ServerDeployed(server.name, server.kind, host, server.port, server.connections_max))


def _server(template: Template, resource: Resource, network: Network) -> Server:
    whole = cluster_of(template, resource) or resource  # a cluster says where its instances are
    subnets = subnets_of(template, whole)
    assert subnets is not None
    vpc = network.subnets[subnets[0]].vpc
    groups = _groups(template, whole, network, vpc)
    kind = _kind(resource, whole)
    port = network_names.PORTS[FAMILIES[resource.properties["EngineFamily"]]] if resource.type == PROXY else None
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
    given = listed(whole.properties.get(GROUPS[whole.type]))
    usual = [group for group, owner in default_groups(template).items() if id_of(template, owner) == vpc]
    return tuple(network.groups[each] for each in given or usual)


def _kind(resource: Resource, whole: Resource) -> str:
    if resource.type == PROXY:
        return "proxy"
    return f"{whole.properties.get('Engine')} {'database' if resource.type == INSTANCE else 'cache'}"


def _hosts(template: Template, resource: Resource) -> Iterator[str]:
    """The names of a server in DNS. A cluster's lead to its first instance, and for reading to its second."""
    cluster = cluster_of(template, resource)
    if cluster is not None:
        instances = list(members(template, cluster))
        number = [each.logical_id for each in instances].index(resource.logical_id)
        attributes = [attribute for wanted, attribute in ((0, "Endpoint.Address"), (1, "ReadEndpoint.Address"))
                      if number == min(wanted, len(instances) - 1)]  # fmt: skip
        yield from (network_names.HOSTS[CLUSTER, each](template.name(cluster)) for each in attributes)
    for (kind, _), make in network_names.HOSTS.items():
        if kind == resource.type:
            yield make(template.name(resource))


def _connections_max(template: Template, resource: Resource, whole: Resource) -> int | None:
    if resource.type == PROXY:
        return None
    if resource.type != INSTANCE:
        return CACHE_CONNECTIONS_MAX * max(1, _nodes(resource))
    group = by_id(template, PARAMETERS).get(str(resource.properties.get("DBParameterGroupName")))
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
