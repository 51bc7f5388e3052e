"""Where an environment's connections end that the simulator has let through: the worker's own small web server.

Theory of operation. The shim connects such a socket to a listener in the environment's network, which the keeper has
handed over, and says first which connect it is. The gateway reads whatever comes, at all times, so that nobody inside
ever waits for us; requests leave with the turn. What it has to say is kept until the next answer to a turn, which tells
the environment how many bytes have come for each connection; it reads exactly so many. So a play does not depend on how
fast either side is.

The environment is hostile: connections, headers, bodies and waiting bytes are bounded, a connection that nobody let
through is closed, and a connection that breaks a rule is reset, alone.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lambdalab.sandbox.http_server import Asked, Closed, HttpServer, MuteServer
from lambdalab.sandbox.report import Arrival, ConnectReply, WebReply, WebRequest

if TYPE_CHECKING:
    from lambdalab.sandbox.authority import Authority

HELLO = struct.Struct("<II")
HELLO_MAGIC = 0x3154454E
CONNECTIONS_MAX = 256
HELD_BYTES_MAX = 64 << 20  # of all connections: bodies that come in, and what the environment has not yet taken
READ_BYTES = 1 << 18
PATIENCE_S = 1.0
LINGER = struct.pack("ii", 1, 0)  # close with a reset
OPEN, ENDED, RESET = 0, 1, 2


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    hello: bytearray = field(default_factory=bytearray)
    let_in: ConnectReply | None = None
    server: HttpServer | MuteServer | None = None
    read: int = 0
    said: int = 0
    written: int = 0
    state: int = OPEN
    told: tuple[int, int] = (0, OPEN)
    out: bytearray = field(default_factory=bytearray)
    hung_up: bool = False

    @property
    def held(self) -> int:
        """Bytes that we keep for it."""
        return len(self.out) + (self.server.held if self.server else 0)

    def say(self) -> None:
        """Take what the server has to say."""
        assert self.server is not None
        data = self.server.take_output()
        self.said += len(data)
        self.out += data

    def write(self) -> None:
        """Write what the environment was told of and takes just now; close behind the last byte."""
        said, state = self.told
        if state == RESET:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
            self.hang_up()
            return
        with contextlib.suppress(BlockingIOError):
            while self.written < said:
                with memoryview(self.out) as waiting:
                    count = self.socket.send(waiting[: min(READ_BYTES, said - self.written)])
                del self.out[:count]
                self.written += count
        if state == ENDED and self.written == said:
            self.hang_up()

    def hang_up(self) -> None:
        """Let go of the socket."""
        self.out.clear()
        if not self.hung_up:
            self.hung_up = True
            self.socket.close()


class Gateway:
    """The gateway of one environment.

    The ``listener`` (the life socket brings it) is asked for when the first connect is let in, ``authority`` when the
    first client speaks TLS.
    """

    def __init__(self, listener: Callable[[], socket.socket], authority: Callable[[], Authority]) -> None:
        self._listener = listener
        self._authority = authority
        self._epoll: select.epoll | None = None
        self._let_in: dict[int, ConnectReply] = {}
        self._connections: dict[int, _Connection] = {}  # by descriptor
        self._by_number: dict[int, _Connection] = {}
        self._requests: list[WebRequest] = []
        self._asking: dict[int, _Connection] = {}
        self._next_request = 1
        self._patient = True

    @property
    def open(self) -> bool:
        """Whether a connect was ever let through since the runtime started."""
        return self._epoll is not None

    def fileno(self) -> int:
        """A descriptor that is readable when :meth:`pump` has something to do."""
        assert self._epoll is not None
        return self._epoll.fileno()

    def let_in(self, reply: ConnectReply) -> None:
        """The connect with this number will come."""
        if self._epoll is None:
            self._listener().setblocking(False)
            self._epoll = select.epoll()
            self._epoll.register(self._listener(), select.EPOLLIN)
        self._let_in[reply.connect_id] = reply
        if len(self._let_in) > CONNECTIONS_MAX:
            del self._let_in[next(iter(self._let_in))]  # the oldest was given up by who asked

    def pump(self, wait_s: float = 0.0) -> None:
        """Take connections, read and write what can be read and written now."""
        if self._epoll is None:
            return
        for descriptor, _ in self._epoll.poll(wait_s):
            connection = self._connections.get(descriptor)
            if connection is None:
                self._accept()
            else:
                self._serve(connection)

    def catch_up(self, written: Mapping[int, int]) -> None:
        """Read everything that the environment says it has written (connect to bytes)."""
        if self._epoll is None:
            return
        self.pump()
        until = time.monotonic() + PATIENCE_S
        while self._patient and any(not self._has_read(number, count) for number, count in written.items()):
            if time.monotonic() > until:
                self._patient = False  # it deceives, or its kernel does; either way once is enough
            self.pump(0.001)

    def take_requests(self) -> tuple[WebRequest, ...]:
        """The requests that are complete, in the order of their connects."""
        if not self._requests:
            return ()
        found, self._requests = sorted(self._requests, key=lambda r: (r.connect_id, r.id)), []
        return tuple(found)

    def answer(self, reply: WebReply) -> None:
        """Answer a request. One that is unknown, or whose connection has gone, is passed over."""
        connection = self._asking.pop(reply.request_id, None)
        if connection is None or connection.state != OPEN or not isinstance(connection.server, HttpServer):
            return
        if reply.reset:
            connection.state = RESET
            return
        server = connection.server
        self._proceed(connection, lambda: server.answer(reply.status, reply.headers, reply.body))

    def arrivals(self) -> list[Arrival]:
        """What has come for connections since this was last asked; from now on it may be read."""
        found = []
        for number, connection in sorted(self._by_number.items()):
            now = (connection.said, connection.state)
            if now != connection.told:
                connection.told = now
                found.append(Arrival(number, *now))
                self._write(connection)
            if connection.hung_up:
                del self._by_number[number]
        return found

    @property
    def stirred(self) -> bool:
        """Whether :meth:`arrivals` would say something."""
        return any((c.said, c.state) != c.told for c in self._by_number.values())

    def reset(self) -> None:
        """The runtime is gone, and its connections with it."""
        for connection in self._connections.values():
            connection.hang_up()
        if self._epoll is not None:
            self._epoll.close()
        self._epoll = None
        for known in (self._connections, self._by_number, self._let_in, self._asking):
            known.clear()
        self._requests.clear()

    def _accept(self) -> None:
        assert self._epoll is not None
        with contextlib.suppress(BlockingIOError):
            while True:
                accepted, _ = self._listener().accept()
                accepted.setblocking(False)
                accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if len(self._connections) >= CONNECTIONS_MAX:
                    accepted.close()
                    continue
                self._connections[accepted.fileno()] = connection = _Connection(accepted)
                self._epoll.register(accepted, select.EPOLLIN)
                self._serve(connection)

    def _has_read(self, number: int, count: int) -> bool:
        connection = self._by_number.get(number)
        if connection is None:
            return number not in self._let_in  # it has come and gone, or was never let in
        return connection.hung_up or connection.read >= count

    def _serve(self, connection: _Connection) -> None:
        try:
            while data := connection.socket.recv(READ_BYTES):
                self._take(connection, data)
                if connection.hung_up:
                    break
            else:
                self._forget(connection)
        except BlockingIOError:
            pass
        except OSError:
            self._forget(connection)
        if not connection.hung_up:
            self._write(connection)

    def _take(self, connection: _Connection, data: bytes) -> None:
        if connection.server is None:
            data = self._greet(connection, data)
        if connection.server is not None and data:
            connection.read += len(data)
            if connection.state == OPEN:
                server = connection.server
                self._proceed(connection, lambda: server.feed(data))

    def _greet(self, connection: _Connection, data: bytes) -> bytes:
        """The first bytes say which connect this is; returns what comes behind them."""
        missing = HELLO.size - len(connection.hello)
        connection.hello += data[:missing]
        if len(connection.hello) < HELLO.size:
            return b""
        magic, number = HELLO.unpack(connection.hello)
        reply = self._let_in.pop(number, None) if magic == HELLO_MAGIC else None
        if reply is None:
            self._forget(connection)
            return b""
        connection.let_in = reply
        connection.server = (
            MuteServer() if reply.mute else HttpServer(lambda: self._authority().context(reply.host, reply.trusted))
        )
        self._by_number[number] = connection
        return data[missing:]

    def _proceed(self, connection: _Connection, act: Callable[[], Iterable[Asked]]) -> None:
        """Let the connection's server act; note what is asked and said."""
        try:
            for asked in act():
                self._note(connection, asked)
        except Closed:
            connection.state = ENDED
        connection.say()
        if sum(c.held for c in self._connections.values()) > HELD_BYTES_MAX:
            connection.state = RESET

    def _note(self, connection: _Connection, asked: Asked) -> None:
        assert connection.let_in is not None
        assert connection.server is not None
        place = connection.let_in
        scheme = "https" if connection.server.secure else "http"
        number, self._next_request = self._next_request, self._next_request + 1
        self._asking[number] = connection
        self._requests.append(
            WebRequest(number, place.connect_id, asked.method, scheme, place.host, place.port, asked.target,
                       asked.headers, asked.body)
        )  # fmt: skip

    def _write(self, connection: _Connection) -> None:
        try:
            connection.write()
        except OSError:
            self._forget(connection)
            return
        if connection.hung_up:
            self._drop(connection)
        elif self._epoll is not None:
            waiting = connection.written < connection.told[0]
            events = select.EPOLLIN | (select.EPOLLOUT if waiting else 0)
            self._epoll.modify(connection.socket, events)

    def _forget(self, connection: _Connection) -> None:
        """The other side is gone: nobody is left to be told."""
        connection.state = ENDED
        connection.told = (connection.said, ENDED)
        self._drop(connection)

    def _drop(self, connection: _Connection) -> None:
        connection.hang_up()
        self._connections = {fd: c for fd, c in self._connections.items() if c is not connection}
