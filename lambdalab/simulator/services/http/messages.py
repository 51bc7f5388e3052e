"""HTTP requests and answers as the doors see them, and what every proxy adds to a request."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lambdalab.simulator.account import ANONYMOUS, Principal, World
from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.vocabulary import ids
from lambdalab.simulator.vocabulary.events.arrivals import Arrived, Moment, Pairs

JSON = "application/json"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, "Tokens"
_TEXTS = (JSON, "application/javascript", "application/xml")


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request of a client. ``path`` and ``query`` are URL-encoded; ``principal`` is who signed it (SigV4).

    ``headers`` as the client wrote them, Host included; ``port`` is the door's, ``secure`` whether it speaks
    HTTPS.
    """

    method: str
    path: str
    query: str
    headers: Pairs
    body: bytes
    source_ip: str
    principal: Principal = ANONYMOUS
    port: int = 443
    secure: bool = True

    def header(self, name: str) -> str:
        """The last value of a header, by its name in lower case; an empty text where there is none."""
        return next((value for given, value in reversed(self.headers) if given.lower() == name), "")

    @property
    def content_type(self) -> str:
        """The media type of the body, in lower case and without parameters."""
        return media_type(self.header("content-type"))

    @property
    def line_bytes(self) -> int:
        """The size of the request line."""
        target = f"{self.path}?{self.query}" if self.query else self.path
        return len(f"{self.method} {target} HTTP/1.1".encode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer. ``why`` says in half a sentence why it is not what the function returned, None where it is.

    ``request_id`` is that of the invocation behind it, ``function`` the function's name, where there is one.
    """

    status: int
    headers: Pairs = ()
    body: bytes = b""
    why: str | None = None
    request_id: str | None = None
    function: str | None = None

    def header(self, name: str) -> str:
        """The first value of a header, by its name in lower case; an empty text where there is none."""
        return next((value for given, value in self.headers if given.lower() == name), "")

    def with_headers(self, more: Mapping[str, str]) -> HttpResponse:
        """The same with these headers, in the place of what it says under their names."""
        names = {name.lower() for name in more}
        kept = tuple((name, value) for name, value in self.headers if name.lower() not in names)
        return replace(self, headers=(*kept, *more.items()))


def json_answer(status: int, document: Any, why: str, spaced: bool = False) -> HttpResponse:
    """An answer of a door itself. ``spaced``: REST APIs write a space after the colon."""
    text = json.dumps(document, separators=(", ", ": ") if spaced else (",", ":"))
    return HttpResponse(status, (("Content-Type", JSON),), text.encode(), why)


def media_type(value: str) -> str:
    """``text/html`` of ``text/HTML; charset=utf-8``."""
    return value.partition(";")[0].strip().lower()


def is_token(text: str) -> bool:
    """Whether a text can be a method or the name of a header."""
    return bool(_TOKEN.fullmatch(text))


def as_text(request: HttpRequest) -> tuple[str, bool]:
    """The body as load balancers, HTTP APIs and function URLs hand it on: a text, or base64 for what is none.

    Source: Elastic Load Balancing, "Use Lambda functions as targets": text/*, JSON, JavaScript and XML without a
    content-encoding are texts (fact 12). That the other two follow the same rule is assumption A-103.
    """
    kind = request.content_type
    if not request.body:
        return "", False
    if not request.header("content-encoding") and (kind.startswith("text/") or kind in _TEXTS):
        return request.body.decode("utf-8", "replace"), False
    return base64.b64encode(request.body).decode(), True


def from_base64(text: str) -> bytes | None:
    """The bytes of a base64 text; None when it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def arrived(world: World, request: HttpRequest, host: str, body: str | None, encoded: bool) -> Arrived:
    """The request as a proxy hands it on: with X-Forwarded-* and a trace id, which a client's own precede."""
    seen = request.header("x-forwarded-for")
    added = {
        "X-Amzn-Trace-Id": request.header("x-amzn-trace-id") or trace_root(world),
        "X-Forwarded-For": f"{seen}, {request.source_ip}" if seen else request.source_ip,
        "X-Forwarded-Port": str(request.port),
        "X-Forwarded-Proto": "https" if request.secure else "http",
    }
    names = {name.lower() for name in added}
    headers = tuple((name, value) for name, value in request.headers if name.lower() not in names)
    together = (*headers, *added.items())
    return Arrived(request.method, request.path, request.query, together, host, request.source_ip, body, encoded)


def trace_root(world: World) -> str:
    """A new tracing header as a front door writes it: of this second, and drawn."""
    second = (world.epoch_us + world.kernel.now) // SECOND
    return f"Root=1-{second:08x}-{ids.hex_from(world.kernel.random_for('ids/http-trace'), 24)}"


def moment(world: World) -> Moment:
    """Now, as API Gateway writes it."""
    now = world.wall_clock()
    return Moment(now.strftime("%d/%b/%Y:%H:%M:%S +0000"), (world.epoch_us + world.kernel.now) // 1_000)


def size_of(headers: Pairs) -> int:
    """The bytes of some headers as they are counted for limits: names, values, ``: `` and the end of the line."""
    return sum(len(name.encode()) + len(value.encode()) + 4 for name, value in headers)
