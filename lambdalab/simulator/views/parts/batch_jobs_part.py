"""The summary's ``batch_jobs``: jobs of S3 Batch Operations, in the order in which they were created."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.trace.facts import (
    BatchJobChanged,
    BatchJobCreated,
    BatchReportWritten,
    BatchTaskEnded,
    BatchTaskRetried,
)
from lambdalab.simulator.views.fold import Take

JOBS_MAX, RESULTS_MAX = 100, 100
OVER = ("Complete", "Failed", "Cancelled")


class BatchJobsPart:
    """Knows what became of each job, and of its first tasks."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Any]] = {}
        self.takes: dict[type, Take] = {
            BatchJobCreated: self._created,
            BatchJobChanged: self._changed,
            BatchTaskEnded: self._ended,
            BatchTaskRetried: self._retried,
            BatchReportWritten: self._reported,
        }

    def _created(self, at: int, fact: BatchJobCreated) -> None:
        if len(self._rows) < JOBS_MAX:
            self._rows[fact.job] = {
                "id": fact.job,
                "description": fact.description,
                "status": "New",
                "tasks": 0,
                "succeeded": 0,
                "failed": 0,
                "retries": 0,
                "reason": None,
                "report": None,
                "at_s": at / SECOND,
                "ended_at_s": None,
                "results": [],
            }

    def _changed(self, at: int, fact: BatchJobChanged) -> None:
        row = self._rows.get(fact.job)
        if row is not None:
            row |= {"status": fact.status, "tasks": fact.tasks, "reason": fact.reason}
            row["ended_at_s"] = at / SECOND if fact.status in OVER else None

    def _ended(self, at: int, fact: BatchTaskEnded) -> None:
        row = self._rows.get(fact.job)
        if row is None:
            return
        row["succeeded" if fact.result == "Succeeded" else "failed"] += 1
        if len(row["results"]) < RESULTS_MAX:
            shown = {"bucket": fact.bucket, "key": fact.key, "result": fact.result}
            row["results"].append(shown | {"attempts": fact.attempts, "message": fact.message})

    def _retried(self, at: int, fact: BatchTaskRetried) -> None:
        row = self._rows.get(fact.job)
        if row is not None:
            row["retries"] += 1

    def _reported(self, at: int, fact: BatchReportWritten) -> None:
        row = self._rows.get(fact.job)
        if row is not None:
            row["report"] = fact.key

    def result(self) -> list[dict[str, Any]]:
        """``batch_jobs`` of the summary."""
        return list(self._rows.values())
