"""CloudFront: distributions, what counts for their cache, who they are to origins, functions at the edge."""

from typing import Any

from lambdalab.simulator.lambda_.scripted import Act
from tests.simulator.playing import call
from tests.simulator.project.rows.row import Row, answer
from tests.simulator.services.http.clients import http

RESOURCES = """\
  Work: {Type: AWS::Serverless::Function, Properties: {FunctionName: work, FunctionUrlConfig: {AuthType: NONE}}}
  Edge:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: edge
      AutoPublishAlias: live
      AssumeRolePolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Service: [lambda.amazonaws.com, edgelambda.amazonaws.com]}
            Action: sts:AssumeRole
  Pages: {Type: AWS::S3::Bucket, Properties: {BucketName: pages}}
  MayRead:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Pages
      PolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Service: cloudfront.amazonaws.com}
            Action: s3:GetObject
            Resource: !Sub "${Pages.Arn}/*"
          - Effect: Allow
            Principal: {AWS: !Sub "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity ${Identity}"}
            Action: s3:GetObject
            Resource: !Sub "${Pages.Arn}/*"
  Control:
    Type: AWS::CloudFront::OriginAccessControl
    Properties:
      OriginAccessControlConfig:
        {Name: pages, OriginAccessControlOriginType: s3, SigningBehavior: always, SigningProtocol: sigv4}
  Identity:
    Type: AWS::CloudFront::CloudFrontOriginAccessIdentity
    Properties: {CloudFrontOriginAccessIdentityConfig: {Comment: pages}}
  ByLanguage:
    Type: AWS::CloudFront::CachePolicy
    Properties:
      CachePolicyConfig:
        Name: language
        MinTTL: 0
        DefaultTTL: 60
        MaxTTL: 60
        ParametersInCacheKeyAndForwardedToOrigin:
          EnableAcceptEncodingGzip: false
          HeadersConfig: {HeaderBehavior: whitelist, Headers: [Accept-Language]}
          CookiesConfig: {CookieBehavior: none}
          QueryStringsConfig: {QueryStringBehavior: none}
  Query:
    Type: AWS::CloudFront::OriginRequestPolicy
    Properties:
      OriginRequestPolicyConfig:
        Name: query
        HeadersConfig: {HeaderBehavior: none}
        CookiesConfig: {CookieBehavior: none}
        QueryStringsConfig: {QueryStringBehavior: all}
  Site:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        Origins:
          - Id: pages
            DomainName: !GetAtt Pages.RegionalDomainName
            OriginAccessControlId: !GetAtt Control.Id
            S3OriginConfig: {}
          - Id: old
            DomainName: !GetAtt Pages.RegionalDomainName
            S3OriginConfig: {OriginAccessIdentity: !Sub "origin-access-identity/cloudfront/${Identity}"}
          - Id: work
            DomainName: !Select [2, !Split ["/", !GetAtt WorkUrl.FunctionUrl]]
            CustomOriginConfig: {OriginProtocolPolicy: https-only}
        CacheBehaviors:
          - PathPattern: api/*
            TargetOriginId: work
            ViewerProtocolPolicy: https-only
            CachePolicyId: !Ref ByLanguage
            OriginRequestPolicyId: !Ref Query
          - PathPattern: old/*
            TargetOriginId: old
            ViewerProtocolPolicy: https-only
            CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad
        DefaultCacheBehavior:
          TargetOriginId: pages
          ViewerProtocolPolicy: redirect-to-https
          CachePolicyId: !Ref ByLanguage
          LambdaFunctionAssociations:
            - {EventType: viewer-request, LambdaFunctionARN: !Ref Edge.Version}
"""


def script(function: Any, event: Any, count: int) -> Act:
    """The edge function lets requests pass; the other one tells which query reached it."""
    if function.name == "work" and "rawQueryString" in event:
        return Act(result={"statusCode": 200, "body": f"query {event['rawQueryString']}"})
    return Act(result=event["Records"][0]["cf"]["request"]) if "Records" in event else answer(function, event, count)


def language(name: str, at: str) -> dict[str, Any]:
    return http("Site", "/a.html", at=at, headers={"Accept-Language": name})


KIND = "AWS::CloudFront"
ROW = Row(
    RESOURCES,
    [
        call("0s", "s3.put_object", Bucket="Pages", Key="a.html", Body="page"),
        call("0s", "s3.put_object", Bucket="Pages", Key="old/a.html", Body="old page"),
        language("de", "1s"), language("en", "2s"), language("de", "3s"),
        http("Site", "/api/x", at="4s", query="a=1"),
        http("Site", "/old/a.html", at="5s"),
    ],
    {
        f"{KIND}::Distribution": ("distributions.Site.by_result", {"Hit": 1, "Miss": 4}),
        f"{KIND}::CachePolicy": ("length(http[?contains(headers.\"x-cache\", 'Miss') && path == '/a.html'])", 2),
        f"{KIND}::OriginRequestPolicy": ("http[?path == '/api/x'].body", ["query a=1"]),
        f"{KIND}::OriginAccessControl": ("http[?path == '/a.html'].status", [200, 200, 200]),
        f"{KIND}::CloudFrontOriginAccessIdentity": ("http[?path == '/old/a.html'].body", ["old page"]),
        "AWS::Lambda::Version": ('functions."us-east-1.edge".invocations', 3),
    },
    script,
)  # fmt: skip
