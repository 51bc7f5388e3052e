"""What a target gets: the event, a part of it, a constant, or a template that is filled in.

Sources: Amazon EventBridge User Guide, "Amazon EventBridge input transformation", read 2026-11; botocore's events model
(InputTransformer); recorded answers (LS events inputs, 2024). What the guide leaves open is A-112.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.vocabulary.events.plain import compact

PLACEHOLDER = re.compile(r"<([A-Za-z0-9_.\-]{1,256})>")
RESERVED = (
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event.ingestion-time",
    "aws.events.event.json",
    "aws.events.event",
)
OUTPUT_BYTES_MAX = 1024 * 1024  # ours: a template may name a large part a hundred times
_STEP = re.compile(r"\.([A-Za-z0-9_\-/]+)|\[(\d{1,9})\]|\['([^']{1,256})'\]|\[\*\]|\.\*")
_MISSING = object()


def input_of(settings: Mapping[str, Any], event: Mapping[str, Any], rule_arn: str, received: str) -> str:
    """The text that a target gets. ``received`` is when EventBridge received the event, as AWS writes moments.

    Raises ``ValueError`` with a sentence when a template does not become JSON.
    """
    if settings.get("Input") is not None:
        return str(settings["Input"])
    if settings.get("InputPath") is not None:
        found = at_path(event, str(settings["InputPath"]))
        return compact(None if found is _MISSING else found)
    transformer = settings.get("InputTransformer")
    if not transformer:
        return compact(event)
    values = {name: at_path(event, path) for name, path in (transformer.get("InputPathsMap") or {}).items()}
    without = {name: value for name, value in event.items() if name != "detail"}
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rsplit("/", 1)[-1],
        "aws.events.event.ingestion-time": received,
        "aws.events.event.json": event,
        "aws.events.event": without,
    }
    return filled(str(transformer["InputTemplate"]), values)


def at_path(event: Any, path: str) -> Any:
    """What stands at a JSON path (dots, indices, ``*``) of an event; a private marker where there is nothing."""
    if not path.startswith("$"):
        return _MISSING
    found, at, many = [event], 1, False
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            return _MISSING
        at = step.end()
        name = step[1] or step[3]
        if name is not None:
            found = [each[name] for each in found if isinstance(each, dict) and name in each]
        elif step[2] is not None:
            index = int(step[2])
            found = [each[index] for each in found if isinstance(each, list) and index < len(each)]
        else:
            many = True
            found = [inner for each in found for inner in _below(each)]
    if many:
        return found
    return found[0] if found else _MISSING


def text_at(event: Any, path: str) -> str:
    """What stands at a path, as text; empty where there is nothing."""
    return _as_text(at_path(event, path))


def is_path(path: str) -> bool:
    """Whether EventBridge can read a path at all."""
    if not path.startswith("$"):
        return False
    at = 1
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            return False
        at = step.end()
    return True


def _below(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, list) else []


def filled(template: str, values: Mapping[str, Any]) -> str:
    """A template with its variables in their places, as compact JSON. Raises ``ValueError``.

    Outside quotation marks a variable is a JSON value; inside them it is text, and nothing in it is escaped.
    """
    made, at, quoted, size = [], 0, False, 0
    for match in PLACEHOLDER.finditer(template):
        before = template[at : match.start()]
        quoted = _quoted_after(before, quoted)
        value = values.get(match[1], _MISSING)
        text = _as_text(value) if quoted else _as_json(value)
        made += [before, text]
        at, size = match.end(), size + len(before) + len(text)
        if size > OUTPUT_BYTES_MAX:
            raise ValueError(f"the filled template has more than {OUTPUT_BYTES_MAX:,} bytes")
    return _minified("".join([*made, template[at:]]))


def _minified(text: str) -> str:
    """Compact JSON; several lines of JSON one after the other stay several lines."""
    try:
        return compact(json.loads(text))
    except (ValueError, RecursionError):
        pass
    try:
        lines = [compact(json.loads(line)) for line in text.split("\n") if line.strip()] or [json.loads(text)]
        return "\n".join(lines)
    except (ValueError, RecursionError):
        raise ValueError(f"the filled template is not JSON: {text[:200]}") from None


def _quoted_after(text: str, quoted: bool) -> bool:
    """Whether a JSON text is inside quotation marks after ``text``."""
    at = 0
    while at < len(text):
        if text[at] == "\\" and quoted:
            at += 1
        elif text[at] == '"':
            quoted = not quoted
        at += 1
    return quoted


def _as_json(value: Any) -> str:
    return '""' if value is _MISSING else compact(value)


def _as_text(value: Any) -> str:
    """A value inside a text: an object or array without its quotation marks."""
    if value is _MISSING or value is None:
        return ""
    if isinstance(value, str):
        return value
    return compact(value).replace('"', "")


def wrong_template(transformer: Mapping[str, Any]) -> str | None:
    """What is wrong with an input transformer, in a sentence; None when nothing is."""
    paths = transformer.get("InputPathsMap") or {}
    for name, path in paths.items():
        if name.lower().startswith("aws."):
            return f"the variable {name} is reserved"
        if not is_path(str(path)):
            return f"{path} is not a JSON path that EventBridge reads"
    template = str(transformer.get("InputTemplate", ""))
    for match in PLACEHOLDER.finditer(template):
        if match[1] not in paths and match[1] not in RESERVED:
            return f"the variable <{match[1]}> is not in InputPathsMap"
    sample = dict.fromkeys((*paths, *RESERVED), "x")
    try:
        filled(template, sample)
    except ValueError:
        return "it is neither a JSON object nor a text in quotation marks"
    return None
