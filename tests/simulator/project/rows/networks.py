"""Networks, and the servers that stand in them."""

from typing import Any

from lambdalab.simulator.lambda_.handlers import Connect
from lambdalab.simulator.lambda_.scripted import Act
from tests.simulator.playing import invoke
from tests.simulator.project.rows.row import Row

NETWORK = """\
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      Timeout: 10
      Policies: [AmazonSQSFullAccess, AmazonDynamoDBFullAccess]
      VpcConfig: {SubnetIds: [!Ref Private], SecurityGroupIds: [!Ref Group]}
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Private: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: out
      VpcId: !Ref Vpc
      SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: 127.0.0.1/32}]
  Out:
    Type: AWS::EC2::SecurityGroupEgress
    Properties: {GroupId: !Ref Group, IpProtocol: tcp, FromPort: 0, ToPort: 65535, CidrIp: 0.0.0.0/0}
"""
WAYS = f"""\
{NETWORK}
  Q: {{Type: AWS::SQS::Queue, Properties: {{QueueName: q}}}}
  Simple: {{Type: AWS::Serverless::SimpleTable, Properties: {{TableName: simple}}}}
  Gateway: {{Type: AWS::EC2::InternetGateway}}
  Attached: {{Type: AWS::EC2::VPCGatewayAttachment, Properties: {{VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway}}}}
  Public: {{Type: AWS::EC2::Subnet, Properties: {{VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}}}
  ToAll: {{Type: AWS::EC2::RouteTable, Properties: {{VpcId: !Ref Vpc}}}}
  ThroughNat: {{Type: AWS::EC2::RouteTable, Properties: {{VpcId: !Ref Vpc}}}}
  ToInternet:
    Type: AWS::EC2::Route
    DependsOn: Attached
    Properties: {{RouteTableId: !Ref ToAll, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}}
  ToNat:
    Type: AWS::EC2::Route
    Properties: {{RouteTableId: !Ref ThroughNat, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat}}
  OutHere:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {{SubnetId: !Ref Public, RouteTableId: !Ref ToAll}}
  NatHere:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {{SubnetId: !Ref Private, RouteTableId: !Ref ThroughNat}}
  Address: {{Type: AWS::EC2::EIP, Properties: {{Domain: vpc}}}}
  Nat: {{Type: AWS::EC2::NatGateway, Properties: {{SubnetId: !Ref Public, AllocationId: !GetAtt Address.AllocationId}}}}
"""
ENDPOINT = f"""\
{NETWORK}
  Simple: {{Type: AWS::Serverless::SimpleTable, Properties: {{TableName: simple}}}}
  Routes: {{Type: AWS::EC2::RouteTable, Properties: {{VpcId: !Ref Vpc}}}}
  Here:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {{SubnetId: !Ref Private, RouteTableId: !Ref Routes}}
  Tables:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: !Ref Vpc
      ServiceName: com.amazonaws.us-east-1.dynamodb
      RouteTableIds: [!Ref Routes]
"""
SERVERS = f"""\
{NETWORK}
  Other:
    Type: AWS::EC2::Subnet
    Properties: {{VpcId: !Ref Vpc, CidrBlock: 10.0.2.0/24, AvailabilityZone: us-east-1b}}
  In: {{Type: AWS::EC2::SecurityGroup, Properties: {{GroupDescription: in, VpcId: !Ref Vpc}}}}
  FromWork:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      GroupId: !Ref In
      IpProtocol: tcp
      FromPort: 3306
      ToPort: 6379
      SourceSecurityGroupId: !GetAtt Group.GroupId
  Subnets:
    Type: AWS::RDS::DBSubnetGroup
    Properties: {{DBSubnetGroupDescription: two, SubnetIds: [!Ref Private, !Ref Other]}}
  Few:
    Type: AWS::RDS::DBParameterGroup
    Properties: {{Family: postgres16, Description: few, Parameters: {{max_connections: 7}}}}
  Orders:
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceIdentifier: orders
      DBInstanceClass: db.t4g.micro
      Engine: postgres
      DBSubnetGroupName: !Ref Subnets
      DBParameterGroupName: !Ref Few
      VPCSecurityGroups: [!Ref In]
  Ledger:
    Type: AWS::RDS::DBCluster
    Properties:
      DBClusterIdentifier: ledger
      Engine: aurora-mysql
      DBSubnetGroupName: !Ref Subnets
      VpcSecurityGroupIds: [!Ref In]
  LedgerWriter:
    Type: AWS::RDS::DBInstance
    Properties: {{DBInstanceClass: db.t4g.medium, DBClusterIdentifier: !Ref Ledger, Engine: aurora-mysql}}
  Pool:
    Type: AWS::RDS::DBProxy
    Properties:
      DBProxyName: pool
      EngineFamily: POSTGRESQL
      Auth: [{{AuthScheme: SECRETS}}]
      RoleArn: !GetAtt WorkRole.Arn
      VpcSubnetIds: [!Ref Private, !Ref Other]
      VpcSecurityGroupIds: [!Ref In]
  PoolTargets:
    Type: AWS::RDS::DBProxyTargetGroup
    Properties: {{DBProxyName: !Ref Pool, TargetGroupName: default, DBInstanceIdentifiers: [!Ref Orders]}}
  CacheSubnets:
    Type: AWS::ElastiCache::SubnetGroup
    Properties: {{Description: two, SubnetIds: [!Ref Private, !Ref Other]}}
  Node:
    Type: AWS::ElastiCache::CacheCluster
    Properties:
      ClusterName: node
      CacheNodeType: cache.t4g.micro
      Engine: redis
      NumCacheNodes: 1
      CacheSubnetGroupName: !Ref CacheSubnets
      VpcSecurityGroupIds: [!Ref In]
  Copies:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties:
      ReplicationGroupId: copies
      ReplicationGroupDescription: two
      CacheNodeType: cache.t4g.micro
      Engine: valkey
      NumCacheClusters: 2
      CacheSubnetGroupName: !Ref CacheSubnets
      SecurityGroupIds: [!Ref In]
  Elastic:
    Type: AWS::ElastiCache::ServerlessCache
    Properties:
      ServerlessCacheName: elastic
      Engine: redis
      SubnetIds: [!Ref Private, !Ref Other]
      SecurityGroupIds: [!Ref In]
"""
ITEM = {"id": {"S": "a"}}
PUT = ("dynamodb", "PutItem", {"TableName": "simple", "Item": ITEM})
QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/q"
SEND = ("sqs", "SendMessage", {"QueueUrl": QUEUE, "MessageBody": "x"})
PORTS = (5432, 3306, 5432, 6379, 6379, 6379)  # of the servers, in the order of the template and of their addresses
FIRST = 4  # of a subnet's addresses that are not AWS's


