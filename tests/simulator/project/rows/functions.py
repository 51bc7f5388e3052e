"""Functions, and what belongs to one: versions, aliases, layers, permissions, retries, a URL."""

import json
from typing import Any

from lambdalab.simulator.lambda_.handlers import WebRequest
from lambdalab.simulator.lambda_.scripted import Act
from tests.simulator.playing import FAIL, call, invoke
from tests.simulator.project.rows.row import ANSWER, Row
from tests.simulator.project.test_custom_resources import success
from tests.simulator.services.http.clients import http

RESOURCES = """\
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      AutoPublishAlias: live
      Layers: [!Ref Tools]
      FunctionUrlConfig: {AuthType: NONE}
  Once:
    Type: AWS::Lambda::EventInvokeConfig
    Properties: {FunctionName: !Ref Work, Qualifier: $LATEST, MaximumRetryAttempts: 1}
  Tools:
    Type: AWS::Serverless::LayerVersion
    Properties: {LayerName: tools, ContentUri: src/, CompatibleRuntimes: [python3.13]}
  LayerForAll:
    Type: AWS::Lambda::LayerVersionPermission
    Properties: {LayerVersionArn: !Ref Tools, Action: lambda:GetLayerVersion, Principal: "*"}
  Partner:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Work, Action: lambda:InvokeFunction, Principal: "999999999999"}
  Orders: {Type: AWS::SQS::Queue, Properties: {QueueName: orders}}
  Poll:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {EventSourceArn: !GetAtt Orders.Arn, FunctionName: plain}
  Plain:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: plain
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code: {ZipFile: "def handler(event, context): return event"}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      ManagedPolicyArns: [arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole]
  Made:
    Type: Custom::Thing
    Properties: {ServiceToken: !GetAtt Provider.Arn}
  Provider: {Type: AWS::Serverless::Function, Properties: {FunctionName: provider}}
"""
PARTNER = {"as": "arn:aws:iam::999999999999:user/partner"}
LAYER = "arn:aws:lambda:us-east-1:123456789012:layer:tools"


def script(function: Any, event: Any, count: int) -> Act:
    if event == {"fail": True}:
        return FAIL
    if "ResponseURL" in event:
        body = json.dumps(success(event)).encode()
        return Act(requests=(WebRequest(1, "PUT", event["ResponseURL"], body),))
    return Act(result={**ANSWER, "layers": len(function.layers)})


ROW = Row(
    RESOURCES,
    [
        invoke("1s", kind="RequestResponse", function="work:live"),
        invoke("2s", {"fail": True}),
        invoke("3s", kind="RequestResponse", function="work", **PARTNER),
        {**call("4s", "lambda.get_layer_version", LayerName=LAYER, VersionNumber=1), **PARTNER},
        call("5s", "sqs.send_message", QueueUrl="Orders", MessageBody="x"),
        http("WorkUrl", at="6s"),
    ],
    {
        "AWS::Serverless::Function": ('functions.work.by_version."1"', 2),
        "AWS::Serverless::LayerVersion": ("functions.work.results[0].layers", 1),
        "AWS::Lambda::Function": ("functions.plain.invocations", 1),
        "AWS::Lambda::Version": ('functions.work.by_version."1"', 2),
        "AWS::Lambda::Alias": ('functions.work.by_version."1"', 2),
        "AWS::Lambda::LayerVersion": ("functions.work.results[0].layers", 1),
        "AWS::Lambda::LayerVersionPermission": ('calls."lambda.get_layer_version".denied', 0),
        "AWS::Lambda::Permission": ('calls."lambda.invoke".denied', 0),
        "AWS::Lambda::EventSourceMapping": ("mappings.Poll.records", 1),
        "AWS::Lambda::EventInvokeConfig": ("length(async.work.attempts)", 2),
        "AWS::Lambda::Url": ("http[].status", [200]),
        "Custom::Thing": ("functions.provider.invocations", 1),
    },
    script,
)
