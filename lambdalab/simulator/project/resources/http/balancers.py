"""AWS::ElasticLoadBalancingV2::LoadBalancer, Listener and TargetGroup. Source: BC elbv2; ELB "Lambda functions"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from lambdalab.simulator.account import service_principal
from lambdalab.simulator.account.iam import Authority
from lambdalab.simulator.project.http_names import balancer_arn, balancer_host, group_arn, listener_arn
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import number_out_of_range, unknown_properties
from lambdalab.simulator.project.resources.http import balancer_rules as rules
from lambdalab.simulator.project.resources.http import internal
from lambdalab.simulator.project.resources.http.common import is_function, is_one_of, problem
from lambdalab.simulator.project.resources.http.findings import mapping
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.http.balancer.balancer import LoadBalancer
from lambdalab.simulator.services.http.balancer.rules import Listener
from lambdalab.simulator.services.http.balancer.targets import HealthCheck, TargetGroup
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.arns import function_arn, split_name

if TYPE_CHECKING:
    from lambdalab.simulator.project.deploy import Deployment

BALANCER, LISTENER, RULE, GROUP = (
    f"AWS::ElasticLoadBalancingV2::{kind}" for kind in ("LoadBalancer", "Listener", "ListenerRule", "TargetGroup")
)
KNOWN = {
    BALANCER: ("Name", "Scheme", "Type", "Subnets", "SecurityGroups", "IpAddressType", "Tags"),
    LISTENER: ("LoadBalancerArn", "Port", "Protocol", "DefaultActions", "Certificates", "SslPolicy"),
    RULE: ("ListenerArn", "Priority", "Conditions", "Actions"),
    GROUP: (
        "Name", "TargetType", "Targets", "TargetGroupAttributes", "HealthCheckEnabled", "HealthCheckPath",
        "HealthCheckIntervalSeconds", "HealthCheckTimeoutSeconds", "HealthyThresholdCount", "UnhealthyThresholdCount",
        "Matcher", "Tags",
    ),
}  # fmt: skip
MULTI = "lambda.multi_value_headers.enabled"
RANGES = (  # BC elbv2 CreateTargetGroup
    ("HealthCheckIntervalSeconds", 5, 300),
    ("HealthCheckTimeoutSeconds", 2, 120),
    ("HealthyThresholdCount", 2, 10),
    ("UnhealthyThresholdCount", 2, 10),
)


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a load balancer, a listener, a rule or a target group."""
    problems = unknown_properties(template, resource, KNOWN[resource.type])
    checks = {BALANCER: _check_balancer, LISTENER: _check_listener, RULE: _check_rule, GROUP: _check_group}
    return problems + list(checks[resource.type](template, resource))


def _check_balancer(template: Template, resource: Resource) -> Iterator[Problem]:
    props = resource.properties
    if props.get("Type", "application") != "application":
        text = f"a load balancer of the type {props['Type']} has no functions as targets."
        yield problem(template, resource, "Type", text, "Use application.", "unsupported")
    if props.get("Scheme", "internet-facing") not in ("internet-facing", "internal"):
        yield problem(template, resource, "Scheme", f"Scheme is internet-facing or internal, not {props['Scheme']!r}.")
    if internal.is_internal(resource):
        yield from internal.wrong(template, resource)
    if not _listeners(template, resource):
        text = "the load balancer listens at no port."
        yield problem(template, resource, "Name", text, "Add an AWS::ElasticLoadBalancingV2::Listener.", "warning")


def _check_listener(template: Template, resource: Resource) -> Iterator[Problem]:
    props = resource.properties
    balancers = {balancer_arn(template.name(one)) for one in template.of_type(BALANCER)}
    if not is_one_of(props.get("LoadBalancerArn"), balancers):
        text = f"there is no load balancer {props.get('LoadBalancerArn')} in this template."
        yield problem(template, resource, "LoadBalancerArn", text, "Write !Ref MyLoadBalancer.")
    if props.get("Protocol") not in ("HTTP", "HTTPS"):
        yield problem(template, resource, "Protocol", f"Protocol is HTTP or HTTPS, not {props.get('Protocol')!r}.")
    if props.get("Protocol") == "HTTPS" and not props.get("Certificates"):
        yield problem(template, resource, "Protocol", "A certificate must be specified for HTTPS listeners")
    if props.get("Port") is None:
        yield problem(template, resource, "Port", "a listener needs a Port.")
    yield from number_out_of_range(template, resource, "Port", props.get("Port"), 1, 65_535, "port")
    same = [one for one in template.of_type(LISTENER) if _place(one) == _place(resource)]
    if same[0].logical_id != resource.logical_id:
        text = f"A listener already exists on port {props.get('Port')} for this load balancer."
        yield problem(template, resource, "Port", text)
    yield from rules.check_actions(template, resource, "DefaultActions", _groups(template), props)


