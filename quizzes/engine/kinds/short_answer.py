"""A few words, compared with patterns in which ``*`` stands for any characters."""

from __future__ import annotations

import unicodedata
from typing import Any

from lambdalab.curriculum.questions import ShortAnswer
from quizzes.engine.types import EMPTY, Defect, Grade, Note, Response, graded

TEXT_MAX = 500


def order(answer: ShortAnswer, seed: int) -> tuple[int, ...]:
    """Nothing to shuffle."""
    return ()


def key(answer: ShortAnswer) -> Response:
    """The first accepted text, its wildcards left out."""
    return {"text": answer.accepted[0].replace("*", "").strip()} if answer.accepted else {}


def grade(answer: ShortAnswer, response: Response) -> Grade:
    """All or nothing; a text people give for a reason is answered with that reason."""
    text = response.get("text")
    if not isinstance(text, str) or not text.strip():
        return EMPTY
    given = text[:TEXT_MAX]
    if any(matches(pattern, given, case=answer.case) for pattern in answer.accepted):
        return graded(1.0)
    wrong = (item.reason for item in answer.wrong if matches(item.pattern, given, case=answer.case))
    reason = next(wrong, answer.otherwise)
    return graded(0.0, (Note(reason),) if reason else ())


def matches(pattern: str, text: str, *, case: bool) -> bool:
    """Whether ``text`` is of the form ``pattern``, in time linear in both (no regular expressions)."""
    parts = [_normal(part, case) for part in pattern.split("*")]
    given = _normal(text, case).strip()
    if len(parts) == 1:
        return given == parts[0].strip()
    first, *middle, last = parts
    first, last = first.lstrip(), last.rstrip()
    if len(given) < len(first) + len(last) or not given.startswith(first) or not given.endswith(last):
        return False
    at, end = len(first), len(given) - len(last)
    for part in middle:
        found = given.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _normal(text: str, case: bool) -> str:
    """One form for what looks the same: composed characters, single spaces, letter case unless it counts."""
    plain = unicodedata.normalize("NFKC", text)
    inner = " ".join(plain.split())
    before = " " if plain[:1].isspace() else ""
    after = " " if inner and plain[-1:].isspace() else ""
    spaced = before + inner + after
    return spaced if case else spaced.casefold()


def defects(answer: ShortAnswer) -> list[Defect]:
    """Something is accepted, not everything is, and what is listed as wrong is not accepted."""
    found: list[Defect] = []
    if not answer.accepted:
        found.append(Defect("accepted", "No text is accepted", "Write at least one"))
    for index, pattern in enumerate(answer.accepted):
        if not pattern.replace("*", "").strip():
            message = "An accepted text is empty or only `*`, so anything would be right"
            found.append(Defect(f"accepted.{index}", message, "Write what must be there"))
    for index, wrong in enumerate(answer.wrong):
        sample = wrong.pattern.replace("*", "")
        if any(matches(pattern, sample, case=answer.case) for pattern in answer.accepted):
            message = f"`{wrong.pattern}` is listed as wrong but would be graded right"
            found.append(Defect(f"wrong.{index}", message, "Narrow what is accepted or remove it"))
        if not wrong.reason.strip():
            found.append(Defect(f"wrong.{index}", f"`{wrong.pattern}` has no reason", "Say why people answer it"))
    if not answer.otherwise.strip():
        found.append(Defect("otherwise", "Other wrong texts get no reason", "Write `otherwise`"))
    return found


def computed(answer: ShortAnswer, value: Any) -> Response | None:
    """The query yields a text."""
    return {"text": value} if isinstance(value, str) else None
