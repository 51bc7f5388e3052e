"""The summary's ``deployments``."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.trace.facts import DeploymentEnded, DeploymentStarted, TrafficShifted
from lambdalab.simulator.views.fold import Take


class DeploymentsPart:
    """What CodeDeploy did, a deployment each. One that is under way has the outcome ``InProgress``."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Any]] = {}
        self.takes: dict[type, Take] = {
            DeploymentStarted: self._started,
            TrafficShifted: self._shifted,
            DeploymentEnded: self._ended,
        }

    def _started(self, at: int, fact: DeploymentStarted) -> None:
        self._rows[fact.deployment] = {
            "at_s": at / SECOND,
            "function": fact.function,
            "alias": fact.alias,
            "from": fact.old,
            "to": fact.new,
            "weights": [],
            "outcome": "InProgress",
            "ended_at_s": None,
            "reason": None,
        }

    def _shifted(self, at: int, fact: TrafficShifted) -> None:
        self._rows[fact.deployment]["weights"].append(fact.weight)

    def _ended(self, at: int, fact: DeploymentEnded) -> None:
        self._rows[fact.deployment] |= {"outcome": fact.outcome, "reason": fact.reason, "ended_at_s": at / SECOND}

    def result(self, names: dict[str, str]) -> list[dict[str, Any]]:
        """``deployments`` of the summary."""
        return [row | {"function": names.get(row["function"], row["function"])} for row in self._rows.values()]
