"""Every row of the table of resource types in docs/labs.md: deployed from a template, and something sent through it.

What each type does exactly is tested elsewhere; here stands that all of them can be deployed together and work.
"""

from collections.abc import Callable
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.template import read_template
from tests.simulator.playing import CODE, Played, call, play, steps

GLOBALS = """\
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13, Handler: app.handler, CodeUri: src/}}
Resources:
"""
FUNCTIONS = """\
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      AutoPublishAlias: live
      Layers: [!Ref Tools]
      EventInvokeConfig: {MaximumRetryAttempts: 1}
      FunctionUrlConfig: {AuthType: NONE}
  Tools:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: src/, CompatibleRuntimes: [python3.13]}
  LayerForAll:
    Type: AWS::Lambda::LayerVersionPermission
    Properties: {LayerVersionArn: !Ref Tools, Action: lambda:GetLayerVersion, Principal: "*"}
  Partner:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Work, Action: lambda:InvokeFunction, Principal: "999999999999"}
  Plain:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: plain
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt WorkRole.Arn
      Code: {ZipFile: "def handler(event, context): return event"}
  PlainLogs:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: /aws/lambda/plain}
"""
MESSAGING = """\
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      Events:
        Orders: {Type: SQS, Properties: {Queue: !GetAtt Orders.Arn}}
        News: {Type: SNS, Properties: {Topic: !Ref News}}
        Rule: {Type: EventBridgeRule, Properties: {EventBusName: !Ref Bus, Pattern: {source: [shop]}}}
        Later: {Type: ScheduleV2, Properties: {ScheduleExpression: "rate(10 minutes)"}}
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: orders
      VisibilityTimeout: 30
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}
  Dead: {Type: AWS::SQS::Queue, Properties: {QueueName: dead}}
  Copies: {Type: AWS::SQS::Queue, Properties: {QueueName: copies}}
  CopiesPolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Copies]
      PolicyDocument:
        Statement:
          - Effect: Allow
            Principal: {Service: sns.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt Copies.Arn
  News: {Type: AWS::SNS::Topic, Properties: {TopicName: news}}
  NewsPolicy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref News]
      PolicyDocument: {Statement: [{Effect: Allow, Principal: "*", Action: sns:Publish, Resource: !Ref News}]}
  ToCopies:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref News, Protocol: sqs, Endpoint: !GetAtt Copies.Arn, RawMessageDelivery: true}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: shop}}
  Clicks: {Type: AWS::Kinesis::Stream, Properties: {Name: clicks, ShardCount: 1}}
"""
STORES = """\
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      Policies: [S3CrudPolicy: {BucketName: lab-photos-*}]
      Events:
        Uploaded: {Type: S3, Properties: {Bucket: !Ref Photos, Events: "s3:ObjectCreated:*"}}
  Photos:
    Type: AWS::S3::Bucket
    Properties: {VersioningConfiguration: {Status: Enabled}}
  PhotosPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Photos
      PolicyDocument:
        Statement:
          - {Effect: Deny, Principal: "*", Action: s3:DeleteObject, Resource: !Sub "${Photos.Arn}/*"}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: things
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      StreamSpecification: {StreamViewType: NEW_IMAGE}
  Simple: {Type: AWS::Serverless::SimpleTable, Properties: {TableName: simple}}
  Prefix: {Type: AWS::SSM::Parameter, Properties: {Name: /shop/prefix, Type: String, Value: a}}
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: shop, GenerateSecretString: {PasswordLength: 20}}}
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}
            Action: kms:*
            Resource: "*"
  Name: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/shop, TargetKeyId: !Ref Key}}
"""
HTTP = """\
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
RIGHTS_AND_NETWORK = """\
  Work:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: work
      Runtime: python3.13
      Handler: app.handler
      Code: src/
      Role: !GetAtt Role.Arn
      VpcConfig: {SubnetIds: [!Ref Private], SecurityGroupIds: [!Ref Group]}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      ManagedPolicyArns: [arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole, !Ref Shared]
  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Statement: [{Effect: Allow, Action: "sqs:*", Resource: "*"}]}}
  Extra:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: extra
      Roles: [!Ref Role]
      PolicyDocument: {Statement: [{Effect: Deny, Action: sqs:PurgeQueue, Resource: "*"}]}
  Ada:
    Type: AWS::IAM::User
    Properties:
      Policies:
        - PolicyName: invoke
          PolicyDocument: {Statement: [{Effect: Allow, Action: lambda:InvokeFunction, Resource: "*"}]}
  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Gateway: {Type: AWS::EC2::InternetGateway}
  Attached: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway}}
  Public: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}
  Private: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
  Out: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  ThroughNat: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  ToInternet:
    Type: AWS::EC2::Route
    DependsOn: Attached
    Properties: {RouteTableId: !Ref Out, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}
  ToNat:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref ThroughNat, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat}
  OutHere: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Public, RouteTableId: !Ref Out}}
  NatHere:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref Private, RouteTableId: !Ref ThroughNat}
  Address: {Type: AWS::EC2::EIP, Properties: {Domain: vpc}}
  Nat: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: !Ref Public, AllocationId: !GetAtt Address.AllocationId}}
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: out, VpcId: !Ref Vpc}}
  Tables:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: !Ref Vpc
      ServiceName: com.amazonaws.us-east-1.dynamodb
      RouteTableIds: [!Ref ThroughNat]
