"""Runtimes and their last days. Fact B.8."""

import datetime as dt

import pytest

from lambdalab.simulator.account.models import service_model
from lambdalab.simulator.vocabulary.runtimes import RUNTIMES, refusal, unknown

PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python3.9", "python3.8", "python3.7")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_a_runtime_is_deprecated_before_creation_is_blocked_and_that_before_updates_are() -> None:
    for name, runtime in RUNTIMES.items():
        days = [runtime.deprecated, runtime.blocks_creation, runtime.blocks_update]
        known = [each for each in days if each is not None]
        assert known == sorted(known), name
        assert len(known) in (0, 3), name


@pytest.mark.rule("B.8-01")
def test_every_runtime_that_can_be_named_is_known() -> None:
    """Except first versions that are gone for years, Lambda@Edge's own and what is no runtime."""
    gone = {"nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "dotnetcore1.0", "dotnetcore2.0"}
    assert set(service_model("lambda").shape_for("Runtime").enum) - gone - {"custom"} <= set(RUNTIMES)


@pytest.mark.rule("B.8-01")
@pytest.mark.parametrize(
    ("runtime", "today", "create", "update"),
    [
        ("python3.9", "2027-01-31", False, False),
        ("python3.9", "2027-02-01", True, False),
        ("python3.9", "2027-03-02", True, False),
        ("python3.9", "2027-03-03", True, True),
        ("python3.7", "2026-11-23", True, False),
        ("python3.6", "2026-11-23", True, True),
        ("python3.13", "2029-07-30", False, False),
        ("python3.15", "2039-01-01", False, False),
    ],
)
def test_creation_is_blocked_on_its_day_and_updates_on_theirs(
    runtime: str, today: str, create: bool, update: bool
) -> None:
    assert [refusal(runtime, change, day(today)) is not None for change in ("create", "update")] == [create, update]


def test_the_refusal_is_awss_own() -> None:
    found = refusal("python3.7", "create", day("2026-11-23"))
    assert found is not None
    assert (found.status, found.code) == (400, "InvalidParameterValueException")
    assert found.message == (
        "The runtime parameter of python3.7 is no longer supported for creating or updating AWS Lambda functions. "
        "We recommend you use a supported runtime while creating or updating functions."
    )


def test_a_runtime_that_never_was_is_told_what_there_is() -> None:
    found = unknown("python4.0")
    assert found is not None
    assert found.message.startswith(
        "Value python4.0 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [nodejs26.x,"
    )
    assert [unknown(name) for name in PYTHONS] == [None] * len(PYTHONS)