def reaching(*calls: Any) -> Any:
    def script(function: Any, event: Any, count: int) -> Act:
        return Act(calls=calls)

    return script


def dialling(function: Any, event: Any, count: int) -> Act:
    dials = (Connect(n, "connect", address=f"10.0.1.{FIRST + n}", port=port) for n, port in enumerate(PORTS))
    return Act(connects=tuple(dials))


INVOKED = [invoke("1s", kind="RequestResponse")]
SENT = ("queues.q.sent", 1)
PART = "AWS::EC2"
WAYS_ROW = Row(
    WAYS,
    INVOKED,
    {
        f"{PART}::{kind}": SENT
        for kind in (
            "VPC", "Subnet", "SecurityGroup", "SecurityGroupEgress", "InternetGateway", "VPCGatewayAttachment",
            "RouteTable", "Route", "SubnetRouteTableAssociation", "EIP", "NatGateway",
        )
    },
    reaching(SEND),
)  # fmt: skip
ENDPOINT_ROW = Row(ENDPOINT, INVOKED, {f"{PART}::VPCEndpoint": ("tables.simple.item_count", 1)}, reaching(PUT))
ACCEPTED = ("endpoints.*.accepted", [1, 1, 1, 1, 1, 1])
SERVERS_ROW = Row(
    SERVERS,
    INVOKED,
    {
        f"{PART}::SecurityGroupIngress": ACCEPTED,
        "AWS::RDS::DBInstance": ("endpoints.orders.accepted", 1),
        "AWS::RDS::DBCluster": ("endpoints.LedgerWriter.accepted", 1),
        "AWS::RDS::DBProxy": ("endpoints.pool.accepted", 1),
        "AWS::RDS::DBProxyTargetGroup": ("endpoints.pool.accepted", 1),
        "AWS::RDS::DBSubnetGroup": ACCEPTED,
        "AWS::RDS::DBParameterGroup": ("endpoints.orders.connections_max", 7),
        "AWS::ElastiCache::CacheCluster": ("endpoints.node.accepted", 1),
        "AWS::ElastiCache::ReplicationGroup": ("endpoints.copies.accepted", 1),
        "AWS::ElastiCache::ServerlessCache": ("endpoints.elastic.accepted", 1),
        "AWS::ElastiCache::SubnetGroup": ACCEPTED,
    },
    dialling,
)
