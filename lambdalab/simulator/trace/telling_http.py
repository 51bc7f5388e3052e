"""Sentences about HTTP: doors, and what came back."""

from __future__ import annotations

from collections.abc import Mapping

from lambdalab.simulator.trace import facts as f

NOUNS = {
    "function_url": "function URL",
    "http_api": "HTTP API",
    "rest_api": "REST API",
    "load_balancer": "load balancer",
    "distribution": "distribution",
}
SOURCES = {kind.replace("_", "-"): noun for kind, noun in NOUNS.items()}
SOURCES["load-balancer-health-check"] = "health check of"
"""What people call those who call functions, by the first word of a source."""
PATH_SHOWN = 120


OfHttp = f.HttpDoorDeployed | f.HttpAnswered | f.TargetHealthChanged


def of_http(fact: OfHttp, functions: Mapping[str, str], took: str) -> str:
    """The sentence; ``functions``: what people call functions, ``took``: how long a client waited, in words."""
    match fact:
        case f.HttpDoorDeployed():
            return f"The {NOUNS[fact.door_kind]} {fact.door} answers at {fact.url}: {fact.leads}."
        case f.HttpAnswered():
            path = fact.path if len(fact.path) <= PATH_SHOWN else fact.path[: PATH_SHOWN - 1] + "…"
            asked = f"{fact.method} {path}" + (f" ({fact.label})" if fact.label else "")
            if fact.why:
                return f"{fact.door} answers {asked} with {fact.status} after {took}: {fact.why}."
            name = functions.get(fact.function or "", fact.function or "a function")
            return f"{fact.door} answers {asked} with {fact.status} after {took}, as {name} says."
        case f.TargetHealthChanged():
            if fact.healthy:
                return f"The target of {fact.target_group} passes its health checks."
            return f"The target of {fact.target_group} fails its health checks: {fact.reason or 'no reason is known'}."
