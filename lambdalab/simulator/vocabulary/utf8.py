"""How long a text is on the wire."""

from __future__ import annotations


def utf8_size(text: str) -> int:
    """The bytes of a text in UTF-8, without making them where its characters are its bytes, as nearly always."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
