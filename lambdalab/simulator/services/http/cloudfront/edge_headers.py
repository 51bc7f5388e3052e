"""Headers that functions at the edge return: their form, and which of them they may not touch.

Source: Amazon CloudFront Developer Guide, "Restrictions on all edge functions" and "Lambda@Edge event structure", read
2026-11-29.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lambdalab.simulator.services.http.messages import is_token
from lambdalab.simulator.vocabulary.events.arrivals import Pairs
from lambdalab.simulator.vocabulary.events.edge import EventType, Headers, headers_of

DISALLOWED: Final = frozenset({
    "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "trailer",
    "upgrade", "x-accel-buffering", "x-accel-charset", "x-accel-limit-rate", "x-accel-redirect", "x-amzn-auth",
    "x-amzn-cf-billing", "x-amzn-cf-id", "x-amzn-cf-xff", "x-amzn-errortype", "x-amzn-fle-profile",
    "x-amzn-header-count", "x-amzn-header-order", "x-amzn-lambda-integration-tag", "x-amzn-requestid", "x-cache",
    "x-forwarded-proto", "x-real-ip", "cloudfront-viewer-cert-pem", "client-cert", "client-cert-chain",
})  # fmt: skip
DISALLOWED_BEGINNINGS: Final = ("x-amz-cf-", "x-edge-")
READ_ONLY: Final[Mapping[EventType, frozenset[str]]] = {
    "viewer-request": frozenset({"cdn-loop", "content-length", "host", "transfer-encoding", "via"}),
    "origin-request": frozenset({
        "accept-encoding", "cdn-loop", "content-length", "if-modified-since", "if-none-match", "if-range",
        "if-unmodified-since", "transfer-encoding", "via",
    }),
    "origin-response": frozenset({"transfer-encoding", "via"}),
    "viewer-response": frozenset({"warning", "via", "content-length", "content-encoding", "transfer-encoding"}),
}  # fmt: skip
COUNTRY = "cloudfront-viewer-country"  # no function at the viewer request may add it. "Restrictions on Lambda@Edge"
HEADERS_MAX = 200  # ours: more than any request has
SHOWN = 60


class Invalid(Exception):
    """What a function returned is nothing CloudFront can use; the text says why, in half a sentence."""


def is_disallowed(name: str) -> bool:
    """Whether functions neither see nor set a header, by its name in lower case."""
    return name in DISALLOWED or name.startswith(DISALLOWED_BEGINNINGS)


def visible(pairs: Pairs) -> dict[str, list[dict[str, str]]]:
    """Headers as a function sees them."""
    return headers_of((name, value) for name, value in pairs if not is_disallowed(name.lower()))


def pairs_of(given: Any) -> Pairs:
    """Headers that a function returned, in order. Raises :class:`Invalid` for what has not their form."""
    if given is None:
        return ()
    if not isinstance(given, dict):
        raise Invalid(f"headers is no object but {shown(given)}")
    found: list[tuple[str, str]] = []
    for name, listed in given.items():
        if not is_token(name):
            raise Invalid(f"{name[:SHOWN]!r} is no name of a header")
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise Invalid(f"the header {name[:SHOWN]} is no list of objects with key and value but {shown(listed)}")
        found += [_pair(name, one) for one in listed]
    if len(found) > HEADERS_MAX:
        raise Invalid(f"there are more than {HEADERS_MAX} headers")
    return tuple(found)


def _pair(name: str, one: Mapping[str, Any]) -> tuple[str, str]:
    key, value = one.get("key", _capitals(name)), one.get("value")
    if not isinstance(key, str) or key.lower() != name.lower():
        raise Invalid(f"the header {name[:SHOWN]} has the key {shown(key)}, which is another name")
    if not isinstance(value, str):
        raise Invalid(f"the value of the header {name[:SHOWN]} is no text but {shown(value)}")
    if any(sign in value for sign in "\r\n\0"):
        raise Invalid(f"the value of the header {name[:SHOWN]} has a character that no header may have")
    return key, value


def _capitals(name: str) -> str:
    """A key that CloudFront puts in: with a capital at the beginning of each part."""
    return "-".join(part[:1].upper() + part[1:].lower() for part in name.split("-"))


def check_untouched(event: EventType, sent: Headers, returned: Pairs) -> None:
    """Raise :class:`Invalid` for headers that the function of an event may not set, change or take away."""
    now: dict[str, list[str]] = {}
    for name, value in returned:
        now.setdefault(name.lower(), []).append(value)
    for name in now:
        if is_disallowed(name):
            raise Invalid(f"the function added the header {name}, which is disallowed")
    if event == "viewer-request" and COUNTRY in now and COUNTRY not in sent:
        raise Invalid(f"the function added the header {COUNTRY}, which only CloudFront may add")
    for name in sorted(READ_ONLY[event]):
        if [each["value"] for each in sent.get(name, [])] != now.get(name, []):
            raise Invalid(f"the function tried to add, delete, or change a read-only header ({name})")


def check_generated(returned: Pairs) -> None:
    """The same for a response that a function at a request has made: nothing was sent that it could keep."""
    for name, _ in returned:
        lower = name.lower()
        if is_disallowed(lower) or lower in READ_ONLY["origin-response"]:
            raise Invalid(f"the function added the header {lower}, which is disallowed")


def shown(value: Any) -> str:
    """A wrong value, cut."""
    text = repr(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
