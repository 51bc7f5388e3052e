"""How one event compares with another: by its fields, whatever their values."""

from typing import Any


def fields(event: Any, at: str = "") -> set[str]:
    """Every field as a path; the members of a list count as one, and an empty mapping or list is a field itself."""
    if isinstance(event, dict) and event:
        return set().union(*(fields(value, f"{at}.{name}" if at else name) for name, value in event.items()))
    if isinstance(event, list) and event:
        return set().union(*(fields(item, f"{at}[]") for item in event))
    return {at}
