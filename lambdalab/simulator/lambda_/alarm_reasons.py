"""Why an alarm is in a state, in CloudWatch's words.

Source: StateReasons of real alarms that people have published between 2019 and 2026 (read 2026-11-29). One with a
DatapointsToAlarm counts ``n out of the last m``, and says how many its next change takes; the newest datapoint comes
first, and only those are shown that have brought the state about.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from lambdalab.simulator.lambda_.alarm import COMPARISONS, Alarm, State

TREATED = {"breaching": "Breaching", "notBreaching": "NonBreaching"}


def reason_for(alarm: Alarm, state: State, periods: Sequence[tuple[float | None, int]]) -> str:
    """The reason. ``periods``, the newest first: a statistic (None: no data), and its first second since 1970."""
    found = [(value, start) for value, start in periods if value is not None][: alarm.periods]
    lacking = alarm.periods - len(found)
    if not found and state == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {_many(lacking)} {_were(lacking)} unknown."
    treated = ""
    if lacking and alarm.missing in TREATED:
        treated = f" and {_many(lacking, 'missing ')} {_were(lacking)} treated as [{TREATED[alarm.missing]}]"
    if not found:
        plural = "" if lacking == 1 else "s"
        return f"Threshold Crossed: no datapoints were received for {lacking} period{plural}{treated}."
    crosses = COMPARISONS[alarm.comparison]
    shown = [each for each in found if crosses(each[0], alarm.threshold) == (state == "ALARM")] or found
    datapoints = ", ".join(f"{float(value)} ({_moment(start)})" for value, start in shown)
    words = re.sub("(?<=[a-z])(?=[A-Z])", " ", alarm.comparison.removesuffix("Threshold")).lower()
    verb = _were(len(shown)) + ("" if state == "ALARM" else " not")
    compared = f"[{datapoints}] {verb} {words} the threshold ({alarm.threshold}){treated}"
    if not alarm.says_datapoints:
        return f"Threshold Crossed: {_many(len(shown))} {compared}."
    least, change = alarm.datapoints, "OK -> ALARM"
    if state != "ALARM":
        least, change = alarm.periods - alarm.datapoints + 1, "ALARM -> OK"
    counted = f"{len(shown)} out of the last {alarm.periods} datapoints"
    return f"Threshold Crossed: {counted} {compared} (minimum {_many(least)} for {change} transition)."


def _many(number: int, kind: str = "") -> str:
    return f"{number} {kind}datapoint" + ("" if number == 1 else "s")


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


def _moment(second: int) -> str:
    return dt.datetime.fromtimestamp(second, dt.UTC).strftime("%d/%m/%y %H:%M:%S")
