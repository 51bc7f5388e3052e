"""Identifiers drawn from the run's seed, in AWS's formats."""

from __future__ import annotations

import hashlib
import random

_FIXED = 0xF << 76 | 0b11 << 62  # the bits of version and variant. RFC 9562, 5.4
_VERSION_4 = 4 << 76 | 0b10 << 62


def uuid4_from(stream: random.Random) -> str:
    """A version 4 UUID: request ids, message ids."""
    digits = f"{stream.getrandbits(128) & ~_FIXED | _VERSION_4:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def hex_from(stream: random.Random, digits: int) -> str:
    """``digits`` lower-case hexadecimal digits: log streams, trace ids."""
    return f"{stream.getrandbits(digits * 4):0{digits}x}"


def characters_of(name: str, length: int) -> str:
    """Letters and digits made from a name, the same again each time: ids that AWS would draw."""
    digits = "abcdefghijklmnopqrstuvwxyz0123456789"
    number = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big")
    found = []
    for _ in range(length):
        number, rest = divmod(number, len(digits))
        found.append(digits[rest])
    return "".join(found)
