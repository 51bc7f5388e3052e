"""Values of AWS calls and their answers as JSON, and back: both ends of the control socket use this file.

What JSON lacks is a map with one key: ``$bytes``, ``$time``, ``$float``. A map of a student's that looks like one, or
like the wrapping itself, is wrapped in ``$map``, so that each value comes through as it was.
"""

import base64
import datetime
import math
import re
from collections.abc import Callable
from typing import Any

BYTES, TIME, FLOAT, MAP = "$bytes", "$time", "$float", "$map"
TAGS = frozenset((BYTES, TIME, FLOAT, MAP))
BEYOND_JSON = ("nan", "inf", "-inf")
CALL_DEPTH_MAX = 100  # DynamoDB's items, the deepest that a service takes, have 32 levels: some seventy maps
ANSWER_DEPTH_MAX = 300  # an answer holds what calls brought, and some maps around it

VALUES_MAX = 250_000  # of all calls under way: DynamoDB's largest item has less than half of them
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_FEW = 10_000


class TooDeep(ValueError):
    """A value is nested too deeply."""


def encoded(value: Any, depth_max: int, unfold: "Callable[[Any], Any] | None" = None) -> Any:
    """``value`` as tagged JSON; ``unfold`` makes something of objects that are neither JSON nor bytes nor a time.

    Tuples and sets become lists. Raises :class:`TooDeep` beyond ``depth_max`` maps and lists.
    """
    if depth_max < 0:
        raise TooDeep("nested too deeply")
    if isinstance(value, dict):
        made = {key: encoded(item, depth_max - 1, unfold) for key, item in value.items()}
        return {MAP: made} if _looks_tagged(made) else made
    if isinstance(value, (list, tuple, set)):
        return [encoded(item, depth_max - 1, unfold) for item in value]
    if isinstance(value, (bytes, bytearray)):
        return {BYTES: base64.b64encode(bytes(value)).decode()}
    if isinstance(value, datetime.datetime):
        return {TIME: datetime.datetime.isoformat(value)}
    if isinstance(value, float):
        return value if math.isfinite(value) else {FLOAT: float.__repr__(value)}
    if unfold is None or value is None or isinstance(value, (str, int)):
        return value
    return encoded(unfold(value), depth_max)


def decoded(value: Any, depth_max: int, text: "Callable[[str], str]" = str) -> Any:
    """Tagged JSON as the value it stands for, each string as ``text`` makes it.

    Raises :class:`TooDeep`, and ``ValueError`` or ``TypeError`` when it is wrongly tagged.
    """
    if depth_max < 0:
        raise TooDeep("nested too deeply")
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list):
        return [decoded(item, depth_max - 1, text) for item in value]
    if not isinstance(value, dict):
        return value
    if _looks_tagged(value):
        ((tag, content),) = value.items()
        if tag != MAP:
            return _untagged(tag, content)
        if not (isinstance(content, dict) and _looks_tagged(content)):
            raise ValueError("wrapped for nothing")
        value = content
    return {text(key): decoded(item, depth_max - 1, text) for key, item in value.items()}


def count(text: bytes) -> int:
    """How many values JSON ``text`` unfolds to, at most; found without unfolding it. Where they are few, roughly."""
    found = _marks(text)
    if found < _FEW:
        return found
    if text.count(b'"') - text.count(b'\\"') > 4 * VALUES_MAX:  # so many strings that looking at each takes long
        return VALUES_MAX + 1
    return _marks(_STRING.sub(b"", text))


def _marks(text: bytes) -> int:
    return sum(map(text.count, (b",", b"[", b"{", b":")))


def _looks_tagged(value: "dict[Any, Any]") -> bool:
    """Whether a map would be taken for something else. A key of a student's own class is a string as JSON."""
    if len(value) != 1:
        return False
    (key,) = value
    return isinstance(key, str) and str.__str__(key) in TAGS


def _untagged(tag: str, content: Any) -> Any:
    if tag == BYTES:
        return base64.b64decode(content, validate=True)
    if tag == TIME:
        return datetime.datetime.fromisoformat(content)
    if content not in BEYOND_JSON:
        raise ValueError("no float that JSON lacks")
    return float(content)
