"""Sentences about topics and their subscribers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lambdalab.simulator.trace import facts as f

OfTopic = (
    f.TopicSubscribed
    | f.MessageAccepted
    | f.TopicDeduplicated
    | f.TopicFiltered
    | f.TopicDelivered
    | f.TopicRetried
    | f.TopicGivenUp
)
_STATES = {
    "confirmed": "is subscribed to",
    "pending": "has been asked to confirm its subscription to",
    "gone": "is not subscribed any more to",
}


def of_topic(fact: OfTopic, names: Mapping[str, str], who: Callable[[str], str], lasted: Callable[[int], str]) -> str:
    """The sentence. ``names``: what functions are called; ``who``: what a caller is; ``lasted``: a time for people."""
    match fact:
        case f.TopicSubscribed():
            passes = f", for messages like {fact.filter}" if fact.filter and fact.state != "gone" else ""
            return f"{_short(fact.endpoint, names)} {_STATES[fact.state]} {fact.topic}{passes}."
        case f.MessageAccepted():
            group = f" in the group {fact.group}" if fact.group else ""
            return f"{who(fact.source)} publishes a message to {fact.topic}{group}."
        case f.TopicDeduplicated():
            return f"{fact.topic} has had this message in the last five minutes: the copy is dropped."
        case f.TopicFiltered():
            return f"The filter policy of {_short(fact.endpoint, names)} does not let the message of {fact.topic} pass."
        case f.TopicDelivered():
            tries = "" if fact.attempts == 1 else f" at attempt {fact.attempts}"
            late = lasted(fact.age_us)
            return f"{fact.topic} has reached {_short(fact.endpoint, names)}{tries}, {late} after the message."
        case f.TopicRetried():
            again = "at once" if fact.delay_us == 0 else f"in {lasted(fact.delay_us)}"
            return f"{fact.topic} cannot reach {_short(fact.endpoint, names)} ({_line(fact.error)}): again {again}."
        case f.TopicGivenUp():
            kept = "The message is lost for it."
            if fact.dead_letter:
                kept = f"The message is in the dead-letter queue {fact.dead_letter.rsplit(':', 1)[-1]}."
            elif fact.dead_letter_error:
                kept = f"The dead-letter queue does not take it ({_line(fact.dead_letter_error)}): it is lost."
            return f"{fact.topic} gives {_short(fact.endpoint, names)} up ({_line(fact.error)}). {kept}"


def _short(endpoint: str, names: Mapping[str, str]) -> str:
    if endpoint.startswith("http"):
        return endpoint
    name = endpoint.rsplit(":", 1)[-1]
    return names.get(name, name)


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 160 else line[:159] + "…"
