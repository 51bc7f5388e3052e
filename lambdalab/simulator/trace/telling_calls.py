"""Sentences about calls of AWS's APIs, and about what a function asks of the network."""

from __future__ import annotations

from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace.names import Names
from lambdalab.simulator.trace.words import duration


def of_call(fact: f.ApiFact, names: Names) -> str:
    """The sentence."""
    match fact:
        case f.ApiCalled():
            return _called(fact, names)
        case f.CallRetried():
            again = f"calls {fact.service}.{fact.operation} again in {duration(fact.delay_us)}"
            return f"{names.who(fact.source)} got {fact.error}: its SDK {again}, attempt {fact.attempt + 1}."
        case f.CallGivenUp():
            waited = f"has waited {duration(fact.waited_us)} for {fact.service}.{fact.operation}"
            return f"{names.who(fact.source)} {waited}, its SDK's read timeout, and gives up. The call itself goes on."
        case f.AccessDenied():
            return f"{fact.why[:1].upper()}{fact.why[1:]}."
        case f.FaultApplied():
            verb = {"begins": "begins", "ends": "ends", "strikes": "strikes"}[fact.phase]
            return f"The fault {fact.fault} on {fact.target or 'everything'} {verb}."


def _called(fact: f.ApiCalled, names: Names) -> str:
    took = duration(fact.latency_us)
    what = f"{names.who(fact.source)} called {fact.service}.{fact.operation}"
    target = f" on {fact.target}" if fact.target else ""
    if fact.error:
        return f"{what}{target} and got {fact.status} {fact.error} after {took}."
    return f"{what}{target}: {fact.status} after {took}."


def of_network(fact: f.NetworkFact, name: str) -> str:
    """The sentence; ``name`` is what people call the function."""
    match fact:
        case f.NameLookedUp():
            found = f"it is {fact.address}" if fact.address else "no such host in this scenario"
            return f"{name} asked for {fact.host}: {found}."
        case f.ConnectionTried():
            met = {"answered": "connected", "refused": "refused", "unreachable": "no route"}
            outcome = "nothing answers" if fact.outcome == "silent" else met[fact.outcome]
            took = "" if fact.outcome == "silent" else f" after {duration(fact.latency_us)}"
            return f"{name} connects to {fact.host} port {fact.port}: {outcome}{took}."
        case f.WebRequested():
            answer = "the connection was reset" if fact.status is None else str(fact.status)
            return f"{name} sent {fact.method} {fact.url}: {answer} after {duration(fact.latency_us)}."
        case f.SegmentSent():
            return f"{name} sends a trace segment of {len(fact.document.encode())} bytes to the X-Ray daemon."
