"""Where objects come from: buckets, doors of the run, hosts of web; and what goes there."""

from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import EdgeOriginAnswered, HttpDoorDeployed
from lambdalab.simulator.vocabulary.events.edge import custom_origin
from tests.simulator.playing import make_function, play, seconds, steps
from tests.simulator.services.http.clients import header, http, says
from tests.simulator.services.http.cloudfront.sites import (
    ALL_VIEWER_EXCEPT_HOST,
    BUCKET,
    DISABLED,
    FRONT,
    OPTIMIZED,
    PAGES,
    answers,
    at,
    behavior,
    changing,
    policy,
    put,
    results,
    site,
    visit,
)
from tests.simulator.services.http.cloudfront.test_cache import URL_ORIGIN, url_of

IDENTITY = {
    "Me": {
        "Type": "AWS::CloudFront::CloudFrontOriginAccessIdentity",
        "Properties": {"CloudFrontOriginAccessIdentityConfig": {"Comment": "me"}},
    },
    "Pages": BUCKET["Pages"],
    "MayRead": {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": {"Ref": "Pages"},
            "PolicyDocument": {
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {
                            "AWS": {"Fn::Sub": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity ${Me}"}
                        },
                        "Action": "s3:GetObject",
                        "Resource": {"Fn::Sub": "${Pages.Arn}/*"},
                    }
                ]
            },
        },
    },
}
BY_IDENTITY = {
    "Id": "pages",
    "DomainName": {"Fn::GetAtt": "Pages.DomainName"},
    "S3OriginConfig": {"OriginAccessIdentity": {"Fn::Sub": "origin-access-identity/cloudfront/${Me}"}},
}


def pages(*events: dict[str, Any], origin: Any = PAGES, parts: Any = None, **config: Any) -> dict[str, Any]:
    """A site before the bucket ``pages``."""
    return site(
        behavior("pages"), events=events, origins=(origin,), config=config, **(BUCKET if parts is None else parts)
    )


def test_an_object_of_a_bucket_comes_with_its_headers_through_the_distribution_alone() -> None:
    stored = put("a b.html", "hello", ContentType="text/html", CacheControl="max-age=60")
    played = visit(pages(), stored, http("Site", "/a b.html", at="1s"))
    (answer,) = answers(played)
    assert (answer.status, answer.body, answer.path) == (200, "hello", "/a%20b.html")
    assert (header(answer, "content-type"), header(answer, "server")) == ("text/html", "AmazonS3")
    assert (header(answer, "cache-control"), header(answer, "content-length")) == ("max-age=60", "5")
    assert header(answer, "etag") == '"5d41402abc4b2a76b9719d911017c592"'
    assert not [name for name, _ in answer.headers if name.startswith("x-amz-id")]
    (call,) = [each for each in played.summary["calls"].items() if each[0] == "s3.get_object"]
    assert call[1]["count"] == 1


def test_an_object_that_is_not_there_is_a_403_where_cloudfront_may_not_list() -> None:
    (answer,) = answers(visit(pages(), http("Site", "/none.html")))
    assert (answer.status, "<Code>AccessDenied</Code>" in answer.body) == (403, True)
    assert answer.why == "the bucket answers AccessDenied"


@pytest.mark.parametrize("parts", [{name: part for name, part in BUCKET.items() if name != "MayRead"}])
def test_a_bucket_that_does_not_let_cloudfront_in_is_a_403(parts: dict[str, Any]) -> None:
    (answer,) = answers(visit(pages(parts=parts), put("a"), http("Site", "/a", at="1s")))
    assert answer.status == 403


def test_an_origin_access_identity_may_read_as_well() -> None:
    played = visit(pages(origin=BY_IDENTITY, parts=IDENTITY), put("a", "hello"), http("Site", "/a", at="1s"))
    assert [(each.status, each.body) for each in answers(played)] == [(200, "hello")]


