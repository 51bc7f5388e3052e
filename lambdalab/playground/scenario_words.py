"""A scenario in words: what will happen, before it is played. Unknown keys are told by their name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

_PART = re.compile(r"([\d.]+)(ms|h|m|s|d)")
_NUMBER = re.compile(r"{{\s*n\s*}}")
CALLS = {
    "lambda.invoke": "bolt",
    "sqs.send_message": "tray",
    "sns.publish": "send",
    "events.put_events": "send",
    "s3.put_object": "save",
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of what will happen: a symbol of the sprite, a few words, and the particulars."""

    icon: str
    title: str
    detail: str = ""


def happenings(scenario: Mapping[str, Any]) -> list[Happening]:
    """What is sent, then what goes wrong on the way."""
    steps = [_step(step) for step in _mappings(scenario.get("steps"))]
    faults = [_fault(fault) for fault in _mappings(scenario.get("faults"))]
    return steps + faults


def length(scenario: Mapping[str, Any]) -> str:
    """How much virtual time is played, where the scenario says it."""
    until = scenario.get("until")
    return _("%(time)s of virtual time") % {"time": _time(until)} if until else _("until nothing is left to do")


def _mappings(value: object) -> Sequence[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, Sequence) else []


def _time(value: object) -> str:
    """`5m` is "5 min", `1h30m` is "1 h 30 min"; a date stays what it is."""
    parts = _PART.findall(str(value))
    if not parts or "".join(number + unit for number, unit in parts) != str(value):
        return str(value)
    return " ".join(f"{number} {'min' if unit == 'm' else unit}" for number, unit in parts)


def _step(step: Mapping[str, Any]) -> Happening:
    icon, title, target = _action(step)
    when = _("at %(time)s") % {"time": _time(step.get("at", "0s"))}
    label = _label(step)
    parts = (title if label else "", when, _how_often(step), target)
    return Happening(icon, label or title, ", ".join(part for part in parts if part))


def _label(step: Mapping[str, Any]) -> str:
    """What the author calls the event; of a repeated one the first and the last."""
    label, repeat = str(step.get("label", "")), step.get("repeat")
    count = repeat.get("count", 1) if isinstance(repeat, Mapping) else 1
    if not _NUMBER.search(label):
        return label
    first, last = _NUMBER.sub("1", label), _NUMBER.sub(str(count), label)
    return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}


def _action(step: Mapping[str, Any]) -> tuple[str, str, str]:
    with_ = step.get("with")
    parameters: Mapping[str, Any] = with_ if isinstance(with_, Mapping) else {}
    if call := step.get("call"):
        return CALLS.get(str(call), "bolt"), _call_title(str(call), parameters), _payload(parameters)
    if isinstance(http := step.get("http"), Mapping):
        return "bolt", f"{http.get('method', 'GET')} {http.get('path', '/')}", str(http.get("to", ""))
    if isinstance(upload := step.get("upload"), Mapping):
        file = str(upload.get("key") or upload.get("file", "")).rpartition("/")[2]
        return "save", _("Upload %(file)s to %(bucket)s") % {"file": file, "bucket": upload.get("to", "")}, ""
    for key, icon in (("upload", "save"), ("deploy", "save"), ("advance", "clock")):
        if key in step:
            return icon, key.capitalize(), str(step[key]) if isinstance(step[key], str) else ""
    return "bolt", ", ".join(str(key) for key in step if key != "at"), ""


def _call_title(call: str, parameters: Mapping[str, Any]) -> str:
    target = next((str(value) for key, value in parameters.items() if key in TARGETS), "")
    if call == "lambda.invoke":
        kind = parameters.get("InvocationType", "RequestResponse")
        says = _("Invoke %(function)s asynchronously") if kind == "Event" else _("Invoke %(function)s and wait")
        return says % {"function": target}
    return f"{call} → {target}" if target else call


TARGETS = ("FunctionName", "QueueUrl", "TopicArn", "Bucket", "TableName", "StreamName")


def _payload(parameters: Mapping[str, Any]) -> str:
    payload = parameters.get("Payload")
    return str(payload["file"]) if isinstance(payload, Mapping) and "file" in payload else ""


def _how_often(step: Mapping[str, Any]) -> str:
    repeat, rate = step.get("repeat"), step.get("rate")
    if isinstance(repeat, Mapping):
        values = {"count": repeat.get("count", 1), "every": _time(repeat.get("every", "0s"))}
        return _("%(count)s times, every %(every)s") % values
    if isinstance(rate, Mapping):
        values = {"rate": rate.get("per_second", "?"), "time": _time(rate.get("for", "?"))}
        return _("%(rate)s a second for %(time)s") % values
    return ""


def _fault(fault: Mapping[str, Any]) -> Happening:
    kind = next((key for key in fault if key in FAULTS), None)
    if kind is None:
        return Happening("warn", _("A fault"), ", ".join(f"{key} {value}" for key, value in fault.items()))
    title = FAULTS[kind]() % {"what": WHO[fault[kind]]() if fault[kind] in WHO else fault[kind]}
    return Happening("warn", title, ", ".join(part for part in (_span(fault), _particulars(fault)) if part))


FAULTS = {
    "fail": lambda: _("%(what)s fails"),
    "latency": lambda: _("%(what)s is slow"),
    "duplicate": lambda: _("%(what)s delivers some events twice"),
    "throttle": lambda: _("%(what)s is throttled"),
    "s3": lambda: _("S3 events: %(what)s"),
    "kill": lambda: _("Execution environments are lost"),
    "cold": lambda: _("Every environment is cold"),
}


WHO = {
    "async": lambda: _("The event queue"),
    "sqs": lambda: _("SQS"),
    "s3": lambda: _("S3"),
    "eventbridge": lambda: _("EventBridge"),
}


def _span(fault: Mapping[str, Any]) -> str:
    if "from" in fault and "until" in fault:
        return _("from %(from)s to %(until)s") % {"from": _time(fault["from"]), "until": _time(fault["until"])}
    if "from" in fault:
        return _("from %(from)s on") % {"from": _time(fault["from"])}
    return _("until %(until)s") % {"until": _time(fault["until"])} if "until" in fault else ""


def _particulars(fault: Mapping[str, Any]) -> str:
    parts = [str(fault[key]) for key in ("with",) if key in fault]
    if "by" in fault:
        parts.append(_("by %(time)s") % {"time": _time(fault["by"])})
    if "probability" in fault:
        parts.append(_("%(share)d %% of the time") % {"share": round(float(fault["probability"]) * 100)})
    return ", ".join(parts)
