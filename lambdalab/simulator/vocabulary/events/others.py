"""What SES and Step Functions send. Sources: Amazon SES Developer Guide, "Invoke Lambda function action" (the event);
AWS Step Functions Developer Guide, "Invoke an AWS Lambda function with Step Functions". Mail: held against AWS's own
sample in SAM CLI 1.144 (ses/SesEmailReceiving), read 2026-11."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.vocabulary.arns import function_arn

_MAIL = "o3vrnil0e2ic28trm7dfhrc2v0clambda4nbp0g1"
_FROM, _TO, _SUBJECT = "alice@example.com", "shop@example.com", "An order"
_DATE = "Mon, 23 Nov 2026 12:00:00 +0000"


def mail() -> dict[str, Any]:
    """A mail that a receipt rule of SES hands to a function."""
    common = {
        "from": [_FROM],
        "to": [_TO],
        "returnPath": _FROM,
        "messageId": "<0123456789example.com>",
        "date": _DATE,
        "subject": _SUBJECT,
    }
    headers = {"Return-Path": f"<{_FROM}>", "From": _FROM, "To": _TO, "Subject": _SUBJECT, "Date": _DATE}
    verdicts = ("spamVerdict", "virusVerdict", "spfVerdict", "dkimVerdict", "dmarcVerdict")
    return {
        "Records": [
            {
                "eventVersion": "1.0",
                "ses": {
                    "mail": {
                        "commonHeaders": common,
                        "source": _FROM,
                        "timestamp": "2026-11-23T12:00:00.000Z",
                        "destination": [_TO],
                        "headers": [{"name": name, "value": value} for name, value in headers.items()],
                        "headersTruncated": False,
                        "messageId": _MAIL,
                    },
                    "receipt": {
                        "recipients": [_TO],
                        "timestamp": "2026-11-23T12:00:00.000Z",
                        **{name: {"status": "PASS"} for name in verdicts},
                        "processingTimeMillis": 574,
                        "action": {
                            "type": "Lambda",
                            "invocationType": "Event",
                            "functionArn": function_arn("read-mail"),
                        },
                    },
                },
                "eventSource": "aws:ses",
            }
        ]
    }


def task() -> dict[str, Any]:
    """A Task state that hands on its input as it is."""
    return {"order": 17, "state": "paid"}


def task_with_token() -> dict[str, Any]:
    """A Task state that waits for a callback: SendTaskSuccess or SendTaskFailure ends it."""
    return {"order": {"order": 17, "state": "paid"}, "token": "AQCEAAAAKgAAAAMAAAAAAAAAAexample"}
