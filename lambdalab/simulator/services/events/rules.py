"""Changing and reading rules and their targets. Source: botocore's events model; texts in ``refusals``."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer, World
from lambdalab.simulator.services.events import refusals
from lambdalab.simulator.services.events.bus import (
    DEFAULT,
    RULES_MAX,
    TARGETS_MAX,
    Bus,
    Rule,
    Target,
    bus_name,
)
from lambdalab.simulator.services.events.buses import Operation, page_of
from lambdalab.simulator.services.events.targets import read_target
from lambdalab.simulator.trace.facts import RuleConfigured
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.patterns import PatternError, read_pattern
from lambdalab.simulator.vocabulary.schedules import Once, read_schedule

PATTERN_MAX = 4_096  # BC PutRule; the default quota is 2,048, which AWS raises on demand


class Rules:
    """The rules of all buses. ``changed`` is told of every rule that is new or different."""

    def __init__(self, world: World, buses: Mapping[str, Bus], changed: Callable[[Rule], None]) -> None:
        self._world = world
        self._buses = buses
        self._changed = changed
        self.operations: Mapping[str, Operation] = {
            "PutRule": self._put_rule,
            "DeleteRule": self._delete_rule,
            "DescribeRule": self._describe_rule,
            "EnableRule": lambda params: self._switch(params, on=True),
            "DisableRule": lambda params: self._switch(params, on=False),
            "ListRules": self._list_rules,
            "ListRuleNamesByTarget": self._list_rules_by_target,
            "PutTargets": self._put_targets,
            "RemoveTargets": self._remove_targets,
            "ListTargetsByRule": self._list_targets,
            "TestEventPattern": _test_pattern,
        }

    def tell(self, rule: Rule) -> None:
        """Record how a rule is configured, and let its schedule begin anew."""
        rule.version += 1
        self._world.trace.record(
            RuleConfigured(
                rule.bus,
                rule.name,
                "ENABLED" if rule.enabled else "DISABLED",
                rule.pattern.text if rule.pattern else None,
                rule.expression,
                tuple((each.id, each.arn) for each in rule.targets.values()),
            )
        )
        self._changed(rule)

    def _put_rule(self, params: Mapping[str, Any]) -> Answer | AwsError:
        bus = self._bus(params.get("EventBusName"))
        if isinstance(bus, AwsError):
            return bus
        read = read_rule(bus, params, self._world.wall_clock())
        if isinstance(read, AwsError):
            return read
        before = bus.rules.get(read.name)
        if before is None and len(bus.rules) >= RULES_MAX:
            return refusals.too_many()
        if before is not None:
            read.targets, read.version = before.targets, before.version
        bus.rules[read.name] = read
        self.tell(read)
        return Answer({"RuleArn": read.arn})

    def _delete_rule(self, params: Mapping[str, Any]) -> Answer | AwsError:
        bus = self._bus(params.get("EventBusName"))
        if isinstance(bus, AwsError):
            return bus
        rule = bus.rules.get(params["Name"])
        if rule is not None:  # deleting twice is no error (BC DeleteRule)
            if rule.targets:
                return refusals.validation("Rule can't be deleted since it has targets.")
            del bus.rules[rule.name]
            rule.enabled = False
            self.tell(rule)
        return Answer()

    def _describe_rule(self, params: Mapping[str, Any]) -> Answer | AwsError:
        rule = self._rule(params["Name"], params.get("EventBusName"))
        return rule if isinstance(rule, AwsError) else Answer(_shown(rule) | {"CreatedBy": ACCOUNT_ID})

    def _switch(self, params: Mapping[str, Any], *, on: bool) -> Answer | AwsError:
        rule = self._rule(params["Name"], params.get("EventBusName"))
        if isinstance(rule, AwsError):
            return rule
        if rule.enabled != on:
            rule.enabled = on
            self.tell(rule)
        return Answer()

    def _list_rules(self, params: Mapping[str, Any]) -> Answer | AwsError:
        bus = self._bus(params.get("EventBusName"))
        if isinstance(bus, AwsError):
            return bus
        prefix = params.get("NamePrefix", "")
        return page_of("Rules", [_shown(rule) for name, rule in bus.rules.items() if name.startswith(prefix)], params)

    def _list_rules_by_target(self, params: Mapping[str, Any]) -> Answer | AwsError:
        bus, wanted = self._bus(params.get("EventBusName")), params["TargetArn"]
        if isinstance(bus, AwsError):
            return bus
        named = [r.name for r in bus.rules.values() if any(t.arn == wanted for t in r.targets.values())]
        return page_of("RuleNames", named, params)

    def _put_targets(self, params: Mapping[str, Any]) -> Answer | AwsError:
        rule = self._rule(params["Rule"], params.get("EventBusName"))
        if isinstance(rule, AwsError):
            return rule
        read = self.read_targets(rule, params["Targets"])
        if isinstance(read, AwsError):
            return read
        rule.targets |= {each.id: each for each in read}
        self.tell(rule)
        return Answer({"FailedEntryCount": 0, "FailedEntries": []})

    def read_targets(self, rule: Rule, listed: Iterable[Mapping[str, Any]]) -> list[Target] | AwsError:
        """Targets as PutTargets describes them, or AWS's refusal. Raises nothing."""
        found: list[Target] = []
        for each in listed:
            read = read_target(each)
            if isinstance(read, AwsError):
                return read
            found.append(read)
        if len(found) > 10 or len({*rule.targets, *(each.id for each in found)}) > TARGETS_MAX:
            return refusals.too_many()
        return found

    def _remove_targets(self, params: Mapping[str, Any]) -> Answer | AwsError:
        rule = self._rule(params["Rule"], params.get("EventBusName"))
        if isinstance(rule, AwsError):
            return rule
        for wanted in params["Ids"]:
            rule.targets.pop(wanted, None)
        self.tell(rule)
        return Answer({"FailedEntryCount": 0, "FailedEntries": []})

    def _list_targets(self, params: Mapping[str, Any]) -> Answer | AwsError:
        rule = self._rule(params["Rule"], params.get("EventBusName"))
        if isinstance(rule, AwsError):
            return rule
        return page_of("Targets", [dict(each.settings) for each in rule.targets.values()], params)

    def _bus(self, reference: str | None) -> Bus | AwsError:
        name = bus_name(reference)
        return self._buses.get(name) or refusals.no_bus(name)

    def _rule(self, name: str, reference: str | None) -> Rule | AwsError:
        bus = self._bus(reference)
        if isinstance(bus, AwsError):
            return bus
        return bus.rules.get(name) or refusals.no_rule(name, bus.name)


