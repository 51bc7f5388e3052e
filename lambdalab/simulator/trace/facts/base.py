"""What all facts are made of."""

from __future__ import annotations

import msgspec


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """A value: it never changes, is equal to its like, and nothing that it holds leads back to it.

    The garbage collector therefore need not look at facts, which a long run makes by the million: they go when nobody
    holds them any more.
    """
