"""PutEvents: what an entry must be, and the event that becomes of it.

Sources: botocore's events model (PutEvents, PutEventsRequestEntry); Amazon EventBridge User Guide, "Calculating
PutEvents event entry size", read 2026-11; recorded answers (LS events, 2024).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from lambdalab.simulator.account import World
from lambdalab.simulator.services.events import refusals
from lambdalab.simulator.services.moments import moment_of
from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.events.eventbridge import envelope

ENTRIES_MAX = 10  # BC PutEventsRequestEntryList
REQUEST_BYTES_MAX = 1024 * 1024  # all entries together: less than 1 MB. BC PutEvents
DETAIL_TYPE_MAX = 128  # characters. BC PutEventsRequestEntry
DEPTH_MAX = 500  # ours; AWS reads 1,000 levels. BC PutEvents
CHUNK_BYTES = 65_536  # what one custom event costs is counted in 64 KB: A-19
Refused = tuple[str, str]
"""An error code and its message, of one entry."""


def refused_request(entries: Sequence[Mapping[str, Any]]) -> AwsError | None:
    """What is wrong with a request as a whole."""
    if not entries:
        return refusals.validation("1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: "
                                   "Member must have length greater than or equal to 1")  # fmt: skip
    if len(entries) > ENTRIES_MAX:
        return refusals.too_long("entries", list(entries), ENTRIES_MAX)
    if sum(map(size_of, entries)) >= REQUEST_BYTES_MAX:
        return refusals.validation("Total size of the entries in the request is over the limit.")
    return None


def size_of(entry: Mapping[str, Any]) -> int:
    """The bytes of an entry as EventBridge counts them."""
    texts = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail"), *(entry.get("Resources") or ())]
    return (14 if entry.get("Time") is not None else 0) + sum(len(str(text).encode()) for text in texts if text)


def chunks_of(entry: Mapping[str, Any]) -> int:
    """How many chunks of 64 KB an entry is charged as."""
    return max(1, -(-size_of(entry) // CHUNK_BYTES))


def refused_entry(entry: Mapping[str, Any], *, trusted: bool) -> Refused | None:
    """What is wrong with an entry. ``trusted``: EventBridge itself forwards it, so that its source may be AWS's."""
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return "InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument."
    if not trusted and str(entry["Source"]).startswith("aws."):
        return "NotAuthorizedForSourceException", "Not authorized for the source."
    if len(entry["DetailType"]) > DETAIL_TYPE_MAX:
        reason = f"DetailType is longer than {DETAIL_TYPE_MAX} characters."
        return "InvalidArgument", f"Parameter DetailType is not valid. Reason: {reason}"
    if detail_of(str(entry["Detail"])) is None:
        return "MalformedDetail", "Detail is malformed."
    return None


def detail_of(text: str) -> dict[str, Any] | None:
    """A detail, which is a JSON object; None for what is none, or is nested beyond reason."""
    try:
        detail = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return detail if isinstance(detail, dict) and _is_flat_enough(detail) else None


def _no_constant(text: str) -> Any:
    raise ValueError(text)


def _is_flat_enough(document: Any) -> bool:
    level = [document]
    for _ in range(DEPTH_MAX):
        level = [inner for each in level for inner in _below(each)]
        if not level:
            return True
    return False


def _below(value: Any) -> list[Any]:
    return [each for each in (value.values() if isinstance(value, dict) else value) if isinstance(each, dict | list)]


def event_of(world: World, entry: Mapping[str, Any], event_id: str) -> dict[str, Any]:
    """The event of an entry that is right. Its time is the entry's, else now, in whole seconds."""
    detail = detail_of(str(entry["Detail"]))
    resources = [str(each) for each in entry.get("Resources") or ()]
    at = moment_of(entry.get("Time")) or world.wall_clock()
    return envelope(event_id, str(entry["DetailType"]), str(entry["Source"]), seconds(at), resources, detail)


def seconds(moment: dt.datetime) -> str:
    """A moment as events carry it: whole seconds and a Z."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
