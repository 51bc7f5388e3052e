"""Policy documents: read once, checked, and ready to be evaluated.

Source: IAM User Guide, "IAM JSON policy elements reference", read 2026-10; sizes from each service's quotas page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lambdalab.simulator.account.iam.conditions import Condition, moment_of, number_of, parse_operator

Kind = Literal["identity-based", "resource-based", "VPC endpoint"]

MANAGED_CHARACTERS_MAX = 6_144  # white space does not count. IAM quotas
INLINE_ROLE_CHARACTERS_MAX = 10_240  # all inline policies of a role together
INLINE_USER_CHARACTERS_MAX = 2_048
TRUST_CHARACTERS_MAX = 2_048  # the default, adjustable
FUNCTION_POLICY_BYTES_MAX = 20_480  # G.3
QUEUE_POLICY_BYTES_MAX = 8_192  # SQS quotas
TOPIC_POLICY_BYTES_MAX = 30_720  # SNS quotas
KEY_POLICY_BYTES_MAX = 32_768  # KMS quotas
BUCKET_POLICY_BYTES_MAX = 20_480  # S3 User Guide, "Bucket policies for Amazon S3"

_ELEMENTS = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}  # fmt: skip
_NUMBERS = {"Numeric": number_of, "Date": moment_of}


class PolicyError(ValueError):
    """A policy that AWS would refuse. The message is one sentence."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. ``principals`` are (type, value) pairs, None in an identity-based policy; ``name`` its Sid or
    ``statement 2``; ``variables`` whether the policy's version knows ``${…}``."""

    name: str
    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[tuple[str, str], ...] | None = None
    conditions: tuple[Condition, ...] = ()
    not_actions: bool = False
    not_resources: bool = False
    not_principals: bool = False
    variables: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy that can be evaluated. ``name`` is what people call it: ``the queue policy of orders``."""

    name: str
    kind: Kind
    statements: tuple[Statement, ...] = field(default=())


def read_policy(document: Any, name: str, kind: Kind = "identity-based", *, size_max: int | None = None) -> Policy:
    """The policy of a document. Raises :class:`PolicyError` for what AWS calls a malformed policy."""
    if not isinstance(document, Mapping):
        raise PolicyError(f"{name} must be a mapping with a Statement.")
    size = size_of(document)
    if size_max is not None and size > size_max:
        raise PolicyError(f"{name} has {size:,} characters; AWS takes at most {size_max:,}.")
    version = str(document.get("Version", "2008-10-17"))
    if version not in ("2012-10-17", "2008-10-17"):
        raise PolicyError(f"{name}: the Version of a policy is 2012-10-17, not {version}.")
    listed = _listed(document.get("Statement"))
    if not listed:
        raise PolicyError(f"{name} has no Statement.")
    variables = version == "2012-10-17"
    statements = [_statement(each, number, name, kind, variables) for number, each in enumerate(listed, 1)]
    return Policy(name, kind, tuple(statements))


def size_of(document: Any) -> int:
    """The characters of a document as IAM counts them: without white space outside of texts."""
    return len(json.dumps(document, separators=(",", ":"), default=str))


def _statement(value: Any, number: int, policy: str, kind: Kind, variables: bool) -> Statement:
    where = f"statement {number} of {policy}"
    if not isinstance(value, Mapping):
        raise PolicyError(f"{where} must be a mapping (key: value).")
    unknown = sorted(set(map(str, value)) - _ELEMENTS)
    if unknown:
        raise PolicyError(f"{where} has an element {unknown[0]}, which policies do not have.")
    if value.get("Effect") not in ("Allow", "Deny"):
        raise PolicyError(f"{where} needs Effect: Allow or Effect: Deny.")
    not_actions, actions = _element(value, "Action", where)
    not_resources, resources = _resources(value, kind, where)
    not_principals, principals = _principals(value, kind, where)
    return Statement(
        str(value["Sid"]) if value.get("Sid") else f"statement {number}",
        value["Effect"] == "Allow",
        tuple(_action(action, where) for action in actions),
        resources,
        principals,
        tuple(_conditions(value.get("Condition"), where)),
        not_actions,
        not_resources,
        not_principals,
        variables,
    )


def _element(value: Mapping[str, Any], name: str, where: str) -> tuple[bool, tuple[str, ...]]:
    """An element or its ``Not…`` form, of which a statement has exactly one."""
    if (name in value) == (f"Not{name}" in value):
        raise PolicyError(f"{where} needs either {name} or Not{name}.")
    negated = name not in value
    texts = _listed(value[f"Not{name}" if negated else name])
    if not texts or not all(isinstance(text, str) and text for text in texts):
        raise PolicyError(f"{where}: {name} must be a text or a list of texts.")
    return negated, tuple(texts)


def _action(action: str, where: str) -> str:
    if action != "*" and ":" not in action:
        raise PolicyError(f"{where}: the action {action} has no service; write it like sqs:SendMessage.")
    return action


def _resources(value: Mapping[str, Any], kind: Kind, where: str) -> tuple[bool, tuple[str, ...]]:
    if kind == "resource-based" and "Resource" not in value and "NotResource" not in value:
        return False, ("*",)  # the resource that the policy belongs to
    negated, resources = _element(value, "Resource", where)
    for resource in resources:
        if not resource.startswith(("*", "arn:", "${")):
            raise PolicyError(f"{where}: the resource {resource} must be an ARN or *.")
    return negated, resources


def _principals(value: Mapping[str, Any], kind: Kind, where: str) -> tuple[bool, tuple[tuple[str, str], ...] | None]:
    if kind == "identity-based":
        if "Principal" in value or "NotPrincipal" in value:
            raise PolicyError(f"{where}: a policy of a role or user has no Principal: it is who holds the policy.")
        return False, None
    if ("Principal" in value) == ("NotPrincipal" in value):
        raise PolicyError(f"{where} needs either Principal or NotPrincipal.")
    negated = "Principal" not in value
    named = value["NotPrincipal" if negated else "Principal"]
    if named == "*":
        return negated, (("*", "*"),)
    if not isinstance(named, Mapping) or not named:
        raise PolicyError(f'{where}: a Principal is "*", or a mapping like Service: sns.amazonaws.com.')
    return negated, tuple(_principal(str(kind), one, where) for kind, ones in named.items() for one in _listed(ones))


def _principal(kind: str, value: Any, where: str) -> tuple[str, str]:
    if kind not in ("AWS", "Service", "Federated", "CanonicalUser"):
        raise PolicyError(f"{where}: {kind} is no kind of principal; use AWS or Service.")
    text = f"{value:012d}" if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not text:
        raise PolicyError(f"{where}: a principal must be a text.")
    if text == "*":
        return ("*", "*") if kind == "AWS" else (kind, "*")
    if kind == "AWS" and "*" in text:
        raise PolicyError(f"{where}: a wildcard cannot be part of a principal; name it in full, or write * alone.")
    return kind, text


def _conditions(value: Any, where: str) -> Iterable[Condition]:
    if value is None:
        return
    if not isinstance(value, Mapping):
        raise PolicyError(f"{where}: Condition must be a mapping of operators.")
    for operator, keys in value.items():
        parsed = parse_operator(str(operator))
        if parsed is None:
            raise PolicyError(f"{where}: {operator} is not a condition operator.")
        if not isinstance(keys, Mapping):
            raise PolicyError(f"{where}: {operator} must be a mapping of condition keys.")
        for key, values in keys.items():
            texts = tuple(_condition_text(one, str(operator), where) for one in _listed(values))
            yield Condition(str(operator), str(key), texts, *parsed)


def _condition_text(value: Any, operator: str, where: str) -> str:
    if not isinstance(value, str | int | float):
        raise PolicyError(f"{where}: a value of {operator} must be a text.")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    for family, read in _NUMBERS.items():
        if family in operator and "${" not in text and read(text) is None:
            raise PolicyError(f"{where}: {text} is not a value for {operator}.")
    return text


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
