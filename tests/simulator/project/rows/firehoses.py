"""Firehose streams."""

from typing import Any

from lambdalab.simulator.lambda_.scripted import Act
from tests.simulator.playing import call
from tests.simulator.project.rows.row import Row

RESOURCES = """\
  Work: {Type: AWS::Serverless::Function, Properties: {FunctionName: work}}
  Lake: {Type: AWS::S3::Bucket, Properties: {BucketName: lake}}
  Sender:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: firehose.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: send
          PolicyDocument:
            Statement:
              - {Effect: Allow, Action: s3:PutObject, Resource: !Sub "${Lake.Arn}/*"}
              - {Effect: Allow, Action: lambda:InvokeFunction, Resource: !GetAtt Work.Arn}
  Clicks:
    Type: AWS::KinesisFirehose::DeliveryStream
    Properties:
      DeliveryStreamName: clicks
      ExtendedS3DestinationConfiguration:
        BucketARN: !GetAtt Lake.Arn
        RoleARN: !GetAtt Sender.Arn
        ProcessingConfiguration:
          Enabled: true
          Processors:
            - Type: Lambda
              Parameters: [{ParameterName: LambdaArn, ParameterValue: !GetAtt Work.Arn}]
"""


def passed_on(function: Any, event: Any, count: int) -> Act:
    records = [{"recordId": each["recordId"], "result": "Ok", "data": each["data"]} for each in event["records"]]
    return Act(result={"records": records})


ROW = Row(
    RESOURCES,
    [call("1s", "firehose.put_record", DeliveryStreamName="clicks", Record={"Data": "x"})],
    {"AWS::KinesisFirehose::DeliveryStream": ("[firehoses.clicks.ok, buckets.lake.object_count]", [1, 1])},
    passed_on,
)
