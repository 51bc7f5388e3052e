"""Event patterns. The examples are those of the EventBridge User Guide and of recorded answers (LS, 2024-12)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.vocabulary.patterns import PatternError, read_pattern

EVENT = {
    "source": "aws.ec2",
    "region": "us-east-1",
    "detail": {
        "state": "running",
        "count": 5,
        "ratio": 3.018e2,
        "empty": "",
        "nothing": None,
        "flag": True,
        "ip": "10.0.0.17",
        "file": "dir/cat.PNG",
        "tags": ["red", "green"],
        "none": [],
        "items": [{"sku": "a", "n": 1}, {"sku": "b", "n": 2}],
        "deep": [[{"x": 1}], [{"x": 2}]],
    },
}


def meets(pattern: Any, event: Any = EVENT) -> bool:
    return read_pattern(json.dumps(pattern)).meets_text(json.dumps(event))


def detail(**rules: Any) -> dict[str, Any]:
    return {"detail": rules}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"state": ["running", "stopped"]}, True),
        ({"state": ["Running"]}, False),
        ({"count": [5]}, True),
        ({"count": [5.0]}, True),
        ({"count": ["5"]}, False),
        ({"ratio": [301.8]}, True),
        ({"flag": [True]}, True),
        ({"flag": ["true"]}, False),
        ({"empty": [""]}, True),
        ({"nothing": [None]}, True),
        ({"nothing": [""]}, False),
        ({"state": [{"prefix": "run"}]}, True),
        ({"state": [{"prefix": "RUN"}]}, False),
        ({"state": [{"prefix": {"equals-ignore-case": "RUN"}}]}, True),
        ({"file": [{"suffix": ".png"}]}, False),
        ({"file": [{"suffix": {"equals-ignore-case": ".png"}}]}, True),
        ({"count": [{"prefix": "5"}]}, False),
        ({"state": [{"equals-ignore-case": "RUNNING"}]}, True),
        ({"state": [{"anything-but": "stopped"}]}, True),
        ({"state": [{"anything-but": ["stopped", "running"]}]}, False),
        ({"count": [{"anything-but": 5}]}, False),
        ({"count": [{"anything-but": [4, 6]}]}, True),
        ({"state": [{"anything-but": {"prefix": "run"}}]}, False),
        ({"state": [{"anything-but": {"suffix": ["ed", "xx"]}}]}, True),
        ({"state": [{"anything-but": {"equals-ignore-case": ["RUNNING"]}}]}, False),
        ({"file": [{"anything-but": {"wildcard": "*/cat*"}}]}, False),
        ({"nothing": [{"anything-but": "x"}]}, True),
        ({"missing": [{"anything-but": "x"}]}, False),
        ({"count": [{"numeric": [">", 0, "<=", 5]}]}, True),
        ({"count": [{"numeric": [">", 5]}]}, False),
        ({"ratio": [{"numeric": ["=", 301.8]}]}, True),
        ({"state": [{"numeric": ["=", 5]}]}, False),
        ({"ip": [{"cidr": "10.0.0.0/24"}]}, True),
        ({"ip": [{"cidr": "10.0.1.0/24"}]}, False),
        ({"state": [{"cidr": "10.0.0.0/24"}]}, False),
        ({"state": [{"exists": True}]}, True),
        ({"nothing": [{"exists": True}]}, True),
        ({"missing": [{"exists": True}]}, False),
        ({"missing": [{"exists": False}]}, True),
        ({"state": [{"exists": False}]}, False),
        ({"items": [{"exists": True}]}, False),  # only leaves exist
        ({"none": [{"exists": True}]}, False),
        ({"none": [None]}, False),
        ({"state": [{"exists": False}, "running"]}, True),
        ({"file": [{"wildcard": "dir/*.PNG"}]}, True),
        ({"file": [{"wildcard": "*.png"}]}, False),
        ({"file": [{"wildcard": "d*r*c*t*"}]}, True),
        ({"tags": ["green"]}, True),
        ({"tags": ["blue"]}, False),
        ({"tags": [{"anything-but": "red"}]}, True),
        ({"deep": {"x": [2]}}, True),
    ],
)
def test_a_rule_takes_what_the_guide_says(rule: dict[str, Any], expected: bool) -> None:
    assert meets(detail(**rule)) is expected


def test_all_fields_must_meet_their_rules() -> None:
    assert meets({"source": ["aws.ec2"], "detail": {"state": ["running"]}})
    assert not meets({"source": ["aws.s3"], "detail": {"state": ["running"]}})


def test_two_fields_of_an_array_belong_to_one_element() -> None:
    assert meets(detail(items={"sku": ["a"], "n": [1]}))
    assert not meets(detail(items={"sku": ["a"], "n": [2]}))


def test_a_field_that_must_not_be_there_is_in_no_element() -> None:
    assert not meets(detail(items={"sku": [{"exists": False}]}))
    assert meets(detail(items={"price": [{"exists": False}]}))


def test_or_takes_any_of_its_parts() -> None:
    either = {"$or": [{"detail": {"state": ["stopped"]}}, {"detail": {"count": [{"numeric": [">", 4]}]}}]}
    assert meets(either)
    assert meets({"source": ["aws.ec2"], **either})
    assert not meets({"source": ["aws.s3"], **either})
    inner = detail(**{"$or": [{"state": ["stopped"]}, {"flag": [False]}]})
    assert not meets(inner)


def test_a_dot_leads_into_an_object_on_either_side() -> None:
    assert meets({"detail.state": ["running"]})
    assert meets({"a": {"b": ["x"]}}, {"a.b": "x"})
    assert not meets({"a.b": ["x"]}, {"a": "x"})


def test_stars_and_slashes_can_be_escaped() -> None:
    assert meets({"a": [{"wildcard": r"x\*y*"}]}, {"a": "x*yz"})
    assert not meets({"a": [{"wildcard": r"x\*y*"}]}, {"a": "xay"})
    assert meets({"a": [{"wildcard": r"c:\\*"}]}, {"a": "c:\\dir"})


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ('["a"]', "Filter is not an object"),
        ("{}", "Empty objects are not allowed"),
        ('{"a": {}}', "Empty objects are not allowed"),
        ('{"a": []}', "Empty arrays are not allowed"),
        ('{"int": 42}', '"int" must be an object or an array'),
        ('{"a": [["x"]]}', "Match value must be String, number, true, false, or null"),
        ('{"a": [{"EXISTS": true}]}', "Unrecognized match type EXISTS"),
        ('{"a": [{"exists": "true"}]}', "exists match pattern must be either true or false."),
        ('{"a": [{"prefix": "a", "suffix": "b"}]}', "Only one key allowed in match expression"),
        ('{"a": [{"prefix": 123}]}', "prefix match pattern must be a string"),
        ('{"a": [{"suffix": [".png"]}]}', "suffix match pattern must be a string"),
        ('{"a": [{"equals-ignore-case": ["x"]}]}', "equals-ignore-case match pattern must be a string"),
        ('{"a": [{"wildcard": 1}]}', "wildcard match pattern must be a string"),
        (
            '{"a": [{"wildcard": "arn:aws:events:us-east-1:**:event-bus/*"}]}',
            "Consecutive wildcard characters at pos 26",
        ),
        ('{"a": [{"wildcard": "\\\\x"}]}', "Invalid escape character at pos 1"),
        ('{"a": [{"wildcard": "*a*b*c*d*e*f*"}]}', "Rule is too complex"),
        ('{"a": [{"cidr": "10.0.0.0"}]}', "Malformed CIDR, one '/' required"),
        ('{"a": [{"cidr": "10.0.0.0/x"}]}', "Malformed CIDR, mask bits must be an integer"),
        ('{"a": [{"cidr": "10.0.0/8"}]}', "Nonstandard IP address: 10.0.0"),
        ('{"a": [{"cidr": "10.0.0.0/32"}]}', "IPv4 mask bits must be < 32"),
        ('{"a": [{"numeric": [">", 0, ">", 0]}]}', "Bad numeric range operator: >"),
        ('{"a": [{"numeric": [">", 0, "<"]}]}', "Value of < must be numeric"),
        ('{"a": [{"numeric": ["=", "5"]}]}', "Value of equals must be numeric"),
        ('{"a": [{"numeric": []}]}', "Invalid member in numeric match: ]"),
        ('{"a": [{"numeric": ["=>", 5]}]}', "Unrecognized numeric range operator: =>"),
        ('{"a": [{"numeric": ["<", 5, ">", 1]}]}', "Too many elements in numeric expression"),
        ('{"a": [{"numeric": [">", 5, "<", 1]}]}', "Bottom must be less than top"),
        ('{"a": [{"numeric": [">", 1, "<", 5, "<", 6]}]}', "Too many terms in numeric range expression"),
        ('{"a": [{"numeric": 5}]}', "Value of numeric must be an array."),
        ('{"a": [{"anything-but": null}]}', "Value of anything-but must be an array or single string/number value."),
        ('{"a": [{"anything-but": [1, "a"]}]}', "mixed type is not supported"),
        ('{"a": [{"anything-but": [true]}]}', "Inside anything but list, start|null|boolean is not supported."),
        ('{"a": [{"anything-but": {"cidr": "x"}}]}', "Unsupported anything-but pattern: cidr"),
        ('{"a": [{"anything-but": {"prefix": ""}}]}', "Null prefix/suffix not allowed"),
        ('{"a": [{"anything-but": {"suffix": 1}}]}', "prefix/suffix match pattern must be a string"),
        (
            '{"a": [{"anything-but": {"equals-ignore-case": [1]}}]}',
            "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
        ),
        ('{"$or": [{"a": ["x"]}]}', "There must have at least 2 Objects in $or relationship."),
        ('{"$or": {"a": ["x"]}}', "It must be an Array followed with $or."),
        ('{"$or": ["x", "y"]}', "Only JSON object is allowed in array of $or relationship."),
        ('{"$or": [{"prefix": ["x"]}, {"a": ["x"]}]}', "prefix is Ruler reserved fieldName"),
        ('{"a": NaN}', "it is not valid JSON"),
        ("{'a': 1}", "it is not valid JSON"),
        ("[" * 100_000, "it is not valid JSON"),
    ],
)
def test_a_pattern_that_is_wrong_is_told_in_aws_s_words(pattern: str, reason: str) -> None:
    with pytest.raises(PatternError) as caught:
        read_pattern(pattern)
    assert str(caught.value).startswith(reason) or reason in str(caught.value)


def test_or_may_not_multiply_without_end() -> None:
    two = [{"a": ["x"]}, {"b": ["y"]}]
    pattern: dict[str, Any] = {"c": ["z"]}
    for number in range(12):
        pattern = {f"k{number}": pattern | {"$or": two}}
    with pytest.raises(PatternError, match="combinations"):
        read_pattern(json.dumps(pattern))


def test_a_wildcard_takes_no_longer_than_the_text_is() -> None:
    assert not meets({"a": [{"wildcard": "*a*a*a*a*b"}]}, {"a": "a" * 200_000})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "a", "b", "ab"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3), st.sampled_from("abc"))
def test_a_field_is_there_or_it_is_not(event: dict[str, Any], name: str) -> None:
    value = event.get(name)
    is_leaf = name in event and not isinstance(value, dict | list)
    there, missing = meets({name: [{"exists": True}]}, event), meets({name: [{"exists": False}]}, event)
    assert there is not missing
    if not isinstance(value, list):
        assert there is is_leaf


@given(st.text(max_size=80))
def test_any_text_is_a_pattern_or_told(text: str) -> None:
    try:
        read_pattern(text)
    except PatternError:
        return


@given(VALUES)
def test_any_document_is_a_pattern_or_told(document: Any) -> None:
    try:
        pattern = read_pattern(json.dumps(document))
    except PatternError:
        return
    assert pattern.meets_text(json.dumps(EVENT)) in (True, False)


def test_a_name_with_dots_is_no_deeper_than_objects_may_be() -> None:
    with pytest.raises(PatternError, match="nested too deeply"):
        read_pattern(json.dumps({".".join("a" * 3_000): ["b"]}))
    with pytest.raises(PatternError, match="nested too deeply"):
        read_pattern(json.dumps({"$or": [{".".join("a" * 3_000): ["b"]}, {"b": ["c"]}]}))
