"""AWS::IAM::Role, ::User, ::Policy, ::RolePolicy and ::ManagedPolicy: who may do what. Facts G.1, G.2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.account import Principal, iam, managed_policies, service_principal
from lambdalab.simulator.account.iam import Policy, PolicyError, policies
from lambdalab.simulator.account.iam.conditions import Context
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, function_arn, policy_arn, role_arn, user_arn

KNOWN = {
    "AWS::IAM::Role": {
        "AssumeRolePolicyDocument", "Policies", "ManagedPolicyArns", "RoleName", "Description", "Tags", "Path",
        "MaxSessionDuration",
    },
    "AWS::IAM::User": {"UserName", "Policies", "ManagedPolicyArns", "Tags", "Path"},
    "AWS::IAM::Policy": {"PolicyName", "PolicyDocument", "Roles", "Users"},
    "AWS::IAM::RolePolicy": {"PolicyName", "PolicyDocument", "RoleName"},
    "AWS::IAM::ManagedPolicy": {"ManagedPolicyName", "PolicyDocument", "Roles", "Users", "Description", "Path"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Identity:
    """A role or user of the template. ``trust`` is a role's trust policy."""

    arn: str
    name: str
    called: str
    policies: tuple[Policy, ...]
    trust: Policy | None = None

    def session(self, name: str) -> Principal:
        """The identity as a caller: a role's session of that name, or the user."""
        if self.trust is None:
            return Principal(self.arn, self.policies, called=self.called)
        arn = f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{self.name}/{name}"
        return Principal(arn, self.policies, role=self.arn, called=self.called)


@dataclass(slots=True)
class Identities:
    """All roles and users of a template by ARN, and what is wrong with their policies."""

    by_arn: dict[str, Identity] = field(default_factory=dict)
    by_logical_id: dict[str, Identity] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def execution_role(self, arn: str) -> Identity | None:
        """The role with this ARN."""
        found = self.by_arn.get(arn)
        return found if found is not None and found.trust is not None else None

    def assumed(self, arn: str, caller: Principal, session: str, external_id: str | None = None) -> Principal | None:
        """A session of the role for an AWS service; None when there is no such role, or it does not trust it."""
        role = self.execution_role(arn)
        return role.session(session) if role is not None and trusts(role, caller, external_id) else None


def read_identities(template: Template) -> Identities:
    """Every role and user with all of its policies. Wrong policies become problems and are left out."""
    found = Identities()
    reader = _Reader(template, found.problems)
    for kind, arn_of in (("AWS::IAM::Role", role_arn), ("AWS::IAM::User", user_arn)):
        for resource in template.of_type(kind):
            name = template.name(resource)
            noun = "role" if kind == "AWS::IAM::Role" else "user"
            called = f"the {noun} {template.shown_as(resource)}"
            trust = reader.trust(resource, called) if noun == "role" else None
            identity = Identity(arn_of(name), name, called, reader.policies_of(resource, noun, called), trust)
            found.by_arn[identity.arn] = found.by_logical_id[resource.logical_id] = identity
    for resource in template.of_type("AWS::IAM::ManagedPolicy"):
        reader.managed(resource)  # also one that nobody has
    return found


def check(template: Template, resource: Resource) -> list[Problem]:
    """Properties without effect, and attachments to nobody; the policies themselves are checked when they are read."""
    problems = unknown_properties(template, resource, KNOWN[resource.type])
    if resource.properties.get("Path", "/") != "/":
        text = "a Path other than / has no effect in lambdalab yet."
        problems.append(template.problem(resource, "Path", text, "Leave it out.", "unsupported"))
    for prop, kind in (("Roles", "AWS::IAM::Role"), ("Users", "AWS::IAM::User"), ("RoleName", "AWS::IAM::Role")):
        if resource.type in ("AWS::IAM::Role", "AWS::IAM::User"):
            break
        known = {template.name(each) for each in template.of_type(kind)}
        problems += [
            template.problem(resource, prop, f"there is no {kind[10:].lower()} {name} here.", "Name one with !Ref.")
            for name in _texts(resource.properties.get(prop))
            if name not in known
        ]
    return problems


def trusts_lambda(identity: Identity, function: str) -> bool:
    """Whether Lambda may assume the role for this function. Fact G.2."""
    return trusts(identity, service_principal("lambda.amazonaws.com", function_arn(function)))


def trusts(identity: Identity, caller: Principal, external_id: str | None = None) -> bool:
    """Whether ``caller`` (an AWS service) may assume the role, where it says so with an ``sts:ExternalId``."""
    question = iam.Question(caller, "sts:AssumeRole", identity.arn, identity.trust, ACCOUNT_ID)
    keys = {} if external_id is None else {"sts:externalid": (external_id,)}
    return iam.decide(question, Context(caller.fixed | keys)).allowed


