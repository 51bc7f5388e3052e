"""AWS's managed policies by their ids. Source: Amazon CloudFront Developer Guide, "Use managed cache policies" and "Use
managed origin request policies", read 2026-11-29. Headers that CloudFront itself would add (``CloudFront-*``) are not
simulated, so policies that add them do without."""

from __future__ import annotations

from typing import Final

from lambdalab.simulator.services.http.cloudfront.model import ALL, CachePolicy, Names, OriginRequestPolicy

YEAR = 31_536_000


def _headers(*names: str) -> Names:
    return Names("whitelist", frozenset(name.lower() for name in names))


_METHODS = _headers("Host", "Origin", "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")

CACHE_POLICIES: Final = {
    "2e54312d-136d-493c-8eb9-b001f22f67d2": CachePolicy(
        "Amplify", 2, 2, 600, _headers("Authorization", "Host"), ALL, ALL, gzip=True, brotli=True
    ),
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": CachePolicy("CachingDisabled", 0, 0, 0),
    "658327ea-f89d-4fab-a63d-7e88639e58f6": CachePolicy("CachingOptimized", 1, 86_400, YEAR, gzip=True, brotli=True),
    "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": CachePolicy("CachingOptimizedForUncompressedObjects", 1, 86_400, YEAR),
    "08627262-05a9-4f76-9ded-b50ca2e3a84f": CachePolicy(
        "Elemental-MediaPackage", 0, 86_400, YEAR, _headers("Origin"),
        queries=Names("whitelist", frozenset({"aws.manifestfilter", "start", "end", "m"})), gzip=True,
    ),
    "83da9c7e-98b4-4e11-a168-04f0df8e2c65": CachePolicy(
        "UseOriginCacheControlHeaders", 0, 0, YEAR, _METHODS, ALL, gzip=True, brotli=True
    ),
    "4cc15a8a-d715-48a4-82b8-cc0b614638fe": CachePolicy(
        "UseOriginCacheControlHeaders-QueryStrings", 0, 0, YEAR, _METHODS, ALL, ALL, gzip=True, brotli=True
    ),
}  # fmt: skip
ORIGIN_REQUEST_POLICIES: Final = {
    "216adef6-5c7f-47e4-b989-5492eafa07d3": OriginRequestPolicy("AllViewer", ALL, ALL, ALL),
    "33f36d7e-f396-46d9-90e0-52428a34d9dc": OriginRequestPolicy("AllViewerAndCloudFrontHeaders-2022-06", ALL, ALL, ALL),
    "b689b0a8-53d0-40ab-baf2-68738e2966ac": OriginRequestPolicy(
        "AllViewerExceptHostHeader", Names("allExcept", frozenset({"host"})), ALL, ALL
    ),
    "59781a5b-3903-41f3-afcb-af62929ccde1": OriginRequestPolicy("CORS-CustomOrigin", _headers("Origin")),
    "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf": OriginRequestPolicy(
        "CORS-S3Origin", _headers("Origin", "Access-Control-Request-Headers", "Access-Control-Request-Method")
    ),
    "bf0718e1-ba1e-49d1-88b1-f726733018ae": OriginRequestPolicy("HostHeaderOnly", _headers("Host")),
    "acba4595-bd28-49b8-b9fe-13317c0390fa": OriginRequestPolicy(
        "UserAgentRefererHeaders", _headers("User-Agent", "Referer")
    ),
}
