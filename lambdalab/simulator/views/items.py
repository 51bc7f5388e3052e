"""The items of a timeline: each as it is while they are few, counted in slices of time when they are many."""

from __future__ import annotations

from typing import Any

Item = dict[str, Any]

ITEMS_MAX = 1_000  # drawn
HELD_MAX = 10_000  # kept as they are; the next one has all of them grouped
BUCKETS = 160
FAILED = ("err", "timeout")


class Items:
    """Collects items. Groups are items too, so what has been grouped once is grouped again as the run goes on."""

    def __init__(self) -> None:
        self._held: list[Item] = []
        self._room = HELD_MAX

    def __len__(self) -> int:
        return len(self._held)

    def add(self, item: Item) -> None:
        """Take one item in."""
        self._held.append(item)
        if len(self._held) > self._room:
            self._held = grouped(in_order(self._held), max(each["t1"] for each in self._held))
            self._room = max(HELD_MAX, 2 * len(self._held))  # so that many lanes do not have every item grouped anew

    def result(self, unfinished: list[Item], end_s: float) -> list[Item]:
        """All items and the ``unfinished`` ones in order, at most ``ITEMS_MAX`` where lanes are not too many."""
        items = [*self._held, *unfinished]
        for item in items:
            item["t1"] = min(item["t1"], end_s)  # an event may wait for longer than the run goes on
        items = in_order(items)
        return grouped(items, end_s) if len(items) > ITEMS_MAX else items


def in_order(items: list[Item]) -> list[Item]:
    """Items by their beginning, then by their end."""
    return sorted(items, key=lambda item: (item["t0"], item["t1"]))


def grouped(items: list[Item], end_s: float) -> list[Item]:
    """Too many items to draw: those of one lane and row in one slice of time become one that counts them.

    The more lanes there are, the wider the slices.
    """
    slices = BUCKETS
    while len(found := _in_slices(items, max(end_s / slices, 1e-6))) > ITEMS_MAX and slices > 1:
        slices //= 2
    return found


def _in_slices(items: list[Item], width: float) -> list[Item]:
    groups: dict[tuple[Any, ...], Item] = {}
    for item in items:
        key = (item["lane"], item.get("row", 0), int(item["t0"] / width), item["kind"] == "wait")
        group = groups.get(key)
        if group is None:
            groups[key] = dict(item) | {"count": _count(item), "errors": _errors(item)}
            continue
        group["count"] += _count(item)
        group["errors"] += _errors(item)
        group["t1"] = max(group["t1"], item["t1"])
        if item["kind"] in (*FAILED, "drop"):
            group["kind"] = item["kind"]
        group["sentence"] = f"{group['count']} items, {group['errors']} errors."
    return list(groups.values())


def _count(item: Item) -> int:
    return int(item.get("count", 1))


def _errors(item: Item) -> int:
    return int(item.get("errors", item["kind"] in FAILED))
