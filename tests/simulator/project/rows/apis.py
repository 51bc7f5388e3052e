"""HTTP and REST APIs, by SAM and written out."""

from typing import Any

from lambdalab.simulator.lambda_.scripted import Act
from tests.simulator.project.rows.row import ANSWER, Row
from tests.simulator.services.http.clients import http

SAM = """\
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      FunctionUrlConfig: {AuthType: NONE}
      Events:
        Http: {Type: HttpApi, Properties: {ApiId: !Ref Front, Path: /a, Method: get}}
        Rest: {Type: Api, Properties: {RestApiId: !Ref Back, Path: /b, Method: get}}
  Front: {Type: AWS::Serverless::HttpApi}
  Back: {Type: AWS::Serverless::Api, Properties: {StageName: prod}}
"""
SAM_ROW = Row(
    SAM,
    [http("WorkUrl", at="1s"), http("Front", "/a", at="2s"), http("BackprodStage", "/b", at="3s")],
    {
        "AWS::Serverless::HttpApi": ("http[?path=='/a'].status", [200]),
        "AWS::Serverless::Api": ("http[?ends_with(path, '/b')].status", [200]),
    },
)
FUNCTIONS = """\
  Work: {Type: AWS::Serverless::Function, Properties: {FunctionName: work}}
  Guard: {Type: AWS::Serverless::Function, Properties: {FunctionName: guard}}
  MayWork:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Work, Action: lambda:InvokeFunction, Principal: apigateway.amazonaws.com}
  MayGuard:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Guard, Action: lambda:InvokeFunction, Principal: apigateway.amazonaws.com}
"""
PATH = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions"
REST = f"""\
{FUNCTIONS}
  Back: {{Type: AWS::ApiGateway::RestApi, Properties: {{Name: back}}}}
  Part:
    Type: AWS::ApiGateway::Resource
    Properties: {{RestApiId: !Ref Back, ParentId: !GetAtt Back.RootResourceId, PathPart: orders}}
  Asks:
    Type: AWS::ApiGateway::Authorizer
    Properties:
      RestApiId: !Ref Back
      Name: asks
      Type: TOKEN
      IdentitySource: method.request.header.Authorization
      AuthorizerUri: !Sub "{PATH}/${{Guard.Arn}}/invocations"
  Read:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Back
      ResourceId: !Ref Part
      HttpMethod: GET
      AuthorizationType: CUSTOM
      AuthorizerId: !Ref Asks
      ApiKeyRequired: true
      Integration:
        Type: AWS_PROXY
        IntegrationHttpMethod: POST
        Uri: !Sub "{PATH}/${{Work.Arn}}/invocations"
  Deployed: {{Type: AWS::ApiGateway::Deployment, DependsOn: Read, Properties: {{RestApiId: !Ref Back}}}}
  Prod:
    Type: AWS::ApiGateway::Stage
    Properties: {{RestApiId: !Ref Back, DeploymentId: !Ref Deployed, StageName: prod}}
  Key: {{Type: AWS::ApiGateway::ApiKey, Properties: {{Value: a-key-of-twenty-chars}}}}
  Plan:
    Type: AWS::ApiGateway::UsagePlan
    Properties: {{ApiStages: [{{ApiId: !Ref Back, Stage: !Ref Prod}}]}}
  InPlan:
    Type: AWS::ApiGateway::UsagePlanKey
    Properties: {{KeyId: !Ref Key, KeyType: API_KEY, UsagePlanId: !Ref Plan}}
"""
HTTP = f"""\
{FUNCTIONS}
  Front: {{Type: AWS::ApiGatewayV2::Api, Properties: {{Name: front, ProtocolType: HTTP}}}}
  Asks:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties:
      ApiId: !Ref Front
      Name: asks
      AuthorizerType: REQUEST
      AuthorizerPayloadFormatVersion: "2.0"
      EnableSimpleResponses: true
      IdentitySource: [$request.header.Authorization]
      AuthorizerUri: !Sub "{PATH}/${{Guard.Arn}}/invocations"
  ToWork:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Front
      IntegrationType: AWS_PROXY
      IntegrationUri: !GetAtt Work.Arn
      PayloadFormatVersion: "2.0"
  Read:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Front
      RouteKey: GET /orders
      AuthorizationType: CUSTOM
      AuthorizerId: !Ref Asks
      Target: !Sub "integrations/${{ToWork}}"
  Deployed: {{Type: AWS::ApiGatewayV2::Deployment, DependsOn: Read, Properties: {{ApiId: !Ref Front}}}}
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties: {{ApiId: !Ref Front, StageName: $default, DeploymentId: !Ref Deployed}}
"""
WITH_KEY = {"Authorization": "ada", "X-Api-Key": "a-key-of-twenty-chars"}


def script(function: Any, event: Any, count: int) -> Act:
    if function.name != "guard":
        return Act(result=ANSWER)
    if event.get("version") == "2.0":
        return Act(result={"isAuthorized": event["identitySource"] == ["ada"]})
    effect = "Allow" if event["authorizationToken"] == "ada" else "Deny"
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": event["methodArn"]}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return Act(result={"principalId": "ada", "policyDocument": document})


SERVED = ("functions.work.invocations", 1)
ASKED = ("[functions.guard.invocations, http[].status]", [2, [200, 403]])
KEYED = ("http[?headers].status", [200, 403, 403])
REST_ROW = Row(
    REST,
    [
        http("Prod", "/orders", at="1s", headers=WITH_KEY),
        http("Prod", "/orders", at="2s", headers={**WITH_KEY, "X-Api-Key": "another-key-of-twenty"}),
        http("Prod", "/orders", at="3s", headers={**WITH_KEY, "Authorization": "mallory"}),
    ],
    {
        "AWS::ApiGateway::RestApi": SERVED,
        "AWS::ApiGateway::Resource": SERVED,
        "AWS::ApiGateway::Method": SERVED,
        "AWS::ApiGateway::Authorizer": ("functions.guard.invocations", 2),
        "AWS::ApiGateway::Deployment": SERVED,
        "AWS::ApiGateway::Stage": SERVED,
        "AWS::ApiGateway::ApiKey": KEYED,
        "AWS::ApiGateway::UsagePlan": KEYED,
        "AWS::ApiGateway::UsagePlanKey": KEYED,
    },
    script,
)
HTTP_ROW = Row(
    HTTP,
    [
        http("Front", "/orders", at="1s", headers={"Authorization": "ada"}),
        http("Front", "/orders", at="2s", headers={"Authorization": "mallory"}),
    ],
    {
        "AWS::ApiGatewayV2::Api": SERVED,
        "AWS::ApiGatewayV2::Route": SERVED,
        "AWS::ApiGatewayV2::Integration": SERVED,
        "AWS::ApiGatewayV2::Authorizer": ASKED,
        "AWS::ApiGatewayV2::Deployment": SERVED,
        "AWS::ApiGatewayV2::Stage": SERVED,
    },
    script,
)
