"""Roles, users and policies."""

from typing import Any

from lambdalab.simulator.lambda_.scripted import Act
from tests.simulator.playing import invoke
from tests.simulator.project.rows.row import Row

RESOURCES = """\
  Work:
    Type: AWS::Lambda::Function
    Properties: {FunctionName: work, Runtime: python3.13, Handler: app.handler, Code: src/, Role: !GetAtt Role.Arn}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      ManagedPolicyArns: [!Ref Shared]
  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Statement: [{Effect: Allow, Action: "sqs:*", Resource: "*"}]}}
  Extra:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: extra
      Roles: [!Ref Role]
      PolicyDocument: {Statement: [{Effect: Deny, Action: sqs:PurgeQueue, Resource: "*"}]}
  More:
    Type: AWS::IAM::RolePolicy
    Properties:
      PolicyName: more
      RoleName: !Ref Role
      PolicyDocument: {Statement: [{Effect: Deny, Action: sqs:TagQueue, Resource: "*"}]}
  Ada:
    Type: AWS::IAM::User
    Properties:
      Policies:
        - PolicyName: invoke
          PolicyDocument: {Statement: [{Effect: Allow, Action: lambda:InvokeFunction, Resource: "*"}]}
  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}
"""
QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/q"


def script(function: Any, event: Any, count: int) -> Act:
    send = ("sqs", "SendMessage", {"QueueUrl": QUEUE, "MessageBody": "x"})
    tag = ("sqs", "TagQueue", {"QueueUrl": QUEUE, "Tags": {"a": "b"}})
    return Act(calls=(send, ("sqs", "PurgeQueue", {"QueueUrl": QUEUE}), tag))


SENT = ("queues.q.sent", 1)
ROW = Row(
    RESOURCES,
    [invoke("1s", kind="RequestResponse", **{"as": "Ada"})],
    {
        "AWS::IAM::Role": SENT,
        "AWS::IAM::ManagedPolicy": SENT,
        "AWS::IAM::Policy": ('calls."sqs.purge_queue".denied', 1),
        "AWS::IAM::RolePolicy": ('calls."sqs.tag_queue".denied', 1),
        "AWS::IAM::User": ("functions.work.invocations", 1),
    },
    script,
)
