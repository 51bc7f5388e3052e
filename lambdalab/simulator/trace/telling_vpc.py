"""Sentences about VPCs: attachments, paths that lead nowhere, connections to servers inside."""

from __future__ import annotations

from lambdalab.simulator.trace import facts as f

InVpc = (
    f.FunctionAttached
    | f.InterfaceMade
    | f.PathBlocked
    | f.ServerDeployed
    | f.ConnectionAccepted
    | f.ConnectionRefused
    | f.ConnectionClosed
)


def in_vpc(fact: InVpc, name: str, where: str) -> str:
    """The sentence; ``name`` is what people call the function, ``where`` its environment."""
    match fact:
        case f.FunctionAttached():
            if fact.vpc is None:
                return f"{name} is in no VPC any more."
            places = f"{_several('subnet', fact.subnets)}, {_several('security group', fact.security_groups)}"
            return f"{name} is attached to the VPC {fact.vpc}: {places}."
        case f.InterfaceMade():
            groups = _several("security group", fact.security_groups)
            return f"Lambda makes a network interface in subnet {fact.subnet} with {groups}: {fact.address}."
        case f.PathBlocked():
            return f"{name} could not reach {fact.host}: {fact.why}."
        case f.ServerDeployed():
            most = "any number of" if fact.connections_max is None else f"at most {fact.connections_max:,}"
            return f"The {fact.what} {fact.endpoint} exists: port {fact.port}, {most} connections."
        case f.ConnectionAccepted():
            return f"{where} of {name} opens a connection to {fact.endpoint}: {_open(fact.connections_open)}."
        case f.ConnectionRefused():
            if fact.connections_open is None:
                return f"{where} of {name} connects to {fact.endpoint} on a port on which nobody listens: refused."
            most = f"all of its {fact.connections_open:,} connections are in use"
            return f"{fact.endpoint} refuses {where} of {name}: {most}."
        case f.ConnectionClosed():
            why = {"closed": "", "runtime killed": " (its runtime was killed)", "environment ended": " (it is gone)"}
            left = _open(fact.connections_open)
            return f"{where} of {name} closes a connection to {fact.endpoint}{why[fact.reason]}: {left}."


def _open(number: int) -> str:
    return f"{number:,} {'is' if number == 1 else 'are'} open"


def _several(what: str, names: tuple[str, ...]) -> str:
    return f"{what}{'' if len(names) == 1 else 's'} {', '.join(names)}"
