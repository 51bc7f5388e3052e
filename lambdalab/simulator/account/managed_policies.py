"""AWS's managed policies. Those of Lambda stand here as fact G.1 has them; all others come from moto's copy of IAM.

Source: fact G.1, read from moto 5.2.5's copy of IAM (2026-06-22).
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

_LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
_XRAY = (
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:GetSamplingStatisticSummaries",
)
_INTERFACES = ("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface")

ACTIONS: dict[str, tuple[str, ...]] = {
    "service-role/AWSLambdaBasicExecutionRole": _LOGS,
    "service-role/AWSLambdaSQSQueueExecutionRole": (
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        *_LOGS,
    ),
    "service-role/AWSLambdaDynamoDBExecutionRole": (
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
        *_LOGS,
    ),
    "service-role/AWSLambdaKinesisExecutionRole": (
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
        "kinesis:ListStreams",
        "kinesis:SubscribeToShard",
        *_LOGS,
    ),
    "service-role/AWSLambdaVPCAccessExecutionRole": (
        *_LOGS,
        *_INTERFACES,
        "ec2:DescribeSubnets",
        "ec2:AssignPrivateIpAddresses",
        "ec2:UnassignPrivateIpAddresses",
    ),
    "service-role/AWSLambdaMSKExecutionRole": (
        "kafka:DescribeCluster",
        "kafka:DescribeClusterV2",
        "kafka:GetBootstrapBrokers",
        *_INTERFACES,
        "ec2:DescribeVpcs",
        "ec2:DescribeSubnets",
        "ec2:DescribeSecurityGroups",
        *_LOGS,
    ),
    "service-role/AWSLambdaBasicDurableExecutionRolePolicy": (
        *_LOGS,
        "lambda:CheckpointDurableExecution",
        "lambda:GetDurableExecutionState",
    ),
    "service-role/AWSLambdaRole": ("lambda:InvokeFunction",),
    "AWSXRayDaemonWriteAccess": _XRAY,
    "AWSXrayWriteOnlyAccess": _XRAY,
    "AmazonSQSFullAccess": ("sqs:*",),
    "AdministratorAccess": ("*",),
}
"""Path and name under ``arn:aws:iam::aws:policy/``, and the actions allowed on every resource."""

_PREFIX = "arn:aws:iam::aws:policy/"


def arns() -> dict[str, str]:
    """The ARN of each policy that stands here, by name."""
    return {path.rsplit("/", 1)[-1]: f"{_PREFIX}{path}" for path in ACTIONS}


def document(arn: str) -> dict[str, Any] | None:
    """The policy document behind an ARN of AWS's, or None when AWS has no such policy."""
    if not arn.startswith(_PREFIX):
        return None
    path = arn.removeprefix(_PREFIX)
    if path in ACTIONS:
        statement = {"Effect": "Allow", "Action": list(ACTIONS[path]), "Resource": "*"}
        return {"Version": "2012-10-17", "Statement": [statement]}
    found = _all().get(path.rsplit("/", 1)[-1])
    if found is None or f"{found['Path']}{path.rsplit('/', 1)[-1]}" != f"/{path}":
        return None
    policy: dict[str, Any] = found["Document"]
    return policy


@lru_cache(maxsize=1)
def _all() -> dict[str, Any]:
    """Every policy in moto's copy of IAM: five megabytes of text, read only when a template names one."""
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    policies: dict[str, Any] = json.loads(aws_managed_policies_data)
    return policies
