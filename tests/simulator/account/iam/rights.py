"""Policies and callers in a few words, for the tests of this folder."""

from typing import Any

from lambdalab.simulator.account.iam import Authority, Policy, Principal, read_policy, service_principal

ACCOUNT, OTHER = "123456789012", "999999999999"
QUEUE = f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:charge"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:news"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
PARTNER = f"arn:aws:iam::{OTHER}:user/partner"
SNS = service_principal("sns.amazonaws.com", TOPIC)


def allow(action: Any = "sqs:SendMessage", resource: Any = QUEUE, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = "sqs:*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def policy(*statements: dict[str, Any], name: str = "the policy p", version: str = "2012-10-17") -> Policy:
    return read_policy({"Version": version, "Statement": list(statements)}, name)


def own_policy(*statements: dict[str, Any], name: str = "the queue policy of orders") -> Policy:
    """A resource's own policy."""
    return read_policy({"Version": "2012-10-17", "Statement": list(statements)}, name, "resource-based")


def role(*statements: dict[str, Any], account: str = ACCOUNT) -> Principal:
    """A session of a role with these statements."""
    session = f"arn:aws:sts::{account}:assumed-role/r/charge"
    policies = (policy(*statements),) if statements else ()
    return Principal(session, policies, role=f"arn:aws:iam::{account}:role/r", called="the role r")


def partner(*, may: bool = True) -> Principal:
    """A user of another account, whose own account lets it do everything, or nothing."""
    return Principal(PARTNER, None if may else ())


def account(own: Policy | None = None, resource: str = QUEUE) -> Authority:
    """An account in which ``resource`` has this policy of its own."""
    authority = Authority()
    authority.set_policy(resource, own)
    return authority


def may(
    principal: Principal,
    own: Policy | None = None,
    action: str = "sqs:SendMessage",
    resource: str = QUEUE,
    extra: dict[str, str] | None = None,
) -> bool:
    return account(own, resource).denied(principal, action, resource, extra) is None
