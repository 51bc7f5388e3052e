"""State machines, pipelines and user pools."""

import json
from typing import Any

from lambdalab.simulator.lambda_.scripted import Act
from tests.simulator.playing import call
from tests.simulator.project.rows.row import ANSWER, Row

RESOURCES = """\
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      Policies:
        - Statement: [{Effect: Allow, Action: "codepipeline:PutJob*Result", Resource: "*"}]
      Events:
        Hello: {Type: Cognito, Properties: {UserPool: !Ref Users, Trigger: PreSignUp}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: machine
      Definition: {StartAt: A, States: {A: {Type: Task, Resource: !GetAtt Work.Arn, End: true}}}
      Policies: [LambdaInvokePolicy: {FunctionName: !Ref Work}]
  Users: {Type: AWS::Cognito::UserPool, Properties: {UserPoolName: users}}
  Client: {Type: AWS::Cognito::UserPoolClient, Properties: {UserPoolId: !Ref Users}}
  Code: {Type: AWS::S3::Bucket, Properties: {BucketName: code, VersioningConfiguration: {Status: Enabled}}}
  Artifacts: {Type: AWS::S3::Bucket, Properties: {BucketName: artifacts}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: codepipeline.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: all
          PolicyDocument: {Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}
  Release:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      Name: release
      RoleArn: !GetAtt Role.Arn
      ArtifactStore: {Type: S3, Location: !Ref Artifacts}
      Stages:
        - Name: Source
          Actions:
            - Name: Fetch
              ActionTypeId: {Category: Source, Owner: AWS, Provider: S3, Version: "1"}
              Configuration: {S3Bucket: !Ref Code, S3ObjectKey: app.zip}
              OutputArtifacts: [{Name: App}]
        - Name: Test
          Actions:
            - Name: Check
              ActionTypeId: {Category: Invoke, Owner: AWS, Provider: Lambda, Version: "1"}
              Configuration: {FunctionName: !Ref Work}
              InputArtifacts: [{Name: App}]
"""


def script(function: Any, event: Any, count: int) -> Act:
    if "CodePipeline.job" in event:
        done = {"jobId": event["CodePipeline.job"]["id"]}
        return Act(calls=(("codepipeline", "PutJobSuccessResult", done),))
    return Act(result=event if "response" in event else ANSWER)


ROW = Row(
    RESOURCES,
    [
        call("1s", "stepfunctions.start_execution", stateMachineArn="Machine", input=json.dumps({"order": 1})),
        call("2s", "cognito-idp.sign_up", ClientId="Client", Username="ada", Password="Correct-horse-1"),
        call("3s", "s3.put_object", Bucket="Code", Key="app.zip", Body="zip"),
        call("30s", "codepipeline.start_pipeline_execution", name="Release"),
    ],
    {
        "AWS::StepFunctions::StateMachine": ("machines.machine.succeeded", 1),
        "AWS::Serverless::StateMachine": ("machines.machine.succeeded", 1),
        "AWS::Cognito::UserPool": ("pools.users.triggers.PreSignUp.attempts", 1),
        "AWS::Cognito::UserPoolClient": ("pools.users.user_count", 1),
        "AWS::CodePipeline::Pipeline": ('pipelines.release.actions."Test/Check".succeeded', 1),
    },
    script,
)
