"""Facts as JSON lines: sorted keys, one line a fact, readable in a diff and the same bytes for the same run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from operator import attrgetter
from typing import Any

import msgspec

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.trace.facts import FACT_TYPES, Fact
from lambdalab.simulator.trace.stamp import Stamped

_encoder = msgspec.json.Encoder(order="deterministic")  # sorts dictionaries; a line's own fields are sorted below
_decoder = msgspec.json.Decoder()

Writer = Callable[[Micros, int, Any], bytes]


def encode_fact(at: Micros, seq: int, fact: Fact) -> bytes:
    """One JSON line: the stamp (``at`` in microseconds, ``kind``, ``seq``), then the fact's fields, sorted."""
    return _WRITERS[type(fact)](at, seq, fact)


def _writer(kind: type[Fact]) -> Writer:
    """How facts of one type become lines.

    The line's shape is made once, as a struct with the stamp first and the fields in their order on the line, so that
    msgspec writes it in one go: less than half the time of sorting the fields and joining the stamp each time.
    """
    names = sorted(field.name for field in fields(kind))
    line = msgspec.defstruct("Line", [("at", int), ("kind", str), ("seq", int), *((name, Any) for name in names)])
    name, encode = kind.kind, _encoder.encode
    if len(names) < 2:  # attrgetter makes a tuple of two and more
        return lambda at, seq, fact: encode(line(at, name, seq, *(getattr(fact, each) for each in names))) + b"\n"
    values = attrgetter(*names)
    return lambda at, seq, fact: encode(line(at, name, seq, *values(fact))) + b"\n"


def decode_line(line: bytes | str) -> Stamped:
    """The stamped fact of one line. Raises ``ValueError`` for a line that no recorder wrote."""
    try:
        row: dict[str, Any] = _decoder.decode(line)
        at, kind, seq = row.pop("at"), row.pop("kind"), row.pop("seq")
        fact = msgspec.convert(row, FACT_TYPES[kind], strict=False)
    except (msgspec.MsgspecError, KeyError, AttributeError, TypeError) as error:
        raise ValueError(f"not a line of a trace: {line[:120]!r} ({error})") from error
    return Stamped(Micros(at), seq, fact)


def decode_lines(lines: Iterable[bytes | str]) -> Iterator[Stamped]:
    """The stamped facts of a trace, in order. Blank lines are passed over."""
    return (decode_line(line) for line in lines if line.strip())



_WRITERS = {kind: _writer(kind) for kind in FACT_TYPES.values()}