def test_the_default_root_object_and_the_path_of_an_origin() -> None:
    origin = {**PAGES, "OriginPath": "/site"}
    template = pages(origin=origin, DefaultRootObject="index.html")
    played = visit(template, put("site/index.html", "home"), http("Site", at="1s"), http("Site", "/sub/", at="2s"))
    assert [each.status for each in answers(played)] == [200, 403]
    assert [each.path for each in played.of(EdgeOriginAnswered)] == ["/site/index.html", "/site/sub/"]


def test_an_error_page_takes_the_place_of_an_error() -> None:
    errors = [{"ErrorCode": 403, "ResponseCode": 404, "ResponsePagePath": "/404.html", "ErrorCachingMinTTL": 30}]
    template = pages(at("viewer-response"), at("viewer-request"), CustomErrorResponses=errors)
    asked = (http("Site", "/none", at=f"{at_}s") for at_ in (1, 20, 40))
    played = visit(template, put("404.html", "not here"), *asked, script=changing(lambda told: None))
    assert [(each.status, each.body) for each in answers(played)] == [(404, "not here")] * 3
    assert results(played) == ["Error"] * 3
    assert [each.path for each in played.of(EdgeOriginAnswered)] == [
        "/none", "/404.html", "/none", "/none"  # a 403 is kept only where the origin asks for it
    ]  # fmt: skip
    assert played.summary["functions"]["us-east-1.work"]["invocations"] == 3  # at the viewer requests only


def test_an_error_page_that_is_not_there_is_the_error_of_its_own() -> None:
    errors = [{"ErrorCode": 404, "ResponseCode": 200, "ResponsePagePath": "/none.html"}]
    (answer,) = answers(visit(site(config={"CustomErrorResponses": errors}), http("Site", "/x")))
    assert answer.status == 404


@pytest.mark.parametrize("pages_", [{404: "/a"}, {404: "/b", 500: "/a"}], ids=["of itself", "of each other"])
def test_error_pages_that_are_missing_themselves_hold_nobody_up(pages_: dict[int, str]) -> None:
    errors = [{"ErrorCode": code, "ResponseCode": code, "ResponsePagePath": path} for code, path in pages_.items()]
    template = site(config={"CustomErrorResponses": errors})
    asked = (http("Site", path) for path in ("/a", "/b"))
    played = visit(template, *asked, web={"/b": {"status": 500 if 500 in pages_ else 404}})
    assert [each.status for each in answers(played)] == [404, 500 if 500 in pages_ else 404]
    assert played.stopped is None


@pytest.mark.parametrize("cached", [OPTIMIZED, DISABLED])
def test_a_distribution_before_a_distribution_is_refused(cached: str) -> None:
    def to_itself(told: dict[str, Any]) -> None:
        domain = told["config"]["distributionDomainName"]
        told["request"]["headers"]["host"] = [{"key": "Host", "value": domain}]
        told["request"]["origin"] = custom_origin(domain)

    template = site(behavior(policy=cached), events=(at("origin-request"),))
    (answer,) = answers(visit(template, http("Site", "/a"), script=changing(to_itself)))
    assert answer.status == 403
    assert answer.why is not None
    assert "none stand before another" in answer.why


@pytest.mark.parametrize(
    ("page", "status", "why", "seconds_"),
    [
        ({"fail": "refused"}, 502, "it refuses the connection", 0),
        ({"fail": "tls"}, 502, "its certificate is not valid", 0),
        ({"fail": "reset"}, 502, "it drops the connection", 0),
        ({"fail": "timeout"}, 504, "does not answer in time", 30),
        ({"body": "late", "latency": "31s"}, 504, "does not answer in time", 90),
        ({"status": 503, "body": "busy"}, 503, "the origin front says so", 0),
    ],
)
def test_an_origin_that_fails_is_a_5xx_with_its_cause(page: Any, status: int, why: str, seconds_: float) -> None:
    (answer,) = answers(visit(site(), http("Site"), web={"/": page}))
    assert (answer.status, header(answer, "x-cache")) == (status, "Error from cloudfront")
    assert why in str(answer.why)
    assert seconds_ <= answer.latency_us / 1_000_000 < seconds_ + 1


