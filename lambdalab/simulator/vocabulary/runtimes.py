"""Lambda's runtimes and their last days. Source: DG26 "Lambda runtimes", read 2026-11-23; identifiers from botocore.

A runtime is deprecated first; from a later day no function can be created with it, and from a third day none updated.
Functions that exist run on. AWS has put such days off several times.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from lambdalab.simulator.vocabulary.errors import AwsError, invalid

Change = Literal["create", "update"]


@dataclass(frozen=True, slots=True)
class Runtime:
    """One runtime's days; None: not announced. ``blocks_creation`` and ``blocks_update`` are the first such days."""

    deprecated: dt.date | None = None
    blocks_creation: dt.date | None = None
    blocks_update: dt.date | None = None

    def blocked(self, change: Change, today: dt.date) -> bool:
        """Whether Lambda refuses to create or update a function with it."""
        first = self.blocks_creation if change == "create" else self.blocks_update
        return first is not None and today >= first


def _days(*days: str) -> Runtime:
    return Runtime(*(dt.date.fromisoformat(day) for day in days))


_POSTPONED = "2027-02-01", "2027-03-03"  # creation and update of everything that was deprecated lately
_AL2 = _days("2027-06-30", "2027-07-31", "2027-08-31")
_LATEST = _days("2029-06-30", "2029-07-31", "2029-08-31")

# What was deprecated before 2025 is of medium confidence: our source lists such runtimes without their days.
RUNTIMES: Final[Mapping[str, Runtime]] = {
    "nodejs26.x": Runtime(),
    "nodejs24.x": _days("2028-04-30", "2028-06-01", "2028-07-01"),
    "nodejs22.x": _days("2027-04-30", "2027-06-01", "2027-07-01"),
    "nodejs20.x": _days("2026-04-30", *_POSTPONED),
    "nodejs18.x": _days("2025-09-01", *_POSTPONED),
    "nodejs16.x": _days("2024-06-12", *_POSTPONED),
    "nodejs14.x": _days("2023-12-04", "2024-01-09", "2027-03-03"),
    "nodejs12.x": _days("2023-03-31", "2023-03-31", "2023-04-30"),
    "nodejs10.x": _days("2021-07-30", "2021-07-30", "2022-02-14"),
    "python3.15": Runtime(),
    "python3.14": _LATEST,
    "python3.13": _LATEST,
    "python3.12": _days("2028-10-31", "2028-11-30", "2029-01-10"),
    "python3.11": _AL2,
    "python3.10": _days("2026-10-31", *_POSTPONED),
    "python3.9": _days("2025-12-15", *_POSTPONED),
    "python3.8": _days("2024-10-14", *_POSTPONED),
    "python3.7": _days("2023-12-04", "2024-01-09", "2027-03-03"),
    "python3.6": _days("2022-07-18", "2022-07-18", "2022-08-29"),
    "python2.7": _days("2021-07-15", "2021-07-15", "2022-05-30"),
    "java25": _LATEST,
    "java21": _LATEST,
    "java17.al2023": Runtime(),
    "java11.al2023": Runtime(),
    "java8.al2023": Runtime(),
    "java17": _AL2,
    "java11": _AL2,
    "java8.al2": _AL2,
    "java8": _days("2024-01-08", "2024-02-08", "2027-03-03"),
    "dotnet10": _days("2028-11-14", "2028-12-14", "2029-01-15"),
    "dotnet8": _days("2026-11-10", *_POSTPONED),
    "dotnet6": _days("2024-12-20", *_POSTPONED),
    "dotnetcore3.1": _days("2023-04-03", "2023-04-03", "2023-05-03"),
    "dotnetcore2.1": _days("2022-01-05", "2022-01-05", "2022-04-13"),
    "ruby4.0": _days("2029-03-31", "2029-04-30", "2029-05-31"),
    "ruby3.4": _days("2028-03-31", "2028-04-30", "2028-05-31"),
    "ruby3.3": _days("2027-03-31", "2027-04-30", "2027-05-31"),
    "ruby3.2": _days("2026-03-31", *_POSTPONED),
    "ruby2.7": _days("2023-12-07", "2024-01-09", "2027-03-03"),
    "ruby2.5": _days("2021-07-30", "2021-07-30", "2022-03-31"),
    "go1.x": _days("2024-01-08", "2024-02-08", "2027-03-03"),
    "provided.al2023": _LATEST,
    "provided.al2": _days("2026-07-31", *_POSTPONED),
    "provided": _days("2024-01-08", "2024-02-08", "2027-03-03"),
}


def refusal(runtime: str, change: Change, today: dt.date) -> AwsError | None:
    """AWS's answer to creating or updating a function with a runtime that is past that day. Text: fact X.3 (LS)."""
    known = RUNTIMES.get(runtime)
    if known is None or not known.blocked(change, today):
        return None
    return invalid(
        f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. "
        "We recommend you use a supported runtime while creating or updating functions."
    )


def unknown(runtime: str) -> AwsError | None:
    """AWS's answer to a runtime that does not exist; None for one that does or did."""
    if runtime in RUNTIMES:
        return None
    text = f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: "
    return invalid(f"{text}[{', '.join(RUNTIMES)}] or be a valid ARN")
