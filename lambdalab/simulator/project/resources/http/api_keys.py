"""AWS::ApiGateway::ApiKey, UsagePlan and UsagePlanKey. Source: BC apigateway CreateApiKey, CreateUsagePlan."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Literal

from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.resources.http.common import is_one_of, problem
from lambdalab.simulator.project.resources.http.findings import mapping
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.http.api.keys import ApiKey, Quota, UsagePlan
from lambdalab.simulator.services.http.api.model import Limit

V1 = "AWS::ApiGateway::"
KEY, PLAN, PLAN_KEY = f"{V1}ApiKey", f"{V1}UsagePlan", f"{V1}UsagePlanKey"
KNOWN = {
    KEY: ("Name", "Value", "Enabled", "Description", "StageKeys", "Tags"),
    PLAN: ("UsagePlanName", "Description", "ApiStages", "Throttle", "Quota", "Tags"),
    PLAN_KEY: ("KeyId", "KeyType", "UsagePlanId"),
}
PERIODS = ("DAY", "WEEK", "MONTH")
VALUE_CHARACTERS = (20, 128)  # BC CreateApiKey: the value of a key


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a key, a plan, or a key's place in a plan."""
    problems = unknown_properties(template, resource, KNOWN[resource.type])
    wrong = {KEY: _wrong_key, PLAN: _wrong_plan, PLAN_KEY: _wrong_plan_key}[resource.type]
    return problems + [problem(template, resource, prop, text) for prop, text in wrong(template, resource)]


def _wrong_key(template: Template, resource: Resource) -> Iterator[tuple[str, str]]:
    value = resource.properties.get("Value")
    least, most = VALUE_CHARACTERS
    if value is not None and not least <= len(str(value)) <= most:
        yield "Value", f"the value of an API key has {least} to {most} characters, not {len(str(value))}."


def _wrong_plan(template: Template, resource: Resource) -> Iterator[tuple[str, str]]:
    stages = resource.properties.get("ApiStages")
    if stages is not None and not isinstance(stages, list):
        yield "ApiStages", "ApiStages must be a list of mappings with ApiId and Stage."
    for stage in stages if isinstance(stages, list) else ():
        if not {"ApiId", "Stage"} <= mapping(stage).keys() or set(mapping(stage)) - {"ApiId", "Stage"}:
            yield "ApiStages", "a stage of a usage plan has an ApiId and a Stage, and here nothing else."
    for name, value in mapping(resource.properties.get("Throttle")).items():
        if name not in ("RateLimit", "BurstLimit") or not _is_number(value):
            yield "Throttle", "Throttle has a RateLimit and a BurstLimit, which are numbers."
    quota = resource.properties.get("Quota")
    if quota is not None:
        given = mapping(quota)
        if given.get("Period") not in PERIODS or not _is_number(given.get("Limit")):
            yield "Quota", f"Quota has a Limit and a Period: {', '.join(PERIODS)}."


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _wrong_plan_key(template: Template, resource: Resource) -> Iterator[tuple[str, str]]:
    props = resource.properties
    if props.get("KeyType") != "API_KEY":
        yield "KeyType", f"KeyType is API_KEY, not {props.get('KeyType')!r}."
    for prop, kind in (("KeyId", KEY), ("UsagePlanId", PLAN)):
        if not is_one_of(props.get(prop), {template.name(one) for one in template.of_type(kind)}):
            yield prop, f"there is no {kind} {props.get(prop)} in this template."


def keys_of(template: Template) -> Iterator[ApiKey]:
    """The keys of the template. One without a value gets one made from its name, as AWS makes one up."""
    for resource in template.of_type(KEY):
        yield ApiKey(
            resource.logical_id, _value(template, resource), resource.properties.get("Enabled", True) is not False
        )


def _value(template: Template, resource: Resource) -> str:
    given = resource.properties.get("Value")
    return str(given) if given is not None else hashlib.sha256(template.name(resource).encode()).hexdigest()[:40]


def plans_of(template: Template) -> Iterator[UsagePlan]:
    """The usage plans of the template with the keys in them."""
    values = {template.name(one): _value(template, one) for one in template.of_type(KEY)}
    for resource in template.of_type(PLAN):
        props = resource.properties
        stages = frozenset((str(one["ApiId"]), str(one["Stage"])) for one in props.get("ApiStages") or ())
        members = frozenset(
            values[one.properties["KeyId"]]
            for one in template.of_type(PLAN_KEY)
            if one.properties.get("UsagePlanId") == template.name(resource)
        )
        yield UsagePlan(resource.logical_id, stages, members, _limit(props.get("Throttle")), _quota(props.get("Quota")))


def _limit(given: Any) -> Limit | None:
    found = mapping(given)
    if not found:
        return None
    rate = float(found.get("RateLimit", found.get("BurstLimit", 0)))
    return Limit(rate, int(found.get("BurstLimit", max(1.0, rate))))


def _quota(given: Any) -> Quota | None:
    found = mapping(given)
    if not found:
        return None
    period: Literal["DAY", "WEEK", "MONTH"] = found["Period"]
    return Quota(int(found["Limit"]), period, int(found.get("Offset", 0)))
