"""``python -m lambdalab.simulator``: what a stored trace says, without playing it. Playing a lab is ``lambdalab run``.

``explain`` as sentences, ``x-ray`` and ``x-ray-old`` as X-Ray segment documents (a trace a line, in today's style or in
the one that courses still show), ``service-graph``, ``chrome`` as trace-event JSON, which opens in Perfetto.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from lambdalab.simulator.trace import Stamped, decode_lines
from lambdalab.simulator.trace.explain import Explainer
from lambdalab.simulator.trace.platform_lines import with_platform_lines
from lambdalab.simulator.trace.words import clock
from lambdalab.simulator.views.chrome import ChromeFold
from lambdalab.simulator.views.segments import SegmentsFold
from lambdalab.simulator.views.service_graph import service_graph

Fold = TypeVar("Fold", SegmentsFold, ChromeFold)


def _explain(facts: Iterable[Stamped]) -> Iterator[str]:
    explainer = Explainer()
    for stamped in with_platform_lines(facts):
        yield f"{clock(stamped.at):>12}  {explainer.explain(stamped)}"


def _x_ray(facts: Iterable[Stamped]) -> Iterator[str]:
    return (json.dumps(documents) for documents in _folded(facts, SegmentsFold()).documents("new"))


def _x_ray_old(facts: Iterable[Stamped]) -> Iterator[str]:
    return (json.dumps(documents) for documents in _folded(facts, SegmentsFold()).documents("old"))


def _service_graph(facts: Iterable[Stamped]) -> Iterator[str]:
    yield json.dumps(service_graph(_folded(facts, SegmentsFold()).documents()), indent=2)


def _chrome(facts: Iterable[Stamped]) -> Iterator[str]:
    yield json.dumps(_folded(facts, ChromeFold()).result())


def _folded(facts: Iterable[Stamped], fold: Fold) -> Fold:
    for at, _, fact in facts:
        take = fold.takes.get(type(fact))
        if take is not None:
            take(at, fact)
    return fold


COMMANDS: dict[str, Callable[[Iterable[Stamped]], Iterator[str]]] = {
    "explain": _explain,
    "x-ray": _x_ray,
    "x-ray-old": _x_ray_old,
    "service-graph": _service_graph,
    "chrome": _chrome,
}
USAGE = (
    f"usage: python -m lambdalab.simulator {'|'.join(COMMANDS)} TRACE   (a file of JSON lines, or - for standard input)"
)


def main(argv: list[str]) -> int:
    """Print what was asked for. Returns 0, or 2 when the arguments or the trace are not usable."""
    if len(argv) != 2 or argv[0] not in COMMANDS:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        lines = sys.stdin.buffer.readlines() if argv[1] == "-" else Path(argv[1]).read_bytes().splitlines()
        for line in COMMANDS[argv[0]](decode_lines(lines)):
            print(line)
    except (OSError, ValueError) as error:
        print(f"cannot read {argv[1]}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
