"""The origins of a distribution. Source: BC cloudfront Origin, OriginAccessControlConfig; CloudFront "Origin settings",
"Restrict access to an Amazon S3 origin", "Restrict access to an AWS Lambda function URL origin", read 2026-11-29."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lambdalab.simulator.project.http_names import CLOUDFRONT, cloudfront_id
from lambdalab.simulator.project.resources.http.findings import Finding, listing, mapping
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.http.cloudfront.buckets import bucket_of
from lambdalab.simulator.services.http.cloudfront.edge_headers import is_disallowed
from lambdalab.simulator.services.http.cloudfront.model import Access, Origin
from lambdalab.simulator.services.http.url_api import SUFFIX
from lambdalab.simulator.vocabulary import quotas

PROP = "DistributionConfig"
IDENTITY = f"{CLOUDFRONT}CloudFrontOriginAccessIdentity"
CONTROL = f"{CLOUDFRONT}OriginAccessControl"
_KNOWN = (
    "Id", "DomainName", "OriginPath", "OriginCustomHeaders", "S3OriginConfig", "CustomOriginConfig",
    "OriginAccessControlId", "ConnectionAttempts",
)  # fmt: skip
_CUSTOM = (
    "HTTPPort", "HTTPSPort", "OriginProtocolPolicy", "OriginSSLProtocols", "OriginReadTimeout",
    "OriginKeepaliveTimeout",
)  # fmt: skip
_PROTOCOLS = ("http-only", "https-only", "match-viewer")
_BEFORE_ID = "origin-access-identity/cloudfront/"
_USER = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity "
_SIGNING = {"SigningBehavior": ("always", "never", "no-override"), "SigningProtocol": ("sigv4",)}


def wrong(template: Template, resource: Resource, config: Mapping[str, Any]) -> Iterator[Finding]:
    """What is wrong with the origins."""
    listed = config.get("Origins")
    if not isinstance(listed, list) or not listed or len(listed) > quotas.ORIGINS_MAX:
        yield Finding(resource, PROP, f"Origins is a list of 1 to {quotas.ORIGINS_MAX}.", "", "error", ("Origins",))
        return
    seen: set[str] = set()
    for number, given in enumerate(map(mapping, listed)):
        path: tuple[str | int, ...] = ("Origins", number)
        for text, fix, severity in _wrong_origin(template, given):
            yield Finding(resource, PROP, text, fix, severity, path)  # type: ignore[arg-type]
        if str(given.get("Id")) in seen:
            yield Finding(resource, PROP, f"there are two origins {given.get('Id')}.", "", "error", path)
        seen.add(str(given.get("Id")))


def _wrong_origin(template: Template, given: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for key in given:
        if key not in _KNOWN:
            yield f"{key} of an origin has no effect in lambdalab yet.", "Leave it out.", "unsupported"
    domain, path = given.get("DomainName"), given.get("OriginPath", "")
    if not isinstance(given.get("Id"), str) or not isinstance(domain, str) or not domain or "/" in domain:
        fix = 'Of a URL take the host: !Select [2, !Split ["/", !GetAtt MyUrl.FunctionUrl]].'
        yield f"an origin has an Id, and a DomainName that is the name of a host, not {domain!r}.", fix, "error"
        return
    if not isinstance(path, str) or (path and not path.startswith("/")) or path.endswith("/"):
        yield "OriginPath begins with a slash and does not end with one.", "Write it like /prod.", "error"
    if ("S3OriginConfig" in given) == ("CustomOriginConfig" in given):
        yield "an origin has exactly one of S3OriginConfig and CustomOriginConfig.", "", "error"
    elif "S3OriginConfig" in given and bucket_of(domain) is None:
        fix = "Write DomainName: !GetAtt MyBucket.RegionalDomainName."
        yield "The parameter Origin DomainName does not refer to a valid S3 bucket.", fix, "error"
    else:
        yield from _wrong_custom(mapping(given.get("CustomOriginConfig")), domain, "CustomOriginConfig" in given)
    yield from _wrong_access(template, given, domain)
    for each in map(mapping, listing(given.get("OriginCustomHeaders"))):
        if not isinstance(each.get("HeaderName"), str) or is_disallowed(str(each["HeaderName"]).lower()):
            yield f"{each.get('HeaderName')} is no header that CloudFront may add to a request.", "", "error"
    attempts = given.get("ConnectionAttempts", 3)
    if attempts not in (1, 2, 3):
        yield f"ConnectionAttempts is a number from 1 to 3, not {attempts!r}.", "", "error"


def _wrong_custom(custom: Mapping[str, Any], domain: str, there: bool) -> Iterator[tuple[str, str, str]]:
    if not there:
        return
    for key in custom:
        if key not in _CUSTOM:
            yield f"{key} of an origin has no effect in lambdalab yet.", "Leave it out.", "unsupported"
    policy = custom.get("OriginProtocolPolicy")
    if policy not in _PROTOCOLS:
        yield f"OriginProtocolPolicy is one of {', '.join(_PROTOCOLS)}, not {policy!r}.", "", "error"
    elif policy != "https-only" and (domain.endswith(SUFFIX) or ".execute-api." in domain):
        text = f"{domain} speaks HTTPS only, so CloudFront may not reach it."
        yield text, "Write OriginProtocolPolicy: https-only.", "warning"
    for key, most in (("OriginReadTimeout", quotas.EDGE_ORIGIN_TIMEOUT_S_MAX), ("OriginKeepaliveTimeout", 300)):
        value = custom.get(key, 5)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            yield f"{key} is a number of seconds from 1 to {most}, not {value!r}.", "", "error"
    for key in ("HTTPPort", "HTTPSPort"):
        value = custom.get(key, 80)
        if not isinstance(value, int) or not (value in (80, 443) or 1024 <= value <= 65_535):
            yield f"{key} is 80, 443 or a number from 1024 to 65535, not {value!r}.", "", "error"


def _wrong_access(template: Template, given: Mapping[str, Any], domain: str) -> Iterator[tuple[str, str, str]]:
    wanted, identity = given.get("OriginAccessControlId"), _identity(given)
    control = _control(template, wanted)
    if wanted and control is None:
        yield f"there is no origin access control {wanted} in this template.", "Write !GetAtt MyControl.Id.", "error"
    if wanted and identity:
        yield "an origin has an origin access control or an origin access identity, not both.", "", "error"
    if control is not None:
        kind = _config(control).get("OriginAccessControlOriginType")
        fits = domain.endswith(SUFFIX) if kind == "lambda" else bucket_of(domain) is not None
        if not fits:
            yield f"the origin access control is for origins of the type {kind}, which {domain} is not.", "", "error"
    known = {cloudfront_id(template.name(each)) for each in template.of_type(IDENTITY)}
    if identity and identity not in known:
        text = f"there is no origin access identity {identity} in this template."
        yield text, f"Write !Sub {_BEFORE_ID}${{MyIdentity}}.", "error"


def wrong_control(resource: Resource) -> Iterator[Finding]:
    """What is wrong with an origin access control."""
    prop, config = "OriginAccessControlConfig", _config(resource)
    kind = config.get("OriginAccessControlOriginType")
    if kind not in ("s3", "lambda"):
        text = f"an origin access control for origins of the type {kind} has no effect in lambdalab yet."
        yield Finding(resource, prop, text, "Use s3 or lambda.", "unsupported")
    for key, allowed in _SIGNING.items():
        if config.get(key) not in allowed:
            yield Finding(resource, prop, f"{key} is one of {', '.join(allowed)}, not {config.get(key)!r}.")
    if not isinstance(config.get("Name"), str):
        yield Finding(resource, prop, "an origin access control needs a Name.")


def _config(control: Resource) -> dict[str, Any]:
    return mapping(control.properties.get("OriginAccessControlConfig"))


def _control(template: Template, wanted: Any) -> Resource | None:
    return next((one for one in template.of_type(CONTROL) if cloudfront_id(template.name(one)) == wanted), None)


def _identity(given: Mapping[str, Any]) -> str:
    """The id of an origin access identity; an empty text where there is none."""
    return str(mapping(given.get("S3OriginConfig")).get("OriginAccessIdentity") or "").removeprefix(_BEFORE_ID)


def origin_of(template: Template, given: Mapping[str, Any]) -> Origin:
    """An origin, from properties that have been checked."""
    custom = mapping(given.get("CustomOriginConfig"))
    control = _control(template, given.get("OriginAccessControlId"))
    signs = control is not None and _config(control).get("SigningBehavior") != "never"
    identity = _identity(given)
    access: Access = "control" if signs else "identity" if identity else "none"
    headers = map(mapping, listing(given.get("OriginCustomHeaders")))
    return Origin(
        id=str(given.get("Id")),
        domain=str(given.get("DomainName")),
        path=str(given.get("OriginPath") or ""),
        custom_headers=tuple((str(each.get("HeaderName")), str(each.get("HeaderValue", ""))) for each in headers),
        bucket="S3OriginConfig" in given,
        access=access,
        identity=f"{_USER}{identity}" if identity else "",
        protocol=custom.get("OriginProtocolPolicy", "https-only"),
        ports=(int(custom.get("HTTPPort", 80)), int(custom.get("HTTPSPort", 443))),
        read_timeout_s=int(custom.get("OriginReadTimeout", 30)),
        keepalive_s=int(custom.get("OriginKeepaliveTimeout", 5)),
        attempts=int(given.get("ConnectionAttempts", 3)),
    )
