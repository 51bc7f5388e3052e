import json
import pkgutil
from importlib import import_module

import pytest

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.trace import Stamped, decode_line, decode_lines, encode_fact, facts
from lambdalab.simulator.trace.facts import FACT_TYPES, Fact, RunEnded
from lambdalab.simulator.trace.facts.base import Recorded
from tests.simulator.playing import invoke, make_template, play, steps
from tests.simulator.trace.samples import ALL


@pytest.mark.parametrize("fact", ALL, ids=lambda fact: fact.kind)
def test_every_fact_survives_its_line(fact: Fact) -> None:
    line = encode_fact(Micros(17), 3, fact)
    assert decode_line(line) == Stamped(Micros(17), 3, fact)
    assert encode_fact(*decode_line(line)) == line


@pytest.mark.parametrize("fact", ALL[::7], ids=lambda fact: fact.kind)
def test_a_line_is_one_line_of_json_with_sorted_keys_behind_its_stamp(fact: Fact) -> None:
    line = encode_fact(Micros(17), 3, fact)
    assert line.count(b"\n") == 1
    keys = list(json.loads(line))
    assert keys[:3] == ["at", "kind", "seq"]
    assert keys[3:] == sorted(keys[3:])


def test_every_fact_class_belongs_to_the_union_and_has_its_own_kind() -> None:
    modules = [import_module(f"{facts.__name__}.{found.name}") for found in pkgutil.iter_modules(facts.__path__)]
    classes = {
        item
        for module in modules
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Recorded) and item is not Recorded
    }
    assert classes == set(FACT_TYPES.values())
    assert {kind: item.kind for kind, item in FACT_TYPES.items()} == {kind: kind for kind in FACT_TYPES}


@pytest.mark.parametrize("kind", FACT_TYPES.values(), ids=lambda kind: kind.__name__)
def test_facts_are_frozen_slotted_and_explained(kind: type) -> None:
    assert kind.__struct_config__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(kind)
    assert kind.__doc__
    assert not kind.__doc__.startswith(kind.__name__)


@pytest.mark.parametrize("line", ["", "{}", "[]", "nonsense", '{"at":0,"kind":"no.such","seq":1}', '{"at":0,"seq":1}'])
def test_a_line_that_no_recorder_wrote_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not a line of a trace"):
        decode_line(line)


def test_a_fact_with_a_field_missing_is_refused() -> None:
    with pytest.raises(ValueError, match="not a line of a trace"):
        decode_line(b'{"at":0,"kind":"run.ended","seq":1,"stopped":null}')


def test_blank_lines_are_passed_over() -> None:
    line = encode_fact(Micros(0), 1, RunEnded(None, True))
    assert len(list(decode_lines([b"\n", line, b""]))) == 1


def test_the_sequence_has_no_gaps_and_time_never_runs_back() -> None:
    played = play(make_template(), steps(invoke(repeat={"count": 5, "every": "1s"})))
    assert [stamped.seq for stamped in played.facts] == list(range(1, len(played.facts) + 1))
    assert [stamped.at for stamped in played.facts] == sorted(stamped.at for stamped in played.facts)
