"""Tumbling windows: what a function's aggregation carries from batch to batch. Source: fact D.4; AWS Lambda Developer
Guide, "Implementing stateful Kinesis Data Streams processing", read 2026-11."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.kernel import SECOND, Micros
from lambdalab.simulator.vocabulary import quotas


@dataclass(slots=True)
class Window:
    """The window of one lane. ``start`` and ``end`` are moments since 1970; ``state`` is what came back last."""

    start_us: int
    end_us: int
    state: dict[str, Any] = field(default_factory=dict)
    early: bool = False

    def members(self, shard: str, source: str, *, final: bool) -> dict[str, Any]:
        """What an event has beside its records."""
        return {
            "window": {"start": _told(self.start_us), "end": _told(self.end_us)},
            "state": self.state,
            "shardId": shard,
            "eventSourceARN": source,
            "isFinalInvokeForWindow": final,
            "isWindowTerminatedEarly": self.early,
        }

    def take(self, payload: str) -> bool:
        """Keep the state of a response; false when there is none, which makes it a failed invocation.

        A state over 1 MB ends the window early: the next invocation is its last. Docs as above.
        """
        try:
            response = json.loads(payload)
        except (ValueError, RecursionError):
            return False
        state = response.get("state") if isinstance(response, Mapping) else None
        if not isinstance(state, dict):
            return False
        self.state = state
        self.early = len(json.dumps(state, separators=(",", ":")).encode()) > quotas.WINDOW_STATE_BYTES_MAX
        return True


def window_of(arrived_at: Micros, length_s: int, epoch_us: int) -> Window:
    """The window to which a record belongs. Windows follow each other from 1970 on (A-98)."""
    length, moment = length_s * SECOND, epoch_us + arrived_at
    start = moment - moment % length
    return Window(start, start + length)


def _told(micros: int) -> str:
    moment = dt.datetime.fromtimestamp(micros // 1_000_000, dt.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
