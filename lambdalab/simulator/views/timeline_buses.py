"""What the timeline draws of event buses, schedules and topics: what came in, and what became of each target."""

from __future__ import annotations

from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace.words import duration
from lambdalab.simulator.views.drawing import Neighbours
from lambdalab.simulator.views.fold import Take

Target = f.TargetReached | f.TargetRetried | f.TargetGivenUp
Subscriber = f.TopicDelivered | f.TopicRetried | f.TopicGivenUp


class BusItems:
    """Draws one lane a bus, a schedule and a topic, which is there from the first thing that happens to it."""

    def __init__(self, place: Neighbours) -> None:
        self._place = place
        self._shown: dict[str, str] = {}
        self.takes: dict[type, Take] = {
            f.BusCreated: self._created,
            f.EventPut: self._put,
            f.RuleFired: self._fired,
            f.ScheduleFired: self._due,
            f.TargetReached: self._reached,
            f.TargetRetried: self._retried,
            f.TargetGivenUp: self._given_up,
            f.MessageAccepted: self._accepted,
            f.TopicDelivered: self._delivered,
            f.TopicRetried: self._retried,
            f.TopicGivenUp: self._given_up,
        }

    def _created(self, at: int, fact: f.BusCreated) -> None:
        self._shown[fact.bus] = fact.shown_as

    def _bus(self, bus: str) -> str:
        return self._place.lane("bus", self._shown.get(bus, bus), "Event bus")

    def _topic(self, topic: str) -> str:
        return self._place.lane("topic", topic, "Topic")

    def _lane(self, fact: Target | Subscriber) -> str:
        if isinstance(fact, Subscriber):
            return self._topic(fact.topic)
        return self._bus(fact.bus) if fact.bus is not None else self._schedule(fact.via.partition("/")[2])

    def _schedule(self, schedule: str) -> str:
        return self._place.lane("bus", schedule, "Schedule")

    def _put(self, at: int, fact: f.EventPut) -> None:
        lane, what = self._bus(fact.bus), f"event {fact.detail_type}"
        if fact.lost:
            self._place.moment("drop", lane, at, what, fact, message="no such bus")
        else:
            self._place.moment("come", lane, at, what, fact, message=None if fact.matched else "meets no rule")

    def _fired(self, at: int, fact: f.RuleFired) -> None:
        self._place.moment("come", self._bus(fact.bus), at, f"rule {fact.rule} is due", fact)

    def _due(self, at: int, fact: f.ScheduleFired) -> None:
        self._place.moment("come", self._schedule(fact.schedule), at, "due", fact)

    def _reached(self, at: int, fact: f.TargetReached) -> None:
        what = f"to {_short(fact.target)}"
        self._place.span("ok", self._lane(fact), max(0, at - fact.age_us), at, what, fact)

    def _accepted(self, at: int, fact: f.MessageAccepted) -> None:
        self._place.moment("come", self._topic(fact.topic), at, "message", fact)

    def _delivered(self, at: int, fact: f.TopicDelivered) -> None:
        what = f"to {_short(fact.endpoint)}"
        self._place.span("ok", self._lane(fact), max(0, at - fact.age_us), at, what, fact)

    def _retried(self, at: int, fact: f.TargetRetried | f.TopicRetried) -> None:
        lane, until = self._lane(fact), at + fact.delay_us
        target = fact.target if isinstance(fact, f.TargetRetried) else fact.endpoint
        label = f"again in {duration(fact.delay_us)}"
        self._place.span("wait", lane, at, until, f"to {_short(target)}", fact, label=label, message=fact.error[:80])

    def _given_up(self, at: int, fact: f.TargetGivenUp | f.TopicGivenUp) -> None:
        target = fact.target if isinstance(fact, f.TargetGivenUp) else fact.endpoint
        kind = "dlq" if fact.dead_letter else "drop"
        self._place.moment(kind, self._lane(fact), at, f"to {_short(target)}", fact, message=fact.error[:80])


def _short(target: str) -> str:
    return target if target.startswith("http") else target.rsplit(":", 1)[-1].rsplit("/", 1)[-1]
