"""The lanes of the timeline: event queues, environments, and where events end."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.trace.facts import EnvironmentCreated

ENVIRONMENTS_MAX = 1_000  # with a lane of their own; further ones of a function share a lane
ORDER = {
    kind: place
    for place, kind in enumerate(
        ("http", "pool", "bus", "topic", "machine", "pipeline", "requests", "queue", "environment", "destination",
         "dead_letter")
    )
}  # fmt: skip


class Lanes:
    """Collects lanes by id, in the order in which they were first needed."""

    def __init__(self) -> None:
        self._lanes: dict[str, dict[str, Any]] = {}
        self._invocations: dict[str, int] = {}
        self._environments = 0

    def environment(self, fact: EnvironmentCreated, function: str, several: bool, at_s: float) -> None:
        """An execution environment's lane, as long as there are not too many to draw."""
        lane, label = fact.environment, f"env-{fact.number}"
        if self._environments >= ENVIRONMENTS_MAX:
            lane, label = _more(lane), "more"
            if lane in self._lanes:
                return
        self._environments += 1
        self._lanes[lane] = {
            "id": lane,
            "kind": "environment",
            "label": label,
            "function": function,
            "several": several,
            "number": fact.number,
            "from_s": at_s,
        }

    def of(self, environment: str) -> str:
        """The lane in which an environment is drawn: its own, or the one that it shares."""
        return environment if environment in self._lanes else _more(environment)

    def count_invocation(self, environment: str) -> None:
        """One more invocation in an environment."""
        lane = self.of(environment)
        self._invocations[lane] = self._invocations.get(lane, 0) + 1

    def end(self, environment: str, at_s: float) -> None:
        """The environment is gone."""
        if environment in self._lanes:
            self._lanes[environment]["to_s"] = at_s

    def queue(self, function: str, shown_as: str, several: bool = False) -> str:
        """The lane of a function's asynchronous event queue; returns its id."""
        lane = f"queue/{function}"
        sub = f"{shown_as}, async" if several else "async"
        self._lanes.setdefault(lane, {"id": lane, "kind": "queue", "label": "Event queue", "sub": sub, "rows": 1})
        return lane

    def mapping(self, mapping: str, shown_as: str, source: str) -> str:
        """The lane of an event source mapping whose batches wait; returns its id."""
        lane, name = f"mapping/{mapping}", source.split(":", 5)[-1].split("/")
        sub = f"{name[1] if len(name) > 1 else name[0]}, {shown_as}"
        self._lanes.setdefault(lane, {"id": lane, "kind": "queue", "label": "Mapping", "sub": sub, "rows": 1})
        return lane

    def neighbour(self, kind: str, name: str, sub: str) -> str:
        """The lane of something that stands beside the functions: a door, a bus, a state machine; returns its id."""
        lane = f"{kind}/{name}"
        self._lanes.setdefault(lane, {"id": lane, "kind": kind, "label": name, "sub": sub, "rows": 1})
        return lane

    def requests(self, function: str, shown_as: str, several: bool = False) -> str:
        """The lane of synchronous requests that found no room; returns its id."""
        lane = f"requests/{function}"
        row = {"id": lane, "kind": "requests", "label": "Requests", "sub": shown_as, "rows": 1}
        self._lanes.setdefault(lane, row)
        return lane

    def target(self, prefix: str, kind: str, label: str, arn: str) -> str:
        """The lane of a dead-letter queue or destination; returns its id."""
        service, name = arn.split(":")[2], arn.rsplit(":", 1)[-1]
        lane = f"{prefix}/{label}/{name}"
        sub = f"{name}, {service.upper() if service != 'lambda' else 'Lambda'}"
        self._lanes.setdefault(lane, {"id": lane, "kind": kind, "label": label, "sub": sub})
        return lane

    def need_rows(self, lane: str, rows: int) -> None:
        """A lane needs at least so many rows."""
        self._lanes[lane]["rows"] = max(self._lanes[lane]["rows"], rows)

    def result(self, end_s: float) -> list[dict[str, Any]]:
        """The lanes, top to bottom."""
        for lane in self._lanes.values():
            if lane["kind"] == "environment":
                count = self._invocations.get(lane["id"], 0)
                words = f"{count} invocation" + ("" if count == 1 else "s")
                lane["sub"] = f"{lane['function']}, {words}" if lane["several"] else words
        return sorted(
            ({k: v for k, v in lane.items() if k != "several"} for lane in self._lanes.values()),
            key=lambda lane: (ORDER[lane["kind"]], lane.get("function", ""), lane.get("number", 0)),
        )


def _more(environment: str) -> str:
    return environment.rsplit("/", 1)[0] + "/more"
