"""What CloudWatch sends. Sources: Amazon CloudWatch User Guide, "Using Amazon CloudWatch alarms: Lambda alarm actions";
Amazon CloudWatch Logs User Guide, "Subscription filters with AWS Lambda"; facts F.8 and X.1. Logs: held
against the sample in SAM CLI 1.144, read 2026-11."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, REGION, arn
from lambdalab.simulator.vocabulary.events.plain import gzip_of, json_of


def logs() -> dict[str, Any]:
    """A subscription filter's batch of log events: JSON, gzipped, in base64."""
    document = {
        "messageType": "DATA_MESSAGE",
        "owner": ACCOUNT_ID,
        "logGroup": "/aws/lambda/charge",
        "logStream": "2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef",
        "subscriptionFilters": ["errors"],
        "logEvents": [
            {
                "id": "31953106606966983378809025079804211143289615424298221568",
                "timestamp": 1795435200000,
                "message": "[ERROR] ValueError: card refused",
            }
        ],
    }
    return {"awslogs": {"data": gzip_of(document)}}


def alarm() -> dict[str, Any]:
    """An alarm whose action is a function."""
    metric = {"namespace": "AWS/Lambda", "name": "Errors", "dimensions": {"FunctionName": "charge"}}
    return {
        "source": "aws.cloudwatch",
        "alarmArn": arn("cloudwatch", "alarm:errors"),
        "accountId": ACCOUNT_ID,
        "time": "2026-11-23T12:00:00.000+0000",
        "region": REGION,
        "alarmData": {
            "alarmName": "errors",
            "state": _state("ALARM", "12:00", 2.0, "greater than"),
            "previousState": _state("OK", "11:58", 0.0, "not greater than"),
            "configuration": {
                "description": "Too many errors",
                "metrics": [
                    {
                        "id": "m1",
                        "metricStat": {"metric": metric, "period": 60, "stat": "Sum"},
                        "returnData": True,
                    }
                ],
            },
        },
    }


def _state(value: str, at: str, figure: float, words: str) -> dict[str, Any]:
    moment = f"2026-11-23T{at}:00.000+0000"
    data = {
        "version": "1.0",
        "queryDate": moment,
        "startDate": moment,
        "statistic": "Sum",
        "period": 60,
        "recentDatapoints": [figure],
        "threshold": 1.0,
        "evaluatedDatapoints": [{"timestamp": moment, "value": figure}],
    }
    reason = f"Threshold Crossed: 1 datapoint [{figure} (23/11/26 {at}:00)] was {words} the threshold (1.0)."
    return {"value": value, "reason": reason, "reasonData": json_of(data), "timestamp": moment}
