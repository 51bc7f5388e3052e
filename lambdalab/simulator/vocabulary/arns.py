"""ARNs, account and Region of the simulated account."""

from __future__ import annotations

from functools import lru_cache

ACCOUNT_ID = "123456789012"
REGION = "us-east-1"


def arn(service: str, resource: str) -> str:
    """An ARN in the simulated account's home Region."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{resource}"


@lru_cache(maxsize=1024)
def function_arn(name: str, qualifier: str | None = None) -> str:
    """A function's ARN, qualified when asked."""
    return arn("lambda", f"function:{name}" + (f":{qualifier}" if qualifier else ""))


def role_arn(name: str) -> str:
    """An IAM role's ARN (IAM has no Region)."""
    return f"arn:aws:iam::{ACCOUNT_ID}:role/{name}"


def queue_url(name: str) -> str:
    """The URL that SQS gives a queue."""
    return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT_ID}/{name}"
