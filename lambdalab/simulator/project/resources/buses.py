"""AWS::Events::EventBus, ::Rule and ::EventBusPolicy, and what SAM makes of a function's events. Fact F.4."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from typing import Any

from lambdalab.simulator.account import World
from lambdalab.simulator.account.iam import Authority, PolicyError, read_policy
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.resources.identities import Identities
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.events import DEFAULT, Bus, EventsService, Rule
from lambdalab.simulator.services.events.bus import bus_arn, bus_name
from lambdalab.simulator.services.events.buses import POLICY_CHARACTERS_MAX
from lambdalab.simulator.services.events.rules import read_rule
from lambdalab.simulator.services.events.targets import read_target
from lambdalab.simulator.vocabulary.errors import AwsError

BUS, RULE, POLICY = "AWS::Events::EventBus", "AWS::Events::Rule", "AWS::Events::EventBusPolicy"
KNOWN_BUS = {"Name", "Description", "Policy", "Tags"}
KNOWN_RULE = {
    "Name", "Description", "EventBusName", "EventPattern", "ScheduleExpression", "State", "RoleArn", "Targets", "Tags",
}  # fmt: skip
KNOWN_POLICY = {"EventBusName", "StatementId", "Statement", "Action", "Principal", "Condition"}
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)  # when nobody asks for the time
STATES = ("ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")


def check_bus(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a bus."""
    problems = unknown_properties(template, resource, KNOWN_BUS)
    name = template.name(resource)
    if name == DEFAULT or "/" in name:
        text = f"a bus cannot be called {name}: the default bus exists already, and a slash is for partners."
        problems.append(template.problem(resource, "Name", text, "Choose another Name."))
    if "Policy" in resource.properties:
        problems += _wrong_policy(template, resource, "Policy", _document([resource.properties["Policy"]]))
    return problems


