"""Which alias a request came by, while it is under way. Only ``invocation.routed`` says so; what follows does not."""

from __future__ import annotations

from lambdalab.simulator.trace.facts import InvocationRouted

REQUESTS_MAX = 100_000  # some never come to an end, refused by a key: the oldest are forgotten


class RoutedRequests:
    """The aliases of requests that have not ended. Copies of one event share their request id, and their alias."""

    def __init__(self) -> None:
        self._under_way: dict[str, tuple[str, int]] = {}

    def __bool__(self) -> bool:
        return bool(self._under_way)

    def note(self, fact: InvocationRouted) -> None:
        """A request, or another attempt or copy of it, goes the way of its alias."""
        _, copies = self._under_way.get(fact.request_id, (fact.alias, 0))
        self._under_way[fact.request_id] = fact.alias, copies + 1
        if len(self._under_way) > REQUESTS_MAX:
            del self._under_way[next(iter(self._under_way))]

    def alias_of(self, request_id: str) -> str | None:
        """The alias by which it came, or None."""
        known = self._under_way.get(request_id)
        return None if known is None else known[0]

    def end(self, request_id: str) -> str | None:
        """The same, when it has ended or was throttled."""
        alias, copies = self._under_way.pop(request_id, (None, 1))
        if alias is not None and copies > 1:
            self._under_way[request_id] = alias, copies - 1
        return alias
