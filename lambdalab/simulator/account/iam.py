"""Identity-based policies, really evaluated: an explicit Deny wins, then an Allow is needed, else access is denied.

Source: IAM User Guide, "Policy evaluation logic"; fact G.5. Resource-based policies join when a service needs them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, REGION
from lambdalab.simulator.vocabulary.errors import AwsError

Statement = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes a call: its ARN and the statements of its identity-based policies (None: may do everything)."""

    arn: str
    statements: tuple[Statement, ...] | None = None


ADMINISTRATOR = Principal(f"arn:aws:iam::{ACCOUNT_ID}:user/classroom")
"""The scenario's own hand: it may do everything in the account."""

# The API names an operation, IAM sometimes another action. Source: Service Authorization Reference, read 2026-10.
ACTIONS = {
    "lambda.Invoke": "lambda:InvokeFunction",
    "lambda.InvokeAsync": "lambda:InvokeFunction",
    "sqs.SendMessageBatch": "sqs:SendMessage",
    "sqs.DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs.ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sns.PublishBatch": "sns:Publish",
}


def action_of(service: str, operation: str) -> str:
    """The IAM action that allows ``operation``."""
    return ACTIONS.get(f"{service}.{operation}", f"{service}:{operation}")


def denied(principal: Principal, action: str, resource: str) -> AwsError | None:
    """None when ``principal`` may do ``action`` on ``resource``, else AWS's answer, with the reason in its message."""
    if principal.statements is None:
        return None
    matching = [s for s in principal.statements if _matches(s, action, resource)]
    if any(s.get("Effect") == "Deny" for s in matching):
        reason = "with an explicit deny in an identity-based policy"
    elif any(s.get("Effect") == "Allow" for s in matching):
        return None
    else:
        reason = f"because no identity-based policy allows the {action} action"
    text = f"User: {principal.arn} is not authorized to perform: {action} on resource: {resource} {reason}"
    return AwsError("AccessDeniedException", text, 403)


def statements_of(documents: Iterable[Mapping[str, Any]]) -> tuple[Statement, ...]:
    """All statements of several policy documents."""
    return tuple(statement for document in documents for statement in _listed(document.get("Statement", [])))


def _matches(statement: Statement, action: str, resource: str) -> bool:
    return (
        _member(statement, "Action", action, ignore_case=True)
        and _member(statement, "Resource", resource)
        and all(_condition(op, wanted) for op, wanted in statement.get("Condition", {}).items())
    )


def _member(statement: Statement, key: str, value: str, *, ignore_case: bool = False) -> bool:
    negated = f"Not{key}"
    if negated in statement:
        return not any(_like(p, value, ignore_case) for p in _listed(statement[negated]))
    return any(_like(p, value, ignore_case) for p in _listed(statement.get(key, [])))


def _condition(operator: str, wanted: Mapping[str, Any]) -> bool:
    """Whether every key compares as asked. A key that the request has not makes only a negation, or IfExists, true."""
    context = {"aws:requestedregion": REGION, "aws:principalaccount": ACCOUNT_ID, "aws:resourceaccount": ACCOUNT_ID}
    name = operator.removesuffix("IfExists")
    exact, negated = name.endswith("Equals"), "Not" in name
    for key, patterns in wanted.items():
        actual = context.get(key.lower())
        if actual is None:
            if not negated and name == operator:
                return False
            continue
        found = any(p == actual if exact else _like(str(p), actual, False) for p in _listed(patterns))
        if found is negated:
            return False
    return True


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]


def _like(pattern: str, value: str, ignore_case: bool) -> bool:
    return bool(_compiled(str(pattern), ignore_case).fullmatch(value))


@lru_cache(maxsize=4096)
def _compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    parts = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.compile(parts, re.IGNORECASE | re.DOTALL if ignore_case else re.DOTALL)
