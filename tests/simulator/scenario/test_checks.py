from typing import Any

import pytest

from lambdalab.simulator.scenario.checks import QueryTooLarge, evaluate, holds, query_error, search
from lambdalab.simulator.scenario.schema import Check, Comparison
from lambdalab.simulator.trace import encode_fact
from tests.simulator.playing import Played, invoke, make_template, play, seconds, steps

SUMMARY = {
    "functions": {"work": {"invocations": 3, "errors": 0}},
    "queues": {"orders-dlq": {"visible": 1, "messages": [{"body": "b"}, {"body": "a"}]}},
    "many": list(range(2_000)),
    "word": "x" * 500,
}


def check(query: str, comparison: Comparison, expected: Any, **changes: Any) -> Check:
    return Check("id", "It holds.", query, comparison, expected, **changes)


@pytest.mark.parametrize(
    ("comparison", "actual", "expected", "passed"),
    [
        ("equals", 3, 3, True),
        ("equals", 3, 3.0, True),
        ("equals", True, 1, False),
        ("equals", None, None, True),
        ("equals", ["a", "b"], ["a", "b"], True),
        ("at_most", 3, 3, True),
        ("at_most", 4, 3, False),
        ("at_most", None, 3, False),
        ("at_most", True, 3, False),
        ("at_least", 3, 3, True),
        ("at_least", 2.9, 3, False),
        ("between", 2, [1, 2], True),
        ("between", 3, [1, 2], False),
        ("between", "2", [1, 2], False),
        ("contains", ["a", "b"], "b", True),
        ("contains", "abc", "bc", True),
        ("contains", {"k": 1}, "k", True),
        ("contains", 5, 5, False),
        ("contains", "abc", 5, False),
        ("contains", {"k": 1}, ["k"], False),
        ("matches", "order-12", r"order-\d+$", True),
        ("matches", 12, r"\d+", False),
    ],
)
def test_comparisons(comparison: str, actual: object, expected: object, passed: bool) -> None:
    assert holds(comparison, actual, expected) is passed


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("functions.work.invocations", 3),
        ('queues."orders-dlq".visible', 1),
        ('sort(queues."orders-dlq".messages[].body)', ["a", "b"]),
        ("sum([functions.work.invocations, functions.work.errors])", 3),
        ("functions.nobody.invocations", None),
    ],
)
def test_a_query_is_jmespath_over_the_summary(query: str, value: object) -> None:
    assert search(query, SUMMARY) == value


DOUBLING = "[`1`,`1`]" + " | [@, @][]" * 60
NESTED = "`1`" + " | [@, @]" * 60
NAMED = "`1`" + " | {a: @, b: @}" * 60


@pytest.mark.parametrize(
    "query",
    [
        DOUBLING,
        NESTED,
        NAMED,
        NESTED + " | to_string(@)",
        "many | [@,@,@,@,@,@,@,@][] | [@,@,@,@,@,@,@,@][] | [@,@,@,@,@,@,@,@][]",
        "[word,word,word,word] | join('', @)" + " | [@,@,@,@] | join('', @)" * 12,
    ],
    ids=["doubling", "nested lists", "nested mappings", "to_string", "eightfold", "growing text"],
)
def test_a_hostile_query_stops(query: str) -> None:
    with pytest.raises(QueryTooLarge):
        search(query, SUMMARY)
    assert not evaluate(check(query, "equals", 1), SUMMARY).passed


def test_a_check_whose_query_is_hostile_fails_and_says_so() -> None:
    result = evaluate(check(DOUBLING, "equals", 1), SUMMARY)
    assert "QueryTooLarge" in result.actual


def test_a_query_that_fails_on_this_summary_is_a_check_that_does_not_hold() -> None:
    result = evaluate(check("sum(word)", "at_most", 1), SUMMARY)
    assert not result.passed
    assert "the query failed" in result.actual


@pytest.mark.parametrize("query", ["many", "word", "{a: many, b: many}"])
def test_a_large_value_is_named_not_shown(query: str) -> None:
    result = evaluate(check(query, "equals", 1), SUMMARY)
    assert len(encode_fact(seconds(0), 1, result)) < 1_000


@pytest.mark.parametrize("query", ["a.", "[", "foo(", "a b", "(", "(" * 900])
def test_a_query_that_cannot_be_read_says_why(query: str) -> None:
    assert query_error(query)


def test_a_good_query_has_no_error() -> None:
    assert query_error("functions.work.invocations") is None


def played(**one_check: Any) -> Played:
    wanted = {"id": "one", "says": "It runs once.", "query": "functions.work.invocations", "equals": 1} | one_check
    return play(make_template(), steps(invoke(), checks=[wanted]))


def test_a_run_passes_when_all_checks_hold() -> None:
    assert played().passed
    assert not played(equals=2).passed


def test_checks_stand_in_summary_and_player_with_value_and_expectation() -> None:
    run = played(equals=2)
    (row,) = run.summary["checks"]
    assert (row["passed"], row["actual"], row["expected"], row["hidden"]) == (False, 1, 2, False)
    assert run.player["checks"] == [row]


def test_a_hidden_check_tells_neither_its_value_nor_what_it_expects() -> None:
    run = played(equals=77_431, hidden=True)
    assert not run.passed
    (row,) = run.summary["checks"]
    assert (row["actual"], row["expected"]) == (None, None)
    assert b"77431" not in run.trace
