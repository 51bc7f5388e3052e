"""Small sites behind a distribution: a bucket or a host of ``web``, and functions at the edge."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import HttpAnswered
from tests.simulator.playing import Played, call, make_function, make_template, play, steps
from tests.simulator.services.http.clients import header

OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
AS_ORIGIN_SAYS = "83da9c7e-98b4-4e11-a168-04f0df8e2c65"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
EDGE_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]},
            "Action": "sts:AssumeRole",
        }
    ],
}
FRONT = {"Id": "front", "DomainName": "shop.example.com", "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"}}
PAGES = {
    "Id": "pages",
    "DomainName": {"Fn::GetAtt": "Pages.RegionalDomainName"},
    "OriginAccessControlId": {"Fn::GetAtt": "Control.Id"},
    "S3OriginConfig": {},
}
MAY_READ = {
    "Type": "AWS::S3::BucketPolicy",
    "Properties": {
        "Bucket": {"Ref": "Pages"},
        "PolicyDocument": {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "cloudfront.amazonaws.com"},
                    "Action": "s3:GetObject",
                    "Resource": {"Fn::Sub": "${Pages.Arn}/*"},
                    "Condition": {
                        "StringEquals": {
                            "AWS:SourceArn": {"Fn::Sub": "arn:aws:cloudfront::${AWS::AccountId}:distribution/${Site}"}
                        }
                    },
                }
            ]
        },
    },
}
BUCKET: dict[str, Any] = {
    "Pages": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "pages"}},
    "MayRead": MAY_READ,
    "Control": {
        "Type": "AWS::CloudFront::OriginAccessControl",
        "Properties": {
            "OriginAccessControlConfig": {
                "Name": "pages",
                "OriginAccessControlOriginType": "s3",
                "SigningBehavior": "always",
                "SigningProtocol": "sigv4",
            }
        },
    },
}
Page = Mapping[str, Any]


def behavior(origin: str = "front", policy: Any = OPTIMIZED, **more: Any) -> dict[str, Any]:
    usual = {"TargetOriginId": origin, "ViewerProtocolPolicy": "allow-all", "CachePolicyId": policy}
    return {name: value for name, value in (usual | more).items() if value is not None}


def at(event: str, function: str = "Work", **more: Any) -> dict[str, Any]:
    return {"EventType": event, "LambdaFunctionARN": {"Ref": f"{function}Version"}, **more}


def version(function: str = "Work") -> dict[str, Any]:
    return {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": function}}}


def site(
    usual: Mapping[str, Any] | None = None,
    *functions: dict[str, Any],
    events: tuple[dict[str, Any], ...] = (),
    origins: tuple[Mapping[str, Any], ...] = (FRONT,),
    config: Mapping[str, Any] | None = None,
    trust: Any = EDGE_TRUST,
    **resources: Any,
) -> dict[str, Any]:
    """A distribution ``Site`` before ``https://shop.example.com``, with functions of ``events`` at its edge."""
    functions = functions or (make_function(Timeout=5),)
    given = dict(usual or behavior())
    if events:
        given["LambdaFunctionAssociations"] = list(events)
    made = {"Enabled": True, "Origins": list(origins), "DefaultCacheBehavior": given, **(config or {})}
    parts = {f"{each['Properties']['FunctionName'].title()}Version": version(each["Properties"]["FunctionName"].title())
             for each in functions}  # fmt: skip
    parts["Site"] = {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": made}}
    template = make_template(*functions, **(parts | resources))
    template["Resources"]["Role"]["Properties"]["AssumeRolePolicyDocument"] = trust
    return template


def policy(headers: Any = None, cookies: Any = None, queries: Any = None, **config: Any) -> dict[str, Any]:
    """An AWS::CloudFront::CachePolicy; a list names what counts, a text says how."""
    keys: dict[str, Any] = {"EnableAcceptEncodingGzip": False, "EnableAcceptEncodingBrotli": False}
    keys |= {
        "HeadersConfig": _names("Header", "Headers", headers),
        "CookiesConfig": _names("Cookie", "Cookies", cookies),
        "QueryStringsConfig": _names("QueryString", "QueryStrings", queries),
    }
    usual = {"Name": "own", "MinTTL": 0, "DefaultTTL": 60, "MaxTTL": 3600}
    made = usual | config | {"ParametersInCacheKeyAndForwardedToOrigin": keys}
    return {"Type": "AWS::CloudFront::CachePolicy", "Properties": {"CachePolicyConfig": made}}


def _names(word: str, listed: str, given: Any) -> dict[str, Any]:
    if isinstance(given, list):
        return {f"{word}Behavior": "whitelist", listed: given}
    return {f"{word}Behavior": given or "none"}


def visit(template: Any, *entries: dict[str, Any], script: Any = None, web: Any = None, **scenario: Any) -> Played:
    """Play requests; ``web`` has the pages of ``https://shop.example.com`` by their paths."""
    pages = {"/": {"body": "home"}} if web is None else web
    answers = {f"https://shop.example.com{path}": page for path, page in pages.items()}
    return play(template, steps(*entries, web=answers, **scenario), script)


def answers(played: Played) -> list[HttpAnswered]:
    return played.of(HttpAnswered)


def results(played: Played) -> list[str | None]:
    """How CloudFront came to each answer: Hit, Miss and so on."""
    said = [header(each, "x-cache") for each in answers(played)]
    return [each and each.removesuffix(" from cloudfront") for each in said]


def cf(event: Any) -> dict[str, Any]:
    """What CloudFront tells a function."""
    found: dict[str, Any] = json.loads(json.dumps(event["Records"][0]["cf"]))
    return found


def changing(change: Callable[[dict[str, Any]], Any]) -> Callable[..., Act]:
    """A script that returns what ``change`` makes of the event; None: the request or response as it was changed."""

    def script(function: Any, event: Any, count: int) -> Act:
        told = cf(event)
        made = change(told)
        return Act(result=told.get("response", told["request"]) if made is None else made)

    return script


def put(key: str, body: str = "page", **more: Any) -> dict[str, Any]:
    return call("0s", "s3.put_object", Bucket="pages", Key=key, Body=body, **more)
