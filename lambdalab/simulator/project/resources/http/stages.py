"""What stages of HTTP and REST APIs share: names and throttling."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from lambdalab.simulator.project.numbers import Numbers
from lambdalab.simulator.project.resources.http.findings import mapping
from lambdalab.simulator.services.http.api.model import Endpoint, Limit

_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_RATE, _BURST = "ThrottlingRateLimit", "ThrottlingBurstLimit"


def wrong_name(name: Any) -> str:
    """What is wrong with a stage's name, in a sentence; an empty text where nothing is."""
    if isinstance(name, str) and _NAME.fullmatch(name):
        return ""
    return f"the name of a stage has letters, digits, hyphens and underscores only, not {name!r}."


def wrong_limit(given: Any) -> str | None:
    """What is wrong with throttling settings, in a sentence."""
    if given is not None and not isinstance(given, dict):
        return "settings of routes must be a mapping (key: value)."
    for key, value in mapping(given).items():
        if key in (_RATE, _BURST) and (not isinstance(value, int | float) or isinstance(value, bool) or value < 0):
            return f"{key} is a number of 0 or more, not {value!r}."
    return None


def limit_of(given: Any) -> Limit | None:
    """The limit that settings name; None where they name none."""
    settings = mapping(given)
    if (_RATE not in settings and _BURST not in settings) or wrong_limit(given):
        return None
    rate = float(settings.get(_RATE, settings.get(_BURST, 0)))
    return Limit(rate, int(settings.get(_BURST, max(1.0, rate))))


def settled(endpoint: Endpoint, numbers: Numbers) -> Endpoint:
    """The endpoint with the numbers that versions have by now."""
    integration, authorizer = endpoint.integration, endpoint.authorizer
    integration = replace(integration, function=numbers.settle(integration.function))
    if authorizer is not None:
        authorizer = replace(authorizer, function=numbers.settle(authorizer.function))
    return replace(endpoint, integration=integration, authorizer=authorizer)
