"""Errors of the simulated world. They are values: a throttle is data to study, not an exception of ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class AwsError:
    """An answer of AWS that says no.

    ``code`` and ``message`` are AWS's own texts; ``status`` the HTTP status; ``extra`` further members of the error
    shape (a throttle's ``Reason``).
    """

    code: str
    message: str
    status: int = 400
    extra: dict[str, Any] = field(default_factory=dict)


def validation_error(message: str) -> AwsError:
    """A parameter that the service model refuses."""
    return AwsError("ValidationException", message, 400)


def throttle(reason: str) -> AwsError:
    """The 429 of every recorded throttle. Source: LS, 2025-11; fact A.2."""
    return AwsError("TooManyRequestsException", "Rate Exceeded.", 429, {"Reason": reason, "Type": "User"})


def invalid(message: str) -> AwsError:
    """Lambda's answer to a parameter whose value cannot be."""
    return AwsError("InvalidParameterValueException", message, 400, {"Type": "User"})


def conflict(message: str) -> AwsError:
    """Lambda's answer to what would collide with what exists."""
    return AwsError("ResourceConflictException", message, 409, {"Type": "User"})
