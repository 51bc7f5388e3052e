"""What Lambda sends about an asynchronous invocation, to a destination. Source: fact E.1."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.vocabulary.arns import function_arn


def invocation_record(
    request_id: str, qualified_arn: str, condition: str, attempts: int, at: str, request: Any
) -> dict[str, Any]:
    """The record without what the function answered: of an event that never ran there is no more."""
    return {
        "version": "1.0",
        "timestamp": at,
        "requestContext": {
            "requestId": request_id,
            "functionArn": qualified_arn,
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "requestPayload": request,
    }


def answered(record: dict[str, Any], version: str, response: Any, *, failed: bool) -> dict[str, Any]:
    """The record with what the function answered at last."""
    context = {"statusCode": 200, "executedVersion": version}
    context |= {"functionError": "Unhandled"} if failed else {}
    return record | {"responseContext": context, "responsePayload": response}


_REQUEST_ID = "e4b46cbf-b738-4c1e-8880-a18cdf61200e"


def _sample(condition: str, attempts: int) -> dict[str, Any]:
    function = function_arn("charge", "$LATEST")
    at = "2026-11-23T12:03:01.456Z"
    return invocation_record(_REQUEST_ID, function, condition, attempts, at, {"order": 17})


def success() -> dict[str, Any]:
    """A destination's record of a success."""
    return answered(_sample("Success", 1), "$LATEST", {"charged": True}, failed=False)


def failure() -> dict[str, Any]:
    """A destination's record of an event whose attempts are used up."""
    error = {"errorMessage": "card refused", "errorType": "ValueError", "requestId": _REQUEST_ID, "stackTrace": []}
    return answered(_sample("RetriesExhausted", 3), "$LATEST", error, failed=True)
