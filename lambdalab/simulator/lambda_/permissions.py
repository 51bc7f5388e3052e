"""Resource-based policies of functions: AddPermission, RemovePermission, GetPolicy. Fact G.3 (BC, LS 2025-11).

Versions of layers have such policies, too, with operations of their own.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.account import Answer, World
from lambdalab.simulator.account.iam import Policy, policies, read_policy
from lambdalab.simulator.lambda_.function import LATEST
from lambdalab.simulator.vocabulary.errors import AwsError

_STATEMENT_ID = re.compile(r"[a-zA-Z0-9-_]+")
_ACTION = re.compile(r"(lambda:[*]|lambda:[a-zA-Z]+|[*])")  # BC Action
_ACCOUNT = re.compile(r"\d{12}")
_IDENTITY = re.compile(r"arn:aws[a-zA-Z-]*:(iam::\d{12}:(root|user/.+|role/.+)|sts::\d{12}:assumed-role/.+/.+)")
_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com")
_CONDITIONS = (
    ("SourceArn", "ArnLike", "AWS:SourceArn"),
    ("SourceAccount", "StringEquals", "AWS:SourceAccount"),
    ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
    ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
    ("InvokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"),
    ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
)


@dataclass(slots=True)
class _Document:
    statements: list[dict[str, Any]] = field(default_factory=list)
    revision: str = ""


class FunctionPolicies:
    """The policies of functions, versions, aliases and layers by ARN. A change takes effect on the next call."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._documents: dict[str, _Document] = {}

    def add(self, arn: str, params: dict[str, Any]) -> Answer | AwsError:
        """AddPermission: one more statement."""
        document = self._documents.get(arn, _Document())
        made = statement_of(arn, params)
        if isinstance(made, AwsError):
            return made
        if _differs(params, document):
            return _wrong_revision("GetPolicy")
        if any(made["Sid"] == each["Sid"] for each in document.statements):
            return _conflict(made["Sid"])
        size = policies.size_of(_policy([*document.statements, made]))
        if size > policies.FUNCTION_POLICY_BYTES_MAX:
            text = f"The final policy size ({size}) is bigger than the limit ({policies.FUNCTION_POLICY_BYTES_MAX})."
            return AwsError("PolicyLengthExceededException", text, 400)
        self._store(arn, [*document.statements, made])
        return Answer({"Statement": json.dumps(made, separators=(",", ":"))}, 201)

    def remove(self, arn: str, params: dict[str, Any]) -> Answer | AwsError:
        """RemovePermission: one statement less."""
        document = self._documents.get(arn)
        if document is None:
            return _missing("No policy is associated with the given resource.")
        left = [each for each in document.statements if each["Sid"] != params["StatementId"]]
        if len(left) == len(document.statements):
            return _missing(f"Statement {params['StatementId']} is not found in resource policy.")
        if _differs(params, document):
            return _wrong_revision("GetFunction/GetAlias")
        self._store(arn, left)
        return Answer(status=204)

    def forget(self, arn: str) -> None:
        """The function, version or alias is gone, and what belongs to it: so are their policies."""
        for holder in [each for each in self._documents if each == arn or each.startswith(f"{arn}:")]:
            self._store(holder, [])

    def get(self, arn: str) -> Answer | AwsError:
        """GetPolicy: the whole document, as JSON text."""
        document = self._documents.get(arn)
        if document is None:
            return _missing("The resource you requested does not exist.")
        text = json.dumps(_policy(document.statements), separators=(",", ":"))
        return Answer({"Policy": text, "RevisionId": document.revision})

    def _store(self, arn: str, statements: list[dict[str, Any]]) -> None:
        if not statements:
            self._documents.pop(arn, None)
            self._world.iam.set_policy(arn, None)
            return
        self._documents[arn] = _Document(statements, self._world.new_uuid("policy-revision"))
        self._world.iam.set_policy(arn, _readable(arn, statements))


def statement_of(arn: str, params: dict[str, Any]) -> dict[str, Any] | AwsError:
    """The statement that AddPermission makes of its parameters, or AWS's refusal."""
    sid, principal = params["StatementId"], _principal(str(params["Principal"]))
    if not _STATEMENT_ID.fullmatch(sid):
        text = (
            f"1 validation error detected: Value '{sid}' at 'statementId' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)"
        )
        return AwsError("ValidationException", text, 400)
    if not _ACTION.fullmatch(str(params["Action"])):
        text = (
            f"1 validation error detected: Value '{params['Action']}' at 'action' failed to satisfy constraint: "
            f"Member must satisfy regular expression pattern: {_ACTION.pattern}"
        )
        return AwsError("ValidationException", text, 400)
    if params.get("Qualifier") == LATEST:
        return _invalid("We currently do not support adding policies for $LATEST.")
    if principal is None:
        return _invalid("The provided principal was invalid. Please check the principal and try again.")
    if params.get("FunctionUrlAuthType") and params["Action"] != "lambda:InvokeFunctionUrl":
        return _invalid("FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action")
    made = {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": params["Action"], "Resource": arn}
    conditions: dict[str, dict[str, str]] = {}
    for name, operator, key in _CONDITIONS:
        if params.get(name) is not None:
            value = params[name]
            conditions.setdefault(operator, {})[key] = str(value).lower() if isinstance(value, bool) else str(value)
    return made | ({"Condition": conditions} if conditions else {})


def _principal(text: str) -> str | dict[str, str] | None:
    """The statement's Principal: everybody, an account (as its root), a user or role, a service; None: none of them."""
    if text == "*":
        return text
    if _ACCOUNT.fullmatch(text):
        return {"AWS": f"arn:aws:iam::{text}:root"}
    if _IDENTITY.fullmatch(text):
        return {"AWS": text}
    return {"Service": text} if _SERVICE.fullmatch(text) else None


def _policy(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Id": "default", "Statement": statements}


def _readable(arn: str, statements: list[dict[str, Any]]) -> Policy:
    noun = "layer" if ":layer:" in arn else "function"
    name = f"the {noun} policy of {arn.partition(f':{noun}:')[2]}"
    return read_policy(_policy(statements), name, "resource-based")


def _differs(params: dict[str, Any], document: _Document) -> bool:
    return bool(params.get("RevisionId")) and params["RevisionId"] != document.revision


def _wrong_revision(where: str) -> AwsError:
    text = (
        "The Revision Id provided does not match the latest Revision Id. "
        f"Call the {where} API to retrieve the latest Revision Id"
    )
    return AwsError("PreconditionFailedException", text, 412, {"Type": "User"})


def _conflict(sid: str) -> AwsError:
    text = (
        f"The statement id ({sid}) provided already exists. "
        "Please provide a new statement id, or remove the existing statement."
    )
    return AwsError("ResourceConflictException", text, 409, {"Type": "User"})


def _missing(text: str) -> AwsError:
    return AwsError("ResourceNotFoundException", text, 404, {"Type": "User"})


def _invalid(text: str) -> AwsError:
    return AwsError("InvalidParameterValueException", text, 400, {"Type": "User"})
