"""Load balancers with functions as targets."""

from tests.simulator.project.rows.row import Row
from tests.simulator.services.http.clients import http

RESOURCES = """\
  Work: {Type: AWS::Serverless::Function, Properties: {FunctionName: work}}
  May:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref Work
      Action: lambda:InvokeFunction
      Principal: elasticloadbalancing.amazonaws.com
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {Name: shop, Type: application, Scheme: internet-facing}
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    DependsOn: May
    Properties: {TargetType: lambda, Targets: [{Id: !GetAtt Work.Arn}]}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]
  Closed:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: 1
      Conditions: [{Field: path-pattern, PathPatternConfig: {Values: [/closed]}}]
      Actions:
        - Type: fixed-response
          FixedResponseConfig: {StatusCode: "503", ContentType: text/plain, MessageBody: closed}
"""
SERVED = ("doors.shop.by_status", {"200": 1, "503": 1})
KIND = "AWS::ElasticLoadBalancingV2"
ROW = Row(
    RESOURCES,
    [http("Balancer", "/orders", at="1s"), http("Balancer", "/closed", at="2s")],
    {f"{KIND}::{kind}": SERVED for kind in ("LoadBalancer", "Listener", "ListenerRule", "TargetGroup")},
)
