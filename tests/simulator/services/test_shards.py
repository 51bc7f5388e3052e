"""Places in a shard, and iterators that name them."""

import base64
import json
from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.services.shards import Log, Place, Watchers, place_of


@dataclass(frozen=True)
class Record:
    sequence: str
    arrived_at: Micros


@given(st.lists(st.integers(0, 10**40), unique=True, max_size=30), st.integers(0, 10**40))
def test_at_and_after_a_sequence_number_are_where_its_record_begins_and_ends(numbers: list[int], wanted: int) -> None:
    ordered = sorted(numbers)
    log = Log([Record(str(number), Micros(0)) for number in ordered])
    assert log.at(str(wanted)) == bisect_left(ordered, wanted)
    assert log.after(str(wanted)) == log.at(str(wanted)) + (wanted in ordered)


@given(st.lists(st.integers(0, 1_000), max_size=30), st.integers(0, 1_000))
def test_since_a_moment_are_all_records_that_arrived_then_or_later(moments: list[int], wanted: int) -> None:
    log = Log([Record(str(n), Micros(at)) for n, at in enumerate(sorted(moments))])
    assert [record.arrived_at >= wanted for record in log.records[log.since(Micros(wanted)) :]] == [
        True for at in moments if at >= wanted
    ]


@given(st.text(max_size=50), st.text(max_size=50), st.integers(0, 10**9), st.integers(0, 86_400_000_000))
def test_an_iterator_names_its_place(stream: str, shard: str, index: int, at: int) -> None:
    place = Place(stream, shard, index, Micros(at))
    assert place_of(place.token()) == place


@given(st.one_of(st.text(), st.binary().map(lambda raw: base64.b64encode(raw).decode())))
def test_any_other_text_is_no_iterator_and_breaks_nothing(text: str) -> None:
    place_of(text)


@pytest.mark.parametrize(
    "content",
    [
        ["a", "b", -1, 0],
        ["a", "b", 10**30, 0],
        ["a", "b", 0, -1],
        ["a", "b", 0, 10**30],
        ["a", "b", True, 0],
        ["a"],
        {},
    ],
)
def test_an_iterator_from_nowhere_is_none(content: Any) -> None:
    forged = base64.b64encode(bytes(7) + b"\1" + json.dumps(content).encode()).decode()
    assert place_of(forged) is None


def test_watchers_are_told_until_they_are_removed() -> None:
    told: list[str] = []
    watchers = Watchers()
    watchers.add("arn", told.append)
    watchers.tell("arn", "shard-1")
    watchers.tell("other", "shard-2")
    watchers.remove("arn", told.append)
    watchers.tell("arn", "shard-3")
    assert told == ["shard-1"]
