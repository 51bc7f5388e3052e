"""What CloudFront refuses when a distribution is made, and what it warns of."""

from typing import Any

import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.template import read_template
from tests.simulator.playing import CODE, TRUST, as_files, make_function, make_queue
from tests.simulator.services.http.cloudfront.sites import (
    BUCKET,
    DISABLED,
    FRONT,
    PAGES,
    at,
    behavior,
    policy,
    site,
)

WORK = "Function: arn:aws:lambda:us-east-1:123456789012:function:work"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:work"
LARGER = "The function {} is larger than the maximum allowed"
OF_EVENT = "for functions that are triggered by a CloudFront event"


def problems(template: Any) -> list[Problem]:
    return problems_of(read_template({**CODE, **as_files(template)}))


def told(template: Any, severity: str = "error") -> list[str]:
    return [each.message.partition(": ")[2] for each in problems(template) if each.severity == severity]


def function(event: str = "viewer-request", **properties: Any) -> list[str]:
    return told(site(None, make_function(**properties), events=(at(event),)))


def refers_to(reference: Any) -> list[str]:
    alias = {
        "Type": "AWS::Lambda::Alias",
        "Properties": {"FunctionName": "work", "FunctionVersion": "1", "Name": "live"},
    }
    events = ({"EventType": "viewer-request", "LambdaFunctionARN": reference},)
    return told(site(events=events, Alias=alias))


@pytest.mark.rule("F.7-02")
@pytest.mark.parametrize(
    "reference", [{"Fn::GetAtt": "Work.Arn"}, f"{ARN}:$LATEST", {"Ref": "Alias"}], ids=["name", "latest", "alias"]
)
def test_a_function_at_the_edge_is_a_numbered_version(reference: Any) -> None:
    (text,) = refers_to(reference)
    assert text.startswith("The function ARN must reference a specific function version.")


@pytest.mark.rule("F.7-02")
def test_a_function_at_the_edge_is_in_north_virginia() -> None:
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:work:1"
    assert refers_to(arn) == [f"The function must be in region 'us-east-1'. ARN: {arn}"]


