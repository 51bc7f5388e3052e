"""All doors of a run by name and host, and a client that knocks at one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import Micros, Process
from lambdalab.simulator.services.http.messages import HttpRequest, HttpResponse, size_of
from lambdalab.simulator.trace.facts import HttpAnswered, HttpDoorDeployed
from lambdalab.simulator.trace.facts.http import DoorKind
from lambdalab.simulator.vocabulary.assumptions.http import HTTP_LATENCY_SPREAD, HTTP_LATENCY_US

BODY_KEPT = 4_096  # characters of an answer's body in the trace


class Door(Protocol):
    """Whoever answers the requests for one host."""

    @property
    def shown_as(self) -> str:
        """What people call it."""
        ...

    @property
    def kind(self) -> DoorKind:
        """What it is."""
        ...

    @property
    def host(self) -> str:
        """Its name on the Internet."""
        ...

    def answer(self, request: HttpRequest) -> Process[HttpResponse]:
        """Answer one request."""
        ...


class Doors:
    """The doors of the account."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._places: dict[str, tuple[Door, str, int]] = {}

    def add(self, door: Door, *names: str, told: str, port: int = 443, scheme: str = "https") -> None:
        """Add a door under its host and ``names``; ``told`` says in half a sentence what it leads to."""
        for name in (door.host, *names):
            self._places[name] = door, "", port
        self.tell(door, told, scheme)

    def tell(self, door: Door, told: str, scheme: str = "https") -> None:
        """Record that a door is there, also one that has no name on the Internet."""
        self._world.trace.record(HttpDoorDeployed(door.shown_as, door.kind, f"{scheme}://{door.host}/", told))

    def add_place(self, name: str, door: Door, path: str = "", port: int = 443) -> None:
        """A name for a path or a port of a door: that of a stage, or of a listener."""
        self._places[name] = door, path, port

    def remove(self, door: Door) -> None:
        """Nobody is answered there any more."""
        self._places = {name: place for name, place in self._places.items() if place[0] is not door}

    @property
    def names(self) -> frozenset[str]:
        """Every host and name that answers."""
        return frozenset(self._places)

    def clear(self) -> None:
        """The stack is gone, and its doors with it."""
        self._places.clear()

    def at(self, host: str, port: int) -> tuple[Door, str] | None:
        """Who answers at a port of a host, and the path that belongs before a request's own; None: nobody does."""
        place = self._places.get(f"{host}:{port}") or self._places.get(host)
        return None if place is None or place[2] != port else place[:2]

    def has_host(self, host: str) -> bool:
        """Whether a host name is one of a door's."""
        return any(door.host == host for door, _, _ in self._places.values())

    def knock(self, door: Door, request: HttpRequest) -> Process[HttpResponse]:
        """Let a door answer, with the time that its own work takes (assumption A-100); nothing is recorded."""
        yield from self._world.kernel.sleep(self._draw(door.kind))
        return (yield from door.answer(request))

    def request(self, to: str, sent: HttpRequest, label: str | None) -> Process[HttpResponse | None]:
        """Send a request and wait for its answer; None where nobody has that name any more.

        The way there and back and the door's own work take a named, drawn time (assumption A-100).
        """
        place = self._places.get(to)
        if place is None:
            return None
        door, base, port = place
        return (yield from self.exchange(door, sent, base=base, port=port, label=label))

    def exchange(
        self,
        door: Door,
        sent: HttpRequest,
        *,
        port: int,
        base: str = "",
        label: str | None = None,
        inside: bool = False,
    ) -> Process[HttpResponse]:
        """Send a request to a door and wait for its answer; ``inside``: from inside its VPC, which is nearer."""
        kernel = self._world.kernel
        started, way = kernel.now, self._draw("vpc" if inside else "client")
        yield from kernel.sleep(Micros(way // 2 + self._draw(door.kind)))
        answer = yield from door.answer(_at(sent, base, door.host, port))
        yield from kernel.sleep(Micros(way - way // 2))
        self._record(door, sent, base, answer, Micros(kernel.now - started), label)
        return answer

    def _draw(self, what: str) -> Micros:
        random = self._world.kernel.random_for(f"latency/http/{what}")
        return Micros(round(HTTP_LATENCY_US[what] * (1 + random.triangular(-HTTP_LATENCY_SPREAD, HTTP_LATENCY_SPREAD))))

    def _record(
        self, door: Door, sent: HttpRequest, base: str, answer: HttpResponse, took: Micros, label: str | None
    ) -> None:
        self._world.trace.record(
            HttpAnswered(
                door=door.shown_as,
                door_kind=door.kind,
                label=label,
                method=sent.method,
                path=base + sent.path,
                query=sent.query,
                status=answer.status,
                latency_us=took,
                request_id=answer.request_id,
                function=answer.function,
                headers=tuple((name.lower(), value[:BODY_KEPT]) for name, value in answer.headers[:100]),
                body=answer.body[:BODY_KEPT].decode("utf-8", "replace"),
                bytes_in=len(sent.body) + size_of(sent.headers),
                bytes_out=len(answer.body) + size_of(answer.headers),
                why=answer.why,
            )
        )


def _at(sent: HttpRequest, base: str, host: str, port: int) -> HttpRequest:
    """The request for a door: with the path of the place it was sent to, and a Host unless the client names one."""
    headers = sent.headers if sent.header("host") else (("Host", host), *sent.headers)
    return replace(sent, path=base + sent.path, headers=headers, port=port)
