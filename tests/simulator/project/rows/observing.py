"""Log groups, subscription filters, alarms, deployments and scaling."""

from typing import Any

from lambdalab.simulator.lambda_.scripted import Act
from tests.simulator.playing import invoke, seconds
from tests.simulator.project.rows.row import Row

LOGS = """\
  Shop: {Type: AWS::Serverless::Function, Properties: {FunctionName: shop}}
  ShopLogs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /aws/lambda/shop}}
  Work: {Type: AWS::Serverless::Function, Properties: {FunctionName: work}}
  May:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Work, Action: lambda:InvokeFunction, Principal: logs.amazonaws.com}
  Errors:
    Type: AWS::Logs::SubscriptionFilter
    DependsOn: May
    Properties: {LogGroupName: !Ref ShopLogs, FilterPattern: REPORT, DestinationArn: !GetAtt Work.Arn}
  Reports:
    Type: AWS::Logs::MetricFilter
    Properties:
      LogGroupName: !Ref ShopLogs
      FilterPattern: REPORT
      MetricTransformations: [{MetricNamespace: Shop, MetricName: Reports, MetricValue: "1"}]
"""
FORWARDED = ("functions.work.invocations", 1)
LOGS_ROW = Row(
    LOGS,
    [invoke("1s", function="shop", kind="RequestResponse")],
    {
        "AWS::Logs::LogGroup": FORWARDED,
        "AWS::Logs::SubscriptionFilter": FORWARDED,
        "AWS::Logs::MetricFilter": ('metrics.Shop.Reports."*"[0].sum', 1),
    },
)
RELEASE = """\
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      AutoPublishAlias: live
      DeploymentPreference: {Type: Linear10PercentEvery1Minute, Alarms: [!Ref Trouble]}
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
"""


def failing(function: Any, event: Any, count: int) -> Act:
    return Act(status="error") if function.version == "2" else Act()


ROLLED_BACK = ("deployments[].outcome", ["RolledBack"])
RELEASE_ROW = Row(
    RELEASE,
    [
        {"at": "10s", "deploy": {"code": {"Work": "next/"}}},
        invoke("70s", function="work:live", kind="RequestResponse", rate={"per_second": 1, "for": "5m"}),
    ],
    {
        "AWS::CodeDeploy::Application": ROLLED_BACK,
        "AWS::CodeDeploy::DeploymentGroup": ROLLED_BACK,
        "AWS::CloudWatch::Alarm": ROLLED_BACK,
    },
    failing,
    files={"next/app.py": b"def handler(event, context):\n    return 2\n"},
)
SCALING = """\
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      AutoPublishAlias: live
      ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 2}
  Bounds:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    DependsOn: WorkAliaslive
    Properties:
      ServiceNamespace: lambda
      ScalableDimension: lambda:function:ProvisionedConcurrency
      ResourceId: function:work:live
      MinCapacity: 1
      MaxCapacity: 10
  Track:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyName: track
      PolicyType: TargetTrackingScaling
      ScalingTargetId: !Ref Bounds
      TargetTrackingScalingPolicyConfiguration:
        TargetValue: 0.5
        PredefinedMetricSpecification: {PredefinedMetricType: LambdaProvisionedConcurrencyUtilization}
"""


def busy(function: Any, event: Any, count: int) -> Act:
    return Act(takes=seconds(2.5))


SCALED = ('metrics."AWS/Lambda".ProvisionedConcurrentExecutions."work:live"[].max', [2, 2, 2, 2, 3, 3])
SCALING_ROW = Row(
    SCALING,
    [invoke("60s", function="work:live", kind="RequestResponse", rate={"per_second": 1, "for": "6m"})],
    {
        "AWS::ApplicationAutoScaling::ScalableTarget": SCALED,
        "AWS::ApplicationAutoScaling::ScalingPolicy": SCALED,
    },
    busy,
)
