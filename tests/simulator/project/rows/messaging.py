"""Queues, topics, buses, rules, schedules and streams."""

from tests.simulator.playing import call
from tests.simulator.project.rows.row import Row

RESOURCES = """\
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      Events:
        Orders: {Type: SQS, Properties: {Queue: !GetAtt Orders.Arn}}
        News: {Type: SNS, Properties: {Topic: !Ref News}}
        Rule: {Type: EventBridgeRule, Properties: {EventBusName: !Ref Bus, Pattern: {source: [shop]}}}
        Later:
          Type: ScheduleV2
          Properties: {Name: later, ScheduleExpression: "rate(10 minutes)", GroupName: !Ref Nightly}
        Clicks: {Type: Kinesis, Properties: {Stream: !GetAtt Clicks.Arn, StartingPosition: TRIM_HORIZON}}
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
    Properties:
      TopicArn: !Ref News
      Protocol: sqs
      Endpoint: !GetAtt Copies.Arn
      RawMessageDelivery: true
      FilterPolicy: {kind: [order]}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: shop}}
  Others:
    Type: AWS::Events::EventBusPolicy
    Properties:
      EventBusName: !Ref Bus
      StatementId: partner
      Statement:
        Effect: Allow
        Principal: {AWS: "arn:aws:iam::999999999999:root"}
        Action: events:PutEvents
        Resource: !GetAtt Bus.Arn
  Nightly: {Type: AWS::Scheduler::ScheduleGroup, Properties: {Name: nightly}}
  Clicks: {Type: AWS::Kinesis::Stream, Properties: {Name: clicks, ShardCount: 1}}
"""
PARTNER = {"as": "arn:aws:iam::999999999999:user/partner"}
MADE = {"EventBusName": "arn:aws:events:us-east-1:123456789012:event-bus/shop", "Source": "shop", "DetailType": "made"}
ORDER = {"kind": {"DataType": "String", "StringValue": "order"}}
ROW = Row(
    RESOURCES,
    [
        call("1s", "sqs.send_message", QueueUrl="Orders", MessageBody="x"),
        {**call("2s", "sns.publish", TopicArn="News", Message="x", MessageAttributes=ORDER), **PARTNER},
        call("2s", "sns.publish", TopicArn="News", Message="not for the queue"),
        {**call("3s", "events.put_events", Entries=[{**MADE, "Detail": "{}"}]), **PARTNER},
        call("4s", "kinesis.put_record", StreamName="Clicks", Data="x", PartitionKey="a"),
    ],
    {
        "AWS::SQS::Queue": ("queues.orders.deleted", 1),
        "AWS::SQS::QueuePolicy": ("queues.copies.messages[].body", ["x"]),
        "AWS::SNS::Topic": ("topics.news.delivered", 3),
        "AWS::SNS::TopicPolicy": ('calls."sns.publish".denied', 0),
        "AWS::SNS::Subscription": ("queues.copies.messages[].body", ["x"]),
        "AWS::Events::EventBus": ("buses.shop.put", 1),
        "AWS::Events::EventBusPolicy": ("buses.shop.delivered", 1),
        "AWS::Events::Rule": ("buses.shop.delivered", 1),
        "AWS::Scheduler::Schedule": ("schedules.later.delivered", 1),
        "AWS::Scheduler::ScheduleGroup": ("schedules.later.delivered", 1),
        "AWS::Kinesis::Stream": ("streams.clicks.records", 1),
        "AWS::Lambda::EventSourceMapping": ("sum(values(mappings)[].records)", 2),
    },
    scenario={"until": "15m"},
)