@pytest.mark.rule("F.7-02")
@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"Environment": {"Variables": {"MODE": "b"}}}, f"The function cannot have environment variables. {WORK}"),
        ({"Layers": [{"Ref": "Tools"}]}, f"layers is not supported at the edge. {WORK}"),
        ({"Architectures": ["arm64"]}, f"the architecture arm64 is not supported at the edge. {WORK}"),
        (
            {"EphemeralStorage": {"Size": 1024}},
            f"ephemeral storage of more than 512 MB is not supported at the edge. {WORK}",
        ),
        ({"TracingConfig": {"Mode": "Active"}}, f"active tracing with X-Ray is not supported at the edge. {WORK}"),
    ],
)
def test_what_functions_at_the_edge_may_not_have(properties: dict[str, Any], text: str) -> None:
    layer = {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": "src/", "LayerName": "tools"}}
    assert told(site(None, make_function(**properties), events=(at("origin-request"),), Tools=layer)) == [text]


@pytest.mark.rule("F.7-02")
def test_a_function_at_the_edge_has_no_dead_letter_queue() -> None:
    letter = make_function(DeadLetterConfig={"TargetArn": {"Fn::GetAtt": "Dlq.Arn"}})
    (text,) = told(site(None, letter, events=(at("viewer-request"),), Dlq=make_queue()))
    assert text == f"a dead-letter queue is not supported at the edge. {WORK}"


@pytest.mark.rule("F.7-03")
@pytest.mark.parametrize(
    ("event", "properties", "text"),
    [
        ("viewer-request", {"MemorySize": 128, "Timeout": 30}, None),
        ("viewer-response", {"MemorySize": 129},
         f"{LARGER.format('memory size')} size {OF_EVENT}: 129 Max allowed: 128 {WORK}"),
        ("origin-request", {"MemorySize": 10_240, "Timeout": 30}, None),
        ("origin-response", {"Timeout": 31}, f"{LARGER.format('timeout')} {OF_EVENT}: 31 Max allowed: 30 {WORK}"),
    ],
)  # fmt: skip
def test_memory_and_timeout_at_the_edge_are_limited(event: str, properties: dict[str, Any], text: str | None) -> None:
    assert function(event, **properties) == ([] if text is None else [text])


@pytest.mark.rule("G.2-02")
def test_the_role_of_a_function_at_the_edge_trusts_both_services() -> None:
    (text,) = told(site(events=(at("viewer-request"),), trust=TRUST))
    assert text.startswith("The function execution role must be assumable with edgelambda.amazonaws.com as well as ")
    assert told(site(trust=TRUST)) == []  # nobody needs that who is not at the edge


def test_an_event_has_one_function_at_most() -> None:
    assert told(site(events=(at("viewer-request"), at("viewer-request")))) == [
        "there are two functions for viewer-request: an event has one function at most."
    ]


def test_only_requests_have_a_body_to_include() -> None:
    assert told(site(events=(at("viewer-response", IncludeBody=True),))) == [
        "IncludeBody is for viewer-request and origin-request only."
    ]


def changed(**more: Any) -> dict[str, Any]:
    return site(config=more)


@pytest.mark.parametrize(
    ("template", "beginning"),
    [
        (site(behavior("nowhere")), "The specified origin does not exist"),
        (site(behavior(policy="00000000-0000-0000-0000-000000000000")), "The specified cache policy does not exist"),
        (site(behavior(policy=None)), "a cache behavior has a CachePolicyId, or ForwardedValues"),
        (site(behavior(ViewerProtocolPolicy="http")), "ViewerProtocolPolicy is one of"),
        (site(behavior(AllowedMethods=["GET", "POST"])), "AllowedMethods are GET and HEAD"),
        (site(behavior(MinTTL=5)), "with a cache policy, its own TTLs count"),
        (site(origins=()), "Origins is a list of 1 to 100."),
        (site(origins=(FRONT, FRONT)), "there are two origins front."),
        (site(origins=({**FRONT, "DomainName": "https://a.example/"},)), "an origin has an Id, and a DomainName"),
        (site(origins=({**FRONT, "OriginPath": "prod"},)), "OriginPath begins with a slash"),
        (site(origins=({**FRONT, "S3OriginConfig": {}},)), "an origin has exactly one of"),
        (site(behavior("pages"), origins=({"Id": "pages", "DomainName": "a.example", "S3OriginConfig": {}},)),
         "The parameter Origin DomainName does not refer to a valid S3 bucket."),
        (site(origins=({**FRONT, "OriginAccessControlId": "E1"},)), "there is no origin access control E1"),
        (site(origins=({**FRONT, "ConnectionAttempts": 4},)), "ConnectionAttempts is a number from 1 to 3"),
        (site(origins=({**FRONT, "OriginCustomHeaders": [{"HeaderName": "X-Cache"}]},)), "X-Cache is no header"),
        (site(behavior(policy={"Ref": "Own"}), Own=policy(MinTTL=10, DefaultTTL=5)), "The parameter MinTTL must be"),
        (changed(DefaultRootObject="/index.html"), "DefaultRootObject is the name of an object"),
        (changed(CacheBehaviors=[behavior()]), "a cache behavior has a PathPattern"),
        (changed(CustomErrorResponses=[{"ErrorCode": 418}]), "ErrorCode is one of"),
        (changed(CustomErrorResponses=[{"ErrorCode": 404, "ResponseCode": 200}]), "ResponsePagePath"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_distribution_is_told_at_its_place(template: dict[str, Any], beginning: str) -> None:
    found = [each for each in problems(template) if each.severity == "error"]
    assert len(found) == 1
    assert found[0].message.partition(": ")[2].startswith(beginning)
    assert found[0].line > 0


@pytest.mark.parametrize(
    ("template", "word"),
    [
        (changed(Aliases=["www.example.com"]), "Aliases"),
        (changed(Enabled=False), "not enabled"),
        (changed(Logging={"Bucket": "logs"}), "Logging"),
        (site(behavior(FunctionAssociations=[])), "FunctionAssociations"),
        (site(behavior("pages", AllowedMethods=["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]),
              origins=(PAGES,), **BUCKET), "writing to a bucket"),
    ],
)  # fmt: skip
def test_what_has_no_effect_here_is_unsupported(template: dict[str, Any], word: str) -> None:
    (text,) = told(template, "unsupported")
    assert word in text


def test_a_bucket_that_lets_cloudfront_in_is_no_problem_and_one_that_does_not_a_warning() -> None:
    assert told(site(behavior("pages"), origins=(PAGES,), **BUCKET), "warning") == []
    closed = {name: part for name, part in BUCKET.items() if name != "MayRead"}
    (text,) = told(site(behavior("pages"), origins=(PAGES,), **closed), "warning")
    assert text.startswith("viewers may get 403 from pages:")


def test_a_good_distribution_is_no_problem() -> None:
    everything = {
        "Comment": "a shop",
        "PriceClass": "PriceClass_100",
        "HttpVersion": "http2and3",
        "IPV6Enabled": True,
        "DefaultRootObject": "index.html",
        "ViewerCertificate": {"CloudFrontDefaultCertificate": True},
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none"}},
        "CustomErrorResponses": [{"ErrorCode": 404, "ResponseCode": 200, "ResponsePagePath": "/404.html"}],
        "CacheBehaviors": [behavior(policy=DISABLED, PathPattern="api/*", Compress=True)],
    }
    assert problems(site(config=everything)) == []


@pytest.mark.rule("F.7-02")
def test_a_version_at_the_edge_keeps_no_environments_ready() -> None:
    template = site(events=(at("viewer-request"),))
    ready = {"ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 1}}
    template["Resources"]["WorkVersion"]["Properties"] |= ready
    (text,) = told(template)
    assert text.startswith("provisioned concurrency is not supported at the edge.")
