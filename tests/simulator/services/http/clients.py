"""Clients that send requests over HTTP to small projects, and functions that note what they were given."""

import json
from typing import Any

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import HttpAnswered
from tests.simulator.playing import Played, play, steps

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:work"


def http(to: str, path: str = "/", at: str = "0s", **more: Any) -> dict[str, Any]:
    """A step that sends a request; ``as``, ``label``, ``repeat`` and the like go to the step itself."""
    step: dict[str, Any] = {key: more.pop(key) for key in ("label", "expect", "repeat", "rate") if key in more}
    if "signer" in more:
        step["as"] = more.pop("signer")
    return {"at": at, "http": {"to": to, "path": path, **more}, **step}


def says(status: int = 200, body: Any = "hello", **more: Any) -> Act:
    """A function's answer in the form of every proxy integration."""
    return Act(result={"statusCode": status, "body": body, **more})


class Seen:
    """A script that writes down the events it is given."""

    def __init__(self, act: Act | None = None) -> None:
        self.events: list[Any] = []
        self._act = act or says()

    def __call__(self, function: Any, event: Any, count: int) -> Act:
        self.events.append(event)
        return self._act


def answers(
    template: Any, *entries: dict[str, Any], script: Any = None, files: Any = None, **scenario: Any
) -> list[HttpAnswered]:
    """What clients got, in the order of the answers."""
    return send(template, *entries, script=script, files=files, **scenario).of(HttpAnswered)


def send(template: Any, *entries: dict[str, Any], script: Any = None, files: Any = None, **scenario: Any) -> Played:
    return play(template, steps(*entries, **scenario), script or says(), files=files)


def only(
    template: Any, *entries: dict[str, Any], script: Any = None, files: Any = None, **scenario: Any
) -> HttpAnswered:
    (answer,) = answers(template, *entries, script=script, files=files, **scenario)
    return answer


def header(answer: HttpAnswered, name: str) -> str | None:
    return next((value for given, value in answer.headers if given == name), None)


def delivered(template: Any, *entries: dict[str, Any]) -> Any:
    """The event of the one invocation."""
    seen = Seen()
    send(template, *entries, script=seen)
    (event,) = seen.events
    return json.loads(json.dumps(event))
