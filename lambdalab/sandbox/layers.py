"""The layers of confinement, as the broker found them at work."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer. ``required``: without it no code runs. ``detail``: what was found, in a few words."""

    name: str
    active: bool
    required: bool
    detail: str = ""
