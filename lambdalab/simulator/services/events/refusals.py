"""AWS's answers that say no. Texts: botocore's events model, recorded answers (LS events, 2024); others: A-110."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.patterns import PatternError


def no_bus(name: str) -> AwsError:
    """There is no such bus."""
    return AwsError("ResourceNotFoundException", f"Event bus {name} does not exist.", 400)


def bus_exists(name: str) -> AwsError:
    """There is one already."""
    return AwsError("ResourceAlreadyExistsException", f"Event bus {name} already exists.", 400)


def no_rule(name: str, bus: str) -> AwsError:
    """There is no such rule."""
    return AwsError("ResourceNotFoundException", f"Rule {name} does not exist on EventBus {bus}.", 400)


def validation(text: str) -> AwsError:
    """A parameter that cannot be."""
    return AwsError("ValidationException", text, 400)


def too_many() -> AwsError:
    """A quota is used up."""
    return AwsError("LimitExceededException", "The requested resource exceeds the maximum number allowed.", 400)


def pattern(error: PatternError) -> AwsError:
    """A text that is no event pattern."""
    return AwsError("InvalidEventPatternException", f"Event pattern is not valid. Reason: {error}", 400)


def schedule() -> AwsError:
    """An expression that is no schedule."""
    return validation("Parameter ScheduleExpression is not valid.")


def too_long(member: str, entries: list[Any], most: int) -> AwsError:
    """A list with more entries than a request may have."""
    text = f"1 validation error detected: Value '[{len(entries)} entries]' at '{member}' failed to satisfy constraint: "
    return validation(f"{text}Member must have length less than or equal to {most}")
