"""The decision: explicit deny, allow, implicit deny; in one account, across accounts, for services. Fact G.5.

Source: IAM User Guide, "Policy evaluation logic", "Cross-account policy evaluation logic" and, for the account as a
principal, "AWS JSON policy elements: Principal", read 2026-10.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lambdalab.simulator.account.iam.conditions import Context, holds
from lambdalab.simulator.account.iam.policies import Kind, Policy, Statement
from lambdalab.simulator.account.iam.principals import Principal
from lambdalab.simulator.account.iam.wildcards import Lookup, arn_like, like

Outcome = Literal["allow", "explicit deny", "implicit deny"]
Element = Literal["principal", "action", "resource", "condition"]

OWN_POLICY_FIRST = ("kms", "sts")
"""Services whose resources (a key, a role) must allow the caller, or its account, in their own policy. Fact G.6."""


@dataclass(frozen=True, slots=True)
class Question:
    """May ``principal`` do ``action`` on ``resource``? ``policy`` is the resource's own, ``owner`` its account."""

    principal: Principal
    action: str
    resource: str
    policy: Policy | None
    owner: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer. ``policy`` and ``statement`` decided it; for an implicit deny ``lacking`` is the kind of policy
    that should have allowed the call and does not."""

    outcome: Outcome
    policy: Policy | None = None
    statement: Statement | None = None
    lacking: Kind | None = None

    @property
    def allowed(self) -> bool:
        """Whether the call may happen."""
        return self.outcome == "allow"


def decide(question: Question, context: Context) -> Decision:
    """Evaluate every policy that applies. The order of policies and statements changes nothing but the explanation."""
    identity, own = question.principal.policies or (), (question.policy,) if question.policy else ()
    denied = _first(question, (*identity, *own), context, allows=False)
    if denied:
        return Decision("explicit deny", *denied)
    direct, delegated = _resource_allows(question, context)
    if question.principal.account is None:  # nothing but the resource's policy speaks about a service, or about nobody
        return Decision("allow", *direct) if direct else Decision("implicit deny", lacking="resource-based")
    same_account = question.principal.account == question.owner
    own_policy_first = question.action.partition(":")[0] in OWN_POLICY_FIRST
    if direct and same_account:
        return Decision("allow", *direct)
    if (own_policy_first or not same_account) and not (direct or delegated):
        return Decision("implicit deny", lacking="resource-based")
    granted = _first(question, identity, context, allows=True)
    if granted or question.principal.policies is None:
        return Decision("allow", *(granted or (None, None)))
    return Decision("implicit deny", lacking="identity-based")


def passes(policy: Policy, question: Question, context: Context) -> Decision:
    """Whether the policy of a VPC endpoint lets a request through. It grants nothing: the other policies must allow.

    Source: AWS PrivateLink Guide, "Control access to VPC endpoints using endpoint policies", read 2026-11.
    """
    denied = _first(question, (policy,), context, allows=False)
    if denied:
        return Decision("explicit deny", *denied)
    allowed = _first(question, (policy,), context, allows=True)
    return Decision("allow", *allowed) if allowed else Decision("implicit deny", policy, lacking="VPC endpoint")


Found = tuple[Policy, Statement] | None


def _resource_allows(question: Question, context: Context) -> tuple[Found, Found]:
    """What the resource's own policy allows: the caller itself, and the caller's account (which then must allow it)."""
    direct: Found = None
    delegated: Found = None
    for statement in question.policy.statements if question.policy else ():
        assert question.policy is not None
        if statement.allows and fails_at(statement, question, context) is None:
            if names_only_the_account(statement, question.principal):
                delegated = delegated or (question.policy, statement)
            else:
                direct = direct or (question.policy, statement)
    return direct, delegated


def _first(question: Question, policies: Iterable[Policy], context: Context, *, allows: bool) -> Found:
    for policy in policies:
        for statement in policy.statements:
            if statement.allows is allows and fails_at(statement, question, context) is None:
                return policy, statement
    return None


def fails_at(statement: Statement, question: Question, context: Context) -> Element | None:
    """The first element of ``statement`` that does not match the question; None when all do."""
    if any(like(action, question.action, ignore_case=True) for action in statement.actions) is statement.not_actions:
        return "action"
    lookup = context.variable if statement.variables else None
    if _names_resource(statement, question.resource, lookup) is statement.not_resources:
        return "resource"
    if statement.principals is not None and _names(statement, question.principal) is statement.not_principals:
        return "principal"
    if all(holds(condition, context, lookup) for condition in statement.conditions):
        return None
    return "condition"


def _names_resource(statement: Statement, resource: str, lookup: Lookup | None) -> bool:
    return any(pattern == "*" or arn_like(pattern, resource, lookup) for pattern in statement.resources)


def _names(statement: Statement, principal: Principal) -> bool:
    return any(_is_principal(kind, value, principal) for kind, value in statement.principals or ())


def _is_principal(kind: str, value: str, principal: Principal) -> bool:
    if kind == "*":
        return True
    if kind == "Service":
        return principal.is_service and value in (principal.arn, "*")
    return kind == "AWS" and value in (principal.arn, principal.role, *_account_names(principal))


def _account_names(principal: Principal) -> tuple[str, ...]:
    account = principal.account
    return () if account is None else (account, f"arn:aws:iam::{account}:root")


def names_only_the_account(statement: Statement, principal: Principal) -> bool:
    """Whether the statement reaches the caller only by naming its account: that passes the decision on to the account's
    own policies."""
    if statement.not_principals or principal.account is None:
        return False
    account = _account_names(principal)
    itself = (kind == "*" or value in (principal.arn, principal.role) for kind, value in statement.principals or ())
    return not any(itself) and any(value in account for kind, value in statement.principals or () if kind == "AWS")
