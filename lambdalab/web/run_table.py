"""A run as a table: what a page shows of it before, and without, the timeline."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

ROWS_MAX = 300

KINDS = {
    "run": gettext_lazy("Running"),
    "ok": gettext_lazy("Success"),
    "err": gettext_lazy("Error"),
    "timeout": gettext_lazy("Timed out"),
    "init": gettext_lazy("Cold start"),
    "thr": gettext_lazy("Throttled"),
    "wait": gettext_lazy("Waiting in queue"),
    "dlq": gettext_lazy("Dead-lettered"),
    "dest": gettext_lazy("Sent to destination"),
    "drop": gettext_lazy("Dropped"),
    "come": gettext_lazy("Came in"),
}
ICONS = {
    "ok": "check",
    "err": "cross",
    "timeout": "clock",
    "init": "snow",
    "thr": "pause",
    "dlq": "tray",
    "dest": "send",
    "drop": "drop",
    "come": "bolt",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that happened, in words."""

    start: str
    event: str
    kind: str
    icon: str
    what: str
    message: str
    where: str
    lasted: str


@dataclass(frozen=True, slots=True)
class RunTable:
    """The first rows of a run, and how many there are in all."""

    rows: tuple[Row, ...]
    total: int

    @property
    def is_cut(self) -> bool:
        return self.total > len(self.rows)


def clock(seconds: float, digits: int = 2) -> str:
    """`61.5` is "1:01.50"; from one hour on "1:00:01.50"."""
    unit: int = 10**digits
    parts = round(seconds * unit)
    minutes, rest = divmod(parts, 60 * unit)
    hours, minutes = divmod(minutes, 60)
    width = digits + 3 if digits else 2
    tail = f"{rest / unit:0{width}.{digits}f}"
    return f"{hours}:{minutes:02}:{tail}" if hours else f"{minutes}:{tail}"


def lasting(seconds: float) -> str:
    """A length of time, as short as it can be said: "330 ms", "2.5 s", "1 min 59 s"."""
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    if seconds < 59.95:
        return f"{round(seconds, 2):g} s"
    whole = round(seconds)
    parts = [(whole // 3600, "h"), (whole // 60 % 60, "min"), (whole % 60, "s")]
    first = next(index for index, (number, _unit) in enumerate(parts) if number)
    return " ".join(f"{number} {unit}" for number, unit in parts[first : first + 2] if number)


def _what(item: Mapping[str, Any]) -> str:
    words = str(KINDS.get(item["kind"], item["kind"]))
    if item.get("count", 1) > 1:
        return f"{item['count']} × {words}"
    if item.get("attempt") and item["kind"] != "wait":
        return _("%(what)s, attempt %(number)s") % {"what": words, "number": item["attempt"]}
    return words


def stat_value(stat: Mapping[str, Any]) -> str:
    """A total as it is shown; money in dollars."""
    value = stat["value"]
    if "usd" in stat["key"]:
        return f"${value:,.0f}" if value >= 1000 else f"${value:.{4 if 0 < value < 0.1 else 2}f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def run_table(player: Mapping[str, Any]) -> RunTable:
    """The table of a player document."""
    lanes = {lane["id"]: lane["label"] for lane in player["lanes"]}
    events = player.get("events") or {}
    items = player["items"]
    rows = tuple(
        Row(
            start=clock(item["t0"]),
            event=item.get("what") or events.get(item.get("event"), {}).get("label", ""),
            kind=item["kind"],
            icon=ICONS.get(item["kind"], ""),
            what=_what(item),
            message=item.get("message") or "",
            where=lanes.get(item["lane"], ""),
            lasted=lasting(item["t1"] - item["t0"]) if item["t1"] > item["t0"] else "",
        )
        for item in items[:ROWS_MAX]
    )
    return RunTable(rows, len(items))
