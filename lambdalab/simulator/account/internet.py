"""The Internet as far as it exists: the hosts that the scenario's ``web`` names, and nothing else (assumption A-15)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.vocabulary.assumptions.networks import PAGE_LATENCY

Fail = Literal["refused", "timeout", "tls", "reset"]
CONNECTION_FAILS: tuple[Fail, ...] = ("refused", "timeout", "tls")  # these concern a host and port as a whole
PORTS = {"http": 80, "https": 443}
DOCUMENTATION = ("198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/24")  # RFC 5737: nobody has these addresses


@dataclass(frozen=True, slots=True)
class Page:
    """What one URL answers, after ``latency`` of virtual time. ``fail`` says how it fails instead."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    latency: Micros = PAGE_LATENCY
    fail: Fail | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a URL's host listens."""

    scheme: str
    host: str
    port: int


Receiver = Callable[[str, str, bytes], Page]
"""Takes a request (method, URL, body) and answers it."""


class Internet:
    """Hosts with addresses, ports that listen, pages. ``pages`` maps URLs to what they answer.

    A URL without a query answers whatever the query is; one with a query answers that query only.
    """

    def __init__(self, pages: Mapping[str, Page] | None = None) -> None:
        self._pages = dict(pages or {})
        self._listening = {(place.host, place.port): place for place in map(place_of, self._pages)}
        self._addresses = dict(_addresses(sorted({host for host, _ in self._listening})))
        self._names = {address: host for host, address in self._addresses.items()}
        self._receivers: dict[str, Receiver] = {}

    def listen(self, host: str, receive: Receiver) -> None:
        """Add a host of AWS's own that speaks HTTPS and is told what comes."""
        self._receivers[host] = receive
        self._listening[host, PORTS["https"]] = Place("https", host, PORTS["https"])
        self._addresses[host] = next(address for address in _free() if address not in self._names)
        self._names[self._addresses[host]] = host

    def look_up(self, name: str) -> str | None:
        """The IPv4 address of a host name, or None: there is no such host."""
        return self._addresses.get(name.rstrip(".").lower())

    def name_of(self, address: str) -> str:
        """The host that has ``address``; the address itself when nobody has."""
        return self._names.get(address, address)

    def exists(self, host: str) -> bool:
        """Whether the host is one of this Internet's."""
        return host in self._addresses

    def fail_of(self, host: str, port: int) -> Fail | None:
        """How every connection to a host and port fails, or None. Raises ``KeyError`` where nothing listens."""
        place = self._listening[host, port]
        if host in self._receivers:
            return None
        pages = [page for url, page in self._pages.items() if place_of(url) == place]
        return pages[0].fail if pages[0].fail in CONNECTION_FAILS else None

    def answer(self, method: str, url: str, body: bytes) -> Page | None:
        """What a request is answered, or None when nobody has the URL. A page of ``web`` takes any method."""
        receive = self._receivers.get(place_of(url).host)
        return self.page(url) if receive is None else receive(method, url, body)

    def page(self, url: str) -> Page | None:
        """What a URL answers, or None when ``web`` does not have it."""
        asked = urlsplit(url)
        exact = self._pages.get(_joined(asked, asked.query))
        return exact or self._pages.get(_joined(asked, ""))


def place_of(url: str) -> Place:
    """The host and port of a URL, in lower case. Raises ``ValueError`` for what is not a URL of the web."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError(f"{url!r} is not a URL of http or https")
    return Place(parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme])


def canonical(url: str) -> str:
    """A URL as ``web`` keeps it: scheme and host in lower case, no default port, at least a slash, no fragment."""
    parts = urlsplit(url)
    return _joined(parts, parts.query)


def _joined(parts: SplitResult, query: str) -> str:
    port = parts.port
    shown = "" if port is None or port == PORTS.get(parts.scheme) else f":{port}"
    return f"{parts.scheme}://{parts.hostname}{shown}{parts.path or '/'}" + (f"?{query}" if query else "")


def _addresses(hosts: list[str]) -> Iterator[tuple[str, str]]:
    """An address each, in the order of the alphabet; a host written as an address has that one."""
    free = _free()
    written = {host for host in hosts if _is_address(host)}
    for host in hosts:
        yield host, host if host in written else next(address for address in free if address not in written)


def _free() -> Iterator[str]:
    return (str(address) for block in DOCUMENTATION for address in ipaddress.IPv4Network(block).hosts())


def _is_address(host: str) -> bool:
    try:
        return bool(ipaddress.IPv4Address(host))
    except ValueError:
        return False
