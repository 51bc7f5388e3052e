"""Patterns of columns: ``[ip, user, ..., status = 4*, bytes > 100]``, for messages with so many columns between spaces.

Source: Amazon CloudWatch Logs User Guide, "Filter pattern syntax for metric filters, subscription filters, filter log
events, and Live Tail", read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lambdalab.simulator.vocabulary.log_values import LogPatternError, taking

_COLUMN = re.compile(r'\[[^\]]*\]|"[^"]*"|\S+')
_BEHIND_THE_LAST_BRACKET = re.compile(r'"[^"]*"|\S+')
_FIELD = re.compile(r"\s*([A-Za-z0-9_]+)\s*(?:(=|!=|<=|>=|<|>)\s*(\S.*?))?\s*")
_NAME = re.compile(r"[A-Za-z0-9_]+")


def read_columns(inside: str) -> Callable[[str], bool]:
    """What stands between the brackets of a pattern, as a test of messages. Raises :class:`LogPatternError`."""
    fields = _fields(inside)
    dots = [number for number, field in enumerate(fields) if field == "..."]
    if len(dots) > 1 or not all(fields):
        raise LogPatternError("the fields are names, at most one of them is ...")
    tests = [None if field == "..." else _column(field) for field in fields]

    def test(message: str) -> bool:
        columns = columns_of(message)
        wanted = list(tests)
        if dots:
            missing = len(columns) - (len(wanted) - 1)
            wanted[dots[0] : dots[0] + 1] = [None] * max(0, missing)
        if len(wanted) != len(columns):
            return False
        return all(each is None or each(column) for each, column in zip(wanted, columns, strict=True))

    return test


def columns_of(message: str) -> list[str]:
    """The columns of a message: between spaces, in brackets or in quotes. Takes time that grows with its length."""
    columns: list[str] = []
    at, last = 0, message.rfind("]")
    while True:
        found = (_COLUMN if at < last else _BEHIND_THE_LAST_BRACKET).search(message, at)
        if found is None:
            return columns
        at, text = found.end(), found[0]
        if text.startswith('"'):
            text = text.strip('"')
        columns.append(text[1:-1] if text.startswith("[") and text.endswith("]") else text)


def column_names(inside: str) -> list[str]:
    """The names of the fields between the brackets of a pattern, in their order; ``...`` stands for itself."""
    return [match[0] if (match := _NAME.match(field)) else field for field in _fields(inside)]


def _fields(inside: str) -> list[str]:
    return [field.strip() for field in _parted(inside, ",")]


def _parted(text: str, sign: str) -> list[str]:
    """The parts of a text between signs that stand outside of double quotes."""
    parts = [""]
    for number, piece in enumerate(text.split('"')):
        if number % 2:
            parts[-1] += f'"{piece}"'
        else:
            first, *more = piece.split(sign)
            parts[-1] += first
            parts += more
    return parts


def _column(field: str) -> Callable[[str], bool] | None:
    """The conditions on one column, all joined by && or all by ||; None for a mere name."""
    either = _parted(field, "||")
    tests = []
    for part in either if len(either) > 1 else _parted(field, "&&"):
        found = _FIELD.fullmatch(part)
        if found is None:
            raise LogPatternError(f"{part.strip()!r} is no field")
        if found[2] is not None:
            value = found[3].strip()
            quoted = value.startswith('"') and value.endswith('"') and len(value) > 1
            tests.append(taking(found[2], value[1:-1] if quoted else value, quoted=quoted))
    if not tests:
        return None
    combine = any if len(either) > 1 else all
    return lambda column: combine(test(column) for test in tests)
