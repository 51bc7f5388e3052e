"""Which alias a request came by, while it is under way. Only ``invocation.routed`` says so; what follows does not."""

from __future__ import annotations

from lambdalab.simulator.trace.facts import InvocationRouted

REQUESTS_MAX = 100_000  # some never come to an end, refused by a key: the oldest are forgotten


class RoutedRequests:
    """The aliases of requests that have not ended. Copies of one event share their request id, and their alias."""

    def __init__(self) -> None:
        self.under_way: dict[str, tuple[str, int]] = {}  # alias and copies, by request; often none

    def note(self, fact: InvocationRouted) -> None:
        """A request, or another attempt or copy of it, goes the way of its alias."""
        _, copies = self.under_way.get(fact.request_id, (fact.alias, 0))
        self.under_way[fact.request_id] = fact.alias, copies + 1
        if len(self.under_way) > REQUESTS_MAX:
            del self.under_way[next(iter(self.under_way))]

    def alias_of(self, request_id: str) -> str | None:
        """The alias by which it came, or None."""
        known = self.under_way.get(request_id)
        return None if known is None else known[0]

    def end(self, request_id: str) -> str | None:
        """The same, when it has ended or was throttled."""
        alias, copies = self.under_way.pop(request_id, (None, 1))
        if alias is not None and copies > 1:
            self.under_way[request_id] = alias, copies - 1
        return alias
