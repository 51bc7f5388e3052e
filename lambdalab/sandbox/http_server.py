"""One connection's bytes as HTTP requests and answers, TLS included. No socket: bytes in, bytes out, all bounded."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import h11

HEADER_BYTES = 65_536
BODY_BYTES = 8 << 20
TLS_HANDSHAKE = 0x16  # the first byte of a TLS connection


class Closed(Exception):
    """The connection cannot go on: what came is no HTTP, or the client refused our certificate."""


@dataclass(slots=True)
class Asked:
    """A request, complete."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(slots=True)
class HttpServer:
    """The server's side of one connection. ``context`` is called when the client begins with TLS."""

    context: Callable[[], ssl.SSLContext]
    secure: bool = False
    _started: bool = False
    _http: h11.Connection = field(
        default_factory=lambda: h11.Connection(h11.SERVER, max_incomplete_event_size=HEADER_BYTES)
    )
    _tls: ssl.SSLObject | None = None
    _incoming: ssl.MemoryBIO = field(default_factory=ssl.MemoryBIO)
    _outgoing: ssl.MemoryBIO = field(default_factory=ssl.MemoryBIO)
    _shaken: bool = False
    _request: h11.Request | None = None
    _body: bytearray = field(default_factory=bytearray)
    _out: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> list[Asked]:
        """Bytes that came; returns the requests that they complete. Raises :class:`Closed`."""
        if not self._started and data:
            self._started = True
            self.secure = data[0] == TLS_HANDSHAKE
            if self.secure:
                self._tls = self.context().wrap_bio(self._incoming, self._outgoing, server_side=True)
        clear = data if self._tls is None else self._decrypted(self._tls, data)
        if clear:
            self._http.receive_data(clear)
        return self._requests()

    def answer(self, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> list[Asked]:
        """Answer the request under way; returns what the client has sent behind it already. Raises :class:`Closed`."""
        assert self._request is not None
        bare = self._request.method == b"HEAD" or status in (204, 304) or status < 200
        length = [] if status in (204, 304) else [("content-length", str(len(body)))]
        kept = [(name, value) for name, value in headers if name.lower() not in ("content-length", "transfer-encoding")]
        self._body.clear()
        try:
            self._say(h11.Response(status_code=status, headers=[*kept, *length]))
            if not bare:
                self._say(h11.Data(data=body))
            self._say(h11.EndOfMessage())
        except h11.LocalProtocolError as error:  # a CONNECT that we seem to agree to: no HTTP follows
            raise Closed from error
        self._request = None
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            raise Closed
        self._http.start_next_cycle()
        return self._requests()

    @property
    def held(self) -> int:
        """Bytes of the request under way."""
        return len(self._body)

    def take_output(self) -> bytes:
        """Bytes for the client."""
        out, self._out = bytes(self._out), bytearray()
        return out

    def _decrypted(self, tls: ssl.SSLObject, data: bytes) -> bytes:
        clear = bytearray()
        self._incoming.write(data)
        try:
            if not self._shaken:
                tls.do_handshake()
                self._shaken = True
            while part := tls.read(65_536):
                clear += part
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            raise Closed from error
        finally:
            self._out += self._outgoing.read()
        return bytes(clear)

    def _requests(self) -> list[Asked]:
        found: list[Asked] = []
        try:
            while (event := self._http.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
                if isinstance(event, h11.ConnectionClosed):
                    raise Closed
                if isinstance(event, h11.Request):
                    self._begin(event)
                elif isinstance(event, h11.Data):
                    self._collect(event)
                elif isinstance(event, h11.EndOfMessage):
                    found.append(self._asked())
        except h11.RemoteProtocolError as error:
            self._refuse(error.error_status_hint)
        return found

    def _begin(self, request: h11.Request) -> None:
        self._request = request
        self._body.clear()
        if self._http.they_are_waiting_for_100_continue:
            self._say(h11.InformationalResponse(status_code=100, headers=[]))

    def _collect(self, event: h11.Data) -> None:
        self._body += event.data
        if len(self._body) > BODY_BYTES:
            self._refuse(413)

    def _asked(self) -> Asked:
        assert self._request is not None
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in self._request.headers)
        return Asked(
            self._request.method.decode("ascii"), self._request.target.decode("latin-1"), headers, bytes(self._body)
        )

    def _refuse(self, status: int) -> None:
        """Say why, and close."""
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._say(h11.Response(status_code=status, headers=[("content-length", "0"), ("connection", "close")]))
            self._say(h11.EndOfMessage())
        raise Closed

    def _say(self, event: h11.Event) -> None:
        data = self._http.send(event) or b""
        if self._tls is None:
            self._out += data
            return
        while data:
            data = data[self._tls.write(data) :]
            self._out += self._outgoing.read()


@dataclass(frozen=True, slots=True)
class MuteServer:
    """The same for who takes everything and says nothing: a database whose language nobody speaks here."""

    secure: bool = False
    held: int = 0

    def feed(self, data: bytes) -> list[Asked]:
        """Bytes that came. Nothing is asked."""
        return []

    def take_output(self) -> bytes:
        """Nothing for the client."""
        return b""
