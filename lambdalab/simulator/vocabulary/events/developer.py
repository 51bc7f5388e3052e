"""What the developer tools and AWS Config send.

Sources: AWS CodePipeline User Guide, "Invoke an AWS Lambda function in a pipeline"; AWS CodeCommit User Guide, "Create
a trigger for a Lambda function"; AWS CodeDeploy User Guide, "AppSpec hooks section"; AWS Config Developer Guide,
"Example events for AWS Config rules". CodePipeline, CodeCommit and Config: held against the samples in SAM CLI 1.144,
read 2026-11.
"""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, REGION, arn, user_arn
from lambdalab.simulator.vocabulary.events.plain import json_of

_AT = "2026-11-23T12:00:00.000Z"


def pipeline_job() -> dict[str, Any]:
    """A job of CodePipeline, which waits for PutJobSuccessResult or PutJobFailureResult."""
    place = {"bucketName": f"codepipeline-{REGION}-1234567890", "objectKey": "shop/source/Q7a9.zip"}
    data = {
        "actionConfiguration": {
            "configuration": {"FunctionName": "smoke-test", "UserParameters": "https://example.org"}
        },
        "inputArtifacts": [{"location": {"s3Location": place, "type": "S3"}, "revision": None, "name": "Source"}],
        "outputArtifacts": [],
        "artifactCredentials": {
            "secretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "sessionToken": "EXAMPLE",
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
        },
        "continuationToken": "A continuation token if continuing job",
    }
    return {"CodePipeline.job": {"id": "11111111-abcd-1111-abcd-111111abcdef", "accountId": ACCOUNT_ID, "data": data}}


def repository_trigger() -> dict[str, Any]:
    """A push to a repository of CodeCommit."""
    return {
        "Records": [
            {
                "awsRegion": REGION,
                "codecommit": {
                    "references": [{"commit": "5c4ef1049f1d27deadbeeff313e0730018be182b", "ref": "refs/heads/main"}]
                },
                "customData": "this is custom data",
                "eventId": "5a824061-17ca-46a9-bbf9-114edeadbeef",
                "eventName": "ReferenceChanges",
                "eventPartNumber": 1,
                "eventSource": "aws:codecommit",
                "eventSourceARN": arn("codecommit", "shop"),
                "eventTime": "2026-11-23T12:00:00.000+0000",
                "eventTotalParts": 1,
                "eventTriggerConfigId": "5a824061-17ca-46a9-bbf9-114edeadbeef",
                "eventTriggerName": "build",
                "eventVersion": "1.0",
                "userIdentityARN": user_arn("alice"),
            }
        ]
    }


def hook(deployment_id: str, execution_id: str) -> dict[str, Any]:
    """What CodeDeploy tells a hook."""
    return {"DeploymentId": deployment_id, "LifecycleEventHookExecutionId": execution_id}


def deployment_hook() -> dict[str, Any]:
    """A hook of CodeDeploy, which waits for PutLifecycleEventHookExecutionStatus."""
    return hook("d-ABCDEF123", "eyJlbmNyeXB0ZWREYXRhIjoiRVhBTVBMRSJ9")


def config_change() -> dict[str, Any]:
    """A rule of AWS Config, because a resource has changed."""
    item = {
        "configurationItemCaptureTime": _AT,
        "awsAccountId": ACCOUNT_ID,
        "configurationItemStatus": "OK",
        "resourceId": "i-1234567890abcdef0",
        "ARN": arn("ec2", "instance/i-1234567890abcdef0"),
        "awsRegion": REGION,
        "availabilityZone": f"{REGION}a",
        "resourceType": "AWS::EC2::Instance",
        "tags": {"stage": "prod"},
        "relationships": [],
        "configuration": {"instanceType": "t2.micro"},
    }
    told = {
        "configurationItem": item,
        "notificationCreationTime": _AT,
        "messageType": "ConfigurationItemChangeNotification",
        "recordVersion": "1.3",
    }
    return _config(told, {"desiredInstanceType": "t2.micro"})


def config_schedule() -> dict[str, Any]:
    """A rule of AWS Config, because it is time."""
    told = {
        "awsAccountId": ACCOUNT_ID,
        "notificationCreationTime": _AT,
        "messageType": "ScheduledNotification",
        "recordVersion": "1.0",
    }
    return _config(told, {"maximum": "10"})


def _config(told: dict[str, Any], parameters: dict[str, str]) -> dict[str, Any]:
    return {
        "version": "1.0",
        "invokingEvent": json_of(told),
        "ruleParameters": json_of(parameters),
        "resultToken": "myResultToken",
        "eventLeftScope": False,
        "executionRoleArn": f"arn:aws:iam::{ACCOUNT_ID}:role/config-role",
        "configRuleArn": arn("config", "config-rule/config-rule-0123456"),
        "configRuleName": "instance-type",
        "configRuleId": "config-rule-0123456",
        "accountId": ACCOUNT_ID,
    }
