"""The tracing header and who is sampled. Source: fact H.3 (DG26 "services-xray").

A request carries its trace from the caller's header through Lambda, its queue and its retries to the code. Lambda
itself sends segments only for functions with active tracing, for requests that are sampled; PassThrough hands the
header on.
"""

from __future__ import annotations

import re

import msgspec

from lambdalab.simulator.account import Principal, World
from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.trace.facts import InvocationTraced, RequestTraced
from lambdalab.simulator.vocabulary import ids

SAMPLED_SHARE = 0.05  # of the requests after the first in each second
_ROOT = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
_SEGMENT = re.compile(r"[0-9a-f]{16}")


class Trace(msgspec.Struct, frozen=True):
    """The trace that a request belongs to. ``parent`` is the caller's segment; ``segment`` Lambda's own for the request
    (origin AWS::Lambda), where it sends one."""

    root: str
    parent: str
    sampled: bool
    segment: str | None = None

    def header(self, parent: str | None = None) -> str:
        """X-Amzn-Trace-Id as the next one gets it, who works on behalf of the segment ``parent``."""
        return f"Root={self.root};Parent={parent or self.parent};Sampled={int(self.sampled)}"


def parse(header: str | None) -> Trace | None:
    """The trace of a header; None where it has no valid root. Without a decision it counts as not sampled."""
    if header is None:
        return None
    parts = dict(part.split("=", 1) for part in header.split(";") if "=" in part)
    root, parent = parts.get("Root", ""), parts.get("Parent", "")
    if not _ROOT.fullmatch(root) or not _SEGMENT.fullmatch(parent):
        return None
    return Trace(root, parent, parts.get("Sampled") == "1")


def root_of(header: str | None) -> str | None:
    """The root in a header that names nothing else, as load balancers and APIs write it: nobody has decided yet."""
    parts = dict(part.split("=", 1) for part in (header or "").split(";") if "=" in part)
    return parts.get("Root") if _ROOT.fullmatch(parts.get("Root", "")) else None


def untraced(request_id: str, wall_us: int) -> Trace:
    """A trace that nobody records: its root is of this second and of the request's id, and nothing is drawn for it."""
    digits = request_id.replace("-", "")
    return Trace(f"1-{wall_us // SECOND:08x}-{digits[:24]}", digits[16:], False)


class Tracer:
    """Decides for every request which trace it belongs to, and what of it Lambda records."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._second: dict[str, int] = {}
        self._silent: dict[Principal, bool] = {}  # an update may give a function another role

    def accept(self, function: Function, request_id: str, upstream: str | None) -> Trace | None:
        """The trace of a new request: the caller's, whose decision is honoured, or a new one.

        None where nobody traces: then the code gets a header that says so, see :func:`untraced`.
        """
        if upstream is None and function.tracing != "Active":
            return None
        trace = parse(upstream)
        known = trace is not None
        if trace is None:
            trace = untraced(request_id, self._world.epoch_us + self._world.kernel.now)
            trace = msgspec.structs.replace(trace, root=root_of(upstream) or trace.root)
        if function.tracing != "Active" or self._may_not_send(function):
            return trace
        if not (trace.sampled if known else self._sample(function)):
            return trace
        segment = ids.hex_from(self._world.kernel.random_for("ids/segment"), 16)
        parent = trace.parent if known else None
        self._world.trace.record(RequestTraced(request_id, function.name, trace.root, parent, segment))
        return Trace(trace.root, trace.parent, True, segment)

    def begin(
        self, function: Function, request_id: str, environment: str, attempt: int, trace: Trace
    ) -> str | None:
        """One invocation begins: its segment, where Lambda sends one."""
        if trace.segment is None:
            return None
        segment = ids.hex_from(self._world.kernel.random_for("ids/segment"), 16)
        self._world.trace.record(
            InvocationTraced(request_id, function.name, environment, attempt, trace.root, trace.segment, segment)
        )
        return segment

    def _sample(self, function: Function) -> bool:
        """The first request in each second, and 5 % of the rest."""
        second = self._world.kernel.now // SECOND
        if self._second.get(function.name) != second:
            self._second[function.name] = second
            return True
        return self._world.kernel.random_for(f"x-ray/{function.name}").random() < SAMPLED_SHARE

    def _may_not_send(self, function: Function) -> bool:
        """Without xray:PutTraceSegments the segments are lost; the function works all the same."""
        if function.role not in self._silent:
            refusal = self._world.iam.denied(function.role, "xray:PutTraceSegments", "*")
            self._silent[function.role] = refusal is not None
        return self._silent[function.role]
