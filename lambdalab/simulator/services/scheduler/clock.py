"""When schedules are due, and what they call then.

Sources: EventBridge Scheduler User Guide, "Schedule types", "Managing targets", "Adding context attributes" and
"Configuring a dead-letter queue", read 2026-11; facts F.4 and G.4.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from lambdalab.simulator.account import Principal, World
from lambdalab.simulator.kernel import MINUTE, Micros, Process
from lambdalab.simulator.services.scheduler.schedule import UNIVERSAL, Entry, universal_call
from lambdalab.simulator.services.targets import Call, Shipment, call_for, service_of, ship
from lambdalab.simulator.trace.facts import ScheduleFired
from lambdalab.simulator.vocabulary.assumptions.events import EVENT_DELIVERY, RULE_SECOND_MAX
from lambdalab.simulator.vocabulary.events.eventbridge import envelope
from lambdalab.simulator.vocabulary.events.plain import compact
from lambdalab.simulator.vocabulary.json_values import read_json
from lambdalab.simulator.vocabulary.schedules import Rate


class Clock:
    """Follows schedules. ``is_current`` says whether one still stands, ``session`` assumes its role."""

    def __init__(
        self,
        world: World,
        is_current: Callable[[Entry], bool],
        session: Callable[[Entry], Principal | None],
        remove: Callable[[Entry], None],
    ) -> None:
        self._world = world
        self._is_current = is_current
        self._session = session
        self._remove = remove

    def follow(self, entry: Entry) -> None:
        """Begin the clock of a schedule; that of one which was replaced stops by itself."""
        self._world.kernel.spawn(self._tick(entry), background=True)

    def _tick(self, entry: Entry) -> Process[None]:
        world = self._world
        second = world.kernel.random_for(f"scheduler/second/{entry.group}/{entry.name}").randint(0, RULE_SECOND_MAX)
        late = 0 if isinstance(entry.schedule, Rate) else second * 1_000_000
        moment = world.wall_clock()
        while (due := entry.next_after(moment)) is not None:
            at = Micros(round(due.timestamp() * 1_000_000) - world.epoch_us)
            if entry.window_minutes:
                draw = world.kernel.random_for("scheduler/window").random()
                late = round(draw * entry.window_minutes * MINUTE)
            yield from world.kernel.sleep(Micros(max(0, at + late - world.kernel.now)))
            if not self._is_current(entry):
                return
            moment = due
            execution = world.new_uuid("scheduler")
            world.trace.record(ScheduleFired(entry.name, entry.group, execution, at))
            world.kernel.spawn(self._invoke(entry, execution, due))
        if entry.settings.get("ActionAfterCompletion") == "DELETE":
            self._remove(entry)

    def _invoke(self, entry: Entry, execution: str, due: dt.datetime) -> Process[None]:
        world, (low, high, usual) = self._world, EVENT_DELIVERY
        delay = Micros(round(world.kernel.random_for("scheduler/delivery").triangular(low, high, usual)))
        accepted = world.kernel.now
        yield from world.kernel.sleep(delay)
        target, when = str(entry.target["Arn"]), due.strftime("%Y-%m-%dT%H:%M:%SZ")

        def call(attempt: int) -> Call:
            return _call(entry, _filled(entry, execution, when, attempt))

        shipment = Shipment(
            event_id=execution,
            bus=None,
            via=f"schedule/{entry.name}",
            target=target,
            call=call,
            caller=lambda: self._session(entry),
            source=f"scheduler/{entry.name}",
            accepted_at=accepted,
            retry=entry.retry,
            dead_letter=entry.dead_letter,
            sender=lambda: self._session(entry),
            undelivered=_filled(entry, execution, when, 1),
            attributes={
                "SCHEDULE_ARN": entry.arn,
                "TARGET_ARN": target,
                "SCHEDULED_TIME": when,
                "EXECUTION_ID": execution,
                "IS_PAYLOAD_TRUNCATED": "false",
            },
        )
        yield from ship(world, shipment)


def _filled(entry: Entry, execution: str, when: str, attempt: int) -> str:
    """The input with its context attributes in their places; without an input the default notification."""
    text = entry.target.get("Input")
    if text is None:
        if str(entry.target["Arn"]).startswith(UNIVERSAL):
            return "{}"
        return compact(envelope(execution, "Scheduled Event", "aws.scheduler", when, (entry.arn,), "{}"))
    attributes = {
        "schedule-arn": entry.arn,
        "scheduled-time": when,
        "execution-id": execution,
        "attempt-number": str(attempt),
    }
    filled = str(text)
    for name, value in attributes.items():
        filled = filled.replace(f"<aws.scheduler.{name}>", value)
    return filled


def _call(entry: Entry, text: str) -> Call:
    target = str(entry.target["Arn"])
    if target.startswith(UNIVERSAL):
        found = universal_call(target)
        assert found is not None  # checked when it was made
        return *found, read_json(text)
    if service_of(target) == "events":
        told = entry.target["EventBridgeParameters"]
        names = {"Source": told["Source"], "DetailType": told["DetailType"]}
        return "events", "PutEvents", {"Entries": [{"EventBusName": target, "Detail": text, **names}]}
    key = (entry.target.get("KinesisParameters") or {}).get("PartitionKey")
    group = (entry.target.get("SqsParameters") or {}).get("MessageGroupId")
    return call_for(target, text, group or key)
