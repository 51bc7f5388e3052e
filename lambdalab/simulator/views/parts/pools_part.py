"""The summary's ``pools``: users, triggers and messages of each user pool."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.trace.facts import (
    PoolMessageSent,
    PoolTriggerCalled,
    PoolUserChanged,
    PoolUserSignedIn,
    UserPoolDeployed,
)
from lambdalab.simulator.views.fold import Take

SHOWN_MAX = 100
USERS_MAX = 1_000


class PoolsPart:
    """Counts what user pools did."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Any]] = {}
        self._names: dict[str, str] = {}
        self.takes: dict[type, Take] = {
            UserPoolDeployed: self._deployed,
            PoolTriggerCalled: self._called,
            PoolUserChanged: self._changed,
            PoolMessageSent: self._sent,
            PoolUserSignedIn: self._signed_in,
        }

    def _deployed(self, at: int, fact: UserPoolDeployed) -> None:
        self._names[fact.pool] = fact.shown_as
        triggers = {name: {"attempts": 0, "failures": 0, "late": 0} for name in fact.triggers}
        self._rows[fact.pool] = {
            "users": {}, "user_count": 0, "signed_in": 0, "triggers": triggers, "messages": [], "claims": {},
        }  # fmt: skip

    def _called(self, at: int, fact: PoolTriggerCalled) -> None:
        row = self._rows[fact.pool]["triggers"][fact.trigger]
        row["attempts"] += 1
        row["failures"] += fact.error is not None
        row["late"] += fact.late

    def _changed(self, at: int, fact: PoolUserChanged) -> None:
        row = self._rows[fact.pool]
        row["user_count"] += (fact.what == "signed_up") - (fact.what == "deleted")
        if fact.what == "deleted":
            row["users"].pop(fact.user, None)
        elif len(row["users"]) < USERS_MAX or fact.user in row["users"]:
            row["users"][fact.user] = {"status": fact.status, "attributes": fact.attributes}

    def _sent(self, at: int, fact: PoolMessageSent) -> None:
        messages = self._rows[fact.pool]["messages"]
        if len(messages) < SHOWN_MAX:
            messages.append({"user": fact.user, "to": fact.to, "subject": fact.subject, "text": fact.text[:2_048]})

    def _signed_in(self, at: int, fact: PoolUserSignedIn) -> None:
        row = self._rows[fact.pool]
        row["signed_in"] += 1
        if len(row["claims"]) < SHOWN_MAX or fact.user in row["claims"]:
            row["claims"][fact.user] = {"identity": fact.identity, "access": fact.access}

    def result(self) -> dict[str, Any]:
        """``pools`` of the summary."""
        return {self._names[name]: row for name, row in self._rows.items()}
