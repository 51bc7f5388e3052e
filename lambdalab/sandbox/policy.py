"""What an environment may use. Every limit is explicit here; nothing in this package hides another."""

from __future__ import annotations

from dataclasses import dataclass

PROCESSORS = ((3_008, 2), (5_307, 3), (7_076, 4), (8_845, 5))  # up to so many MB; beyond the last there are 6
PROCESSORS_MAX = 6


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits of one environment, Lambda's own by default (facts J.1 and J.4), and the real-time guards behind them.

    ``wall_s`` is how long one turn may take on our clock, whatever virtual time says; ``data_headroom_mb`` what the
    kernel refuses beyond ``memory_mb`` even before the accounting notices; ``log_bytes`` what is kept of the log of one
    invocation.
    """

    memory_mb: int = 128
    tmp_mb: int = 512
    files: int = 1_024
    processes: int = 1_024
    inodes: int = 65_536
    wall_s: float = 20.0
    log_bytes: int = 1_048_576
    response_bytes: int = 6_291_556
    data_headroom_mb: int = 1_280  # 1,024 stacks of 1 MB (clock/api.c), and what Python maps besides
    nice: int = 15

    @property
    def processors(self) -> int:
        """How many processors code sees: as many as Lambda shows for its memory. It may use its share of them only."""
        return next((count for most_mb, count in PROCESSORS if self.memory_mb <= most_mb), PROCESSORS_MAX)

    def limits(self) -> dict[str, int]:
        """The limits that the kernel enforces, as the keeper wants them."""
        return {
            "memory_bytes": self.memory_mb << 20,
            "tmp_bytes": self.tmp_mb << 20,
            "inodes": self.inodes,
            "files": self.files,
            "processes": self.processes,
            "data_bytes": (self.memory_mb + self.data_headroom_mb) << 20,
            "nice": self.nice,
        }
