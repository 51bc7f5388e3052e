"""ARNs, account and Region of the simulated account."""

from __future__ import annotations

import hashlib
import re
import uuid
from functools import lru_cache

ACCOUNT_ID = "123456789012"
REGION = "us-east-1"
_PREFIXES = (
    f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:",
    f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:",
    f"{ACCOUNT_ID}:function:",
    f"{ACCOUNT_ID}:",
    "function:",
)  # of a function's name, where it is a function of this account and Region
_ACCOUNT = re.compile(r"[0-9]{12}:")
REPLICA_PREFIX = f"{REGION}."  # of a function's copy at the edge; no function's own name has a dot. Fact F.7


def arn(service: str, resource: str) -> str:
    """An ARN in the simulated account's home Region."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{resource}"


@lru_cache(maxsize=1024)
def function_arn(name: str, qualifier: str | None = None) -> str:
    """A function's ARN, qualified when asked."""
    return arn("lambda", f"function:{name}" + (f":{qualifier}" if qualifier else ""))


@lru_cache(maxsize=1024)
def split_name(name: str) -> tuple[str, str | None]:
    """Function name and qualifier of a function's name, partial ARN or ARN (``hello:live``). Source: BC FunctionName

    What names a function of another account or Region comes back whole: no function here is called so.
    """
    here = next((prefix for prefix in _PREFIXES if name.startswith(prefix)), "")
    if not here and (name.startswith("arn:") or _ACCOUNT.match(name)):
        return name, None
    bare, colon, qualifier = name[len(here) :].partition(":")
    return (name, None) if colon and not qualifier else (bare, qualifier or None)


def layer_arn(name: str, version: str | None = None) -> str:
    """A layer's ARN, with a version that of the version."""
    return arn("lambda", f"layer:{name}" + (f":{version}" if version else ""))


def role_arn(name: str) -> str:
    """An IAM role's ARN (IAM has no Region)."""
    return f"arn:aws:iam::{ACCOUNT_ID}:role/{name}"


def user_arn(name: str) -> str:
    """An IAM user's ARN."""
    return f"arn:aws:iam::{ACCOUNT_ID}:user/{name}"


def policy_arn(name: str) -> str:
    """The ARN of a managed policy of the account's own."""
    return f"arn:aws:iam::{ACCOUNT_ID}:policy/{name}"


def table_stream_arn(table: str) -> str:
    """The ARN of a table's stream. Its label is the moment of its creation on AWS; here every table has the same."""
    return arn("dynamodb", f"table/{table}/stream/2025-12-01T09:00:00.000")


def secret_arn(name: str) -> str:
    """A secret's ARN: its name and six more characters, here made from it."""
    digits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    tail = "".join(digits[byte % len(digits)] for byte in hashlib.sha256(name.encode()).digest()[:6])
    return arn("secretsmanager", f"secret:{name}-{tail}")


def key_id(name: str) -> str:
    """The id of a KMS key, which is a UUID, made from the physical name of its resource."""
    return str(uuid.UUID(hashlib.sha256(name.encode()).hexdigest()[:32], version=4))


def queue_url(name: str) -> str:
    """The URL that SQS gives a queue."""
    return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT_ID}/{name}"