def test_what_only_reads_is_tried_again_and_what_writes_is_not() -> None:
    everything = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
    template = site(behavior(policy=DISABLED, AllowedMethods=everything))
    for method, attempts in (("GET", 3), ("POST", 1)):
        played = visit(template, http("Site", method=method), web={"/": {"body": "late", "latency": "31s"}})
        assert [each.status for each in played.of(EdgeOriginAnswered)] == [504] * attempts


def test_a_name_that_nobody_has_is_a_502_before_any_function_runs() -> None:
    template = site(events=(at("origin-request"),), origins=({**FRONT, "DomainName": "nobody.example.com"},))
    played = visit(template, http("Site"), script=changing(lambda told: None))
    (answer,) = answers(played)
    assert (answer.status, "NonS3OriginDnsError" in str(answer.why)) == (502, True)
    assert played.summary["functions"]["us-east-1.work"]["invocations"] == 0


def test_a_function_at_the_origin_request_chooses_another_origin() -> None:
    def elsewhere(told: dict[str, Any]) -> None:
        told["request"]["origin"] = {
            "custom": {"domainName": "other.example.com", "path": "/new", "port": 443, "protocol": "https",
                       "customHeaders": {}, "readTimeout": 5, "keepaliveTimeout": 5, "sslProtocols": ["TLSv1.2"]}
        }  # fmt: skip
        told["request"]["headers"]["host"] = [{"key": "Host", "value": "other.example.com"}]

    web = {"https://other.example.com/new/": {"body": "other"}, "https://shop.example.com/": {"body": "home"}}
    played = play(site(events=(at("origin-request"),)), steps(http("Site"), web=web), changing(elsewhere))
    assert [(each.status, each.body) for each in answers(played)] == [(200, "other")]
    assert [each.origin for each in played.of(EdgeOriginAnswered)] == ["other.example.com"]


def test_a_function_url_as_origin_is_called_and_counts_as_a_door() -> None:
    seen: list[Any] = []

    def script(function: Any, event: Any, count: int) -> Act:
        seen.append(event)
        return says(200, "from the function", headers={"content-type": "text/plain", "set-cookie": "a=1"})

    usual = behavior(policy=DISABLED, OriginRequestPolicyId=ALL_VIEWER_EXCEPT_HOST)
    asked = http("Site", "/x", query="a=1", headers={"X-Own": "1", "Cookie": "b=2"}, source_ip="203.0.113.9")
    played = visit(site(usual, origins=(URL_ORIGIN,), **url_of("work")), asked, script=script)
    (answer,) = answers(played)
    assert (answer.status, answer.body, answer.function, answer.why) == (200, "from the function", "work", None)
    assert header(answer, "set-cookie") == "a=1"
    (event,) = seen
    assert (event["rawPath"], event["rawQueryString"], event["headers"]["x-own"]) == ("/x", "a=1", "1")
    assert event["headers"]["host"].endswith(".lambda-url.us-east-1.on.aws")
    assert event["headers"]["x-forwarded-for"] == "203.0.113.9, 130.176.0.10"
    assert event["cookies"] == ["b=2"]
    doors = played.summary["doors"]
    assert (doors["Site"]["requests"], doors["Url"]["requests"]) == (1, 1)
    assert len(played.summary["http"]) == 1


def test_without_forwarded_cookies_none_comes_back() -> None:
    script = says(200, "hello", headers={"set-cookie": "a=1"})
    played = visit(
        site(behavior(policy=DISABLED), origins=(URL_ORIGIN,), **url_of("work")), http("Site"), script=script
    )
    assert header(answers(played)[0], "set-cookie") is None


