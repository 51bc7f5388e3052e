"""The account's authority: it knows the policies of resources, answers for every call, and remembers its answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from lambdalab.simulator.account.iam.conditions import Context
from lambdalab.simulator.account.iam.evaluation import Decision, Question, decide, passes
from lambdalab.simulator.account.iam.explanation import awss_reason, explain
from lambdalab.simulator.account.iam.policies import Policy
from lambdalab.simulator.account.iam.principals import Principal
from lambdalab.simulator.trace.facts import AccessDenied
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID
from lambdalab.simulator.vocabulary.errors import AwsError

ARN_CHARACTERS_MAX = 2_048  # longer than any ARN: no resource has such a name
REMEMBERED_MAX = 10_000

# The API names an operation, IAM sometimes another action. Source: Service Authorization Reference, read 2026-10.
ACTIONS = {
    "lambda.Invoke": "lambda:InvokeFunction",
    "lambda.InvokeAsync": "lambda:InvokeFunction",
    "sqs.SendMessageBatch": "sqs:SendMessage",
    "sqs.DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs.ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sns.PublishBatch": "sns:Publish",
}
DENIALS = {  # botocore's model of SNS, the error codes of the S3 API Reference; the others: AccessDeniedException. G.5
    "sns": "AuthorizationError",
    "s3": "AccessDenied",
    "sts": "AccessDenied",
    "cloudwatch": "AccessDenied",
}


PREFIXES = {"s3control": "s3", "stepfunctions": "states"}  # where IAM's name of a service is not boto3's


@lru_cache(maxsize=1024)
def action_of(service: str, operation: str) -> str:
    """The IAM action that allows ``operation``."""
    return ACTIONS.get(f"{service}.{operation}", f"{PREFIXES.get(service, service)}:{operation}")


def holder_of(resource: str) -> str:
    """The ARN of the resource whose policy decides: an object's is that of its bucket."""
    return resource.partition("/")[0] if resource.startswith("arn:aws:s3:::") else resource


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that may not happen: AWS's answer, and what a student needs to know about it."""

    question: Question
    decision: Decision
    why: str

    @property
    def error(self) -> AwsError:
        """AWS's answer, with its own text."""
        principal, action, resource = self.question.principal.arn, self.question.action, self.question.resource
        service = action.partition(":")[0]
        shown = f'"{resource}"' if service == "s3" else resource  # as S3 has written it since 2024
        text = f"User: {principal} is not authorized to perform: {action} on resource: {shown}"
        code = DENIALS.get(service, "AccessDeniedException")
        return AwsError(code, f"{text} {awss_reason(self.decision, action)}", 403)

    def fact(self, source: str, request_id: str | None) -> AccessDenied:
        """The denial as the trace carries it."""
        decision = self.decision
        return AccessDenied(
            source=source,
            request_id=request_id,
            principal=self.question.principal.arn,
            action=self.question.action,
            resource=self.question.resource,
            policy=decision.policy.name if decision.policy else None,
            statement=decision.statement.name if decision.statement else None,
            lacking=decision.lacking,
            why=self.why,
        )


class Authority:
    """Decides in one account. ``seconds`` is virtual time since 1970, for policies that ask for the time."""

    def __init__(self, seconds: Callable[[], float] = lambda: 0.0) -> None:
        self._seconds = seconds
        self._policies: dict[str, Policy] = {}
        self._allowed: set[tuple[Principal, str, str]] = set()

    def set_policy(self, resource: str, policy: Policy | None) -> None:
        """Give the resource with this ARN a policy of its own, or take it away."""
        if policy is None:
            self._policies.pop(resource, None)
        else:
            self._policies[resource] = policy
        self._allowed.clear()

    def policy_of(self, resource: str) -> Policy | None:
        """The resource's own policy."""
        return self._policies.get(resource)

    def denied(
        self, principal: Principal, action: str, resource: str, extra: Mapping[str, str] | None = None
    ) -> Refusal | None:
        """None when the call may happen.

        ``extra`` are condition keys of this one call (lower case). Answers that depend on nothing but principal,
        action and resource are remembered.
        """
        key = (principal, action, resource)
        if key in self._allowed and not extra:
            return None
        question, context = self.question(principal, action, resource), self._context(principal, extra)
        decision = decide(question, context)
        if not decision.allowed:
            return Refusal(question, decision, explain(question, decision, context))
        if not context.asked_for_changing and not extra:
            if len(self._allowed) >= REMEMBERED_MAX:
                self._allowed.clear()
            self._allowed.add(key)
        return None

    def stopped(
        self,
        policy: Policy,
        principal: Principal,
        action: str,
        resource: str,
        extra: Mapping[str, str] | None = None,
    ) -> Refusal | None:
        """None when the policy of a VPC endpoint lets the call through, by which it comes."""
        question, context = self.question(principal, action, resource), self._context(principal, extra)
        decision = passes(policy, question, context)
        return None if decision.allowed else Refusal(question, decision, explain(question, decision, context))

    def why(self, principal: Principal, action: str, resource: str, extra: Mapping[str, str] | None = None) -> str:
        """The sentence that explains the decision, allowed or denied."""
        question, context = self.question(principal, action, resource), self._context(principal, extra)
        return explain(question, decide(question, context), context)

    def question(self, principal: Principal, action: str, resource: str) -> Question:
        """The question with the resource's own policy."""
        named = resource[:ARN_CHARACTERS_MAX]
        return Question(principal, action, named, self._policies.get(holder_of(named)), ACCOUNT_ID)

    def _context(self, principal: Principal, extra: Mapping[str, str] | None) -> Context:
        def changing(key: str) -> tuple[str, ...] | None:
            if key == "aws:currenttime" or key == "aws:epochtime":
                return (f"{self._seconds():.0f}",)
            value = extra.get(key) if extra else None
            return None if value is None else (value,)

        return Context(principal.fixed, changing)
