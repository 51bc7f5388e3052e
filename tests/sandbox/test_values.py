"""Whatever a call or an answer holds comes through the frames as it was, maps that look like our own tags included."""

from __future__ import annotations

import base64
import datetime as dt
import enum
import json
import math
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdalab.sandbox.child import values
from lambdalab.sandbox.child.values import ANSWER_DEPTH_MAX, CALL_DEPTH_MAX, TooDeep, count, decoded, encoded
from lambdalab.sandbox.protocol import GO, REPLY, read_turn, write_go
from lambdalab.sandbox.report import Reply
from tests.sandbox.test_frames_fuzz import packed

MANY = settings(max_examples=400, deadline=None)
KEYS = st.sampled_from([*sorted(values.TAGS), "$", "$byte", "a"]) | st.text(max_size=4)
OFFSETS = st.integers(-1439, 1439).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))
LEAVES: Any = (
    st.none() | st.booleans() | st.integers(-(2**200), 2**200) | st.floats() | st.text(max_size=9)
    | st.sampled_from(["nan", "eA==", "2025-12-01T09:00:00"]) | st.binary(max_size=9)
    | st.datetimes(timezones=st.none() | OFFSETS)
)  # fmt: skip
VALUES: Any = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=2), max_leaves=12
)
MAPS = st.dictionaries(KEYS, VALUES, max_size=2)


def same(one: Any, other: Any) -> bool:
    """Equal, of equal types, and not-a-number equal to itself."""
    if type(one) is not type(other):
        return False
    match one:
        case dict():
            return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
        case list():
            return len(one) == len(other) and all(map(same, one, other))
        case float():
            return (math.isnan(one) and math.isnan(other)) or (one, math.copysign(1, one)) == (other, math.copysign(1, other))
        case dt.datetime():
            return (one.replace(tzinfo=None), one.utcoffset()) == (other.replace(tzinfo=None), other.utcoffset())
    return bool(one == other)


@MANY
@given(MAPS)
def test_parameters_reach_the_worker_as_they_were(params: dict[str, Any]) -> None:
    told = {"service": "s", "operation": "o", "params": encoded(params, CALL_DEPTH_MAX)}
    (call,) = read_turn(packed([json.dumps(told).encode()], -1, b"", (0,) * 6)).calls
    assert same(call.params, params)


@MANY
@given(MAPS)
def test_an_answer_reaches_the_handler_as_it_was(parsed: dict[str, Any]) -> None:
    frame = write_go(0, [Reply(7, 200, parsed)])
    answer = json.loads(frame[GO.size + REPLY.size :])
    assert same(decoded(answer["parsed"], ANSWER_DEPTH_MAX), parsed)


@pytest.mark.parametrize("tag", sorted(values.TAGS))
@pytest.mark.parametrize("content", ["x", 5, None, [1], {"$bytes": "eA=="}, {"$map": {"$map": 1}}, b"x", math.inf])
def test_a_map_that_looks_like_a_tag_is_a_map(tag: str, content: Any) -> None:
    value = {"a": [{tag: content}]}
    assert same(decoded(json.loads(json.dumps(encoded(value, 9))), 9), value)


class Loud(bytes):
    """Of a student's own class: what such objects say of themselves does not count."""


class Odd(str):
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 5

    def __str__(self) -> str:
        return "odd"


class Colour(enum.StrEnum):
    RED = "$time"


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ({Odd("$bytes"): 1}, {"$bytes": 1}),
        ({Colour.RED: Colour.RED}, {"$time": "$time"}),
        ((1, {"a"}), [1, ["a"]]),
        (Loud(b"x"), b"x"),
        (bytearray(b"x"), b"x"),
        (True, True),
    ],
)
def test_an_object_of_a_class_of_ones_own_is_what_json_makes_of_it(value: Any, plain: Any) -> None:
    assert same(decoded(json.loads(json.dumps(encoded(value, 9))), 9), plain)


@pytest.mark.parametrize(
    "value",
    [{"$bytes": 5}, {"$bytes": "ä"}, {"$bytes": "x"}, {"$time": "never"}, {"$time": 5}, {"$float": "1.5"}, {"$float": []},
     {"$map": 1}, {"$map": {}}, {"$map": {"a": 1}}, {"$map": {"$bytes": 1, "a": 2}}],
)  # fmt: skip
def test_what_we_would_not_have_written_is_refused(value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        decoded([value], 9)


def nested(levels: int) -> Any:
    value: Any = base64.b64encode(b"x").decode()
    for level in range(levels):
        value = {"$map": value} if level % 2 else [value]
    return value


def test_as_deep_as_may_be_comes_through_and_deeper_is_refused() -> None:
    assert decoded(encoded(nested(CALL_DEPTH_MAX), CALL_DEPTH_MAX), CALL_DEPTH_MAX) == nested(CALL_DEPTH_MAX)
    with pytest.raises(TooDeep):
        encoded(nested(CALL_DEPTH_MAX + 1), CALL_DEPTH_MAX)
    with pytest.raises(TooDeep):
        decoded(encoded(nested(CALL_DEPTH_MAX + 1), ANSWER_DEPTH_MAX), CALL_DEPTH_MAX)
    assert same(decoded(encoded(nested(ANSWER_DEPTH_MAX), ANSWER_DEPTH_MAX), ANSWER_DEPTH_MAX), nested(ANSWER_DEPTH_MAX))


def number_of(value: Any) -> int:
    match value:
        case dict():
            return 1 + sum(1 + number_of(item) for item in value.values())
        case list():
            return 1 + sum(map(number_of, value))
    return 1


@MANY
@given(st.lists(VALUES, max_size=5), st.sampled_from([0, values._FEW]), st.booleans())
def test_there_are_no_more_values_than_were_counted(value: list[Any], few: int, ascii_: bool) -> None:
    text = json.dumps(encoded(value, ANSWER_DEPTH_MAX), ensure_ascii=ascii_).encode("utf-8", "surrogatepass")
    with mock.patch.object(values, "_FEW", few):
        assert number_of(json.loads(text.decode("utf-8", "surrogatepass"))) <= count(text) + 1


@pytest.mark.parametrize("text", ["1,2,3\n" * 100_000, '{"a": [1, 2]},\n' * 100_000, '\\",[{' * 100_000, "\\" * 300_001])
def test_what_a_long_text_holds_are_no_values(text: str) -> None:
    assert count(json.dumps({"a": [text, {"b": text}]}).encode()) == 6  # of punctuation


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([b'"', b"\\", b",", b"[", b"ab", b'\\"', b"\n"]), max_size=30))
def test_any_bytes_are_counted(parts: list[bytes]) -> None:
    with mock.patch.object(values, "_FEW", 0):
        assert 0 <= count(b"".join(parts)) <= len(parts)
