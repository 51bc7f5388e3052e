"""What a function reaches, and what becomes of what it asks of the network.

``reach`` is the port: a VPC's routes, endpoints and security groups will answer the same question. Outside a VPC a
function reaches the Internet and nothing else (fact I: DG22, "default"); the Internet here has the hosts of the
scenario's ``web`` (assumption A-15).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from lambdalab.simulator.account import World
from lambdalab.simulator.account.internet import Page
from lambdalab.simulator.kernel import Micros, Process
from lambdalab.simulator.lambda_.environments import Environment
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.lambda_.handlers import Connect, ConnectReply, Turn, WebReply, WebRequest
from lambdalab.simulator.trace.facts import ConnectionTried, NameLookedUp, SegmentSent, WebRequested
from lambdalab.simulator.vocabulary.assumptions import CONNECT_LATENCY, CONNECT_PATIENCE, LOOKUP_LATENCY, PAGE_LATENCY

XRAY_DAEMON = ("169.254.79.129", 2000)  # fact B.5: AWS_XRAY_DAEMON_ADDRESS
XRAY_HEADER = {"format": "json", "version": 1}  # X-Ray Developer Guide, "Sending trace data", read 2026-11-24

URL_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Reach:
    """What a connect meets. ``silent``: nothing ever answers; ``trusted``: the certificate is good."""

    outcome: Literal["answered", "refused", "unreachable", "silent"]
    after: Micros = CONNECT_LATENCY
    trusted: bool = True


def reach(world: World, function: Function, host: str, port: int) -> Reach:
    """What ``function`` meets at ``host`` (a name of the Internet, or an address that nobody has)."""
    internet = world.internet
    if not internet.exists(host):
        return Reach("silent")
    try:
        fail = internet.fail_of(host, port)
    except KeyError:
        return Reach("refused")
    if fail == "timeout":
        return Reach("silent")
    return Reach("refused" if fail == "refused" else "answered", trusted=fail != "tls")


@dataclass(frozen=True, slots=True)
class Networking:
    """Decides what the code of one environment asks of the network, for one request (or for INIT)."""

    world: World
    environment: Environment
    request_id: str | None

    def attend(self, turn: Turn) -> None:
        """Set off what answers; each answer goes into the environment's mailbox, in its time."""
        for asked in turn.connects:
            self._attend(asked)
        for request in turn.requests:
            self.world.kernel.spawn(self._answer(request))

    def _attend(self, asked: Connect) -> None:
        if asked.kind == "datagram":
            self._datagram(asked)
        elif asked.kind == "lookup":
            self.world.kernel.spawn(self._look_up(asked))
        else:
            met = reach(self.world, self.environment.function, self.world.internet.name_of(asked.address), asked.port)
            self.world.kernel.spawn(self._connect(asked, met), background=met.outcome == "silent")

    def _look_up(self, asked: Connect) -> Process[None]:
        mailbox = self.environment.mailbox  # a reset puts a new one up
        yield from self.world.kernel.sleep(LOOKUP_LATENCY)
        address = self.world.internet.look_up(asked.host)
        self.world.trace.record(NameLookedUp(*self._who(), asked.host, address, LOOKUP_LATENCY))
        mailbox.put(ConnectReply(asked.id, "answered" if address else "no_such_host", address=address or ""))

    def _connect(self, asked: Connect, met: Reach) -> Process[None]:
        mailbox, kernel = self.environment.mailbox, self.world.kernel
        host = self.world.internet.name_of(asked.address)
        if met.outcome == "silent":
            self.world.trace.record(ConnectionTried(*self._who(), host, asked.port, "silent", 0))
            yield from kernel.sleep(CONNECT_PATIENCE)
            mailbox.put(ConnectReply(asked.id, "timed_out"))
            return
        yield from kernel.sleep(met.after)
        self.world.trace.record(ConnectionTried(*self._who(), host, asked.port, met.outcome, met.after))
        mailbox.put(ConnectReply(asked.id, met.outcome, host=host, port=asked.port, trusted=met.trusted))

    def _answer(self, request: WebRequest) -> Process[None]:
        mailbox, kernel = self.environment.mailbox, self.world.kernel
        page = self.world.internet.answer(request.method, request.url, request.body) or _missing(request.url)
        yield from kernel.sleep(page.latency)
        reset = page.fail == "reset"
        self.world.trace.record(
            WebRequested(
                *self._who(), request.method, request.url[:URL_SHOWN], None if reset else page.status, page.latency
            )
        )
        mailbox.put(WebReply(request.id, page.status, page.headers, page.body, reset))

    def _datagram(self, asked: Connect) -> None:
        """The X-Ray daemon takes segments; any other datagram is lost, as where nobody listens."""
        if (asked.address, asked.port) != XRAY_DAEMON:
            return
        document = segment_of(asked.data)
        if document is not None:
            self.world.trace.record(SegmentSent(*self._who(), document))

    def _who(self) -> tuple[str, str, str | None]:
        return self.environment.function.name, self.environment.id, self.request_id


def _missing(url: str) -> Page:
    text = f"lambdalab: the scenario's web does not have {url[:URL_SHOWN]}\n"
    return Page(404, text.encode(), (("Content-Type", "text/plain; charset=utf-8"),), PAGE_LATENCY)


def segment_of(datagram: bytes) -> str | None:
    """The segment document behind the daemon's header, or None for what the daemon would drop."""
    head, _, body = datagram.partition(b"\n")
    try:
        document = json.loads(body)
        good = json.loads(head) == XRAY_HEADER and isinstance(document, dict)
    except (ValueError, RecursionError):
        return None
    return json.dumps(document, separators=(",", ":")) if good else None
