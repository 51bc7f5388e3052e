"""AWS::CloudFront::Distribution, OriginAccessControl and CloudFrontOriginAccessIdentity. Source: BC cloudfront
DistributionConfig; Amazon CloudFront Developer Guide, "All distribution settings reference", read 2026-11-29."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lambdalab.simulator.account import ANONYMOUS, Principal, service_principal
from lambdalab.simulator.account.iam import Authority
from lambdalab.simulator.project.http_names import CLOUDFRONT, cloudfront_id, distribution_host
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.resources.http import cache_policies, distribution_behaviors, distribution_origins
from lambdalab.simulator.project.resources.http.edge_functions import replicate
from lambdalab.simulator.project.resources.http.findings import Finding, listing, mapping, told
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.http.cloudfront.buckets import bucket_of
from lambdalab.simulator.services.http.cloudfront.distribution import distribution_arn, make
from lambdalab.simulator.services.http.cloudfront.model import Behavior, Config, ErrorPage, Origin
from lambdalab.simulator.services.s3.names import object_arn
from lambdalab.simulator.vocabulary.events.edge import EventType

if TYPE_CHECKING:
    from lambdalab.simulator.project.deploy import Deployment

DISTRIBUTION, CONTROL = f"{CLOUDFRONT}Distribution", f"{CLOUDFRONT}OriginAccessControl"
IDENTITY = distribution_origins.IDENTITY
PROP = "DistributionConfig"
KNOWN = {
    DISTRIBUTION: (PROP, "Tags"),
    CONTROL: ("OriginAccessControlConfig",),
    IDENTITY: ("CloudFrontOriginAccessIdentityConfig",),
    cache_policies.CACHE: (),
    cache_policies.ORIGIN_REQUEST: (),
}
# Without effect, and without harm: there is one edge location, which speaks every HTTP and compresses nothing.
QUIET = ("Comment", "PriceClass", "HttpVersion", "IPV6Enabled", "CallerReference")
READ = ("Origins", "DefaultCacheBehavior", "CacheBehaviors", "DefaultRootObject", "CustomErrorResponses", "Enabled",
        "ViewerCertificate", "Restrictions")  # fmt: skip
ERROR_CODES = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)  # "Custom error pages and error caching"


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a distribution, a policy, or how CloudFront shows itself to origins."""
    if resource.type in (cache_policies.CACHE, cache_policies.ORIGIN_REQUEST):
        return cache_policies.check(template, resource)
    problems = unknown_properties(template, resource, KNOWN[resource.type])
    if resource.type == CONTROL:
        return [*problems, *told(template, distribution_origins.wrong_control(resource))]
    return [*problems, *told(template, _wrong(template, resource))] if resource.type == DISTRIBUTION else problems


def _wrong(template: Template, resource: Resource) -> Iterator[Finding]:
    config = resource.properties.get(PROP)
    if not isinstance(config, dict):
        yield Finding(resource, PROP, "a distribution needs a DistributionConfig.")
        return
    for key in config:
        if key not in (*QUIET, *READ):
            text = f"{key} of a distribution has no effect in lambdalab yet."
            yield Finding(resource, PROP, text, "Leave it out.", "unsupported", (key,))
    if config.get("Enabled") is not True:
        text = "a distribution that is not enabled answers nobody, and has no effect here."
        yield Finding(resource, PROP, text, "Write Enabled: true.", "unsupported", ("Enabled",))
    root = config.get("DefaultRootObject", "")
    if not isinstance(root, str) or root.startswith("/"):
        text = "DefaultRootObject is the name of an object, without a slash in front."
        yield Finding(resource, PROP, text, "Write index.html.", "error", ("DefaultRootObject",))
    if mapping(config.get("ViewerCertificate")).get("CloudFrontDefaultCertificate", True) is not True:
        text = "a certificate of one's own has no effect in lambdalab: a distribution has its cloudfront.net name only."
        yield Finding(resource, PROP, text, "Leave it out.", "unsupported", ("ViewerCertificate",))
    geo = mapping(mapping(config.get("Restrictions")).get("GeoRestriction")).get("RestrictionType", "none")
    if geo != "none":
        text = "viewers come from no country here: geographic restrictions have no effect in lambdalab."
        yield Finding(resource, PROP, text, "Leave it out.", "unsupported", ("Restrictions",))
    yield from distribution_origins.wrong(template, resource, config)
    yield from distribution_behaviors.wrong(template, resource, config)
    yield from _wrong_errors(resource, config.get("CustomErrorResponses") or [])


