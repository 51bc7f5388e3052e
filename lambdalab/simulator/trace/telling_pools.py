"""Sentences about user pools."""

from __future__ import annotations

from collections.abc import Mapping

from lambdalab.simulator.trace import facts as f

OfPool = f.UserPoolDeployed | f.PoolTriggerCalled | f.PoolUserChanged | f.PoolMessageSent | f.PoolUserSignedIn
_DONE = {"signed_up": "signed up", "confirmed": "is confirmed", "deleted": "is deleted"}


def of_pool(fact: OfPool, functions: Mapping[str, str], pools: Mapping[str, str]) -> str:
    """The sentence; ``functions`` and ``pools``: what people call them."""
    pool = pools.get(fact.pool, fact.pool)
    match fact:
        case f.UserPoolDeployed():
            asks = f", with a function for {', '.join(fact.triggers)}" if fact.triggers else ""
            return f"The user pool {pool} is there{asks}."
        case f.PoolTriggerCalled():
            name = fact.function.rsplit(":", 1)[-1]
            who = f"Cognito asks {functions.get(name, name)} ({fact.trigger}) about {fact.user}"
            again = f", attempt {fact.attempt}" if fact.attempt > 1 else ""
            if fact.late:
                return f"{who}{again}: no answer within 5 s."
            return f"{who}{again}: {' '.join(fact.error.split())}" if fact.error else f"{who}{again}."
        case f.PoolUserChanged():
            return f"{fact.user} {_DONE.get(fact.what, fact.what)} in {pool}."
        case f.PoolMessageSent():
            return f"{pool} sends {fact.user} a message: {' '.join(fact.text.split())[:160]}"
        case f.PoolUserSignedIn():
            return f"{fact.user} has signed in at {pool}."
