"""The front of the engine: draw a variant, grade a response, hold a question to the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from lambdalab.curriculum.questions import PREDICTABLE, Answer, Body
from quizzes.engine.kinds import KINDS
from quizzes.engine.types import EPSILON, Defect, Grade, Kind, Response, Variant

PROMPT_MAX = 10_000


def variant(body: Body, seed: int) -> Variant:
    """How this question is shown under ``seed``."""
    return Variant(seed, _kind(body.answer).order(body.answer, seed))


def grade(body: Body, response: Response) -> Grade:
    """The grade of ``response``, which may be anything that JSON can say."""
    return _kind(body.answer).grade(body.answer, response)


def key(body: Body) -> Response:
    """A response that is graded 1."""
    return _kind(body.answer).key(body.answer)


def defects(body: Body) -> list[Defect]:
    """Everything that keeps a question from being used, the key that its own grader refuses included."""
    found: list[Defect] = []
    if not body.prompt.strip():
        found.append(Defect("prompt", "The question asks nothing", "Write the prompt"))
    if len(body.prompt) > PROMPT_MAX:
        found.append(Defect("prompt", f"The prompt is longer than {PROMPT_MAX} characters", "Shorten it"))
    found += _kind(body.answer).defects(body.answer)
    if body.computed:
        found += _defects_of_prediction(body)
    if not found and grade(body, key(body)).fraction < 1 - EPSILON:
        found.append(Defect("answer", "The grader does not accept the key", "Check what is marked right"))
    return found


def _defects_of_prediction(body: Body) -> list[Defect]:
    assert body.computed is not None
    if str(body.answer.__struct_config__.tag) not in PREDICTABLE:
        return [Defect("ask", "This kind cannot be predicted", f"Use one of: {', '.join(PREDICTABLE)}")]
    try:
        jmespath.compile(body.computed.query)
    except JMESPathError as error:
        return [Defect("computed", f"The query is not JMESPath: {error}", "Correct the query")]
    return []


@dataclass(frozen=True, slots=True)
class Comparison:
    """A shipped key beside what a run computes. ``value`` is the result of the query."""

    agrees: bool
    value: object
    key: Response
    message: str


def check_computed(body: Body, summary: Mapping[str, Any]) -> Comparison:
    """Compare the key of a predict question with ``summary``, the summary of the run that it names."""
    assert body.computed is not None, "only predict questions compute their key"
    value = jmespath.search(body.computed.query, summary)
    response = _kind(body.answer).computed(body.answer, value)
    if response is None:
        return Comparison(False, value, key(body), f"The query yields {value!r}, which is no answer to this question")
    if grade(body, response).fraction < 1 - EPSILON:
        return Comparison(False, value, key(body), f"The run says {value!r}, the key says {key(body)!r}")
    return Comparison(True, value, key(body), "")


def _kind(answer: Answer) -> Kind:
    return KINDS[type(answer)]