def _place(listener: Resource) -> tuple[Any, Any]:
    return listener.properties.get("LoadBalancerArn"), listener.properties.get("Port")


def _check_rule(template: Template, resource: Resource) -> Iterator[Problem]:
    props = resource.properties
    listeners = {listener_arn(template.name(one)): one.properties for one in template.of_type(LISTENER)}
    if not is_one_of(props.get("ListenerArn"), listeners):
        text = f"there is no listener {props.get('ListenerArn')} in this template."
        yield problem(template, resource, "ListenerArn", text, "Write !Ref MyListener.")
    if props.get("Priority") is None:
        yield problem(template, resource, "Priority", "a rule needs a Priority; the lowest is looked at first.")
    most = quotas.BALANCER_PRIORITY_MAX
    yield from number_out_of_range(template, resource, "Priority", rules.priority(resource), 1, most, "priority")
    same = [
        one
        for one in template.of_type(RULE)
        if one.properties.get("ListenerArn") == props.get("ListenerArn")
        and rules.priority(one) == rules.priority(resource)
    ]
    if same[0].logical_id != resource.logical_id:
        yield problem(template, resource, "Priority", f"Priority '{props.get('Priority')}' is currently in use")
    yield from rules.check_conditions(template, resource)
    listener = listeners.get(str(props.get("ListenerArn")), {})
    yield from rules.check_actions(template, resource, "Actions", _groups(template), listener)


def _groups(template: Template) -> set[str]:
    return {group_arn(template.name(one)) for one in template.of_type(GROUP)}


def _check_group(template: Template, resource: Resource) -> Iterator[Problem]:
    props = resource.properties
    if props.get("TargetType") != "lambda":
        text = f"targets of the type {props.get('TargetType', 'instance')} have no effect in lambdalab yet."
        yield problem(template, resource, "TargetType", text, "Use TargetType: lambda.", "unsupported")
        return
    targets = props.get("Targets") or []
    if not isinstance(targets, list) or len(targets) > 1:
        yield problem(template, resource, "Targets", "a target group of the type lambda has exactly one function.")
    for target in targets if isinstance(targets, list) else ():
        if not is_function(template, mapping(target).get("Id")):
            text = f"there is no function {mapping(target).get('Id')} in this template."
            yield problem(template, resource, "Targets", text, "Write Targets: [{Id: !GetAtt MyFunction.Arn}].")
    attributes = props.get("TargetGroupAttributes") or []
    if not isinstance(attributes, list):
        yield problem(template, resource, "TargetGroupAttributes", "TargetGroupAttributes must be a list.")
    for attribute in attributes if isinstance(attributes, list) else ():
        key, value = mapping(attribute).get("Key"), str(mapping(attribute).get("Value")).lower()
        if key != MULTI or value not in ("true", "false"):
            text = f"the attribute {key} has no effect on functions as targets, or its value is none."
            yield problem(template, resource, "TargetGroupAttributes", text, f"Known: {MULTI}, true or false.")
    for prop, low, high in RANGES:
        yield from number_out_of_range(template, resource, prop, props.get(prop), low, high, prop)
    if rules.statuses(mapping(props.get("Matcher")).get("HttpCode", "200")) is None:
        yield problem(template, resource, "Matcher", 'HttpCode is written like "200", "200,202" or "200-299".')


def check_rights(template: Template, authority: Authority) -> Iterator[Problem]:
    """ELB registers a function only if it may invoke it. The text is ELB's own."""
    for resource in template.of_type(GROUP):
        group = group_arn(template.name(resource))
        for target in resource.properties.get("Targets") or ():
            function = function_arn(*split_name(str(mapping(target).get("Id"))))
            caller = service_principal("elasticloadbalancing.amazonaws.com", group)
            refusal = authority.denied(caller, "lambda:InvokeFunction", function)
            if refusal is not None:
                text = f"elasticloadbalancing principal does not have permission to invoke {function} from target group"
                fix = f"{refusal.why[:1].upper()}{refusal.why[1:]}."
                yield problem(template, resource, "Targets", f"{text} {group}.", fix)


