"""Why a call was allowed or denied, in one sentence that a student can act on."""

from __future__ import annotations

from collections.abc import Iterable

from lambdalab.simulator.account.iam.conditions import Condition, Context, holds
from lambdalab.simulator.account.iam.evaluation import Decision, Element, Question, fails_at
from lambdalab.simulator.account.iam.policies import Policy, Statement
from lambdalab.simulator.account.iam.principals import Principal

_CLOSENESS: dict[Element, int] = {"action": 0, "resource": 1, "principal": 2, "condition": 3}


def awss_reason(decision: Decision, action: str) -> str:
    """The end of AWS's own message. Fact G.5; IAM User Guide, "Troubleshoot access denied error messages"."""
    if decision.outcome == "explicit deny":
        kind = decision.policy.kind if decision.policy else "identity-based"
        return f"with an explicit deny in {'an' if kind == 'identity-based' else 'a'} {kind} policy"
    return f"because no {decision.lacking} policy allows the {action} action"


def explain(question: Question, decision: Decision, context: Context) -> str:
    """Which statement of which policy decided, or what is missing, without a full stop at the end."""
    who, what = question.principal.name, f"{question.action} on {question.resource}"
    if decision.outcome == "implicit deny":
        return f"denied: {_missing(question, decision, context)}"
    word = "allowed" if decision.allowed else "denied"
    if decision.statement is None or decision.policy is None:
        return f"{word}: {who} may do everything, so also {what}"
    verb = "allows" if decision.allowed else "denies"
    always = "" if decision.allowed else ", and a Deny always wins"
    return f"{word}: {_named(decision.statement, decision.policy)} {verb} {who} {what}{always}"


def _missing(question: Question, decision: Decision, context: Context) -> str:
    principal, own = question.principal, question.policy
    if decision.lacking == "VPC endpoint" and decision.policy is not None:
        near = _nearest(question, (decision.policy,), context)
        what = f"{principal.name} {question.action} on {question.resource}"
        return f"{decision.policy.name} has no statement that lets {what} pass{near}; add one to it"
    if decision.lacking == "identity-based":
        near = _nearest(question, principal.policies or (), context)
        what = f"{question.action} on {question.resource}"
        return f"{principal.name} has no statement that allows {what}{near}; add one to its policies"
    holder = own.name if own else question.resource
    lacks = "no statement" if own else "no policy of its own"
    near = _nearest(question, (own,) if own else (), context)
    add = f"add a statement with Principal: {_principal_to_add(principal)}"
    return f"{holder} has {lacks} that allows {principal.name} {question.action}{near}; {add}"


def _principal_to_add(principal: Principal) -> str:
    if principal.is_anonymous:
        return '"*"'
    if principal.is_service:
        return f"{principal.arn} and SourceArn: {principal.source}" if principal.source else principal.arn
    return principal.role or principal.arn


def _nearest(question: Question, policies: Iterable[Policy], context: Context) -> str:
    """The Allow that came closest, and what it failed at."""
    near: tuple[int, str] = (0, "")
    for policy in policies:
        for statement in policy.statements:
            failed = fails_at(statement, question, context) if statement.allows else None
            if failed and _CLOSENESS[failed] > near[0]:
                near = _CLOSENESS[failed], f" ({_named(statement, policy)} {_shortfall(statement, failed, context)})"
    return near[1]


def _shortfall(statement: Statement, failed: Element, context: Context) -> str:
    if failed == "resource":
        listed = _list(statement.resources)
        return f"allows it on everything but {listed}" if statement.not_resources else f"allows it only on {listed}"
    if failed == "principal":
        named = _list(value for _, value in statement.principals or ())
        return f"is for everybody but {named}" if statement.not_principals else f"is for {named} only"
    lookup = context.variable if statement.variables else None
    condition = next(one for one in statement.conditions if not holds(one, context, lookup))
    return f"needs {_wanted(condition)}, and {_given(condition, context)}"


def _wanted(condition: Condition) -> str:
    return f"{condition.operator} {condition.key} {_list(condition.values)}"


def _given(condition: Condition, context: Context) -> str:
    values = context.values(condition.key)
    return f"here it is {_list(values)}" if values else "the request does not say it"


def _named(statement: Statement, policy: Policy) -> str:
    name = statement.name if statement.name.startswith("statement ") else f"the statement {statement.name}"
    return f"{name} of {policy.name}"


def _list(values: Iterable[str]) -> str:
    listed = list(values)
    return ", ".join(listed[:3]) + (f" and {len(listed) - 3} more" if len(listed) > 3 else "")
