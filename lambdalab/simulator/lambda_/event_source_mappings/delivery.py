"""Handing batches to the mapping's function. What every kind of source shares."""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.lambda_.event_source_mappings.mapping import Mapping
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.lambda_.invocation import Invoker, Result, Work
from lambdalab.simulator.lambda_.recursion import Lineage, invoked, is_loop, stopped
from lambdalab.simulator.lambda_.registry import Registered, not_found
from lambdalab.simulator.lambda_.routes import Routes
from lambdalab.simulator.trace.facts import RecursionStopped
from lambdalab.simulator.vocabulary.errors import AwsError


@dataclass(frozen=True, slots=True)
class Delivery:
    """Invokes functions for mappings, synchronously."""

    world: World
    functions: Table[str, Registered]
    invoker: Invoker
    routes: Routes

    def role_of(self, mapping: Mapping) -> Function | None:
        """The version whose execution role polls: that behind the mapping's qualifier, or None when there is none."""
        registered = self.functions.get(mapping.function)
        if registered is None:
            return None
        if mapping.qualifier is None:
            return registered.latest
        return registered.behind(mapping.qualifier) if registered.has(mapping.qualifier) else None

    def call(
        self, mapping: Mapping, service: str, operation: str, params: dict[str, Any]
    ) -> Process[Answer | AwsError]:
        """Make a call for a mapping, with its function's execution role."""
        function = self.role_of(mapping)
        if function is None:
            return AwsError("ResourceNotFoundException", "Function does not exist", 404)
        request = Request(function.role, service, operation, params, f"lambda/{mapping.shown_as}")
        return (yield from self.world.api.call(request))

    def invoke(
        self, mapping: Mapping, request_id: str, payload: str, source: str, lineage: Lineage | None
    ) -> Process[Result]:
        """Invoke with one batch. A loop is stopped, which the source sees as a failure. Fact K.9"""
        registered = self.functions.get(mapping.function)
        if registered is None:
            return Result("refused", refusal=not_found(mapping.function, mapping.qualifier))
        function = self.routes.version_for(registered, mapping.qualifier, request_id)
        if function is None:
            return Result("refused", refusal=not_found(mapping.function, mapping.qualifier))
        chain = None if lineage is None else invoked(lineage, registered.name)
        if chain is not None and is_loop(chain, registered.name, registered.recursive_loop):
            self.world.trace.record(RecursionStopped(request_id, registered.name, source))
            return Result("refused", refusal=stopped())
        trace = self.invoker.tracer.accept(function, request_id, None) if function.tracing == "Active" else None
        work = Work(
            function,
            request_id,
            payload,
            "RequestResponse",
            source,
            qualifier=mapping.qualifier,
            trace=trace,
            lineage=chain,
        )
        return (yield from self.invoker.invoke(work))