def names(template: Template) -> Iterator[str]:
    """Logical ids and hosts of load balancers and listeners."""
    for resource in template.of_type(BALANCER):
        host = balancer_host(template.name(resource))
        if internal.is_internal(resource):
            continue
        yield from (resource.logical_id, host)
        for listener in _listeners(template, resource):
            yield from (listener.logical_id, f"{host}:{listener.properties.get('Port')}")


def _listeners(template: Template, balancer: Resource) -> list[Resource]:
    wanted = balancer_arn(template.name(balancer))
    return [one for one in template.of_type(LISTENER) if one.properties.get("LoadBalancerArn") == wanted]


def deploy(template: Template, deployment: Deployment) -> None:
    """Open every load balancer, and begin with its health checks."""
    groups = {group_arn(template.name(one)): _group(template, one, deployment) for one in template.of_type(GROUP)}
    for group in groups.values():
        if group.check is not None and group.function is not None:
            deployment.world.kernel.spawn(group.watch(), background=True)
    for resource in template.of_type(BALANCER):
        found = _listeners(template, resource)
        listeners = {int(one.properties["Port"]): _listener(template, one) for one in found}
        if not listeners:
            continue
        host = balancer_host(template.name(resource), internal=internal.is_internal(resource))
        balancer = LoadBalancer(deployment.world, template.shown_as(resource), host, listeners, groups)
        first = 80 if 80 in listeners else min(listeners)
        count = sum(len(listener.rules) - 1 for listener in listeners.values())
        ports = ", ".join(f"{listener.protocol} {port}" for port, listener in listeners.items())
        told = f"{ports}, with {count} rule{'' if count == 1 else 's'} and the default"
        scheme = listeners[first].protocol.lower()
        if internal.is_internal(resource):
            deployment.doors.tell(balancer, f"{told}; inside its VPC only", scheme)
            internal.put_inside(template, resource, balancer, deployment)
            continue
        deployment.doors.add(balancer, resource.logical_id, told=told, port=first, scheme=scheme)
        for one in found:
            port = int(one.properties["Port"])
            deployment.doors.add_place(one.logical_id, balancer, port=port)
            deployment.doors.add_place(f"{host}:{port}", balancer, port=port)


def _listener(template: Template, resource: Resource) -> Listener:
    own = listener_arn(template.name(resource))
    protocol: Literal["HTTP", "HTTPS"] = resource.properties["Protocol"]
    written = [one for one in template.of_type(RULE) if one.properties.get("ListenerArn") == own]
    ordered = sorted((rules.rule_of(one) for one in written), key=lambda rule: rule.priority or 0)
    return Listener(int(resource.properties["Port"]), protocol, (*ordered, rules.default_of(resource)))


def _group(template: Template, resource: Resource, deployment: Deployment) -> TargetGroup:
    props = resource.properties
    targets = props.get("Targets") or [{}]
    function = targets[0].get("Id")
    attributes = {one["Key"]: str(one["Value"]).lower() for one in props.get("TargetGroupAttributes") or ()}
    return TargetGroup(
        deployment.world,
        template.shown_as(resource),
        group_arn(template.name(resource)),
        None if function is None else str(deployment.numbers.settle(function)),
        attributes.get(MULTI) == "true",
        _health(props) if props.get("HealthCheckEnabled") is True else None,
    )


def _health(props: dict[str, Any]) -> HealthCheck:
    return HealthCheck(
        str(props.get("HealthCheckPath") or "/"),
        props.get("HealthCheckIntervalSeconds") or quotas.HEALTH_CHECK_INTERVAL_S,
        props.get("HealthCheckTimeoutSeconds") or quotas.HEALTH_CHECK_TIMEOUT_S,
        props.get("HealthyThresholdCount") or 5,
        props.get("UnhealthyThresholdCount") or 2,
        rules.statuses(mapping(props.get("Matcher")).get("HttpCode", "200")) or frozenset({200}),
    )
