"""Keys of the objects that Firehose writes: prefixes with expressions, and the suffix.

Source: Amazon Data Firehose Developer Guide, "Understand custom prefixes for Amazon S3 objects" and "Configure Amazon
S3 object name format", read 2026-11. Of Java's patterns of dates the letters y, M, d, D, H, m and s are known here.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from random import Random

HOURS = "!{timestamp:yyyy/MM/dd/HH/}"
ERROR_TYPE = "!{firehose:error-output-type}"
LENGTH_MAX = 512  # of an evaluated prefix; an unevaluated one has 1,024. BC Prefix
_EXPRESSION = re.compile(r"!\{([^}]*)\}")
_PATTERN = re.compile(r"'([^']*)'|([A-Za-z])\2*|[^A-Za-z']")
_LETTERS: dict[str, Callable[[dt.datetime], int]] = {
    "y": lambda moment: moment.year,
    "M": lambda moment: moment.month,
    "d": lambda moment: moment.day,
    "D": lambda moment: moment.timetuple().tm_yday,
    "H": lambda moment: moment.hour,
    "m": lambda moment: moment.minute,
    "s": lambda moment: moment.second,
}
_CONSTRAINT = "The supplied prefix(es) do not satisfy the following constraint: "


class PrefixError(ValueError):
    """A prefix that cannot be; ``supported`` is false for one that AWS knows and lambdalab does not."""

    def __init__(self, text: str, *, supported: bool = True) -> None:
        super().__init__(text)
        self.supported = supported


def check_prefixes(prefix: str, errors: str | None) -> None:
    """Raise :class:`PrefixError` for prefixes that Firehose refuses together."""
    for text in (prefix, errors or ""):
        if len(text) > LENGTH_MAX * 2:
            raise PrefixError(f"{_CONSTRAINT}a prefix has at most {LENGTH_MAX * 2} characters")
        for value in _EXPRESSION.findall(text):
            _check_expression(value)
        if "!{" in _EXPRESSION.sub("", text):
            raise PrefixError(f"{_CONSTRAINT}the sequence !{{ can only appear in !{{namespace:value}} expressions")
    if ERROR_TYPE in prefix:
        raise PrefixError(f"{_CONSTRAINT}Prefix cannot contain {ERROR_TYPE}")
    if _EXPRESSION.search(prefix) and not errors:
        raise PrefixError(f"{_CONSTRAINT}ErrorOutputPrefix cannot be null or empty when Prefix contains expressions")
    if errors and _EXPRESSION.search(errors) and ERROR_TYPE not in errors:
        raise PrefixError(f"{_CONSTRAINT}ErrorOutputPrefix must contain at least one instance of {ERROR_TYPE}")


def _check_expression(value: str) -> None:
    namespace, _, inner = value.partition(":")
    if namespace in ("partitionKeyFromQuery", "partitionKeyFromLambda"):
        raise PrefixError(f"lambdalab does not partition dynamically by {namespace} yet.", supported=False)
    if value in ("firehose:error-output-type", "firehose:random-string"):
        return
    if namespace != "timestamp" or not inner:
        raise PrefixError(f"{_CONSTRAINT}!{{{value}}} is no expression")
    if "".join(match[0] for match in _PATTERN.finditer(inner)) != inner:
        raise PrefixError(f"{_CONSTRAINT}a quote in !{{{value}}} is not closed")
    unknown = sorted({match[2] for match in _PATTERN.finditer(inner) if match[2]} - set(_LETTERS))
    if unknown:
        raise PrefixError(f"lambdalab does not know {unknown[0]} in the pattern of !{{{value}}} yet.", supported=False)


def data_prefix(prefix: str, moment: dt.datetime, random: Random) -> str:
    """The prefix of an object whose oldest record came at ``moment``."""
    whole = prefix if "!{timestamp:" in prefix else prefix + HOURS
    return _evaluated(whole, moment, random, "")


def error_prefix(prefix: str, errors: str | None, moment: dt.datetime, random: Random, kind: str) -> str:
    """The prefix of an object with records that have failed: ``kind`` is ``processing-failed``."""
    whole = f"{prefix}{ERROR_TYPE}/{HOURS}"
    if errors:
        whole = errors if _EXPRESSION.search(errors) else f"{errors}{ERROR_TYPE}/{HOURS}"
    return _evaluated(whole, moment, random, kind)


def _evaluated(text: str, moment: dt.datetime, random: Random, kind: str) -> str:
    def value(match: re.Match[str]) -> str:
        if match[1] == "firehose:error-output-type":
            return kind
        if match[1] == "firehose:random-string":
            return "".join(random.choice("0123456789abcdef") for _ in range(11))
        return _formatted(match[1].partition(":")[2], moment)

    return _EXPRESSION.sub(value, text)[:LENGTH_MAX]


def _formatted(pattern: str, moment: dt.datetime) -> str:
    parts = []
    for match in _PATTERN.finditer(pattern):
        if match[1] is not None:
            parts.append(match[1])
        elif match[2] is not None:
            number, width = _LETTERS[match[2]](moment), len(match[0])
            parts.append(f"{number % 100:02d}" if match[0] == "yy" else f"{number:0{width}d}")
        else:
            parts.append(match[0])
    return "".join(parts)


def suffix(stream: str, version: int, moment: dt.datetime, uuid: str, extension: str) -> str:
    """What follows the prefix: the stream's name and version, the moment, and what makes it unique."""
    return f"{stream}-{version}-{moment:%Y-%m-%d-%H-%M-%S}-{uuid}{extension}"
