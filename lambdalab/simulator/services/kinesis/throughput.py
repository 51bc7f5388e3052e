"""What a shard can take and give in a second. Source: BC kinesis, CreateStream, PutRecord and GetRecords."""

from __future__ import annotations

from dataclasses import dataclass, field

from lambdalab.simulator.kernel import SECOND, Micros
from lambdalab.simulator.vocabulary import quotas


@dataclass(slots=True)
class Allowance:
    """So much a second, refilled continuously, and never saved up beyond a second's worth (A-91)."""

    rate: int
    left: float = field(init=False)
    at: Micros = Micros(0)

    def __post_init__(self) -> None:
        self.left = float(self.rate)

    def refill(self, now: Micros) -> float:
        """What is left now."""
        self.left = min(self.rate, self.left + (now - self.at) * self.rate / SECOND)
        self.at = now
        return self.left


@dataclass(slots=True)
class Meter:
    """The allowances of one shard."""

    records: Allowance = field(default_factory=lambda: Allowance(quotas.SHARD_RECORDS_PER_S))
    bytes_in: Allowance = field(default_factory=lambda: Allowance(quotas.SHARD_BYTES_IN_PER_S))
    reads: Allowance = field(default_factory=lambda: Allowance(quotas.SHARD_READS_PER_S))
    bytes_out: Allowance = field(default_factory=lambda: Allowance(quotas.SHARD_BYTES_OUT_PER_S))

    def write(self, size: int, now: Micros) -> bool:
        """Take a record in, if there is room; one larger than a second's worth needs all of it, and overdraws."""
        records, room = self.records.refill(now), self.bytes_in.refill(now)
        if records < 1 or room < min(size, self.bytes_in.rate):
            return False
        self.records.left -= 1
        self.bytes_in.left -= size
        return True

    def may_read(self, now: Micros) -> bool:
        """Count a read, if one is left; what the last one has overdrawn must be made up for first."""
        if self.reads.refill(now) < 1 or self.bytes_out.refill(now) <= 0:
            return False
        self.reads.left -= 1
        return True

    def gave(self, size: int) -> None:
        """So many bytes were read: up to 10 MiB at once, for which a shard is then silent for 5 seconds."""
        self.bytes_out.left -= size
