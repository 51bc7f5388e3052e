"""Ids and host names of what answers HTTP: what Ref and Fn::GetAtt answer, in the shapes of AWS's own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from lambdalab.simulator.services.http.url_api import url_host
from lambdalab.simulator.vocabulary.arns import REGION, arn, key_id
from lambdalab.simulator.vocabulary.ids import characters_of

BALANCERS = "AWS::ElasticLoadBalancingV2::"
CLOUDFRONT = "AWS::CloudFront::"
BALANCER = f"{BALANCERS}LoadBalancer"
NAME_PROPERTY = {BALANCER: "Name", f"{BALANCERS}TargetGroup": "Name"}


def _hexadecimal(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def short_id(name: str) -> str:
    """The id of an API and of what belongs to one: ten letters and digits."""
    return characters_of(name, 10)


def api_host(name: str) -> str:
    """The host of an API by its physical name."""
    return f"{short_id(name)}.execute-api.{REGION}.amazonaws.com"


def balancer_host(name: str, *, internal: bool = False) -> str:
    """The DNS name of a load balancer: its name in lower case and a number. That of an internal one says so."""
    number = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) % 10**10
    return f"{'internal-' if internal else ''}{name.lower()}-{number:010d}.{REGION}.elb.amazonaws.com"


def balancer_arn(name: str) -> str:
    """The ARN of a load balancer."""
    return arn("elasticloadbalancing", f"loadbalancer/app/{name}/{_hexadecimal(name)}")


def group_arn(name: str) -> str:
    """The ARN of a target group."""
    return arn("elasticloadbalancing", f"targetgroup/{name}/{_hexadecimal(name)}")


def listener_arn(name: str) -> str:
    """The ARN of a listener; AWS's own also name the load balancer."""
    return arn("elasticloadbalancing", f"listener/app/{name}/{_hexadecimal(name)}")


def cloudfront_id(name: str) -> str:
    """The id of a distribution, an origin access control or identity: an E, and thirteen capitals and digits."""
    return f"E{characters_of(name, 13).upper()}"


def distribution_host(name: str) -> str:
    """The domain name of a distribution."""
    return f"d{characters_of(name, 13)}.cloudfront.net"


_URL, _REST, _API = "AWS::Lambda::Url", "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"
REFS: dict[str, Callable[[str], str]] = {
    _REST: short_id,
    "AWS::ApiGateway::Resource": short_id,
    "AWS::ApiGateway::Deployment": short_id,
    "AWS::ApiGateway::Authorizer": short_id,
    _API: short_id,
    "AWS::ApiGatewayV2::Integration": short_id,
    "AWS::ApiGatewayV2::Route": short_id,
    "AWS::ApiGatewayV2::Authorizer": short_id,
    "AWS::ApiGatewayV2::Deployment": short_id,
    f"{BALANCERS}LoadBalancer": balancer_arn,
    f"{BALANCERS}TargetGroup": group_arn,
    f"{BALANCERS}Listener": listener_arn,
    f"{BALANCERS}ListenerRule": listener_arn,
    f"{CLOUDFRONT}Distribution": cloudfront_id,
    f"{CLOUDFRONT}OriginAccessControl": cloudfront_id,
    f"{CLOUDFRONT}CloudFrontOriginAccessIdentity": cloudfront_id,
    f"{CLOUDFRONT}CachePolicy": key_id,
    f"{CLOUDFRONT}OriginRequestPolicy": key_id,
}
ATTRIBUTES: dict[tuple[str, str], Callable[[str], str]] = {
    (_URL, "FunctionUrl"): lambda name: f"https://{url_host(name)}/",
    (_REST, "RootResourceId"): lambda name: short_id(f"{name}/"),
    (_REST, "RestApiId"): short_id,
    (_API, "ApiId"): short_id,
    (_API, "ApiEndpoint"): lambda name: f"https://{api_host(name)}",
    ("AWS::ApiGateway::Resource", "ResourceId"): short_id,
    ("AWS::ApiGateway::Deployment", "DeploymentId"): short_id,
    ("AWS::ApiGateway::Authorizer", "AuthorizerId"): short_id,
    ("AWS::ApiGatewayV2::Authorizer", "AuthorizerId"): short_id,
    (f"{BALANCERS}LoadBalancer", "LoadBalancerArn"): balancer_arn,
    (f"{BALANCERS}LoadBalancer", "LoadBalancerName"): str,
    (f"{BALANCERS}TargetGroup", "TargetGroupArn"): group_arn,
    (f"{BALANCERS}TargetGroup", "TargetGroupName"): str,
    (f"{BALANCERS}Listener", "ListenerArn"): listener_arn,
    (f"{BALANCERS}ListenerRule", "RuleArn"): listener_arn,
    (f"{CLOUDFRONT}Distribution", "DomainName"): distribution_host,
    (f"{CLOUDFRONT}Distribution", "Id"): cloudfront_id,
    (f"{CLOUDFRONT}OriginAccessControl", "Id"): cloudfront_id,
    (f"{CLOUDFRONT}CloudFrontOriginAccessIdentity", "Id"): cloudfront_id,
    (f"{CLOUDFRONT}CachePolicy", "Id"): key_id,
    (f"{CLOUDFRONT}OriginRequestPolicy", "Id"): key_id,
}
STAGES = ("AWS::ApiGateway::Stage", "AWS::ApiGatewayV2::Stage")
"""Ref answers their StageName."""
