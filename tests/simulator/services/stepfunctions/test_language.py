"""The States Language by itself: paths, intrinsic functions, choices, error names."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.services.stepfunctions.data import DEPTH_MAX, UNREADABLE, loaded
from lambdalab.simulator.services.stepfunctions.language import choices, intrinsics, paths, templates
from lambdalab.simulator.services.stepfunctions.language.errors import StateError, matches

DATA = {"a": 1, "b": {"c": [10, 20, 30], "d e": "x"}, "orders": [{"id": 1, "n": 2}, {"id": 2}], "none": None}
CONTEXT = {"Execution": {"Name": "run-1"}}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", DATA),
        ("$.a", 1),
        ("$.b.c[0]", 10),
        ("$.b.c[-1]", 30),
        ("$['b']['d e']", "x"),
        ('$["b"].c[1]', 20),
        ("$.b.c[0:2]", [10, 20]),
        ("$.b.c[0,2]", [10, 30]),
        ("$.b.c[*]", [10, 20, 30]),
        ("$.orders[*].id", [1, 2]),
        ("$..id", [1, 2]),
        ("$.orders[*].n", [2]),
        ("$.none", None),
        ("$.orders[*].missing", []),
        ("$$.Execution.Name", "run-1"),
        ("$$", CONTEXT),
    ],
)
def test_a_path_selects(path: str, value: Any) -> None:
    assert paths.select(path, DATA, CONTEXT) == value


@pytest.mark.parametrize("path", ["$.missing", "$.a.b", "$.b.c[3]", "$.b.c.d", "$$.Nothing", "$.missing[*]"])
def test_a_path_that_leads_to_nothing_is_an_error_at_run_time(path: str) -> None:
    with pytest.raises(StateError) as caught:
        paths.select(path, DATA, CONTEXT)
    assert caught.value.error == "States.Runtime"


@pytest.mark.parametrize("path", ["a", "$a", "$.", "$[", "$.a[", "$.a[x]", "$..", "$.a b", "", "$" + ".a" * 2_000])
def test_what_cannot_be_read_is_no_path(path: str) -> None:
    with pytest.raises(paths.PathError):
        paths.parsed(path)


def test_result_path_makes_what_is_on_its_way_and_leaves_all_else() -> None:
    assert paths.put("$.x.y", {"a": 1}, 2) == {"a": 1, "x": {"y": 2}}
    assert paths.put("$.l[1]", {"l": [1, 2]}, 3) == {"l": [1, 3]}
    assert paths.put("$", {"a": 1}, 2) == 2
    with pytest.raises(StateError, match="ResultPathMatchFailure"):
        paths.put("$.a.b", {"a": 1}, 2)


keys = st.sampled_from(["a", "b", "c"])
trees = st.recursive(st.integers(), lambda inner: st.dictionaries(keys, inner, max_size=3), max_leaves=8)


@given(trees.filter(lambda tree: isinstance(tree, dict)), st.lists(keys, min_size=1, max_size=4), st.integers())
def test_what_is_put_at_a_path_is_found_there(tree: Any, steps: list[str], value: int) -> None:
    path = "$." + ".".join(steps)
    try:
        after = paths.put(path, tree, value)
    except StateError:
        return
    assert paths.select(path, after) == value
    others = [key for key in tree if key != steps[0]]
    assert {key: after[key] for key in others} == {key: tree[key] for key in others}


def call(text: str, data: Any = DATA) -> Any:
    return intrinsics.evaluate(intrinsics.parsed(text), data, CONTEXT, random.Random(1))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("States.Format('Hello {}, {} of {}', 'Ada', $.a, $.b.c)", "Hello Ada, 1 of [10,20,30]"),
        (r"States.Format('\{{}\} it\'s', 'x')", "{x} it's"),
        ("States.StringToJson('{\"a\": [1]}')", {"a": [1]}),
        ("States.JsonToString($.orders[0])", '{"id":1,"n":2}'),
        ("States.Array(1, 'a', true, null, $.a)", [1, "a", True, None, 1]),
        ("States.Array()", []),
        ("States.ArrayPartition($.b.c, 2)", [[10, 20], [30]]),
        ("States.ArrayContains($.b.c, 20)", True),
        ("States.ArrayContains(States.Array(1), true)", False),
        ("States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("States.ArrayRange(3, 1, -1)", [3, 2, 1]),
        ("States.ArrayGetItem($.b.c, 1)", 20),
        ("States.ArrayLength($.b.c)", 3),
        ("States.ArrayUnique(States.Array(1, 2, 1, 3))", [1, 2, 3]),
        ("States.Base64Encode('Data to encode')", "RGF0YSB0byBlbmNvZGU="),
        ("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", "Data to encode"),
        ("States.Hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ("States.JsonMerge($.orders[0], $.orders[1], false)", {"id": 2, "n": 2}),
        ("States.MathAdd($.a, -1)", 0),
        ("States.MathAdd(1.5, 1.51)", 4),  # as recorded on AWS: each is rounded, halves upwards
        ("States.MathAdd(-1.49, -1.5)", -2),
        ("States.StringSplit('1,2;3', ',;')", ["1", "2", "3"]),
        ("States.Format('{}', $$.Execution.Name)", "run-1"),
    ],
)
def test_an_intrinsic_function_answers(text: str, value: Any) -> None:
    assert call(text) == value


def test_chance_comes_from_the_run() -> None:
    assert call("States.UUID()") == call("States.UUID()")
    assert 1 <= call("States.MathRandom(1, 9)") < 9
    assert call("States.MathRandom(1, 1000, 5)") == call("States.MathRandom(1, 1000, 5)")


@pytest.mark.parametrize(
    "text",
    [
        "States.Format('{} {}', 1)",
        "States.MathAdd('1', 2)",
        "States.MathAdd(true, 2)",
        "States.ArrayGetItem($.b.c, 3)",
        "States.ArrayRange(1, 5000, 1)",
        "States.ArrayRange(1, 2, 0)",
        "States.ArrayPartition($.b.c, 0)",
        "States.JsonMerge($.b, $.b, true)",
        "States.Hash('x', 'CRC')",
        "States.StringToJson('{')",
        "States.Base64Decode('***')",
        "States.Base64Encode($.long)",
    ],
)
def test_a_function_whose_arguments_do_not_fit_fails_by_its_name(text: str) -> None:
    with pytest.raises(StateError) as caught:
        call(text, {**DATA, "long": "x" * 10_001})
    assert caught.value.error == "States.IntrinsicFailure"


@pytest.mark.parametrize(
    "text",
    [
        "States.Nothing()",
        "States.UUID(1)",
        "States.Format(",
        "States.Format('a",
        "States.Array(1 2)",
        "States.Array(x)",
        "States.UUID() x",
        "States.Array(" * 11 + ")" * 11,
    ],
)
def test_a_function_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(intrinsics.IntrinsicError):
        intrinsics.parsed(text)


@given(st.text("States.Format(',\\{}$[]ab1 )", max_size=40))
def test_any_text_is_a_call_or_refused(text: str) -> None:
    templates.problem_of("x.$", f"States.{text}")
    templates.problem_of("x.$", f"${text}")


def test_a_template_takes_paths_and_functions_where_a_key_ends_so() -> None:
    template = {"n.$": "$.a", "t": {"u.$": "States.MathAdd($.a, 1)", "v": "$.a"}, "l": [{"w.$": "$$.Execution.Name"}]}
    filled = templates.fill(template, DATA, CONTEXT, random.Random(1))
    assert filled == {"n": 1, "t": {"u": 2, "v": "$.a"}, "l": [{"w": "run-1"}]}


NOON = "2026-11-23T12:00:00Z"


@pytest.mark.parametrize(
    ("rule", "value", "holds"),
    [
        ({"StringEquals": "a"}, "a", True),
        ({"StringEquals": "a"}, 1, False),
        ({"StringLessThan": "b"}, "a", True),
        ({"StringGreaterThanEquals": "b"}, "b", True),
        ({"NumericEquals": 1}, 1.0, True),
        ({"NumericEquals": 1}, True, False),
        ({"NumericGreaterThan": 1}, 2, True),
        ({"NumericLessThanEquals": 1}, 2, False),
        ({"BooleanEquals": True}, True, True),
        ({"BooleanEquals": True}, 1, False),
        ({"TimestampEquals": NOON}, "2026-11-23T13:00:00+01:00", True),
        ({"TimestampLessThan": NOON}, "2026-11-23T11:59:59.999Z", True),
        ({"TimestampLessThan": NOON}, "yesterday", False),
        ({"StringMatches": "log-*.txt"}, "log-2026.txt", True),
        ({"StringMatches": "log-*.txt"}, "log-2026.txt.gz", False),
        ({"StringMatches": r"\*a*"}, "*abc", True),
        ({"StringMatches": r"\*a*"}, "xabc", False),
        ({"IsNull": True}, None, True),
        ({"IsNull": False}, None, False),
        ({"IsString": True}, "", True),
        ({"IsNumeric": True}, False, False),
        ({"IsBoolean": True}, False, True),
        ({"IsTimestamp": True}, NOON, True),
        ({"IsTimestamp": True}, "2026-02-30T00:00:00Z", False),
        ({"NumericEqualsPath": "$.other"}, 7, True),
        ({"StringEqualsPath": "$.other"}, "7", False),
    ],
)
def test_a_rule_holds_only_for_a_value_of_its_kind(rule: dict[str, Any], value: Any, holds: bool) -> None:
    assert choices.holds({"Variable": "$.x", **rule}, {"x": value, "other": 7}, {}) is holds


def test_rules_are_joined_and_turned_round_and_presence_is_no_error() -> None:
    small, big = ({"Variable": "$.n", "NumericLessThan": each} for each in (2, 9))
    data = {"n": 5}
    assert choices.holds({"And": [big, {"Not": small}]}, data, {})
    assert choices.holds({"Or": [small, big]}, data, {})
    assert choices.holds({"Variable": "$.m", "IsPresent": False}, data, {})
    with pytest.raises(StateError):
        choices.holds({"Variable": "$.m", "NumericEquals": 1}, data, {})


@given(st.text("ab*", max_size=12), st.text("ab", max_size=30))
def test_a_pattern_matches_as_its_stars_say(pattern: str, text: str) -> None:
    import re

    wanted = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text)
    assert choices.like(pattern, text) is (wanted is not None)


@pytest.mark.parametrize(
    ("names", "error", "caught"),
    [
        (["States.ALL"], "Boom", True),
        (["States.ALL"], "States.Timeout", True),
        (["States.ALL"], "States.Runtime", False),
        (["States.ALL"], "States.DataLimitExceeded", False),
        (["States.DataLimitExceeded"], "States.DataLimitExceeded", True),
        (["States.Runtime"], "States.Runtime", False),
        (["States.TaskFailed"], "Boom", True),
        (["States.TaskFailed"], "States.Timeout", False),
        (["States.TaskFailed"], "States.HeartbeatTimeout", False),
        (["States.Timeout"], "States.HeartbeatTimeout", True),
        (["States.HeartbeatTimeout"], "States.Timeout", False),
        (["Boom", "Bang"], "Bang", True),
        (["Boom"], "Bang", False),
    ],
)
def test_error_names_stand_for_themselves_and_four_for_more(names: list[str], error: str, caught: bool) -> None:
    assert matches(names, error) is caught


TOO_DEEP = "[" * (DEPTH_MAX + 1) + "]" * (DEPTH_MAX + 1)


@pytest.mark.parametrize("text", ["{", "NaN", "", "[" * 100_000, TOO_DEEP])
def test_what_is_no_json_or_too_deep_is_not_read(text: str) -> None:
    assert loaded(text) is UNREADABLE
