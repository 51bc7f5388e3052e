"""The service graph: who calls whom in the traces of a run, as X-Ray's service map draws it. Fact H.3."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.views.segment_model import Document

CLIENT = "client"


@dataclass(slots=True)
class _Edge:
    count: int = 0
    faults: int = 0
    throttles: int = 0


def service_graph(traces: Iterable[list[Document]]) -> dict[str, Any]:
    """``{nodes: [{name, type}], edges: [{from, to, count, faults, throttles}]}`` of segment documents.

    A node is called ``name (type)``; requests that nobody traced made come from ``client``. Subsegments of the
    namespaces ``aws`` and ``remote`` are calls of services that send no segments of their own.
    """
    nodes: dict[str, dict[str, str]] = {}
    edges: dict[tuple[str, str], _Edge] = {}
    for documents in traces:
        owners = {each["id"]: _node(document) for document in documents for each in _all(document)}
        for document in documents:
            here = _node(document)
            nodes.setdefault(here, {"name": document["name"], "type": document.get("origin", "custom")})
            above = owners.get(str(document.get("parent_id")), CLIENT)
            nodes.setdefault(above, {"name": CLIENT, "type": CLIENT})
            _count(edges, above, here, document)
            for inner in _all(document):
                if inner.get("namespace") in ("aws", "remote"):
                    called = f"{inner['name']} ({inner['namespace']})"
                    nodes.setdefault(called, {"name": inner["name"], "type": inner["namespace"]})
                    _count(edges, here, called, inner)
    return {
        "nodes": [nodes[key] for key in sorted(nodes)],
        "edges": [
            {"from": start, "to": end, "count": edge.count, "faults": edge.faults, "throttles": edge.throttles}
            for (start, end), edge in sorted(edges.items())
        ],
    }


def _count(edges: dict[tuple[str, str], _Edge], start: str, end: str, document: Document) -> None:
    edge = edges.setdefault((start, end), _Edge())
    edge.count += 1
    edge.faults += bool(document.get("fault"))
    edge.throttles += bool(document.get("throttle"))


def _node(document: Document) -> str:
    return f"{document['name']} ({document.get('origin', 'custom')})"


def _all(document: Document) -> list[Document]:
    """A segment and everything below it."""
    found, waiting = [], [document]
    while waiting:
        each = waiting.pop()
        found.append(each)
        below = each.get("subsegments")
        if isinstance(below, list):  # the code's own documents may have anything there
            waiting += [inner for inner in below if isinstance(inner, dict) and {"id", "name"} <= inner.keys()]
    return found
