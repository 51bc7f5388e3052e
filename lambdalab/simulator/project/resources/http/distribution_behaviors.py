"""The cache behaviors of a distribution, and the functions at their events. Source: BC cloudfront CacheBehavior,
LambdaFunctionAssociation; CloudFront "Cache behavior settings", "Restrictions on Lambda@Edge", read 2026-11-29."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from lambdalab.simulator.project.resources.http import edge_functions
from lambdalab.simulator.project.resources.http.cache_policies import (
    cache_policies,
    legacy,
    origin_request_policies,
    wrong_ttls,
)
from lambdalab.simulator.project.resources.http.findings import Finding, listing, mapping
from lambdalab.simulator.project.resources.identities import Identities, read_identities
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.http.cloudfront.model import Association, Behavior
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.events.edge import EventType

Copied = Callable[[str, EventType, str], str]
"""Copies the version that a reference names to the edge, for an event and a path pattern: the copy's ARN."""

PROP = "DistributionConfig"
EVENTS: tuple[str, ...] = get_args(EventType)
METHODS = (
    frozenset({"GET", "HEAD"}),
    frozenset({"GET", "HEAD", "OPTIONS"}),
    frozenset({"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}),
)
_POLICIES = ("allow-all", "https-only", "redirect-to-https")
_TTLS = ("MinTTL", "DefaultTTL", "MaxTTL")
_QUIET = ("Compress", "SmoothStreaming")
_KNOWN = (
    "TargetOriginId", "ViewerProtocolPolicy", "AllowedMethods", "CachedMethods", "CachePolicyId",
    "OriginRequestPolicyId", "ForwardedValues", "LambdaFunctionAssociations", *_TTLS, *_QUIET,
)  # fmt: skip


def wrong(template: Template, resource: Resource, config: Mapping[str, Any]) -> Iterator[Finding]:
    """What is wrong with the behaviors."""
    listed, usual = config.get("CacheBehaviors") or [], config.get("DefaultCacheBehavior")
    if not isinstance(usual, dict):
        text = "a distribution needs a DefaultCacheBehavior."
        yield Finding(resource, PROP, text, "", "error", ("DefaultCacheBehavior",))
        return
    if not isinstance(listed, list) or len(listed) > quotas.BEHAVIORS_MAX:
        text = f"CacheBehaviors is a list of at most {quotas.BEHAVIORS_MAX}."
        yield Finding(resource, PROP, text, "", "error", ("CacheBehaviors",))
        return
    known = read_identities(template)
    buckets = {str(each.get("Id")) for each in map(mapping, listing(config.get("Origins"))) if "S3OriginConfig" in each}
    origins = {str(each.get("Id")) for each in map(mapping, listing(config.get("Origins")))}
    places: list[tuple[Any, tuple[str | int, ...]]] = [(usual, ("DefaultCacheBehavior",))]
    places += [(given, ("CacheBehaviors", number)) for number, given in enumerate(listed)]
    patterns: list[str] = []
    for given, path in places:
        own = mapping(given)
        if path[0] == "CacheBehaviors":
            pattern = own.get("PathPattern")
            if not isinstance(pattern, str) or not pattern or pattern in patterns:
                text = "a cache behavior has a PathPattern, which no other has."
                yield Finding(resource, PROP, text, "Write it like images/*.", "error", path)
            patterns.append(str(pattern))
        yield from _wrong_behavior(template, resource, own, path, origins, buckets)
        yield from _wrong_functions(template, resource, own, path, known)


def _wrong_behavior(
    template: Template,
    resource: Resource,
    given: Mapping[str, Any],
    path: tuple[str | int, ...],
    origins: set[str],
    buckets: set[str],
) -> Iterator[Finding]:
    for key in given:
        if key not in (*_KNOWN, "PathPattern"):
            text = f"{key} of a cache behavior has no effect in lambdalab yet."
            yield Finding(resource, PROP, text, "Leave it out.", "unsupported", (*path, key))
    target, protocol = str(given.get("TargetOriginId")), given.get("ViewerProtocolPolicy")
    if origins and target not in origins:
        text = "The specified origin does not exist: TargetOriginId names the Id of an origin."
        yield Finding(resource, PROP, text, f"Origins here: {', '.join(sorted(origins))}.", "error", path)
    if protocol not in _POLICIES:
        text = f"ViewerProtocolPolicy is one of {', '.join(_POLICIES)}, not {protocol!r}."
        yield Finding(resource, PROP, text, "", "error", path)
    allowed, cached = _methods(given, "AllowedMethods"), _methods(given, "CachedMethods")
    if allowed not in METHODS or cached not in METHODS[:2] or not cached <= allowed:
        text = "AllowedMethods are GET and HEAD, these and OPTIONS, or all seven; CachedMethods the first two or three."
        yield Finding(resource, PROP, text, "", "error", path)
    elif target in buckets and allowed == METHODS[2]:
        text = "writing to a bucket through CloudFront has no effect in lambdalab yet."
        yield Finding(resource, PROP, text, "Leave AllowedMethods out.", "unsupported", path)
    yield from _wrong_policies(template, resource, given, path)


def _wrong_policies(
    template: Template, resource: Resource, given: Mapping[str, Any], path: tuple[str | int, ...]
) -> Iterator[Finding]:
    policy, sends = given.get("CachePolicyId"), given.get("OriginRequestPolicyId")
    if (policy is None) == ("ForwardedValues" not in given):
        text = "a cache behavior has a CachePolicyId, or ForwardedValues, and not both."
        yield Finding(resource, PROP, text, "CachingOptimized is 658327ea-f89d-4fab-a63d-7e88639e58f6.", "error", path)
    if policy is not None and str(policy) not in cache_policies(template):
        text = f"The specified cache policy does not exist: {policy}"
        yield Finding(resource, PROP, text, "Write !Ref MyPolicy, or an id of AWS's own.", "error", path)
    if policy is not None and any(name in given for name in _TTLS):
        text = "with a cache policy, its own TTLs count: leave MinTTL, DefaultTTL and MaxTTL out."
        yield Finding(resource, PROP, text, "", "error", path)
    if sends is not None and str(sends) not in origin_request_policies(template):
        text = f"The specified origin request policy does not exist: {sends}"
        yield Finding(resource, PROP, text, "Write !Ref MyPolicy, or an id of AWS's own.", "error", path)
    if sends is not None and policy is None:
        text = "an origin request policy needs a cache policy beside it."
        yield Finding(resource, PROP, text, "", "error", path)
    if policy is None and "ForwardedValues" in given:
        yield from wrong_ttls(resource, PROP, given, path)
        forwarded = mapping(given.get("ForwardedValues"))
        forward = mapping(forwarded.get("Cookies")).get("Forward", "none")
        if "QueryString" not in forwarded or forward not in ("none", "all", "whitelist"):
            text = (
                "ForwardedValues has a QueryString (true or false), and Cookies with Forward: none, all or whitelist."
            )
            yield Finding(resource, PROP, text, "", "error", path)


def _wrong_functions(
    template: Template, resource: Resource, given: Mapping[str, Any], path: tuple[str | int, ...], known: Identities
) -> Iterator[Finding]:
    listed = given.get("LambdaFunctionAssociations") or []
    path = (*path, "LambdaFunctionAssociations")
    if not isinstance(listed, list):
        yield Finding(resource, PROP, "LambdaFunctionAssociations must be a list.", "", "error", path)
        return
    seen: set[str] = set()
    for number, each in enumerate(map(mapping, listed)):
        event, here = str(each.get("EventType")), (*path, number)
        if event not in EVENTS:
            text = f"EventType is one of {', '.join(EVENTS)}, not {each.get('EventType')!r}."
            yield Finding(resource, PROP, text, "", "error", here)
            continue
        if event in seen:
            text = f"there are two functions for {event}: an event has one function at most."
            yield Finding(resource, PROP, text, "", "error", here)
        seen.add(event)
        if each.get("IncludeBody") is True and not event.endswith("request"):
            text = "IncludeBody is for viewer-request and origin-request only."
            yield Finding(resource, PROP, text, "", "error", here)
        for text in edge_functions.refusals(template, known, each.get("LambdaFunctionARN"), event):
            yield Finding(resource, PROP, text, _fix(text), "error", here)


def _fix(text: str) -> str:
    if "specific function version" in text:
        return "With AutoPublishAlias write !Ref MyFunction.Version; else !Ref of an AWS::Lambda::Version."
    return "Trust lambda.amazonaws.com and edgelambda.amazonaws.com." if "assumable" in text else ""


def _methods(given: Mapping[str, Any], prop: str) -> frozenset[str]:
    listed = given.get(prop)
    return METHODS[0] if listed is None else frozenset(map(str, listed if isinstance(listed, list) else ()))


def behaviors_of(template: Template, config: Mapping[str, Any], copied: Copied) -> Iterator[Behavior]:
    """The behaviors, from properties that have been checked; the default one last."""
    for given in map(mapping, config.get("CacheBehaviors") or ()):
        yield _behavior(template, given, str(given["PathPattern"]), copied)
    yield _behavior(template, mapping(config["DefaultCacheBehavior"]), "*", copied)


def _behavior(template: Template, given: Mapping[str, Any], pattern: str, copied: Copied) -> Behavior:
    if "CachePolicyId" in given:
        policy = cache_policies(template)[str(given["CachePolicyId"])]
        sends = origin_request_policies(template).get(str(given.get("OriginRequestPolicyId")))
    else:
        policy, sends = legacy(given)
    functions: dict[EventType, Association] = {}
    for each in given.get("LambdaFunctionAssociations") or ():
        event: EventType = each["EventType"]
        arn = copied(str(each["LambdaFunctionARN"]), event, pattern)
        functions[event] = Association(arn, each.get("IncludeBody") is True)
    return Behavior(
        pattern,
        str(given["TargetOriginId"]),
        policy,
        sends,
        _methods(given, "AllowedMethods"),
        _methods(given, "CachedMethods"),
        given["ViewerProtocolPolicy"],
        functions,
    )