def test_an_origin_access_control_signs_requests_to_a_function_url() -> None:
    control = {
        "Type": "AWS::CloudFront::OriginAccessControl",
        "Properties": {
            "OriginAccessControlConfig": {
                "Name": "url", "OriginAccessControlOriginType": "lambda", "SigningBehavior": "always",
                "SigningProtocol": "sigv4",
            }
        },
    }  # fmt: skip
    arn = {"Fn::Sub": "arn:aws:cloudfront::${AWS::AccountId}:distribution/${Site}"}
    may = {"FunctionName": "work", "Principal": "cloudfront.amazonaws.com", "SourceArn": arn}
    parts = {
        "Url": {"Type": "AWS::Lambda::Url", "Properties": {"TargetFunctionArn": "work", "AuthType": "AWS_IAM"}},
        "May": {"Type": "AWS::Lambda::Permission", "Properties": may | {"Action": "lambda:InvokeFunctionUrl"}},
        "Also": {"Type": "AWS::Lambda::Permission", "Properties": may | {"Action": "lambda:InvokeFunction"}},
        "Control": control,
    }
    signed = {**URL_ORIGIN, "OriginAccessControlId": {"Fn::GetAtt": "Control.Id"}}
    for origin, status in ((signed, 200), (URL_ORIGIN, 403)):
        played = visit(site(behavior(policy=DISABLED), origins=(origin,), **parts), http("Site"), script=says())
        assert [each.status for each in answers(played)] == [status]


