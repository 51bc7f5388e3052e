"""Templates of any shape: whatever stands in a distribution is taken or told, and breaks nothing."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.template import read_template
from tests.simulator.playing import CODE, as_files
from tests.simulator.services.http.cloudfront.sites import BUCKET, DISABLED, FRONT, PAGES, at, behavior, policy, site

FORWARDED = {
    "QueryString": True,
    "QueryStringCacheKeys": ["a"],
    "Headers": ["Origin"],
    "Cookies": {"Forward": "whitelist", "WhitelistedNames": ["a"]},
}
CUSTOM = {
    **FRONT,
    "OriginPath": "/a",
    "ConnectionAttempts": 2,
    "OriginCustomHeaders": [{"HeaderName": "X-A", "HeaderValue": "b"}],
    "CustomOriginConfig": {"OriginProtocolPolicy": "match-viewer", "HTTPPort": 80, "OriginReadTimeout": 5},
}
SENDS = {
    "Type": "AWS::CloudFront::OriginRequestPolicy",
    "Properties": {
        "OriginRequestPolicyConfig": {
            "Name": "sends",
            "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": ["Origin"]},
            "CookiesConfig": {"CookieBehavior": "none"},
            "QueryStringsConfig": {"QueryStringBehavior": "all"},
        }
    },
}
WHOLE = site(
    behavior(policy={"Ref": "Own"}, OriginRequestPolicyId={"Ref": "Sends"}, AllowedMethods=["GET", "HEAD"]),
    events=(at("viewer-request", IncludeBody=True),),
    origins=(CUSTOM, PAGES),
    config={
        "DefaultRootObject": "index.html",
        "CustomErrorResponses": [
            {"ErrorCode": 404, "ResponseCode": 200, "ResponsePagePath": "/a", "ErrorCachingMinTTL": 1}
        ],
        "CacheBehaviors": [
            behavior("pages", policy=None, PathPattern="old/*", ForwardedValues=FORWARDED, MinTTL=0),
            behavior("pages", DISABLED, PathPattern="new/*"),
        ],
        "ViewerCertificate": {"CloudFrontDefaultCertificate": True},
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none"}},
    },
    Own=policy(["Origin"], ["a"], "all"),
    Sends=SENDS,
    **BUCKET,
)
OURS = ("Site", "Own", "Sends", "Control")
ODD: list[Any] = [None, [], {}, "text", -1, True, [None], {"a": None}]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        if not str(key).startswith(("Fn::", "Ref")):
            yield from places(item, (*path, key))


PLACES = [(name, path) for name in OURS for path in places(WHOLE["Resources"][name]["Properties"])]


def test_the_whole_of_it_is_fine() -> None:
    assert [str(each) for each in problems_of(read_template({**CODE, **as_files(WHOLE)}))] == []


@pytest.mark.parametrize(
    ("name", "path"), PLACES, ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else value
)
def test_anything_may_stand_anywhere(name: str, path: tuple[Any, ...]) -> None:
    for odd in ODD:
        template = copy.deepcopy(WHOLE)
        holder = template["Resources"][name]["Properties"]
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = odd
        for each in problems_of(read_template({**CODE, **as_files(template)})):
            assert str(each)
