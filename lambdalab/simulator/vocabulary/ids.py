"""Identifiers drawn from the run's seed, in AWS's formats."""

from __future__ import annotations

import random
import uuid


def uuid4_from(stream: random.Random) -> str:
    """A version 4 UUID: request ids, message ids."""
    return str(uuid.UUID(int=stream.getrandbits(128), version=4))


def hex_from(stream: random.Random, digits: int) -> str:
    """``digits`` lower-case hexadecimal digits: log streams, trace ids."""
    return f"{stream.getrandbits(digits * 4):0{digits}x}"
