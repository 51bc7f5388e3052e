"""Conditions and actions of listener rules, as templates write them. Source: BC elbv2 RuleCondition, Action."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.http.common import problem
from lambdalab.simulator.project.resources.http.findings import mapping
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.http.balancer.rules import (
    FIELDS,
    Action,
    Condition,
    FixedResponse,
    Forward,
    Redirect,
    Rule,
)
from lambdalab.simulator.services.http.url_api import texts
from lambdalab.simulator.vocabulary import quotas

CONFIGS = {
    "path-pattern": "PathPatternConfig",
    "host-header": "HostHeaderConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}
FINAL = ("forward", "fixed-response", "redirect")
VALUES_MAX = 5  # of all conditions of a rule. ELB "Quotas for your Application Load Balancers"
_STATUSES = re.compile(r"\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*")


def priority(resource: Resource) -> Any:
    """A rule's priority; a text of digits counts as a number, as CloudFormation takes it."""
    given = resource.properties.get("Priority")
    return int(given) if isinstance(given, str) and given.isdecimal() and len(given) < 9 else given


def statuses(given: Any) -> frozenset[int] | None:
    """The statuses that a matcher names; None where it names none."""
    text = str(given).replace(" ", "")
    if not _STATUSES.fullmatch(text):
        return None
    ends = [part.partition("-") for part in text.split(",")]
    return frozenset(status for low, _, high in ends for status in range(int(low), int(high or low) + 1))


def check_conditions(template: Template, resource: Resource) -> Iterator[Problem]:
    """What is wrong with a rule's conditions."""
    listed = resource.properties.get("Conditions")
    if not isinstance(listed, list) or not listed:
        yield problem(template, resource, "Conditions", "a rule needs a list of Conditions.")
        return
    for each in listed:
        field, config = mapping(each).get("Field"), _config(mapping(each))
        if field not in FIELDS:
            text = f"Condition field '{field}' must be one of '[{', '.join(FIELDS)}]'"
            yield problem(template, resource, "Conditions", text)
        elif "RegexValues" in config or "RegexValues" in mapping(each):
            text = "regular expressions in conditions have no effect in lambdalab yet."
            yield problem(template, resource, "Conditions", text, "Use Values.", "unsupported")
        elif field == "http-header" and not isinstance(config.get("HttpHeaderName"), str):
            yield problem(template, resource, "Conditions", "an http-header condition needs HttpHeaderName.")
        elif not _condition(mapping(each)).values and field != "query-string":
            yield problem(template, resource, "Conditions", f"the {field} condition has no values.")
        elif field == "query-string" and not _condition(mapping(each)).pairs:
            yield problem(template, resource, "Conditions", "the query-string condition has no values.")
    count = sum(
        len(one.values) + len(one.pairs) for one in map(_condition, map(mapping, listed)) if one.field in FIELDS
    )
    if count > VALUES_MAX:
        text = f"A rule can only have '{VALUES_MAX}' condition values"
        yield problem(template, resource, "Conditions", text)


def _config(given: Mapping[str, Any]) -> dict[str, Any]:
    return mapping(given.get(CONFIGS.get(str(given.get("Field")), "")))


def _condition(given: Mapping[str, Any]) -> Condition:
    config = _config(given)
    listed = config.get("Values", given.get("Values"))
    field: Any = given.get("Field")
    if field == "query-string":
        several = listed if isinstance(listed, list) else ()
        pairs = [mapping(one) for one in several if isinstance(one, dict) and "Value" in one]
        made = tuple((None if one.get("Key") is None else str(one["Key"]), str(one["Value"])) for one in pairs)
        return Condition(field, (), pairs=made)
    return Condition(field, texts(listed), str(config.get("HttpHeaderName", "")))


