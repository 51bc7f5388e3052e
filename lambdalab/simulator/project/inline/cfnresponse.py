"""Answers CloudFormation on behalf of a custom resource, with the interface of AWS's module of this name.

Source: CloudFormation User Guide, "cfn-response module", read 2026-04.
"""

import json
import urllib.request

SUCCESS = "SUCCESS"
FAILED = "FAILED"


def send(event, context, responseStatus, responseData, physicalResourceId=None, noEcho=False, reason=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Put the response to the request's URL. A failure to do so is printed, not raised, as AWS's module does."""
    body = {
        "Status": responseStatus,
        "Reason": reason or f"See the details in CloudWatch Log Stream: {context.log_stream_name}",
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    }
    text = json.dumps(body)
    print(f"Response body: {text}")
    head = {"content-type": ""}
    request = urllib.request.Request(event["ResponseURL"], text.encode(), head, method="PUT")  # noqa: S310
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            print(f"Status code: {answer.status}")
    except Exception as error:
        print(f"send(..) failed executing http.request(..): {error}")
