"""Numbers of versions, which are known only when they are published, while other resources refer to them before.

Until then a token stands in their place (``names.version_token``, ``names.layer_token``); :class:`Numbers` puts the
number there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Numbers:
    """The versions that a template's resources have become, and their numbers put where the template names them."""

    def __init__(self, numbers: Mapping[str, str] | None = None) -> None:
        self._numbers = dict(numbers or {})

    def note(self, token: str, number: str) -> None:
        """A resource, of which this is the token, has this number."""
        self._numbers[token] = number

    def of(self, token: str) -> str:
        """The number of a resource. Raises ``KeyError``."""
        return self._numbers[token]

    def copy(self) -> Numbers:
        """The numbers as they are now."""
        return Numbers(self._numbers)

    def settle(self, value: Any) -> Any:
        """``value`` with each version's number in its place."""
        if isinstance(value, dict):
            return {key: self.settle(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.settle(item) for item in value]
        if isinstance(value, str) and "{" in value:
            for token, number in self._numbers.items():
                value = value.replace(token, number)
        return value
