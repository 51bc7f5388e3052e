"""What Lambda says about sources that a mapping cannot poll. Source: fact X.3 (LS); G.4.

What a role lacks for a stream is said in the words of reports of real accounts: aws-amplify/amplify-cli#12965,
aws/aws-cdk#17312; that ListShards may be missing: serverless/serverless#8540.
"""

from __future__ import annotations

from collections.abc import Mapping

from lambdalab.simulator.account import Principal
from lambdalab.simulator.account.iam import Authority
from lambdalab.simulator.account.iam.authority import Refusal
from lambdalab.simulator.vocabulary.errors import AwsError, conflict, invalid

READING: Mapping[str, tuple[str, ...]] = {  # what the role must be allowed. G.1, G.4
    "sqs": ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"),
    "kinesis": ("GetRecords", "GetShardIterator", "DescribeStream"),  # ListShards where it may
    "dynamodb": ("GetRecords", "GetShardIterator", "DescribeStream"),
}
_NOT_YET = ("kafka", "mq", "rds")
_STREAMS = {
    "kinesis": "GetRecords, GetShardIterator, DescribeStream, ListShards, and ListStreams",
    "dynamodb": "GetRecords, GetShardIterator, DescribeStream, and ListStreams",
}


def service_of(source: str) -> str:
    """``sqs``, ``kinesis``, ``dynamodb`` …: the service in a source's ARN."""
    return "".join(source.split(":")[2:3])


def lacking(authority: Authority, caller: Principal, source: str) -> tuple[AwsError, Refusal] | None:
    """What the execution role lacks to read a source: Lambda's answer, and IAM's; None when it lacks nothing."""
    service = service_of(source)
    for action in READING.get(service, ()):
        refusal = authority.denied(caller, f"{service}:{action}", source)
        if refusal is not None:
            return may_not(source, action), refusal
    return None


def may_not(source: str, action: str) -> AwsError:
    """The answer where a role may not read a source. Of streams it names all that is needed."""
    rights = _STREAMS.get(service_of(source))
    if rights is None:
        return invalid(f"The provided execution role does not have permissions to call {action} on SQS")
    text = f"Please ensure the role can perform the {rights} Actions on your stream in IAM."
    return invalid(f"Cannot access stream {source}. {text}")


def missing(source: str) -> AwsError:
    """There is no such queue or stream, or Lambda polls nothing of this kind (or we do not yet)."""
    service = service_of(source)
    if service == "sqs":
        return invalid(
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
            "SQS Error Message: The specified queue does not exist."
        )
    if service in _NOT_YET or "/consumer/" in source:
        what = "by enhanced fan-out" if service == "kinesis" else service
        return AwsError("NotSimulated", f"lambdalab does not poll {what} yet.", 501)
    is_stream = service == "kinesis" or (service == "dynamodb" and "/stream/" in source)
    return invalid(f"Stream not found: {source}") if is_stream else invalid("Unrecognized event source.")


def exists(source: str, name: str, identity: str) -> AwsError:
    """One mapping for each pair of source and function."""
    update = f"Please update or delete the existing mapping with UUID {identity}"
    if service_of(source) == "sqs":
        text = f'An event source mapping with SQS arn (" {source} ") and function (" {name} ") already exists.'
    else:
        text = f'The event source arn (" {source} ") and function (" {name} ") provided mapping already exists.'
    return conflict(f"{text} {update}")
