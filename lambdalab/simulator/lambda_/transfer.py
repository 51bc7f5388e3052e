"""How long bytes take through an environment's network: 625 Mbps, whatever its memory. Source: fact J.1 (DG26).

What an SDK sends and receives beside the values of its parameters is not counted, and transfers at the same time do
not slow each other down (assumption A-61).
"""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.kernel import SECOND, Micros
from lambdalab.simulator.vocabulary.quotas import NETWORK_BITS_PER_S


def transfer_time(size: int) -> Micros:
    """Of so many bytes, one way."""
    return Micros(size * 8 * SECOND // NETWORK_BITS_PER_S)


def size_of(value: Any) -> int:
    """The bytes of all texts and blobs in the parameters or the answer of an API call, as far as they are nested."""
    size, left = 0, [value]
    while left:
        part = left.pop()
        if isinstance(part, str | bytes | bytearray):
            size += len(part)
        elif isinstance(part, dict):
            left.extend(part.values())
        elif isinstance(part, list | tuple):
            left.extend(part)
    return size
