"""Facts as JSON lines: sorted keys, one line a fact, readable in a diff and the same bytes for the same run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.trace.facts import FACT_TYPES, Fact
from lambdalab.simulator.trace.stamp import Stamped

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder()


def encode_fact(at: Micros, seq: int, fact: Fact) -> bytes:
    """One JSON line: the stamp (``at`` in microseconds, ``kind``, ``seq``), then the fact's fields, sorted."""
    body = _encoder.encode(fact)
    head = b'{"at":%d,"kind":"%s","seq":%d' % (at, fact.kind.encode(), seq)
    return head + (b"," if body != b"{}" else b"") + body[1:] + b"\n"


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