class _Reader:
    def __init__(self, template: Template, problems: list[Problem]) -> None:
        self._template = template
        self._problems = problems

    def trust(self, resource: Resource, called: str) -> Policy:
        """The trust policy; one that cannot be read trusts nobody."""
        name, kind = f"the trust policy of {called}", "resource-based"
        document = resource.properties.get("AssumeRolePolicyDocument")
        if document is None:
            text = f"{called} needs AssumeRolePolicyDocument: who may assume it."
            self._note(resource, "AssumeRolePolicyDocument", text)
            return Policy(name, "resource-based")
        read = self._read(
            resource, "AssumeRolePolicyDocument", document, name, kind, size_max=policies.TRUST_CHARACTERS_MAX
        )
        return read or Policy(name, "resource-based")

    def policies_of(self, resource: Resource, noun: str, called: str) -> tuple[Policy, ...]:
        """Inline policies, those attached from outside, managed ones."""
        name, documents = self._template.name(resource), 0
        found: list[Policy | None] = []
        inline = [(resource, "Policies", each) for each in _listed(resource.properties.get("Policies"))]
        inline += [(other, "PolicyDocument", other.properties) for other in self._attached(noun, name)]
        for owner, prop, each in inline:
            if not isinstance(each, Mapping):
                self._note(owner, prop, "each of Policies is a mapping with PolicyName and PolicyDocument.")
                continue
            document = each.get("PolicyDocument")
            documents += policies.size_of(document)
            shown = each.get("PolicyName") or owner.logical_id
            found.append(self._read(owner, prop, document, f"the policy {shown} of {called}", "identity-based"))
        limit = policies.INLINE_ROLE_CHARACTERS_MAX if noun == "role" else policies.INLINE_USER_CHARACTERS_MAX
        if documents > limit:
            text = f"the inline policies of {called} have {documents:,} characters; AWS takes at most {limit:,}."
            self._note(resource, "Policies", text)
        found += self._managed(resource, noun, name)
        return tuple(policy for policy in found if policy is not None)

    def _attached(self, noun: str, name: str) -> list[Resource]:
        """AWS::IAM::Policy and ::RolePolicy resources that name this role or user."""
        prop = "Roles" if noun == "role" else "Users"
        each = [r for r in self._template.of_type("AWS::IAM::Policy") if name in _texts(r.properties.get(prop))]
        if noun == "role":
            each += [r for r in self._template.of_type("AWS::IAM::RolePolicy") if r.properties.get("RoleName") == name]
        return each

    def _managed(self, resource: Resource, noun: str, name: str) -> list[Policy | None]:
        own = {
            policy_arn(self._template.name(each)): each for each in self._template.of_type("AWS::IAM::ManagedPolicy")
        }
        prop = "Roles" if noun == "role" else "Users"
        arns = _texts(resource.properties.get("ManagedPolicyArns"))
        arns += [arn for arn, each in own.items() if name in _texts(each.properties.get(prop)) and arn not in arns]
        return [self._managed_policy(resource, arn, own.get(arn)) for arn in arns]

    def _managed_policy(self, resource: Resource, arn: str, own: Resource | None) -> Policy | None:
        if own is not None:
            return self.managed(own)
        document = managed_policies.document(arn)
        if document is None:
            text = f"Policy {arn} does not exist or is not attachable."  # IAM AttachRolePolicy
            self._note(resource, "ManagedPolicyArns", text)
            return None
        return iam.read_policy(document, f"AWS's managed policy {arn.rsplit('/', 1)[-1]}")

    def managed(self, own: Resource) -> Policy | None:
        """A managed policy of the template's own."""
        document, limit = own.properties.get("PolicyDocument"), policies.MANAGED_CHARACTERS_MAX
        name = f"the managed policy {self._template.shown_as(own)}"
        return self._read(own, "PolicyDocument", document, name, "identity-based", size_max=limit)

    def _read(
        self,
        resource: Resource,
        prop: str,
        document: Any,
        name: str,
        kind: Any,
        *,
        size_max: int | None = None,
    ) -> Policy | None:
        try:
            return iam.read_policy(document, name, kind, size_max=size_max)
        except PolicyError as error:
            self._note(resource, prop, str(error))
            return None

    def _note(self, resource: Resource, prop: str, text: str) -> None:
        problem = self._template.problem(resource, prop, text)
        if problem not in self._problems:  # a policy that is attached twice is wrong once
            self._problems.append(problem)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _texts(value: Any) -> list[str]:
    return [str(each) for each in _listed(value)]
