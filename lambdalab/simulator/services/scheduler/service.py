"""EventBridge Scheduler behind the front door: schedules and their groups.

Source: botocore's scheduler model, read 2026-11; texts: A-110.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer, Principal, Request, World, service_principal
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.account.constraints import violated
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.scheduler.clock import Clock
from lambdalab.simulator.services.scheduler.schedule import DEFAULT_GROUP, Entry, read_entry, validation
from lambdalab.simulator.services.targets import Assume, nobody
from lambdalab.simulator.trace.facts import ScheduleConfigured, ScheduleDeleted
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError

SCHEDULER = "scheduler.amazonaws.com"
GROUPS_MAX, SCHEDULES_MAX = 500, 10_000  # User Guide, "Quotas": groups; of schedules AWS allows a million, a run fewer


class SchedulerService:
    """The schedules of the account, by group and name."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.assume: Assume = nobody
        self.groups: dict[str, dt.datetime] = {DEFAULT_GROUP: world.wall_clock()}
        self.entries: dict[tuple[str, str], Entry] = {}
        self._operations: Mapping[str, Callable[[Mapping[str, Any]], Answer | AwsError]] = {
            "CreateSchedule": self._create,
            "UpdateSchedule": self._update,
            "GetSchedule": self._get,
            "DeleteSchedule": self._delete,
            "ListSchedules": self._list,
            "CreateScheduleGroup": self._create_group,
            "GetScheduleGroup": self._get_group,
            "DeleteScheduleGroup": self._delete_group,
            "ListScheduleGroups": self._list_groups,
        }
        self._clock = Clock(world, self._is_current, self._session, self._remove)
        world.api.register("scheduler", self)

    @property
    def has_schedule(self) -> bool:
        """Whether a schedule is still to come."""
        return any(entry.enabled for entry in self.entries.values())

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The schedule or group that a call acts on."""
        if operation in ("ListSchedules", "ListScheduleGroups"):
            return arn("scheduler", "*"), ""
        name = str(params.get("Name", ""))
        if "Group" in operation:
            return arn("scheduler", f"schedule-group/{name}"), name
        return arn("scheduler", f"schedule/{params.get('GroupName') or DEFAULT_GROUP}/{name}"), name

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        yield from ()  # a generator, like every service
        operation = self._operations.get(request.operation)
        if operation is None:
            return unsupported(request)
        return violated("scheduler", request.operation, request.params) or operation(request.params)

    def deploy(self, entry: Entry) -> None:
        """Add a schedule, or change one."""
        self.entries[entry.group, entry.name] = entry
        target, zone = entry.target, entry.settings.get("ScheduleExpressionTimezone") or "UTC"
        self._world.trace.record(
            ScheduleConfigured(
                schedule=entry.name,
                group=entry.group,
                expression=str(entry.settings["ScheduleExpression"]),
                zone=str(zone),
                state="ENABLED" if entry.enabled else "DISABLED",
                target=str(target["Arn"]),
                window_minutes=entry.window_minutes,
            )
        )
        if entry.enabled:
            self._clock.follow(entry)

    def clear(self) -> None:
        """Nothing stays."""
        self.entries.clear()

    def _create(self, params: Mapping[str, Any]) -> Answer | AwsError:
        entry = self._read(params)
        if isinstance(entry, AwsError):
            return entry
        if (entry.group, entry.name) in self.entries:
            return AwsError("ConflictException", f"Schedule {entry.name} already exists.", 409)
        if len(self.entries) >= SCHEDULES_MAX:
            return AwsError("ServiceQuotaExceededException", "The quota of schedules is used up.", 402)
        self.deploy(entry)
        return Answer({"ScheduleArn": entry.arn})

    def _update(self, params: Mapping[str, Any]) -> Answer | AwsError:
        entry = self._read(params)
        if isinstance(entry, AwsError):
            return entry
        before = self.entries.get((entry.group, entry.name))
        if before is None:
            return _no_schedule(entry.name)
        entry.created = before.created
        self.deploy(entry)
        return Answer({"ScheduleArn": entry.arn})

    def _read(self, params: Mapping[str, Any]) -> Entry | AwsError:
        entry = read_entry(params, self._world.wall_clock())
        if isinstance(entry, AwsError):
            return entry
        if entry.group not in self.groups:
            return _no_group(entry.group)
        if self._session(entry) is None:
            return validation("The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")
        return entry

    def _get(self, params: Mapping[str, Any]) -> Answer | AwsError:
        entry = self._entry(params)
        if isinstance(entry, AwsError):
            return entry
        given = {name: value for name, value in entry.settings.items() if name != "ClientToken"}
        usual = {"ScheduleExpressionTimezone": "UTC", "State": "ENABLED", "ActionAfterCompletion": "NONE"}
        dates = {"CreationDate": entry.created, "LastModificationDate": entry.modified}
        return Answer({**usual, **given, "GroupName": entry.group, "Arn": entry.arn, **dates})

    def _delete(self, params: Mapping[str, Any]) -> Answer | AwsError:
        entry = self._entry(params)
        if isinstance(entry, AwsError):
            return entry
        self._remove(entry)
        return Answer()

    def _remove(self, entry: Entry) -> None:
        self.entries.pop((entry.group, entry.name), None)
        self._world.trace.record(ScheduleDeleted(entry.name, entry.group))

    def _list(self, params: Mapping[str, Any]) -> Answer:
        group, prefix, state = params.get("GroupName"), params.get("NamePrefix", ""), params.get("State")
        shown = [
            {
                "Arn": entry.arn,
                "GroupName": entry.group,
                "Name": entry.name,
                "State": "ENABLED" if entry.enabled else "DISABLED",
                "Target": {"Arn": entry.target["Arn"]},
                "CreationDate": entry.created,
                "LastModificationDate": entry.modified,
            }
            for entry in self.entries.values()
            if group in (None, entry.group)
            and entry.name.startswith(prefix)
            and state in (None, "ENABLED" if entry.enabled else "DISABLED")
        ]
        return _page("Schedules", shown, params)

    def _create_group(self, params: Mapping[str, Any]) -> Answer | AwsError:
        name = params["Name"]
        if name in self.groups:
            return AwsError("ConflictException", f"Schedule group {name} already exists.", 409)
        if len(self.groups) >= GROUPS_MAX:
            return AwsError("ServiceQuotaExceededException", "The quota of schedule groups is used up.", 402)
        self.groups[name] = self._world.wall_clock()
        return Answer({"ScheduleGroupArn": arn("scheduler", f"schedule-group/{name}")})

    def _get_group(self, params: Mapping[str, Any]) -> Answer | AwsError:
        name = params["Name"]
        return Answer(self._group(name)) if name in self.groups else _no_group(name)

    def _group(self, name: str) -> dict[str, Any]:
        made = self.groups[name]
        place = {"Arn": arn("scheduler", f"schedule-group/{name}"), "Name": name, "State": "ACTIVE"}
        return place | {"CreationDate": made, "LastModificationDate": made}

    def _delete_group(self, params: Mapping[str, Any]) -> Answer | AwsError:
        name = params["Name"]
        if name == DEFAULT_GROUP:
            return validation("The default schedule group cannot be deleted.")
        if name not in self.groups:
            return _no_group(name)
        for entry in [each for each in self.entries.values() if each.group == name]:
            self._remove(entry)  # with its schedules. BC DeleteScheduleGroup
        del self.groups[name]
        return Answer()

    def _list_groups(self, params: Mapping[str, Any]) -> Answer:
        prefix = params.get("NamePrefix", "")
        return _page("ScheduleGroups", [self._group(name) for name in self.groups if name.startswith(prefix)], params)

    def _entry(self, params: Mapping[str, Any]) -> Entry | AwsError:
        group, name = params.get("GroupName") or DEFAULT_GROUP, params["Name"]
        return self.entries.get((group, name)) or _no_schedule(name)

    def _is_current(self, entry: Entry) -> bool:
        return self.entries.get((entry.group, entry.name)) is entry

    def _session(self, entry: Entry) -> Principal | None:
        """The schedule's role, assumed by the Scheduler for the schedule's group."""
        caller = service_principal(SCHEDULER, arn("scheduler", f"schedule-group/{entry.group}"))
        return self.assume(str(entry.target["RoleArn"]), caller)


def _no_schedule(name: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"Schedule {name} does not exist.", 404)


def _no_group(name: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"Schedule group {name} does not exist.", 404)


def _page(member: str, shown: list[Any], params: Mapping[str, Any]) -> Answer:
    token = str(params.get("NextToken") or "0")
    start = int(token) if token.isdecimal() and len(token) < 10 else 0
    end = start + (params.get("MaxResults") or 100)
    return Answer({member: shown[start:end]} | ({"NextToken": str(end)} if end < len(shown) else {}))
