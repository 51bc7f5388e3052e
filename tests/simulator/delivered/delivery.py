"""One way in which something reaches a function (or a queue), for the tests: what is sent, and what must parse."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.lambda_.handlers import WebRequest
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import MessageSent
from tests.simulator.delivered.contents import Content
from tests.simulator.playing import FAIL, Played, play, steps
from tests.simulator.project.test_custom_resources import success

Events = list[tuple[str, Any]]
"""What functions were invoked with, each with the function's name."""
Caught = Callable[[Played, Events], list[Any]]
"""Which of them, or of what lies in a queue, must parse."""
ANSWER = {"statusCode": 200, "body": "ok"}


def to_work(played: Played, seen: Events) -> list[Any]:
    return [event for name, event in seen if name == "work"]


def to_guard(played: Played, seen: Events) -> list[Any]:
    return [event for name, event in seen if name == "guard"]


def in_queue(name: str) -> Caught:
    def bodies(played: Played, seen: Events) -> list[Any]:
        return [json.loads(fact.body) for fact in played.of(MessageSent) if fact.queue == name]

    return bodies


def inside(field_name: str, *path: str) -> Caught:
    """What the records of an event carry as JSON in a text, such as a topic's message in a queue."""

    def bodies(played: Played, seen: Events) -> list[Any]:
        found = []
        for record in (record for _, event in seen for record in event["Records"]):
            for key in path:
                record = record[key]
            found.append(json.loads(record[field_name]))
        return found

    return bodies


@dataclass(frozen=True)
class Delivery:
    """``send`` makes the steps from a content, ``model`` is Powertools', ``least`` how many events must have come."""

    model: str
    template: Any
    send: Callable[[Content], Iterable[dict[str, Any]]]
    caught: Caught = to_work
    least: int = 1
    scenario: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def of(self, content: Content) -> list[Any]:
        """Everything that is delivered when ``content`` is sent."""
        seen: Events = []

        def script(function: Any, event: Any, count: int) -> Act:
            seen.append((function.name, event))
            return answer(function, event)

        entries = steps(*self.send(content), **self.scenario)
        played = play(self.template, entries, script, files={**self.files, **content.files})
        return self.caught(played, seen)


def answer(function: Any, event: Any) -> Act:
    """Whatever the trigger wants to hear; ``broken`` fails, ``guard`` lets everybody in."""
    if function.name == "broken":
        return FAIL
    if function.name == "guard":
        if event.get("version") == "2.0":
            return Act(result={"isAuthorized": True})
        statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
        return Act(result={"principalId": "a", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}})
    if "ResponseURL" in event:
        body = json.dumps(success(event)).encode()
        return Act(requests=(WebRequest(1, "PUT", event["ResponseURL"], body),))
    if "window" in event:
        return Act(result={"state": {}})
    return Act(result=event if "triggerSource" in event else ANSWER)