def test_an_http_api_and_a_load_balancer_are_origins() -> None:
    template = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src/
      Events: {Any: {Type: HttpApi, Properties: {Path: "/{proxy+}", Method: any, ApiId: !Ref Api}}}
  Api: {Type: AWS::Serverless::HttpApi}
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Name: shop}}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {TargetType: lambda, Targets: [{Id: !GetAtt Work.Arn}]}
  May:
    Type: AWS::Lambda::Permission
    Properties:
      {FunctionName: !Ref Work, Action: lambda:InvokeFunction, Principal: elasticloadbalancing.amazonaws.com}
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - Id: api
            DomainName: !Sub "${Api}.execute-api.${AWS::Region}.amazonaws.com"
            CustomOriginConfig: {OriginProtocolPolicy: https-only}
          - {Id: lb, DomainName: !GetAtt Balancer.DNSName, CustomOriginConfig: {OriginProtocolPolicy: http-only}}
        CacheBehaviors:
          - PathPattern: lb/*
            TargetOriginId: lb
            ViewerProtocolPolicy: redirect-to-https
            CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad
        DefaultCacheBehavior:
          TargetOriginId: api
          ViewerProtocolPolicy: https-only
          CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad
"""
    played = visit(template, http("Site", "/a"), http("Site", "/lb/a", at="1s"), script=says(200, "ok"))
    assert [(each.status, each.body) for each in answers(played)] == [(200, "ok")] * 2
    asked = played.of(EdgeOriginAnswered)
    assert [(each.door, each.door_kind) for each in asked] == [("Api", "http_api"), ("shop", "load_balancer")]
    host = answers(played)[0]
    assert host.door == "Site"


@pytest.mark.parametrize(
    ("protocol", "statuses"), [("allow-all", 200), ("https-only", 403), ("redirect-to-https", 301)]
)
def test_a_viewer_without_https(protocol: str, statuses: int) -> None:
    template = site(behavior(ViewerProtocolPolicy=protocol), events=(at("viewer-request"),))
    seen = visit(template, http("Site"), script=changing(lambda told: None))
    host = header_host(seen)
    played = visit(
        template,
        http(f"http://{host}", "/a", query="x=1"),
        script=changing(lambda told: None),
        web={"/a": {"body": "a"}},
    )
    (answer,) = answers(played)
    assert answer.status == statuses
    if statuses == 301:
        assert header(answer, "location") == f"https://{host}/a?x=1"
        assert header(answer, "x-cache") == "Redirect from cloudfront"
    assert played.summary["functions"]["us-east-1.work"]["invocations"] == (statuses == 200)


def header_host(played: Any) -> str:
    (door,) = played.of(HttpDoorDeployed)
    return str(door.url.removeprefix("https://").removesuffix("/"))


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (http("Site", method="POST", body="x"), 403),
        (http("Site", body="x"), 403),
        (http("Site", "/" + "a" * 4_095, query="b" * 4_096), 414),
        (http("Site", headers={"X-Long": "a" * 32_768}), 494),
    ],
)
def test_what_cloudfront_refuses_by_itself(asked: dict[str, Any], status: int) -> None:
    played = visit(site(events=(at("viewer-request"),)), asked, script=changing(lambda told: None))
    assert [each.status for each in answers(played)] == [status]
    assert played.summary["functions"]["us-east-1.work"]["invocations"] == 0


def test_the_first_behavior_that_matches_counts() -> None:
    def which(told: dict[str, Any]) -> Any:
        return {"status": "200", "body": "edge"}

    other = behavior(PathPattern="/images/*.jpg", LambdaFunctionAssociations=[at("viewer-request")])
    last = behavior(PathPattern="images/?.png")
    web = {f"/images/{name}": {"body": name} for name in ("a.png", "ab.png")}
    template = site(config={"CacheBehaviors": [other, last]})
    played = visit(
        template, http("Site", "/images/x/a.jpg"), http("Site", "/images/a.png", at="1s"),
        http("Site", "/images/A.JPG", at="2s"),
        script=changing(which), web=web,
    )  # fmt: skip
    assert [each.body for each in answers(played)] == ["edge", "a.png", "Not Found"]


def test_the_legacy_settings_forward_what_they_say() -> None:
    seen: list[Any] = []

    def script(function: Any, event: Any, count: int) -> Act:
        seen.append(event)
        return says(200, "ok", headers={"cache-control": "max-age=60"})

    forwarded = {"QueryString": True, "QueryStringCacheKeys": ["a"], "Headers": ["Accept-Language"],
                 "Cookies": {"Forward": "whitelist", "WhitelistedNames": ["s*"]}}  # fmt: skip
    usual = behavior(policy=None, ForwardedValues=forwarded, MinTTL=0, DefaultTTL=60, MaxTTL=60)
    headers = {"Accept-Language": "de", "Cookie": "seen=1; other=2", "X-Any": "1", "Referer": "a"}
    template = site(usual, origins=(URL_ORIGIN,), **url_of("work"))
    played = visit(
        template, http("Site", query="a=1&b=1", headers=headers),
        http("Site", at="1s", query="a=1&b=2", headers=headers),
        http("Site", at="2s", query="a=2&b=2", headers=headers), script=script,
    )  # fmt: skip
    assert results(played) == ["Miss", "Hit", "Miss"]
    event = seen[0]
    assert (event["rawQueryString"], event["cookies"]) == ("a=1&b=1", ["seen=1"])
    assert {"accept-language", "x-any"} <= set(event["headers"])
    assert not {"referer", "accept"} & set(event["headers"])
    assert event["headers"]["user-agent"] == "Amazon CloudFront"


def test_custom_headers_of_an_origin_reach_it_and_the_function() -> None:
    seen: list[Any] = []

    def script(function: Any, event: Any, count: int) -> Act:
        if "Records" in event:
            seen.append(event["Records"][0]["cf"]["request"]["origin"]["custom"]["customHeaders"])
            return Act(result=event["Records"][0]["cf"]["request"])
        seen.append(event["headers"]["x-secret"])
        return says()

    origin = {**URL_ORIGIN, "OriginCustomHeaders": [{"HeaderName": "X-Secret", "HeaderValue": "s"}]}
    template = site(
        behavior(policy={"Ref": "Own"}), make_function(Timeout=5), make_function("shop"),
        events=(at("origin-request"),), origins=(origin,), Own=policy(), **url_of("shop"),
    )  # fmt: skip
    visit(template, http("Site", headers={"X-Secret": "mine"}), script=script)
    assert seen == [{"x-secret": [{"key": "X-Secret", "value": "s"}]}, "s"]


def test_a_slow_function_behind_a_url_is_given_up_after_the_read_timeout() -> None:
    origin = {**URL_ORIGIN, "CustomOriginConfig": {"OriginProtocolPolicy": "https-only", "OriginReadTimeout": 2},
              "ConnectionAttempts": 1}  # fmt: skip
    template = site(behavior(policy=DISABLED), make_function(Timeout=10), origins=(origin,), **url_of("work"))
    (answer,) = answers(visit(template, http("Site"), script=Act(result={"statusCode": 200}, takes=seconds(5))))
    assert (answer.status, str(answer.why)) == (504, "the origin front does not answer in time")