def check_actions(
    template: Template, resource: Resource, prop: str, groups: set[str], listener: Mapping[str, Any]
) -> Iterator[Problem]:
    """What is wrong with the actions of a rule or a listener.

    ``groups``: the ARNs of the template's target groups; ``listener``: the properties of the listener.
    """
    listed = resource.properties.get(prop)
    if not isinstance(listed, list) or not listed or mapping(listed[-1]).get("Type") not in FINAL:
        text = f"the last of {prop} must be of a Type that ends a request: {', '.join(FINAL)}."
        yield problem(template, resource, prop, text)
        return
    for each in listed[:-1]:
        text = f"an action of the type {mapping(each).get('Type')} has no effect in lambdalab yet."
        yield problem(template, resource, prop, text, f"Use one of: {', '.join(FINAL)}.", "unsupported")
    given = mapping(listed[-1])
    kind = given.get("Type")
    if kind == "forward":
        yield from _check_forward(template, resource, prop, given, groups)
    elif kind == "fixed-response":
        config = mapping(given.get("FixedResponseConfig"))
        if not re.fullmatch(r"[245]\d\d", str(config.get("StatusCode"))):
            yield problem(template, resource, prop, "a fixed response has a StatusCode of 2xx, 4xx or 5xx.")
        if len(str(config.get("MessageBody", "")).encode()) > quotas.BALANCER_FIXED_BYTES:
            yield problem(template, resource, prop, "the body of a fixed response has at most 1,024 bytes.")
    else:
        config = mapping(given.get("RedirectConfig"))
        if config.get("StatusCode") not in ("HTTP_301", "HTTP_302"):
            yield problem(template, resource, prop, "a redirect has a StatusCode HTTP_301 or HTTP_302.")
        if _loops(config, listener):
            text = "The redirect configuration is not valid because it creates a loop."
            yield problem(template, resource, prop, text, "Change its Protocol, Port, Host or Path.")


def _loops(config: Mapping[str, Any], listener: Mapping[str, Any]) -> bool:
    """Whether a redirect leads to where the request came from. BC elbv2 RedirectActionConfig; text: as recorded"""
    unchanged = {
        "Protocol": ("#{protocol}", str(listener.get("Protocol"))),
        "Port": ("#{port}", str(listener.get("Port"))),
        "Host": ("#{host}",),
        "Path": ("/#{path}",),
    }
    return all(str(config.get(name, same[0])) in same for name, same in unchanged.items())


def _check_forward(
    template: Template, resource: Resource, prop: str, given: Mapping[str, Any], groups: set[str]
) -> Iterator[Problem]:
    wanted = _forward(given).groups
    if not wanted:
        yield problem(template, resource, prop, "a forward action needs a TargetGroupArn.", "Write !Ref MyTargetGroup.")
    for arn, weight in wanted:
        if arn not in groups:
            text = f"there is no target group {arn} in this template."
            yield problem(template, resource, prop, text, "Write !Ref MyTargetGroup.")
        if not 0 <= weight <= 999:
            yield problem(template, resource, prop, f"a weight is a number from 0 to 999, not {weight}.")
    if mapping(mapping(given.get("ForwardConfig")).get("TargetGroupStickinessConfig")).get("Enabled") is True:
        text = "stickiness of target groups has no effect in lambdalab yet."
        yield problem(template, resource, prop, text, "", "unsupported")


def _forward(given: Mapping[str, Any]) -> Forward:
    listed = mapping(given.get("ForwardConfig")).get("TargetGroups")
    if isinstance(listed, list) and listed:
        return Forward(tuple((str(mapping(one).get("TargetGroupArn")), _weight(mapping(one))) for one in listed))
    arn = given.get("TargetGroupArn")
    return Forward(((str(arn), 1),) if arn is not None else ())


def _weight(given: Mapping[str, Any]) -> int:
    weight = given.get("Weight", 1)
    return weight if isinstance(weight, int) and not isinstance(weight, bool) else -1


def rule_of(resource: Resource) -> Rule:
    """A rule that was checked before."""
    conditions = tuple(_condition(each) for each in resource.properties["Conditions"])
    action = _action(resource.properties["Actions"][-1])
    return Rule(resource.logical_id, int(priority(resource)), conditions, action)


def default_of(listener: Resource) -> Rule:
    """A listener's default."""
    return Rule("default", None, (), _action(listener.properties["DefaultActions"][-1]))


def _action(given: Mapping[str, Any]) -> Action:
    if given["Type"] == "forward":
        return _forward(given)
    if given["Type"] == "fixed-response":
        config = given["FixedResponseConfig"]
        kind, body = str(config.get("ContentType", "")), str(config.get("MessageBody", ""))
        return FixedResponse(int(config["StatusCode"]), kind, body)
    config = given["RedirectConfig"]
    parts = {
        name.lower(): str(config[name]) for name in ("Protocol", "Host", "Port", "Path", "Query") if name in config
    }
    return Redirect(301 if config["StatusCode"] == "HTTP_301" else 302, **parts)
