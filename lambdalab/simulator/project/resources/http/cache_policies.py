"""AWS::CloudFront::CachePolicy and OriginRequestPolicy, and the legacy ForwardedValues. Source: BC cloudfront
CachePolicyConfig, OriginRequestPolicyConfig, ForwardedValues; CloudFront "Understand cache policies"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from lambdalab.simulator.project.http_names import CLOUDFRONT
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.resources.http.findings import Finding, listing, mapping, told
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.http.cloudfront.model import ALL, NONE, CachePolicy, Names, OriginRequestPolicy
from lambdalab.simulator.services.http.cloudfront.policies import CACHE_POLICIES, ORIGIN_REQUEST_POLICIES
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.arns import key_id

CACHE, ORIGIN_REQUEST = f"{CLOUDFRONT}CachePolicy", f"{CLOUDFRONT}OriginRequestPolicy"
_CONFIG = {CACHE: "CachePolicyConfig", ORIGIN_REQUEST: "OriginRequestPolicyConfig"}
_TTLS = ("MinTTL", "DefaultTTL", "MaxTTL")
MOST_S = 2**63 - 1  # of a TTL. BC long
_KEYS = "ParametersInCacheKeyAndForwardedToOrigin"
_KNOWN = {
    CACHE: ("Name", "Comment", *_TTLS, _KEYS),
    ORIGIN_REQUEST: ("Name", "Comment", "HeadersConfig", "CookiesConfig", "QueryStringsConfig"),
}
_PARTS = (  # the configuration, what says how, what lists names, what it may say in a cache policy
    ("HeadersConfig", "HeaderBehavior", "Headers", ("none", "whitelist")),
    ("CookiesConfig", "CookieBehavior", "Cookies", ("none", "whitelist", "allExcept", "all")),
    ("QueryStringsConfig", "QueryStringBehavior", "QueryStrings", ("none", "whitelist", "allExcept", "all")),
)
_ADDED = "cloudfront-"  # headers that CloudFront itself would add


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a policy."""
    prop = _CONFIG[resource.type]
    problems = unknown_properties(template, resource, (prop,))
    return [*problems, *told(template, _wrong(resource, prop))]


def _wrong(resource: Resource, prop: str) -> Iterator[Finding]:
    config = resource.properties.get(prop)
    if not isinstance(config, dict):
        yield Finding(resource, prop, f"a policy needs {prop}.")
        return
    for key in config:
        if key not in _KNOWN[resource.type]:
            yield Finding(resource, prop, f"{key} has no effect in lambdalab yet.", "", "unsupported", (key,))
    if not isinstance(config.get("Name"), str):
        yield Finding(resource, prop, "a policy needs a Name.")
    parts: Mapping[str, Any] = config
    path: tuple[str, ...] = ()
    if resource.type == CACHE:
        yield from wrong_ttls(resource, prop, config, ())
        parts, path = mapping(config.get(_KEYS)), (_KEYS,)
    for name, behavior, listed, allowed in _PARTS:
        given = mapping(parts.get(name))
        said, names = given.get(behavior), given.get(listed) or []
        also = ("allViewer", "allExcept") if resource.type == ORIGIN_REQUEST and name == "HeadersConfig" else ()
        if said not in (*allowed, *also):
            text = f"{behavior} is one of {', '.join((*allowed, *also))}, not {said!r}."
            yield Finding(resource, prop, text, "", "error", (*path, name))
        elif said in ("whitelist", "allExcept") and (not isinstance(names, list) or not names):
            yield Finding(resource, prop, f"{behavior}: {said} needs {listed}.", "", "error", (*path, name))
        elif isinstance(names, list) and len(names) > quotas.POLICY_NAMES_MAX:
            text = f"a policy names at most {quotas.POLICY_NAMES_MAX} {listed}."
            yield Finding(resource, prop, text, "", "error", (*path, name))
        added = [each for each in listing(names) if str(each).lower().startswith(_ADDED)] if listed == "Headers" else []
        if added:
            text = f"{added[0]}: headers that CloudFront adds by itself have no effect in lambdalab yet."
            yield Finding(resource, prop, text, "", "unsupported", (*path, name))


