"""``as:`` of a step: who makes its call. A role or user of the template, or an IAM principal by its ARN."""

from __future__ import annotations

import re
from typing import Any

from lambdalab.simulator.account import ADMINISTRATOR, Principal
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.identities import Identities
from lambdalab.simulator.project.yaml_source import Path
from lambdalab.simulator.scenario.reader import Reader
from lambdalab.simulator.scenario.schema import Caller, Scenario
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, role_arn

SESSION = "scenario"  # of a role that a step calls as
_LOGICAL_ID = re.compile(r"[A-Za-z0-9]{1,255}")
_ARN = re.compile(
    r"arn:aws:iam::(?P<account>\d{12}):(?:root|user/[\w+=,.@/-]+|role/(?:[\w+=,.@-]+/)*(?P<role>[\w+=,.@-]+))"
    r"|arn:aws:sts::(?P<session_account>\d{12}):assumed-role/(?P<session_role>[\w+=,.@-]+)/[\w+=,.@-]+"
)


def read_caller(reader: Reader, value: Any, path: Path) -> Caller | None:
    """The caller of a step, its form checked. Whether it exists is known once there is a template."""
    if value is None:
        return None
    name = reader.text(value, path, "as")
    if name and not _LOGICAL_ID.fullmatch(name) and not _ARN.fullmatch(name):
        fix = "Name a role or user of the template, or an ARN like arn:aws:iam::999999999999:user/partner."
        reader.note(path, f"{name} is no IAM principal.", fix)
    place = reader.source.problem(path, "")
    return Caller(name, place.line, place.column)


def unknown_callers(scenario: Scenario, identities: Identities) -> list[Problem]:
    """A problem for every step that calls as somebody this account does not have."""
    known = ", ".join(identities.by_logical_id) or "none"
    return [
        Problem(
            scenario.path,
            caller.line,
            caller.column,
            f"there is no role or user {caller.name} in the template.",
            f"Roles and users here: {known}.",
        )
        for caller in (step.caller for step in scenario.steps)
        if caller is not None and principal_of(caller, identities) is None
    ]


def principal_of(caller: Caller | None, identities: Identities) -> Principal | None:
    """The principal behind a step; None when the account has no such role or user.

    Another account's principals may do what their own account allows: everything (assumption A-17). G.5, rule 4
    """
    if caller is None:
        return ADMINISTRATOR
    match = _ARN.fullmatch(caller.name)
    if match is None:
        found = identities.by_logical_id.get(caller.name)
        return found.session(SESSION) if found else None
    account, session = match["account"] or match["session_account"], match["session_role"]
    if account == ACCOUNT_ID:
        return _own(caller.name, session, identities)
    if match["role"]:
        arn = f"arn:aws:sts::{account}:assumed-role/{match['role']}/{SESSION}"
        return Principal(arn, role=caller.name, called=caller.name)
    role = f"arn:aws:iam::{account}:role/{session}" if session else None
    return Principal(caller.name, role=role)


def _own(arn: str, session: str | None, identities: Identities) -> Principal | None:
    if arn == f"arn:aws:iam::{ACCOUNT_ID}:root":
        return Principal(arn, called="the account's root user")
    found = identities.by_arn.get(role_arn(session) if session else arn)
    return found.session(arn.rsplit("/", 1)[-1] if session else SESSION) if found else None