def _wrong_errors(resource: Resource, listed: object) -> Iterator[Finding]:
    path: tuple[str | int, ...] = ("CustomErrorResponses",)
    if not isinstance(listed, list):
        yield Finding(resource, PROP, "CustomErrorResponses must be a list.", "", "error", path)
        return
    for number, given in enumerate(map(mapping, listed)):
        page, status, ttl = (
            given.get("ResponsePagePath"),
            given.get("ResponseCode"),
            given.get("ErrorCachingMinTTL", 10),
        )
        if given.get("ErrorCode") not in ERROR_CODES:
            text = f"ErrorCode is one of {', '.join(map(str, ERROR_CODES))}, not {given.get('ErrorCode')!r}."
            yield Finding(resource, PROP, text, "", "error", (*path, number))
        if (page is None) != (status is None) or (page is not None and not str(page).startswith("/")):
            text = "ResponsePagePath, which begins with a slash, and ResponseCode are given both or not at all."
            yield Finding(resource, PROP, text, "", "error", (*path, number))
        if not isinstance(ttl, int) or isinstance(ttl, bool) or ttl < 0:
            text = f"ErrorCachingMinTTL is a number of seconds, not {ttl!r}."
            yield Finding(resource, PROP, text, "", "error", (*path, number))


def check_rights(template: Template, authority: Authority) -> Iterator[Problem]:
    """Buckets that will not let CloudFront in."""
    for resource in template.of_type(DISTRIBUTION):
        arn = distribution_arn(cloudfront_id(template.name(resource)))
        for number, given in enumerate(listing(mapping(resource.properties.get(PROP)).get("Origins"))):
            origin = distribution_origins.origin_of(template, mapping(given))
            bucket = bucket_of(origin.domain)
            if bucket is None or not origin.bucket:
                continue
            caller: Principal = ANONYMOUS
            if origin.access == "control":
                caller = service_principal("cloudfront.amazonaws.com", arn)
            elif origin.access == "identity":
                caller = Principal(origin.identity, called="the origin access identity")
            refusal = authority.denied(caller, "s3:GetObject", object_arn(bucket, "x"))
            if refusal is not None:
                text = f"viewers may get 403 from {origin.id}: {refusal.why.removeprefix('denied: ')}."
                yield from told(template, [Finding(resource, PROP, text, "", "warning", ("Origins", number))])


def names(template: Template) -> Iterator[str]:
    """Logical ids and domain names; with a port, HTTP without the S."""
    for resource in template.of_type(DISTRIBUTION):
        host = distribution_host(template.name(resource))
        yield from (resource.logical_id, host, f"{host}:80")


def ids(template: Template) -> dict[str, str]:
    """The id of each distribution by its logical id."""
    return {one.logical_id: cloudfront_id(template.name(one)) for one in template.of_type(DISTRIBUTION)}


def deploy(template: Template, deployment: Deployment) -> None:
    """Open every distribution, with copies of its functions at the edge."""
    for resource in template.of_type(DISTRIBUTION):
        open_one(template, resource, deployment)


def open_one(template: Template, resource: Resource, deployment: Deployment) -> None:
    """Open one distribution."""
    name, world, doors = template.name(resource), deployment.world, deployment.doors
    config, host = config_of(template, resource, deployment), distribution_host(name)
    made = make(world, doors, template.shown_as(resource), cloudfront_id(name), host, config)
    deployment.cloudfront.add(made)
    count = sum(len(each.functions) for each in config.behaviors)
    functions = f" and {count} function{'' if count == 1 else 's'} at the edge" if count else ""
    doors.add(made, resource.logical_id, told=f"a cache before {', '.join(config.origins)}{functions}")
    doors.add_place(f"{host}:80", made, port=80)


def config_of(template: Template, resource: Resource, deployment: Deployment, before: Config | None = None) -> Config:
    """What a template says of a distribution, its functions copied to the edge. ``before``: what it was until now."""
    given, shown = resource.properties[PROP], template.shown_as(resource)
    there = {} if before is None else before.functions

    def copied(reference: str, event: EventType, pattern: str) -> str:
        return replicate(template, deployment, reference, shown, event, pattern, there.get((pattern, event)))

    listed = [distribution_origins.origin_of(template, mapping(each)) for each in given["Origins"]]
    origins: dict[str, Origin] = {each.id: each for each in listed}
    behaviors: tuple[Behavior, ...] = tuple(distribution_behaviors.behaviors_of(template, given, copied))
    pages = {page.code: page for page in map(_error_page, map(mapping, given.get("CustomErrorResponses") or ()))}
    return Config(origins, behaviors, str(given.get("DefaultRootObject", "")), pages)


def _error_page(given: dict[str, object]) -> ErrorPage:
    page, status = given.get("ResponsePagePath"), given.get("ResponseCode")
    return ErrorPage(
        int(str(given["ErrorCode"])),
        None if page is None else str(page),
        None if status is None else int(str(status)),
        float(str(given.get("ErrorCachingMinTTL", 10))),
    )
