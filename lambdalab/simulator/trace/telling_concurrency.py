"""Sentences about reserved and provisioned concurrency."""

from __future__ import annotations

from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace.names import Names
from lambdalab.simulator.trace.words import said

Provision = (
    f.CapacityScaled
    | f.ProvisionedChanged
    | f.ProvisionedDeleted
    | f.ProvisionedInitialised
    | f.ProvisionedRateExceeded
    | f.ProvisionedSpilled
    | f.ProvisionedUsed
)


def of_concurrency(fact: f.ConcurrencyFact, names: Names) -> str:
    """The sentence."""
    name = names.name(fact.function)
    if isinstance(fact, f.ConcurrencyReserved):
        return _reserved(fact, name)
    return _provisioned(fact, name, names.label(getattr(fact, "request_id", None)))  # of those that one request met


def _reserved(fact: f.ConcurrencyReserved, name: str) -> str:
    if fact.amount is None:
        return f"{name} has no reserved concurrency any more: it shares the account's."
    if fact.amount == 0:
        return f"The reserved concurrency of {name} is 0: it does not run at all."
    return f"The reserved concurrency of {name} is {fact.amount}: so much is kept for it, and no more."


def _provisioned(fact: Provision, name: str, asked: str) -> str:
    """The sentence about provisioned concurrency; ``name`` and ``asked`` are what people call function and request."""
    what = f"{name}:{fact.version if isinstance(fact, f.ProvisionedInitialised) else fact.qualifier}"
    match fact:
        case f.ProvisionedChanged():
            why = f" ({fact.reason})" if fact.reason else ""
            ready = f"{fact.allocated} of {fact.requested}"
            return f"Provisioned concurrency of {what} is {fact.status}{why}: {ready} environments are ready."
        case f.CapacityScaled():
            refused = f" Lambda refuses: {said(fact.error)}" if fact.error else ""
            steps = f"from {fact.before} to {fact.wanted}"
            return f"Application Auto Scaling takes {what} {steps} provisioned environments: {fact.cause}.{refused}"
        case f.ProvisionedDeleted():
            return f"Nothing is provisioned for {what} any more."
        case f.ProvisionedInitialised():
            return f"An environment of {what} is initialised before anybody asks: {fact.billed_ms} ms are billed."
        case f.ProvisionedRateExceeded():
            return f"{what} gets more requests a second than its provisioned environments take: {asked} spills over."
        case f.ProvisionedUsed():
            busy = f"{fact.in_use} of {fact.allocated} {'is' if fact.in_use == 1 else 'are'} busy"
            return f"A provisioned environment of {what} takes {asked}: {busy}."
        case f.ProvisionedSpilled():
            return f"All provisioned environments of {what} are busy: {asked} spills over to an on-demand one."
