import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.lambda_.event_source_mappings.filtering import Filter, wrong
from lambdalab.simulator.lambda_.event_source_mappings.responses import failed_items


def passes(pattern: Any, body: str, **more: Any) -> bool:
    return Filter([json.dumps(pattern) if not isinstance(pattern, str) else pattern], "body").passes(
        {"body": body, **more}
    )


@pytest.mark.parametrize(
    ("pattern", "body", "expected"),
    [
        ('{"body": {"city": ["Bonn", "Köln"]}}', '{"city": "Köln"}', True),
        ('{"body": {"city": ["Bonn"]}}', '{"city": "bonn"}', False),
        ('{"body": {"city": ["Bonn"], "n": [1]}}', '{"city": "Bonn", "n": 2}', False),
        ('{"body": {"n": [300]}}', '{"n": 300}', True),
        ('{"body": {"n": [300]}}', '{"n": 300.0}', False),
        ('{"body": {"n": [300]}}', '{"n": "300"}', False),
        ('{"body": {"n": [null]}}', '{"n": null}', True),
        ('{"body": {"n": [null]}}', "{}", False),
        ('{"body": {"n": [""]}}', '{"n": ""}', True),
        ('{"body": {"n": [true]}}', '{"n": true}', True),
        ('{"body": {"n": [{"anything-but": ["a", "b"]}]}}', '{"n": "c"}', True),
        ('{"body": {"n": [{"anything-but": ["a", "b"]}]}}', '{"n": "b"}', False),
        ('{"body": {"n": [{"anything-but": ["a"]}]}}', "{}", False),
        ('{"body": {"n": [{"numeric": [">", 10, "<=", 20]}]}}', '{"n": 20.0}', True),
        ('{"body": {"n": [{"numeric": [">", 10, "<=", 20]}]}}', '{"n": 10}', False),
        ('{"body": {"n": [{"numeric": [">", 10]}]}}', '{"n": "11"}', False),
        ('{"body": {"n": [{"exists": true}]}}', '{"n": 0}', True),
        ('{"body": {"n": [{"exists": true}]}}', '{"n": {"deep": 1}}', False),
        ('{"body": {"n": [{"exists": false}]}}', "{}", True),
        ('{"body": {"a": {"n": [{"exists": false}]}}}', '{"a": 1}', True),
        ('{"body": {"n": [{"prefix": "ab"}]}}', '{"n": "abc"}', True),
        ('{"body": {"n": [{"suffix": "bc"}]}}', '{"n": "abc"}', True),
        ('{"body": {"n": [{"suffix": "ab"}]}}', '{"n": "abc"}', False),
        ('{"body": {"n": [{"equals-ignore-case": "ABC"}]}}', '{"n": "abc"}', True),
        ('{"body": {"$or": [{"a": [1]}, {"b": [2]}]}}', '{"b": 2}', True),
        ('{"body": {"$or": [{"a": [1]}, {"b": [2]}]}}', '{"b": 1}', False),
        ('{"body": {"a": {"b": ["x"]}}}', '{"a": {"b": "x"}}', True),
        ('{"body": {"a": ["x"]}}', '{"a": ["y", "x"]}', True),
        ('{"body": ["plain"]}', "plain", True),
        ('{"body": ["plain"]}', "other", False),
        ('{"body": {"a": ["x"]}}', "no json", False),
        ('{"body": {"a": ["x"]}}', "[" * 100_000, False),
    ],
)
@pytest.mark.rule("D.2-02")
@pytest.mark.rule("D.2-03")
@pytest.mark.rule("D.2-04")
@pytest.mark.rule("D.2-05")
def test_a_record_passes_or_not(pattern: str, body: str, expected: bool) -> None:
    assert wrong(pattern) is None
    assert passes(pattern, body) is expected


def test_a_pattern_without_a_body_looks_at_the_rest_only() -> None:
    pattern = {"messageAttributes": {"colour": {"stringValue": ["red"]}}}
    assert passes(pattern, "no json", messageAttributes={"colour": {"stringValue": "red"}})
    assert not passes(pattern, "no json", messageAttributes={})


@pytest.mark.rule("D.2-02")
def test_one_of_several_filters_is_enough() -> None:
    filters = Filter(['{"body": {"a": [1]}}', '{"body": {"b": [1]}}'], "body")
    assert filters.passes({"body": '{"b": 1}'})
    assert not filters.passes({"body": '{"c": 1}'})


@pytest.mark.parametrize(
    "pattern",
    [
        "", "[]", "{}", "no json", '{"body": "x"}', '{"body": []}', '{"body": {"a": [{"like": "x"}]}}',
        '{"body": {"a": [["x"]]}}', '{"body": {"a": [{"numeric": ["~", 1]}]}}', '{"body": {"a": [{"numeric": [">"]}]}}',
        '{"body": {"a": [{"exists": 1}]}}', '{"body": {"a": [{"prefix": 1}]}}', '{"$or": [{"a": [1]}]}',
        '{"body": {"a": [NaN]}}', '{"a":' * 1_500,
    ],
)  # fmt: skip
@pytest.mark.rule("D.2-07")
def test_a_pattern_that_is_none_is_refused(pattern: str) -> None:
    refusal = wrong(pattern)
    assert refusal is not None
    assert refusal.message == "Invalid filter pattern definition."


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(
    st.sampled_from(["a", "body", "$or", "prefix", "numeric", "exists"]), x), max_leaves=8), st.text())  # fmt: skip
def test_no_pattern_and_no_body_breaks_the_filter(pattern: Any, body: str) -> None:
    text = json.dumps({"body": pattern})
    if wrong(text) is None:
        assert passes(text, body) in (True, False)


IDS = ("m1", "m2", "m3")


@pytest.mark.parametrize(
    ("payload", "failed"),
    [
        ("null", []),
        ("{}", []),
        ('{"batchItemFailures": []}', []),
        ('{"batchItemFailures": null}', []),
        ('{"batchItemFailures": [{"itemIdentifier": "m2"}]}', ["m2"]),
        ('{"batchItemFailures": [{"itemIdentifier": "m2"}, {"itemIdentifier": "m9"}]}', None),
        ('{"batchItemFailures": [{"itemIdentifier": ""}]}', None),
        ('{"batchItemFailures": [{"itemIdentifier": null}]}', None),
        ('{"batchItemFailures": [{"itemIdentifier": ["m1"]}]}', None),
        ('{"batchItemFailures": [{"id": "m2"}]}', None),
        ('{"batchItemFailures": ["m2"]}', None),
        ('{"batchItemFailures": "m2"}', None),
        ('"done"', None),
        ("{", None),
    ],
)
@pytest.mark.rule("D.3-16")
@pytest.mark.rule("D.3-17")
def test_a_response_says_which_items_failed_or_spoils_the_batch(payload: str, failed: list[str] | None) -> None:
    found = failed_items(payload, IDS)
    assert found == (None if failed is None else frozenset(failed))