def wrong_ttls(
    resource: Resource, prop: str, config: Mapping[str, Any], path: tuple[str | int, ...]
) -> Iterator[Finding]:
    """TTLs are seconds, and go up from the minimum to the maximum."""
    values = [config.get(name, usual) for name, usual in zip(_TTLS, (0, 86_400, 31_536_000), strict=True)]
    if not all(isinstance(each, int | float) and not isinstance(each, bool) and 0 <= each <= MOST_S for each in values):
        yield Finding(resource, prop, f"{', '.join(_TTLS)} are numbers of seconds.", "", "error", path)
    elif not values[0] <= values[2] or ("DefaultTTL" in config and not values[0] <= values[1] <= values[2]):
        text = "The parameter MinTTL must be less than or equal to DefaultTTL, and DefaultTTL to MaxTTL."
        yield Finding(resource, prop, text, "", "error", path)


def cache_policies(template: Template) -> dict[str, CachePolicy]:
    """AWS's own and the template's, by id."""
    own = {
        key_id(template.name(each)): _cache_policy(mapping(each.properties.get(_CONFIG[CACHE])))
        for each in template.of_type(CACHE)
    }
    return {**CACHE_POLICIES, **own}


def origin_request_policies(template: Template) -> dict[str, OriginRequestPolicy]:
    """The same for what goes to origins."""
    own = {
        key_id(template.name(each)): _origin_request_policy(mapping(each.properties.get(_CONFIG[ORIGIN_REQUEST])))
        for each in template.of_type(ORIGIN_REQUEST)
    }
    return {**ORIGIN_REQUEST_POLICIES, **own}


def _cache_policy(config: Mapping[str, Any]) -> CachePolicy:
    parts = mapping(config.get(_KEYS))
    return CachePolicy(
        str(config.get("Name")),
        *_ttls(config),
        *_names(parts),
        gzip=parts.get("EnableAcceptEncodingGzip") is True,
        brotli=parts.get("EnableAcceptEncodingBrotli") is True,
    )


def _origin_request_policy(config: Mapping[str, Any]) -> OriginRequestPolicy:
    return OriginRequestPolicy(str(config.get("Name")), *_names(config))


def _ttls(config: Mapping[str, Any]) -> tuple[float, float, float]:
    """A default below the minimum cannot be written; one that is left out is no lower than the minimum."""
    least, most = _seconds(config.get("MinTTL"), 0), _seconds(config.get("MaxTTL"), 31_536_000)
    return least, _seconds(config.get("DefaultTTL"), min(max(86_400.0, least), most)), most


def _seconds(value: Any, usual: float) -> float:
    """A number of seconds; what is none has been told already."""
    return float(min(value, MOST_S)) if isinstance(value, int | float) else usual


def _names(config: Mapping[str, Any]) -> tuple[Names, Names, Names]:
    found = []
    for name, behavior, listed, _ in _PARTS:
        given = mapping(config.get(name))
        said = given.get(behavior, "none")
        names = frozenset(
            str(each).lower() if listed == "Headers" else str(each) for each in listing(given.get(listed))
        )
        found.append(Names("all" if said == "allViewer" else said, names))
    return found[0], found[1], found[2]


def legacy(behavior: Mapping[str, Any]) -> tuple[CachePolicy, OriginRequestPolicy | None]:
    """The settings of a behavior with ForwardedValues. With all headers nothing is cached."""
    given = mapping(behavior.get("ForwardedValues"))
    cookies = mapping(given.get("Cookies"))
    forward, listed = str(cookies.get("Forward", "none")), listing(cookies.get("WhitelistedNames"))
    kept = {"all": ALL, "whitelist": Names("whitelist", frozenset(map(str, listed)), patterns=True)}.get(forward, NONE)
    headers = [str(each).lower() for each in listing(given.get("Headers"))]
    some = Names("whitelist", frozenset(headers)) if headers else NONE
    keys = listing(given.get("QueryStringCacheKeys"))
    every = ALL if str(given.get("QueryString")).lower() == "true" else NONE
    counted = Names("whitelist", frozenset(map(str, keys))) if keys and every is ALL else every
    policy = CachePolicy("ForwardedValues", *_ttls(behavior), some, kept, counted, legacy=True)
    sends = OriginRequestPolicy("ForwardedValues", queries=every) if counted is not every else None
    if "*" not in headers:
        return policy, sends
    everything = OriginRequestPolicy("ForwardedValues", ALL, kept, every)
    return replace(policy, min_ttl=0, default_ttl=0, max_ttl=0, headers=NONE), everything
