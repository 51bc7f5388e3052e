"""What Firehose charges: each record that comes in, in steps of 5 KB. Prices: A-147."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from lambdalab.simulator.trace.facts import FirehosePut
from lambdalab.simulator.views.fold import Take
from lambdalab.simulator.vocabulary import prices

Line = tuple[str, str, Decimal]


class FirehoseCharges:
    """Adds up the steps of all records."""

    def __init__(self) -> None:
        self._units = 0
        self.takes: dict[type, Take] = {FirehosePut: self._put}

    def _put(self, at: int, fact: FirehosePut) -> None:
        if fact.put_by != "scenario":
            self._units += fact.units

    def lines(self) -> Iterator[Line]:
        """The bill's line, when anything came in."""
        if self._units:
            gigabytes = Decimal(self._units * prices.FIREHOSE_UNIT_BYTES) / prices.GB_BYTES
            yield "Firehose ingestion", f"{gigabytes:.6f} GB", gigabytes * prices.FIREHOSE_GB