def check_rule(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a rule and its targets, in AWS's words."""
    problems = unknown_properties(template, resource, KNOWN_RULE)
    props, bus = resource.properties, bus_name(resource.properties.get("EventBusName"))
    if bus != DEFAULT and bus not in {template.name(each) for each in template.of_type(BUS)}:
        text = f"Event bus {bus} does not exist."
        problems.append(_problem(template, resource, "EventBusName", text, "Name one with !Ref."))
    if props.get("State", "ENABLED") not in STATES:
        text = f"State must be one of {', '.join(STATES)}, not {props['State']}."
        problems.append(_problem(template, resource, "State", text))
    rule = _read_rule(template, resource)
    if isinstance(rule, AwsError):
        prop = "ScheduleExpression" if "ScheduleExpression" in rule.message else "EventPattern"
        return [*problems, _problem(template, resource, prop, rule.message, _advice(props, rule))]
    targets = props.get("Targets") or []
    if not isinstance(targets, list) or not all(isinstance(each, Mapping) for each in targets):
        return [*problems, _problem(template, resource, "Targets", "Targets must be a list of targets.")]
    names: set[str] = set()
    for each in targets:
        read = read_target(each)
        if isinstance(read, AwsError):
            severity = "unsupported" if read.code == "NotSimulated" else "error"
            problems.append(_problem(template, resource, "Targets", read.message, "", severity))
            continue
        if read.id in names:
            problems.append(_problem(template, resource, "Targets", f"two targets have the Id {read.id}."))
        names.add(read.id)
    if len(targets) > 5:
        problems.append(_problem(template, resource, "Targets", "a rule has at most 5 targets."))
    return problems


def _advice(props: Mapping[str, Any], error: AwsError) -> str:
    expression = str(props.get("ScheduleExpression", ""))
    if "ScheduleExpression is not valid" not in error.message:
        return ""
    if expression.startswith("cron"):
        return "cron(minutes hours day-of-month month day-of-week year): one of the two day fields is ?."
    return "Write rate(1 minute), rate(5 minutes) or cron(0 9 ? * MON-FRI *)."


def check_policy(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a statement of a bus's policy."""
    problems = unknown_properties(template, resource, KNOWN_POLICY)
    bus = bus_name(resource.properties.get("EventBusName"))
    if bus != DEFAULT and bus not in {template.name(each) for each in template.of_type(BUS)}:
        text = f"Event bus {bus} does not exist."
        problems.append(template.problem(resource, "EventBusName", text, "Name one with !Ref."))
    if not resource.properties.get("StatementId"):
        problems.append(template.problem(resource, "StatementId", "a statement needs a StatementId."))
    return problems + _wrong_policy(template, resource, "Statement", _document([_statement(resource)]))


def give_policies(authority: Authority, template: Template) -> None:
    """What buses will allow, for questions before a run."""
    for bus in _buses(template).values():
        if bus.statements:
            document = _document(list(bus.statements.values()))
            authority.set_policy(
                bus.arn, read_policy(document, f"the policy of the event bus {bus.name}", "resource-based")
            )


def deploy_buses(world: World, template: Template, events: EventsService) -> None:
    """Create the template's buses and give them their policies."""
    shown = {template.name(each): template.shown_as(each) for each in template.of_type(BUS)}
    for name, bus in _buses(template).items():
        if name == DEFAULT:
            events.buses[DEFAULT].statements = bus.statements
        else:
            events.bus_api.add_bus(bus, shown[name])
        events.bus_api.set_policy(events.buses[name])


def give_statements(template: Template, events: EventsService, name: str) -> None:
    """Give a bus that is there all the statements that a template has for it."""
    bus = events.buses[name]
    bus.statements = _buses(template)[name].statements
    events.bus_api.set_policy(bus)


def put_statement(resource: Resource, events: EventsService) -> None:
    """Give a bus one statement, or another one of the same id."""
    bus = events.buses[bus_name(resource.properties.get("EventBusName"))]
    bus.statements[str(resource.properties["StatementId"])] = _statement(resource)
    events.bus_api.set_policy(bus)


def remove_statement(resource: Resource, events: EventsService) -> None:
    """Take one statement away from a bus, where both are still there."""
    bus = events.buses.get(bus_name(resource.properties.get("EventBusName")))
    if bus is not None and bus.statements.pop(str(resource.properties["StatementId"]), None) is not None:
        events.bus_api.set_policy(bus)


def deploy_rules(world: World, template: Template, events: EventsService) -> None:
    """Create the template's rules: last of all, when their targets exist."""
    for resource in template.of_type(RULE):
        rule = _read_rule(template, resource, world.wall_clock())
        assert not isinstance(rule, AwsError)  # checked before
        for each in resource.properties.get("Targets") or []:
            target = read_target(each)
            if not isinstance(target, AwsError):  # the author has chosen to ignore what is not simulated
                rule.targets[target.id] = target
        events.deploy_rule(rule)


def unreachable(template: Template, authority: Authority, there: set[str]) -> Iterator[Problem]:
    """Targets that a rule may not send to: a warning, because a run shows better what then happens."""
    for resource in template.of_type(RULE):
        rule = _read_rule(template, resource)
        assert not isinstance(rule, AwsError)  # checked before
        for each in resource.properties.get("Targets") or []:
            arn = str(each.get("Arn"))
            service = arn.split(":")[2]
            action = {"lambda": "lambda:InvokeFunction", "sqs": "sqs:SendMessage", "sns": "sns:Publish"}.get(service)
            if action is None or each.get("RoleArn") or arn not in there:
                continue
            refusal = authority.denied(rule.caller, action, arn)
            if refusal is not None:
                text = f"this rule will reach {arn.rsplit(':', 1)[-1]} never: {refusal.why.removeprefix('denied: ')}."
                yield _problem(template, resource, "Targets", text, "", "warning")


def roles_missing(template: Template, identities: Identities) -> Iterator[Problem]:
    """Roles of targets that are not in the template."""
    for resource in template.of_type(RULE):
        for each in resource.properties.get("Targets") or []:
            role = each.get("RoleArn")
            if role is not None and identities.execution_role(str(role)) is None:
                text = f"there is no role {role} here."
                yield _problem(template, resource, "Targets", text, "Name one with !GetAtt MyRole.Arn.")


def _read_rule(template: Template, resource: Resource, now: dt.datetime = EPOCH) -> Rule | AwsError:
    props, bus = resource.properties, Bus(bus_name(resource.properties.get("EventBusName")))
    pattern = props.get("EventPattern")
    params: dict[str, Any] = {
        "Name": template.name(resource),
        "EventPattern": pattern if isinstance(pattern, str) or pattern is None else json.dumps(pattern),
        "ScheduleExpression": props.get("ScheduleExpression"),
        "State": props.get("State", "ENABLED"),
        "Description": props.get("Description"),
        "RoleArn": props.get("RoleArn"),
    }
    return read_rule(bus, params, now)


def _buses(template: Template) -> dict[str, Bus]:
    """The buses of the template, and the default bus where it has a policy, with their statements."""
    found = {template.name(r): Bus(template.name(r)) for r in template.of_type(BUS)}
    for resource in template.of_type(BUS):
        policy = resource.properties.get("Policy")
        if isinstance(policy, Mapping):
            listed = policy.get("Statement", policy)
            for number, each in enumerate(listed if isinstance(listed, list) else [listed], 1):
                found[template.name(resource)].statements[str(each.get("Sid", number))] = each
    for resource in template.of_type(POLICY):
        bus = found.setdefault(bus_name(resource.properties.get("EventBusName")), Bus(DEFAULT))
        bus.statements[str(resource.properties.get("StatementId"))] = _statement(resource)
    return found


def _statement(resource: Resource) -> dict[str, Any]:
    props = resource.properties
    if isinstance(props.get("Statement"), Mapping):
        return dict(props["Statement"])
    who, bus = props.get("Principal"), bus_name(props.get("EventBusName"))
    principal: Any = who if who == "*" else {"AWS": f"arn:aws:iam::{who}:root"}
    made = {"Effect": "Allow", "Principal": principal, "Action": props.get("Action", "events:PutEvents"),
            "Resource": bus_arn(bus)}  # fmt: skip
    condition = props.get("Condition")
    if isinstance(condition, Mapping):
        made["Condition"] = {condition.get("Type"): {condition.get("Key"): condition.get("Value")}}
    return made


def _document(statements: list[Any]) -> dict[str, Any]:
    listed = [inner for each in statements for inner in _inner(each)]
    return {"Version": "2012-10-17", "Statement": listed}


def _inner(statement: Any) -> list[Any]:
    """The statements of a whole document, or the one that it is."""
    inside = statement.get("Statement", statement) if isinstance(statement, Mapping) else statement
    return inside if isinstance(inside, list) else [inside]


def _wrong_policy(template: Template, resource: Resource, prop: str, document: dict[str, Any]) -> list[Problem]:
    try:
        read_policy(document, "the policy of the event bus", "resource-based", size_max=POLICY_CHARACTERS_MAX)
    except PolicyError as error:
        return [template.problem(resource, prop, str(error))]
    return []


def _problem(
    template: Template, resource: Resource, prop: str, text: str, fix: str = "", severity: Any = "error"
) -> Problem:
    """At its place: a rule of its own, or one that SAM makes of an entry under a function's Events."""
    if resource.origin == resource.logical_id:
        return template.problem(resource, prop, text, fix, severity)
    event = resource.logical_id.removeprefix(resource.origin)
    names = {"EventPattern": "Pattern", "ScheduleExpression": "Schedule"}
    base = ("Resources", resource.origin, "Properties", "Events", event, "Properties")
    path = (*base, names.get(prop, prop))
    return template.source.problem(
        path if path in template.source.places else base, f"{resource.logical_id}: {text}", fix, severity
    )
