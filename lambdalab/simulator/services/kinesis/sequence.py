"""Sequence numbers of Kinesis: 186 bits, written as 56 decimal digits.

Source: how kinesalite 3 (db/index.js) reads real ones: a 2, the second in which the shard was opened, the last digit of
the shard's number, a count, a byte, the second of the record, the shard's number, and the version, 2. A-90
"""

from __future__ import annotations

ENDING = 0x7FFF_FFFF_FFFF_FFFF  # the count in the EndingSequenceNumber of a closed shard
_FIRST, _BEYOND = 2 << 184, 3 << 184


def sequence_number(opened_s: int, shard: int, count: int, now_s: int) -> str:
    """The number of record ``count`` of a shard; it grows with the count, whatever the time is."""
    return str(int(f"2{opened_s:09x}{shard & 15:x}{count:016x}00{now_s:09x}{shard:08x}2", 16))


def shard_of(sequence: str) -> tuple[int, int] | None:
    """(shard's number, second in which it was opened) of a sequence number; None for one that Kinesis never gave."""
    number = int(sequence)
    if not _FIRST <= number < _BEYOND or number & 15 != 2:
        return None
    digits = f"{number:x}"
    return int(digits[38:46], 16), int(digits[1:10], 16)
