"""Filter patterns of CloudWatch Logs: which log events a filter, or a search, wants to see.

Source: Amazon CloudWatch Logs User Guide, "Filter pattern syntax for metric filters, subscription filters, filter log
events, and Live Tail", read 2026-11. Regular expressions (``%…%``) are left out: nothing bounds the time they take.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from lambdalab.simulator.vocabulary.log_columns import read_columns
from lambdalab.simulator.vocabulary.log_values import ORDER, LogPatternError, UnsupportedPattern, taking

LENGTH_MAX = 1_024  # BC FilterPattern
DEPTH_MAX = 20  # ours
Test = Callable[[str], bool]
_WORD = re.compile(r'(?P<sign>[?-]?)(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[A-Za-z0-9_]+))(?=\s|$)')
_TOKEN = re.compile(
    r"\s*(?:(?P<op>\|\||&&|!=|<=|>=|=|<|>|\(|\))|(?P<selector>\$(?:\.[A-Za-z0-9_\-@]+|\.?\[[^\]]{1,200}\])+)"
    r'|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s()=<>!&|"]+))'
)
_STEP = re.compile(r"\.([A-Za-z0-9_\-@]+)|\.?\[(?:(\d{1,9})|'([^']*)'|\"([^\"]*)\"|(\*))\]")


def read_log_pattern(text: str) -> Test:
    """Says of a log event's message whether the pattern wants it. Raises :class:`LogPatternError`."""
    pattern = text.strip()
    if len(text) > LENGTH_MAX:
        raise LogPatternError(f"it has more than {LENGTH_MAX} characters")
    if not pattern:
        return lambda message: True
    if pattern.startswith("{") and pattern.endswith("}"):
        return _json(pattern[1:-1])
    if pattern.startswith("[") and pattern.endswith("]"):
        return read_columns(pattern[1:-1])
    return _terms(pattern)


def _terms(pattern: str) -> Test:
    """Words and quoted texts: all of them, none with a minus, one of those with a question mark."""
    wanted: list[str] = []
    unwanted: list[str] = []
    optional: list[str] = []
    at = 0
    while at < len(pattern):
        if pattern[at].isspace():
            at += 1
            continue
        found = _WORD.match(pattern, at)
        if found is None and pattern[at:].lstrip("?-").startswith("%"):
            raise UnsupportedPattern
        if found is None:
            raise LogPatternError("a term with other characters than letters, digits and _ stands in double quotes")
        text = found["bare"] if found["quoted"] is None else _plain(found["quoted"])
        {"": wanted, "-": unwanted, "?": optional}[found["sign"]].append(text)
        at = found.end()
    if optional and not wanted and not unwanted:  # beside other terms question marks count for nothing. Guide
        return lambda message: any(text in message for text in optional)
    return lambda message: all(text in message for text in wanted) and not any(text in message for text in unwanted)


def _plain(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted)


def _json(inside: str) -> Test:
    """``{ $.level = "ERROR" && $.n > 3 }``: messages that are JSON objects."""
    tokens = _tokens(inside)
    expression, rest = _either(tokens, 0)
    if rest:
        raise LogPatternError(f"{_shown(rest[0])} is one too many")

    def test(message: str) -> bool:
        if not message.lstrip().startswith("{"):
            return False
        try:
            document = json.loads(message)
        except (ValueError, RecursionError):
            return False
        return expression(document)

    return test


Token = tuple[str, str]
Condition = Callable[[Any], bool]


def _tokens(text: str) -> list[Token]:
    found, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None or match.end() == at:
            raise LogPatternError(f"{text[at : at + 20]!r} cannot be read")
        if match["bare"] and match["bare"].startswith("%"):
            raise UnsupportedPattern
        kind = str(match.lastgroup)
        found.append((kind, match[kind]))
        at = match.end()
    return found


def _shown(token: Token) -> str:
    return repr(token[1])


def _either(tokens: list[Token], depth: int) -> tuple[Condition, list[Token]]:
    first, tokens = _both(tokens, depth)
    parts = [first]
    while tokens and tokens[0] == ("op", "||"):
        more, tokens = _both(tokens[1:], depth)
        parts.append(more)
    return (lambda document: any(part(document) for part in parts)), tokens


def _both(tokens: list[Token], depth: int) -> tuple[Condition, list[Token]]:
    first, tokens = _unit(tokens, depth)
    parts = [first]
    while tokens and tokens[0] == ("op", "&&"):
        more, tokens = _unit(tokens[1:], depth)
        parts.append(more)
    return (lambda document: all(part(document) for part in parts)), tokens


def _unit(tokens: list[Token], depth: int) -> tuple[Condition, list[Token]]:
    if depth > DEPTH_MAX:
        raise LogPatternError("it is nested too deeply")
    if tokens and tokens[0] == ("op", "("):
        inner, rest = _either(tokens[1:], depth + 1)
        if not rest or rest[0] != ("op", ")"):
            raise LogPatternError("a parenthesis is not closed")
        return inner, rest[1:]
    if len(tokens) < 3 or tokens[0][0] != "selector":
        raise LogPatternError("a condition is like $.level = ERROR, $.user IS NULL or $.user NOT EXISTS")
    selector, (kind, word), (value_kind, value) = tokens[0][1], tokens[1], tokens[2]
    if (kind, word.upper(), value.upper()) == ("bare", "NOT", "EXISTS"):
        return (lambda document: not values_at(document, selector)), tokens[3:]
    if (kind, word.upper()) == ("bare", "IS"):
        wanted = {"NULL": None, "TRUE": True, "FALSE": False}
        if value.upper() not in wanted:
            raise LogPatternError(f"IS goes with NULL, TRUE or FALSE, not with {value}")
        return (lambda document: any(each is wanted[value.upper()] for each in values_at(document, selector))), tokens[
            3:
        ]
    if kind != "op" or word not in ("=", "!=", *ORDER):
        raise LogPatternError(f"{word!r} is no comparison")
    return _comparison(selector, word, value, quoted=value_kind == "quoted"), tokens[3:]


def _comparison(selector: str, sign: str, value: str, *, quoted: bool) -> Condition:
    takes = taking(sign, _plain(value) if quoted else value, quoted=quoted)
    return lambda document: any(takes(each) for each in values_at(document, selector))


def values_at(document: Any, selector: str) -> list[Any]:
    """The values that a selector leads to; none where nothing is."""
    found, at = [document], 1
    while at < len(selector):
        step = _STEP.match(selector, at)
        if step is None:
            return []
        at = step.end()
        name = next((step[n] for n in (1, 3, 4) if step[n] is not None), None)
        if name is not None:
            found = [each[name] for each in found if isinstance(each, dict) and name in each]
        elif step[2] is not None:
            index = int(step[2])
            found = [each[index] for each in found if isinstance(each, list) and index < len(each)]
        else:
            found = [inner for each in found if isinstance(each, list) for inner in each]
    return found
