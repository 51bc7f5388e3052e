"""AWS::Scheduler::Schedule and ::ScheduleGroup, and what SAM makes of a function's events of type ScheduleV2."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from lambdalab.simulator.account import World, service_principal
from lambdalab.simulator.account.iam import Authority
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import event_problem, unknown_properties
from lambdalab.simulator.project.resources.identities import Identities
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.scheduler import DEFAULT_GROUP, Entry, SchedulerService
from lambdalab.simulator.services.scheduler.schedule import read_entry
from lambdalab.simulator.services.scheduler.service import SCHEDULER
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError

SCHEDULE, GROUP = "AWS::Scheduler::Schedule", "AWS::Scheduler::ScheduleGroup"
KNOWN = {
    "Name", "GroupName", "Description", "ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow",
    "StartDate", "EndDate", "State", "Target",
}  # fmt: skip
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)  # when nobody asks for the time
_ACTIONS = {
    "lambda": "lambda:InvokeFunction",
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "events": "events:PutEvents",
}


def check_group(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a group."""
    return unknown_properties(template, resource, {"Name", "Tags"})


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a schedule, in AWS's words."""
    problems = unknown_properties(template, resource, KNOWN)
    props = resource.properties
    missing = [name for name in ("ScheduleExpression", "FlexibleTimeWindow", "Target") if not props.get(name)]
    if missing:
        texts = {"FlexibleTimeWindow": "Write FlexibleTimeWindow: {Mode: 'OFF'}."}
        return [
            *problems,
            *(
                event_problem(template, resource, name, f"a schedule needs {name}.", texts.get(name, ""))
                for name in missing
            ),
        ]
    if not isinstance(props["Target"], Mapping) or not props["Target"].get("RoleArn"):
        text = "a schedule's Target needs an Arn and the RoleArn of a role that the Scheduler may assume."
        return [*problems, event_problem(template, resource, "Target", text)]
    group = props.get("GroupName", DEFAULT_GROUP)
    if group != DEFAULT_GROUP and group not in [template.name(each) for each in template.of_type(GROUP)]:
        text = f"Schedule group {group} does not exist."
        problems.append(event_problem(template, resource, "GroupName", text, "Name one with !Ref."))
    entry = _read(template, resource)
    if isinstance(entry, AwsError):
        severity = "unsupported" if entry.code == "NotSimulated" else "error"
        prop = "ScheduleExpression" if entry.message.startswith("Invalid Schedule") else "Target"
        problems.append(event_problem(template, resource, prop, entry.message, "", severity))
    return problems


def check_rights(
    template: Template, identities: Identities, authority: Authority, there: set[str]
) -> Iterator[Problem]:
    """Roles that the Scheduler may not assume, which AWS refuses, and rights that they lack, which a run shows."""
    for resource in template.of_type(SCHEDULE):
        entry = _read(template, resource)
        if isinstance(entry, AwsError):  # what is not simulated was told before
            continue
        caller = service_principal(SCHEDULER, arn("scheduler", f"schedule-group/{entry.group}"))
        session = identities.assumed(str(entry.target["RoleArn"]), caller, "check")
        if session is None:
            text = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
            fix = f"Let its trust policy allow sts:AssumeRole to the service {SCHEDULER}."
            yield event_problem(template, resource, "Target", text, fix)
            continue
        target = str(entry.target["Arn"])
        action = _ACTIONS.get(target.split(":")[2])
        if action is None or target not in there:
            continue
        refusal = authority.denied(session, action, target)
        if refusal is not None:
            name, why = target.rsplit(":", 1)[-1], refusal.why.removeprefix("denied: ")
            yield event_problem(
                template, resource, "Target", f"this schedule will reach {name} never: {why}.", "", "warning"
            )


def is_due_again(template: Template) -> bool:
    """Whether something in the template is due by the clock, again and again."""
    rules = template.of_type("AWS::Events::Rule")
    return bool(template.of_type(SCHEDULE)) or any(each.properties.get("ScheduleExpression") for each in rules)


def deploy(world: World, template: Template, scheduler: SchedulerService) -> None:
    """Create the template's groups and schedules."""
    for resource in template.of_type(GROUP):
        scheduler.groups[template.name(resource)] = world.wall_clock()
    for resource in template.of_type(SCHEDULE):
        entry = _read(template, resource, world.wall_clock())
        if not isinstance(entry, AwsError):  # the author has chosen to ignore what is not simulated
            scheduler.deploy(entry)


def _read(template: Template, resource: Resource, now: dt.datetime = EPOCH) -> Entry | AwsError:
    return read_entry({**resource.properties, "Name": template.name(resource)}, now)