"""
THE_REST = """\
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      AutoPublishAlias: live
      DeploymentPreference: {Type: AllAtOnce, Alarms: [!Ref Trouble]}
      Events:
        Hello: {Type: Cognito, Properties: {UserPool: !Ref Users, Trigger: PreSignUp}}
  Trouble:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/Lambda
      MetricName: Errors
      Dimensions: [{Name: FunctionName, Value: work}]
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: machine
      Definition: {StartAt: A, States: {A: {Type: Task, Resource: !GetAtt Work.Arn, End: true}}}
      Policies: [LambdaInvokePolicy: {FunctionName: !Ref Work}]
  Users: {Type: AWS::Cognito::UserPool, Properties: {UserPoolName: users}}
  Client: {Type: AWS::Cognito::UserPoolClient, Properties: {UserPoolId: !Ref Users}}
"""


def invoke(function: str, **more: Any) -> dict[str, Any]:
    called = {"FunctionName": function, "InvocationType": "RequestResponse", "Payload": {}}
    return {"at": "1s", "call": "lambda.invoke", "with": called, **more}


def get(to: str, path: str) -> dict[str, Any]:
    return {"at": "2s", "http": {"to": to, "method": "GET", "path": path}}


def functions_work(played: Played) -> None:
    functions = played.summary["functions"]
    assert (functions["work"]["by_version"], functions["plain"]["invocations"]) == ({"1": 1}, 1)
    assert "/aws/lambda/plain" in played.summary["logs"]


def messages_arrive(played: Played) -> None:
    assert len(played.summary["functions"]["work"]["by_source"]) == 4
    assert played.summary["queues"]["copies"]["visible"] == 1
    assert played.summary["queues"]["orders"]["message_count"] == 0
    assert played.summary["streams"]["clicks"]["records"] == 1
    assert played.summary["buses"]["shop"]["delivered"] == 1
    assert played.summary["functions"]["work"]["invocations"] == 4  # queue, topic, rule, schedule


def stores_hold(played: Played) -> None:
    assert played.summary["functions"]["work"]["invocations"] == 1
    assert played.summary["buckets"]["Photos"]["objects"]["a.jpg"]["versions"] == 1
    assert [played.summary["tables"][name]["item_count"] for name in ("things", "simple")] == [1, 1]
    failed = {name: row["errors"] for name, row in played.summary["calls"].items() if row["errors"]}
    assert failed == {"s3.delete_object": {"AccessDenied": 1}}


def requests_are_answered(played: Played) -> None:
    assert [row["status"] for row in played.summary["http"]] == [200, 200, 200]
    assert played.summary["functions"]["work"]["invocations"] == 3


def the_network_lets_through(played: Played) -> None:
    assert played.summary["functions"]["work"]["invocations"] == 1
    assert played.summary["queues"]["q"]["sent"] == 1
    assert played.summary["calls"]["sqs.purge_queue"]["denied"] == 1
    assert played.summary["calls"]["sqs.send_message"]["denied"] == 0


def the_rest_works(played: Played) -> None:
    assert played.summary["machines"]["machine"]["succeeded"] == 1
    assert played.summary["pools"]["users"]["triggers"]["PreSignUp"]["attempts"] == 1
    (deployment,) = played.summary["deployments"]
    assert (deployment["alias"], deployment["outcome"]) == ("live", "Succeeded")


ANSWER = {"statusCode": 200, "body": "ok"}


def echo(function: Any, event: Any, count: int) -> Act:
    if isinstance(event, dict) and "response" in event:
        return Act(result=event)
    queue = "https://sqs.us-east-1.amazonaws.com/123456789012/q"
    send = ("sqs", "SendMessage", {"QueueUrl": queue, "MessageBody": "x"})
    return Act(calls=(send, ("sqs", "PurgeQueue", {"QueueUrl": queue}))) if function.vpc else Act(result=ANSWER)


ITEM = {"id": {"S": "a"}}
ROWS: dict[str, tuple[str, list[dict[str, Any]], Callable[[Played], None]]] = {
    "functions": (FUNCTIONS, [invoke("work:live"), invoke("plain")], functions_work),
    "messaging": (
        MESSAGING,
        [
            call("1s", "sqs.send_message", QueueUrl="Orders", MessageBody="x"),
            call("2s", "sns.publish", TopicArn="News", Message="x"),
            call("3s", "events.put_events", Entries=[
                {"EventBusName": "Bus", "Source": "shop", "DetailType": "made", "Detail": "{}"}]),
            call("4s", "kinesis.put_record", StreamName="Clicks", Data="x", PartitionKey="a"),
        ],
        messages_arrive,
    ),
    "stores": (
        STORES,
        [
            call("1s", "s3.put_object", Bucket="Photos", Key="a.jpg", Body="x"),
            call("2s", "s3.delete_object", Bucket="Photos", Key="a.jpg"),
            call("3s", "dynamodb.put_item", TableName="Table", Item=ITEM),
            call("4s", "dynamodb.put_item", TableName="Simple", Item=ITEM),
            call("5s", "ssm.get_parameter", Name="/shop/prefix"),
            call("6s", "secretsmanager.get_secret_value", SecretId="Secret"),
            call("7s", "kms.encrypt", KeyId="alias/shop", Plaintext="x"),
        ],
        stores_hold,
    ),
    "HTTP": (HTTP, [get("WorkUrl", "/"), get("Front", "/a"), get("BackprodStage", "/b")], requests_are_answered),
    "rights and network": (RIGHTS_AND_NETWORK, [invoke("work", **{"as": "Ada"})], the_network_lets_through),
    "the rest": (
        THE_REST,
        [
            call("1s", "stepfunctions.start_execution", stateMachineArn="Machine"),
            call("2s", "cognito-idp.sign_up", ClientId="Client", Username="ada", Password="Correct-horse-1"),
            {"at": "10s", "deploy": {"code": {"Work": "next/"}}},
        ],
        the_rest_works,
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_deployed_and_something_goes_through_it(row: str) -> None:
    template, entries, works = ROWS[row]
    more = {"until": "15m"} if row == "messaging" else {}
    files = {"next/app.py": b"def handler(event, context):\n    return 2\n"}
    works(play(GLOBALS + template, steps(*entries, **more), echo, files=files))


TABLE = """
AWS::Lambda::Function ::Version ::Alias ::LayerVersion ::LayerVersionPermission ::Permission ::EventSourceMapping
  ::EventInvokeConfig ::Url
