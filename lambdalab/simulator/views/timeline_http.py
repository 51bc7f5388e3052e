"""What the timeline draws of HTTP: each request at its door, from its client's point of view."""

from __future__ import annotations

from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace.telling_http import NOUNS
from lambdalab.simulator.views.drawing import Neighbours
from lambdalab.simulator.views.fold import Take

PATH_SHOWN = 40


class HttpItems:
    """Draws one lane a door, which is there from its first answer."""

    def __init__(self, place: Neighbours) -> None:
        self._place = place
        self.takes: dict[type, Take] = {f.HttpAnswered: self._answered}

    def _answered(self, at: int, fact: f.HttpAnswered) -> None:
        noun = NOUNS[fact.door_kind]
        lane = self._place.lane("http", fact.door, noun[:1].upper() + noun[1:])
        wrong = fact.status >= 500 or (fact.status >= 400 and fact.why is not None)  # a 404 that is meant is no error
        path = fact.path if len(fact.path) <= PATH_SHOWN else fact.path[: PATH_SHOWN - 1] + "…"
        what = f"{fact.method} {path}"
        kind = "err" if wrong else "ok"
        self._place.span(
            kind, lane, at - fact.latency_us, at, what, fact, message=str(fact.status), event=fact.request_id
        )
