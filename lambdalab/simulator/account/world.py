"""One account in one Region, for the length of one run. All state of a run hangs here; there are no globals of ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from lambdalab.simulator.account.api import FrontDoor
from lambdalab.simulator.account.faults import Faults
from lambdalab.simulator.account.iam import Authority
from lambdalab.simulator.account.internet import Internet
from lambdalab.simulator.account.vpc import Network
from lambdalab.simulator.kernel import SECOND, Kernel, Micros
from lambdalab.simulator.trace import Entry, Recorder
from lambdalab.simulator.vocabulary import ids


class World:
    """The simulated account: clock, trace, front door, permissions, faults, networks, and the Internet around it."""

    def __init__(self, kernel: Kernel, listener: Callable[[Entry], None], *, epoch_us: int) -> None:
        self.kernel = kernel
        self.trace = Recorder(kernel, listener)
        self.epoch_us = epoch_us
        self.faults = Faults(kernel)
        self.internet = Internet()
        self.network = Network()
        self.iam = Authority(lambda: (epoch_us + kernel.now) / SECOND)
        self.api = FrontDoor(self)
        self.reproducible = True

    def wall_clock(self, at: Micros | None = None) -> dt.datetime:
        """The moment that clocks in the account show at ``at`` (default: now), in UTC."""
        moment = self.kernel.now if at is None else at
        return dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=self.epoch_us + moment)

    def timestamp(self, at: Micros | None = None) -> str:
        """That moment as AWS writes it in records: milliseconds and a Z."""
        return self.wall_clock(at).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    def new_uuid(self, stream: str) -> str:
        """A UUID from the named random stream."""
        return ids.uuid4_from(self.kernel.random_for(f"ids/{stream}"))