def read_rule(bus: Bus, params: Mapping[str, Any], now: dt.datetime) -> Rule | AwsError:
    """A rule as PutRule describes it, without targets, or AWS's refusal. ``now`` is when its rate begins."""
    text, expression = params.get("EventPattern"), params.get("ScheduleExpression")
    if not text and not expression:
        return refusals.validation("Parameter(s) EventPattern or ScheduleExpression must be specified.")
    rule = Rule(params["Name"], bus.name, description=params.get("Description"), role=params.get("RoleArn"))
    rule.enabled = params.get("State", "ENABLED") != "DISABLED"
    if text:
        if len(text) > PATTERN_MAX:
            return refusals.validation(f"The event pattern is longer than {PATTERN_MAX} characters.")
        try:
            rule.pattern = read_pattern(text)
        except PatternError as error:
            return refusals.pattern(error)
    if expression:
        if bus.name != DEFAULT:
            return refusals.validation("ScheduleExpression is supported only on the default event bus.")
        try:
            rule.schedule = read_schedule(expression, now)
        except ValueError:
            return refusals.schedule()
        if isinstance(rule.schedule, Once):
            return refusals.schedule()  # at(…) is EventBridge Scheduler's
        rule.expression = expression
    return rule


def _test_pattern(params: Mapping[str, Any]) -> Answer | AwsError:
    """TestEventPattern. An event needs the members of every event. BC TestEventPattern"""
    try:
        pattern = read_pattern(params["EventPattern"])
    except PatternError as error:
        return refusals.pattern(error)
    try:
        event = json.loads(params["Event"])
    except (ValueError, RecursionError):
        event = None
    needed = ("id", "account", "source", "time", "region", "resources", "detail-type")
    if not isinstance(event, dict):
        return refusals.validation("Parameter Event is not valid. Reason: it is not a JSON object.")
    missing = next((name for name in needed if name not in event), None)
    if missing is not None:
        return refusals.validation(f"Parameter Event is not valid. Reason: {missing} is missing.")
    return Answer({"Result": pattern.meets_text(params["Event"])})


def _shown(rule: Rule) -> dict[str, Any]:
    state = "ENABLED" if rule.enabled else "DISABLED"
    shown = {"Name": rule.name, "Arn": rule.arn, "State": state, "EventBusName": rule.bus}
    more = {
        "EventPattern": rule.pattern.text if rule.pattern else None,
        "ScheduleExpression": rule.expression,
        "Description": rule.description,
        "RoleArn": rule.role,
    }
    return shown | {name: value for name, value in more.items() if value}
