"""A number, with a tolerance and units."""

from __future__ import annotations

import math
import re
from typing import Any

from lambdalab.curriculum.questions import Numeric, WrongNumber
from quizzes.engine.types import EMPTY, EPSILON, Defect, Grade, Note, Response, graded

TEXT_MAX = 100
_NUMBER = re.compile(
    r"^(?P<currency>[$€£])?\s*"
    r"(?P<number>[+-]?(?:\d{1,3}(?:[ ,]\d{3})+|\d+)?(?:\.\d+)?(?:e[+-]?\d{1,3})?)"
    r"\s*(?P<unit>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_SIGNS = str.maketrans({"−": "-", "–": "-", "\u00a0": " ", "\u202f": " "})


def order(answer: Numeric, seed: int) -> tuple[int, ...]:
    """Nothing to shuffle."""
    return ()


def key(answer: Numeric) -> Response:
    """The value in its own unit."""
    return {"text": f"{answer.value:.12g} {answer.unit}".strip()}


def grade(answer: Numeric, response: Response) -> Grade:
    """All or nothing within the tolerance; a number people give for a reason is answered with that reason."""
    text = response.get("text")
    if not isinstance(text, str) or not text.strip():
        return EMPTY
    number, unit = read(text)
    if number is None:
        return Grade(0.0, "wrong", trouble="not_a_number")
    factor = _factor(answer, unit)
    if factor is None:
        return Grade(0.0, "wrong", trouble="unknown_unit")
    given = number * factor
    if abs(given - answer.value) <= _tolerance(answer):
        return graded(1.0)
    reason = next((wrong.reason for wrong in answer.wrong if _is(wrong, given)), answer.otherwise)
    return graded(0.0, (Note(reason),) if reason else ())


def read(text: str) -> tuple[float | None, str]:
    """The number at the beginning of ``text`` and the unit after it; ``None`` when there is no number."""
    match = _NUMBER.match(text[:TEXT_MAX].strip().translate(_SIGNS))
    if not match or not re.search(r"\d", match["number"]):
        return None, ""
    number = float(match["number"].replace(",", "").replace(" ", ""))
    unit = (match["currency"] or "") + match["unit"].strip()
    return (number, unit) if math.isfinite(number) else (None, "")


def _factor(answer: Numeric, unit: str) -> float | None:
    """What the unit multiplies by; a number without one is meant in the question's own."""
    known = {answer.unit.casefold(): 1.0, "": 1.0}
    known |= {name.casefold(): factor for name, factor in answer.units.items()}
    return known.get(unit.casefold())


def _tolerance(answer: Numeric) -> float:
    share = abs(answer.value) if answer.relative else 1.0
    return answer.tolerance * share + EPSILON * max(1.0, abs(answer.value))


def _is(wrong: WrongNumber, given: float) -> bool:
    return abs(given - wrong.value) <= wrong.tolerance + EPSILON * max(1.0, abs(wrong.value))


def defects(answer: Numeric) -> list[Defect]:
    """A finite value, a sane tolerance, and no wrong number that the key would accept."""
    found: list[Defect] = []
    if not math.isfinite(answer.value):
        return [Defect("value", "The value is not a finite number", "Write a number")]
    if not 0 <= answer.tolerance < math.inf:
        found.append(Defect("tolerance", "The tolerance is negative", "Write 0 or more"))
    found += [
        Defect("units", f"The factor of `{name}` is not above 0", "Write how many of the unit it is")
        for name, factor in answer.units.items()
        if not 0 < factor < math.inf
    ]
    for index, wrong in enumerate(answer.wrong):
        if abs(wrong.value - answer.value) <= _tolerance(answer):
            message = f"{wrong.value:g} is listed as wrong but would be graded right"
            found.append(Defect(f"wrong.{index}", message, "Narrow the tolerance or remove it"))
        if not wrong.reason.strip():
            found.append(Defect(f"wrong.{index}", f"{wrong.value:g} has no reason", "Say why people answer it"))
    if not answer.otherwise.strip():
        found.append(Defect("otherwise", "Other wrong numbers get no reason", "Write `otherwise`"))
    return found


def computed(answer: Numeric, value: Any) -> Response | None:
    """The query yields a number in the question's own unit."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return {"text": f"{value:.12g}"}
