"""What a function reaches, and what becomes of what it asks of the network.

Outside a VPC a function reaches the Internet and nothing else (fact I: DG22, "default"); the Internet here has the
hosts of the scenario's ``web`` (assumption A-15). Inside one, routes, endpoints and security groups decide
(``account.vpc``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from lambdalab.simulator.account import World
from lambdalab.simulator.account.internet import Internet, Page, place_of
from lambdalab.simulator.account.vpc import (
    Asked,
    Blocked,
    Endpoint,
    Interface,
    InternalBalancer,
    endpoint_on,
    to_address,
    to_service,
)
from lambdalab.simulator.kernel import Micros, Process
from lambdalab.simulator.lambda_.connections import close_connections, open_connection
from lambdalab.simulator.lambda_.environments import Environment
from lambdalab.simulator.lambda_.handlers import Call, Connect, ConnectReply, Reply, Turn, WebReply, WebRequest
from lambdalab.simulator.lambda_.transfer import transfer_time
from lambdalab.simulator.trace.facts import ConnectionTried, NameLookedUp, PathBlocked, SegmentSent, WebRequested
from lambdalab.simulator.vocabulary.arns import REGION
from lambdalab.simulator.vocabulary.assumptions.networks import (
    CONNECT_LATENCY,
    CONNECT_PATIENCE,
    LOOKUP_LATENCY,
    PAGE_LATENCY,
    VPC_CONNECT_LATENCY,
)

XRAY_DAEMON = ("169.254.79.129", 2000)  # fact B.5: AWS_XRAY_DAEMON_ADDRESS. Its way needs no route. Fact I
XRAY_HEADER = {"format": "json", "version": 1}  # X-Ray Developer Guide, "Sending trace data", read 2026-11-24

URL_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Reach:
    """What a connect meets. ``silent``: nothing ever answers; ``trusted``: the certificate is good; ``mute``: who
    answers says nothing."""

    outcome: Literal["answered", "refused", "unreachable", "silent"]
    after: Micros = CONNECT_LATENCY
    trusted: bool = True
    mute: bool = False


def reach(internet: Internet, host: str, port: int) -> Reach:
    """What a connect meets on the Internet at ``host`` (a name, or an address that nobody has)."""
    if not internet.exists(host):
        return Reach("silent")
    try:
        fail = internet.fail_of(host, port)
    except KeyError:
        return Reach("refused")
    if fail == "timeout":
        return Reach("silent")
    return Reach("refused" if fail == "refused" else "answered", trusted=fail != "tls")


@dataclass(frozen=True)
class Networking:
    """Decides what the code of one environment asks of the network, for one request (or for INIT)."""

    world: World
    environment: Environment
    request_id: str | None

    @cached_property
    def interface(self) -> Interface | None:
        """The network interface by which the environment's packets leave; None outside a VPC."""
        config = self.environment.function.vpc
        return None if config is None else self.world.network.interface(config, self.environment.number)

    def attend(self, turn: Turn) -> None:
        """Set off what answers; each answer goes into the environment's mailbox, in its time."""
        close_connections(self.world, self.environment, turn.closed, "closed")
        for asked in turn.connects:
            self._attend(asked)
        for request in turn.requests:
            self.world.kernel.spawn(self._answer(request))

    def lose(self, call: Call) -> Process[None] | None:
        """What becomes of an AWS API call that never arrives; None for one that does."""
        assert self.interface is not None
        host = _host_of(call)
        if not self._resolves():
            return self._unknown(call)
        blocked = to_service(self.world.network, self.interface, host)
        if blocked is None:
            return None
        self._record_blocked(host, 443, blocked)
        return self._give_up(call)

    def endpoint(self, call: Call) -> Endpoint | None:
        """The endpoint of the VPC by which a call that arrives comes; None for one over the Internet."""
        assert self.interface is not None
        return endpoint_on(self.world.network, self.interface, _host_of(call))

    def _unknown(self, call: Call) -> Process[None]:
        mailbox = self.environment.mailbox
        yield from self.world.kernel.sleep(LOOKUP_LATENCY)
        self.world.trace.record(NameLookedUp(*self._who(), call.host or call.service, None, LOOKUP_LATENCY))
        mailbox.put(Reply(call.id, 0, failure="no_such_host"))

    def _give_up(self, call: Call) -> Process[None]:
        """botocore's patience, or the operating system's when that ends sooner."""
        mailbox = self.environment.mailbox  # a reset puts a new one up
        waits = call.patience is not None and call.patience < CONNECT_PATIENCE
        yield from self.world.kernel.sleep(call.patience if call.patience is not None and waits else CONNECT_PATIENCE)
        mailbox.put(Reply(call.id, 0, failure="connect_timeout" if waits else "unreachable"))

    def _resolves(self) -> bool:
        return self.interface is None or self.world.network.vpcs[self.interface.subnet.vpc].resolves

    def _attend(self, asked: Connect) -> None:
        if asked.kind == "datagram":
            self._datagram(asked)
        elif asked.kind == "lookup":
            self.world.kernel.spawn(self._look_up(asked))
        else:
            self._set_off(asked)

    def _look_up(self, asked: Connect) -> Process[None]:
        mailbox = self.environment.mailbox
        yield from self.world.kernel.sleep(LOOKUP_LATENCY)
        address = self._address_of(asked.host) if self._resolves() else None
        self.world.trace.record(NameLookedUp(*self._who(), asked.host, address, LOOKUP_LATENCY))
        mailbox.put(ConnectReply(asked.id, "answered" if address else "no_such_host", address=address or ""))

    def _address_of(self, host: str) -> str | None:
        vpc = None if self.interface is None else self.interface.subnet.vpc
        inside = self.world.network.look_up(host, vpc)
        return self.world.internet.look_up(host) if inside is None else str(inside)

    def _set_off(self, asked: Connect) -> None:
        network = self.world.network
        host = self._name_of(asked.address)
        blocked = to_address(network, self.interface, host, asked.address, asked.port)
        met = Reach("silent")
        if blocked is not None:
            self._record_blocked(host, asked.port, blocked)
        elif network.server_at(asked.address) is not None:
            met = Reach("answered", VPC_CONNECT_LATENCY, mute=True)
        elif (balancer := network.balancer_at(asked.address)) is not None:
            met = Reach("answered" if asked.port in balancer.ports else "refused", VPC_CONNECT_LATENCY)
        elif any(str(each.address) == asked.address for each in network.interface_endpoints):
            met = Reach("answered" if asked.port == 443 else "refused", VPC_CONNECT_LATENCY, mute=True)
        else:
            met = reach(self.world.internet, host, asked.port)
        self.world.kernel.spawn(self._connect(asked, host, met), background=met.outcome == "silent")

    def _name_of(self, address: str) -> str:
        server, balancer = self.world.network.server_at(address), self.world.network.balancer_at(address)
        if balancer is not None:
            return balancer.host
        return self.world.internet.name_of(address) if server is None else server.name

    def _connect(self, asked: Connect, host: str, met: Reach) -> Process[None]:
        mailbox, kernel, outcome = self.environment.mailbox, self.world.kernel, met.outcome
        if outcome == "silent":
            self.world.trace.record(ConnectionTried(*self._who(), host, asked.port, "silent", 0))
            yield from kernel.sleep(CONNECT_PATIENCE)
            mailbox.put(ConnectReply(asked.id, "timed_out"))
            return
        yield from kernel.sleep(met.after)
        server = self.world.network.server_at(asked.address)
        if server is not None:
            if mailbox is not self.environment.mailbox or self.environment.ended:
                return  # who asked is gone: nobody would ever close it
            accepted = open_connection(self.world, self.environment, self.request_id, asked.id, server, asked.port)
            outcome = "answered" if accepted else "refused"
        else:
            self.world.trace.record(ConnectionTried(*self._who(), host, asked.port, outcome, met.after))
        mailbox.put(ConnectReply(asked.id, outcome, host=host, port=asked.port, trusted=met.trusted, mute=met.mute))

    def _record_blocked(self, host: str, port: int, blocked: Blocked) -> None:
        self.world.trace.record(PathBlocked(*self._who(), host, port, blocked.subnet, blocked.reason, blocked.why))

    def _answer(self, request: WebRequest) -> Process[None]:
        mailbox, kernel = self.environment.mailbox, self.world.kernel
        balancer = self.world.network.balancer_called(place_of(request.url).host)
        if balancer is not None:
            yield from self._answer_inside(balancer, request)
            return
        page = self.world.internet.answer(request.method, request.url, request.body) or _missing(request.url)
        reset = page.fail == "reset"
        carried = transfer_time(len(request.body) + (0 if reset else len(page.body)))
        yield from kernel.sleep(Micros(page.latency + carried))
        self.world.trace.record(
            WebRequested(
                *self._who(), request.method, request.url[:URL_SHOWN], None if reset else page.status, page.latency
            )
        )
        mailbox.put(WebReply(request.id, page.status, page.headers, page.body, reset))

    def _answer_inside(self, balancer: InternalBalancer, request: WebRequest) -> Process[None]:
        """A load balancer of the VPC answers, in its own time."""
        mailbox, kernel, asked_at = self.environment.mailbox, self.world.kernel, self.world.kernel.now
        address = "" if self.interface is None else str(self.interface.address)
        page = yield from balancer.answer(Asked(request.method, request.url, request.headers, request.body, address))
        took = Micros(kernel.now - asked_at)
        shown = request.url[:URL_SHOWN]
        self.world.trace.record(WebRequested(*self._who(), request.method, shown, page.status, took))
        mailbox.put(WebReply(request.id, page.status, page.headers, page.body, False))

    def _datagram(self, asked: Connect) -> None:
        """The X-Ray daemon takes segments; any other datagram is lost, as where nobody listens."""
        if (asked.address, asked.port) != XRAY_DAEMON:
            return
        document = segment_of(asked.data)
        if document is not None:
            self.world.trace.record(SegmentSent(*self._who(), document))

    def _who(self) -> tuple[str, str, str | None]:
        return self.environment.function.name, self.environment.id, self.request_id


def _host_of(call: Call) -> str:
    return call.host or f"{call.service}.{REGION}.amazonaws.com"


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
