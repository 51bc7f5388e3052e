"""Permutations from a seed: the same seed gives the same order on every machine."""

from __future__ import annotations

import random


def permutation(count: int, seed: int) -> tuple[int, ...]:
    """The numbers below ``count`` in the order that ``seed`` decides."""
    order = list(range(count))
    random.Random(seed).shuffle(order)  # noqa: S311 - an order of options is no secret
    return tuple(order)


def derangement_of_order(count: int, seed: int) -> tuple[int, ...]:
    """A permutation that is not already the right order, as far as there is another."""
    order = permutation(count, seed)
    return (*order[1:], order[0]) if count > 1 and order == tuple(range(count)) else order
