"""Time to live: DynamoDB deletes items some time after the moment that one of their attributes names.

Source: Amazon DynamoDB Developer Guide, "Using time to live (TTL) in DynamoDB", read 2026-10: a Number, seconds since
1970, not older than five years; items are deleted within a few days (here sooner: A-54), and until then are still read.
"""

from __future__ import annotations

from collections.abc import Callable

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import DAY, SECOND, Micros, Process
from lambdalab.simulator.services.dynamodb.changes import Change, Images, Item
from lambdalab.simulator.vocabulary.assumptions.storage import EXPIRY_DELAY
from lambdalab.simulator.vocabulary.quotas import RUN_UNTIL_MAX

TOO_OLD = Micros(5 * 365 * DAY)


class Expiry:
    """Watches what is written into tables with a time to live. ``delete`` takes an item out of the store."""

    def __init__(self, world: World, images: Images, delete: Callable[[Change], None]) -> None:
        self._world = world
        self._images = images
        self._delete = delete
        self.attributes: dict[str, str] = {}  # by table

    def watch(self, change: Change) -> None:
        """Note when an item that was written is over."""
        due = self._due(change.table, change.new)
        now = self._world.kernel.now
        if due is None or due > RUN_UNTIL_MAX or due < now - TOO_OLD:
            return
        low, high = EXPIRY_DELAY
        delay = self._world.kernel.random_for("dynamodb/expiry").randint(low, high)
        self._world.kernel.spawn(self._wait(change, Micros(max(0, due - now) + delay)), background=True)

    def _due(self, table: str, item: Item | None) -> Micros | None:
        """The moment, in virtual time, at which an item is over; None for one that stays."""
        value = (item or {}).get(self.attributes.get(table, ""), {})
        text = str(value.get("N", "")) if isinstance(value, dict) else ""
        try:
            seconds = int(float(text))
        except (ValueError, OverflowError):
            return None
        return Micros(seconds * SECOND - self._world.epoch_us)

    def _wait(self, change: Change, delay: Micros) -> Process[None]:
        yield from self._world.kernel.sleep(delay)
        item = self._images.image(change.table, change.key)
        due = self._due(change.table, item)
        if item is not None and due is not None and due <= self._world.kernel.now:
            self._delete(Change(change.table, "DeleteItem", change.key, item, None, expired=True))
