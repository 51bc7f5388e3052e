"""Sentences about event buses, rules and their targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lambdalab.simulator.trace import facts as f

OfBus = (
    f.BusCreated
    | f.BusDeleted
    | f.RuleConfigured
    | f.EventPut
    | f.RuleFired
    | f.ScheduleConfigured
    | f.ScheduleDeleted
    | f.ScheduleFired
    | f.EventDuplicated
    | f.TargetReached
    | f.TargetRetried
    | f.TargetGivenUp
)
_LIMITS = {
    "MaximumRetryAttempts": "its retries are used up",
    "MaximumEventAgeInSeconds": "the event would become too old",
}


def of_bus(fact: OfBus, names: Mapping[str, str], who: Callable[[str], str], lasted: Callable[[int], str]) -> str:
    """The sentence. ``names``: what functions are called; ``who``: what a caller is; ``lasted``: a time for people."""
    match fact:
        case f.BusCreated():
            return f"The event bus {fact.shown_as} exists."
        case f.BusDeleted():
            return f"The event bus {fact.bus} is deleted."
        case f.RuleConfigured():
            looks = [f"events like {fact.pattern}"] if fact.pattern else []
            looks += [f"the schedule {fact.schedule}"] if fact.schedule else []
            targets = ", ".join(_short(arn, names) for _, arn in fact.targets) or "nobody"
            state = "" if fact.state == "ENABLED" else ", but is disabled"
            return f"The rule {fact.rule} of the bus {fact.bus} sends {' and '.join(looks)} to {targets}{state}."
        case f.EventPut():
            return _put(fact, who)
        case f.RuleFired():
            return f"The schedule of the rule {fact.rule} is due."
        case f.ScheduleConfigured():
            zone = "" if fact.zone == "UTC" or not fact.expression.startswith(("cron", "at")) else f" in {fact.zone}"
            window = f", up to {fact.window_minutes} minutes late" if fact.window_minutes else ""
            state = "" if fact.state == "ENABLED" else ", but is disabled"
            target = _short(fact.target, names)
            return f"The schedule {fact.schedule} calls {target}: {fact.expression}{zone}{window}{state}."
        case f.ScheduleDeleted():
            return f"The schedule {fact.schedule} is deleted."
        case f.ScheduleFired():
            return f"The schedule {fact.schedule} is due."
        case f.EventDuplicated():
            return f"The rule {fact.rule} gets the same event twice: delivery is at least once."
        case f.TargetReached() | f.TargetRetried() | f.TargetGivenUp():
            return _target(fact, names, lasted)


def _put(fact: f.EventPut, who: Callable[[str], str]) -> str:
    what = f'"{fact.detail_type}" from {fact.source}'
    if fact.lost:
        return (
            f"{who(fact.put_by)} puts {what} on the bus {fact.bus}, which does not exist: it is lost without an error."
        )
    rules = ", ".join(fact.matched)
    met = f"it meets {rules}" if rules else "it meets no rule"
    return f"{who(fact.put_by)} puts {what} on the bus {fact.bus}: {met}."


def _target(
    fact: f.TargetReached | f.TargetRetried | f.TargetGivenUp, names: Mapping[str, str], lasted: Callable[[int], str]
) -> str:
    via, target = _via(fact.via), _short(fact.target, names)
    match fact:
        case f.TargetReached():
            tries = "" if fact.attempts == 1 else f" at attempt {fact.attempts}"
            return f"{via} has reached {target}{tries}, {lasted(fact.age_us)} after the event."
        case f.TargetRetried():
            return f"{via} cannot reach {target} ({_line(fact.error)}): again in {lasted(fact.delay_us)}."
        case f.TargetGivenUp():
            why = f": {_LIMITS[fact.condition]}" if fact.condition else ""
            kept = "The event is lost."
            if fact.dead_letter:
                kept = f"The event is in the dead-letter queue {fact.dead_letter.rsplit(':', 1)[-1]}."
            elif fact.dead_letter_error:
                kept = f"The dead-letter queue does not take it ({_line(fact.dead_letter_error)}): it is lost."
            return f"{via} gives {target} up ({_line(fact.error)}){why}. {kept}"


def _via(via: str) -> str:
    kind, _, name = via.partition("/")
    return f"The {kind} {name}" if name else via


def _short(arn: str, names: Mapping[str, str]) -> str:
    name = arn.rsplit(":", 1)[-1]
    return names.get(name, name)


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 160 else line[:159] + "…"