AWS::SQS::Queue ::QueuePolicy  AWS::SNS::Topic ::TopicPolicy ::Subscription  AWS::Events::Rule ::EventBus
AWS::Scheduler::Schedule  AWS::Kinesis::Stream  AWS::S3::Bucket ::BucketPolicy  AWS::DynamoDB::Table
AWS::SSM::Parameter  AWS::SecretsManager::Secret  AWS::KMS::Key ::Alias
AWS::ApiGateway::RestApi ::Deployment ::Stage  AWS::ApiGatewayV2::Api ::Stage
AWS::IAM::Role ::User ::Policy ::ManagedPolicy
AWS::EC2::VPC ::Subnet ::SecurityGroup ::RouteTable ::Route ::SubnetRouteTableAssociation ::InternetGateway
  ::VPCGatewayAttachment ::NatGateway ::EIP ::VPCEndpoint
AWS::StepFunctions::StateMachine  AWS::Cognito::UserPool ::UserPoolClient
AWS::CodeDeploy::Application ::DeploymentGroup  AWS::CloudWatch::Alarm  AWS::Logs::LogGroup
"""


def test_the_rows_hold_every_type_of_the_table() -> None:
    wanted, service = set(), ""
    for word in TABLE.split():
        service = word.rsplit("::", 1)[0] if word.startswith("AWS::") else service
        wanted.add(word if word.startswith("AWS::") else f"{service}{word}")
    found = {
        resource.type
        for template, _, _ in ROWS.values()
        for resource in read_template({**CODE, "template.yaml": (GLOBALS + template).encode()}).resources.values()
    }
    assert wanted - found == set()
