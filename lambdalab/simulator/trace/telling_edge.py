"""Sentences about CloudFront: its cache, its origins, functions at its edge."""

from __future__ import annotations

from collections.abc import Mapping

from lambdalab.simulator.kernel import SECOND
from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace.telling_http import NOUNS

PATH_SHOWN = 120
KEY_SHOWN = 160

AtEdge = (
    f.EdgeFunctionReplicated
    | f.EdgeCacheAsked
    | f.EdgeCached
    | f.EdgeOriginAnswered
    | f.EdgeFunctionFailed
    | f.EdgeInvalidated
)
_WHAT = {
    "LambdaValidationError": "returned what CloudFront cannot use",
    "LambdaExecutionError": "failed",
    "LambdaLimitExceeded": "met a limit",
}


def at_edge(fact: AtEdge, functions: Mapping[str, str]) -> str:
    """The sentence; ``functions``: what people call functions."""
    match fact:
        case f.EdgeFunctionReplicated():
            where = "" if fact.pattern == "*" else f" for {fact.pattern}"
            name, original = functions.get(fact.function, fact.function), functions.get(fact.original, fact.original)
            return (
                f"Version {fact.version} of {original} is copied to the edge location of {fact.distribution}, where it "
                f"is called {name} and runs at every {fact.event_type}{where}."
            )
        case f.EdgeCacheAsked():
            return _asked(fact)
        case f.EdgeCached():
            told = f"{fact.distribution} keeps the answer ({fact.status}) for {_long(fact.ttl_us)}"
            return f"{told}, for everybody who asks for {_key(fact.path, fact.key)}."
        case f.EdgeOriginAnswered():
            door = f"the {NOUNS[fact.door_kind]} {fact.door}" if fact.door and fact.door_kind else fact.origin
            asked = f"{fact.method} {_cut(fact.path, PATH_SHOWN)}"
            because = f": {fact.why}" if fact.why else ""
            return f"{fact.distribution} asks its origin, {door}, for {asked} and gets {fact.status}{because}."
        case f.EdgeFunctionFailed():
            name = functions.get(fact.function, fact.function)
            return f"{name} {_WHAT[fact.result]} at {fact.event_type} of {fact.distribution}: {fact.why}."
        case f.EdgeInvalidated():
            gone = f"{fact.objects} object{'' if fact.objects == 1 else 's'}"
            return f"{fact.distribution} forgets {', '.join(fact.paths[:5])}: {gone} of its cache."


def _asked(fact: f.EdgeCacheAsked) -> str:
    what = _key(fact.path, fact.key)
    if fact.result == "miss":
        return f"The cache of {fact.distribution} does not have {what}."
    if fact.result == "waited":
        return f"The cache of {fact.distribution} is being given {what}: the request waits for it."
    age = _long(fact.age_us or 0)
    if fact.result == "hit":
        return f"The cache of {fact.distribution} has {what}, {age} old."
    return f"The cache of {fact.distribution} has {what}, {age} old: too old to be served unasked."


def _key(path: str, key: str) -> str:
    shown = _cut(path, PATH_SHOWN)
    return f"{shown} ({_cut(key, KEY_SHOWN)})" if key else shown


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _long(micros: int) -> str:
    seconds = micros / SECOND
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
