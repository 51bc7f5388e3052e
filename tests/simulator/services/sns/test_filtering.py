import json
from typing import Any

import pytest

from lambdalab.simulator.services.sns.filtering import read_policy
from lambdalab.simulator.trace.facts import TopicFiltered
from tests.simulator.services.sns.desk import SnsDesk, number, text


def passes(policy: Any, attributes: dict[str, Any], message: str = "", scope: str = "MessageAttributes") -> bool:
    read = read_policy(json.dumps(policy), scope)
    assert read is not None
    return read.passes(message, attributes)


@pytest.mark.parametrize(
    ("policy", "attributes", "expected"),
    [
        ({"store": ["shop"]}, text(store="shop"), True),
        ({"store": ["shop"]}, text(store="other"), False),
        ({"store": ["shop"]}, {}, False),
        ({"store": ["shop"], "kind": ["new"]}, text(store="shop"), False),
        ({"price": [{"numeric": [">=", 100]}]}, number(price="100.0"), True),
        ({"price": [100]}, number(price="100"), True),
        ({"price": [100]}, text(price="100"), False),
        ({"store": [{"anything-but": ["a"]}]}, text(store="b"), True),
        ({"store": [{"exists": False}]}, {}, True),
        ({"store": [{"prefix": "sh"}, "x"]}, text(store="shop"), True),
        ({"tags": ["b"]}, {"tags": {"DataType": "String.Array", "StringValue": '["a","b"]'}}, True),
        ({"raw": [{"exists": True}]}, {"raw": {"DataType": "Binary", "BinaryValue": b"x"}}, False),
        ({"$or": [{"a": ["1"]}, {"b": ["2"]}]}, text(b="2"), True),
    ],
)
def test_a_policy_looks_at_the_attributes_of_a_message(policy: Any, attributes: dict[str, Any], expected: bool) -> None:
    assert passes(policy, attributes) is expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [('{"order": {"total": 20}}', True), ('{"order": {"total": 5}}', False), ("no json", False), ("[1]", False)],
)
def test_a_policy_may_look_at_the_message_itself(message: str, expected: bool) -> None:
    policy = {"order": {"total": [{"numeric": [">", 10]}]}}
    assert passes(policy, {}, message, "MessageBody") is expected


@pytest.mark.parametrize(
    ("policy", "scope", "reason"),
    [
        ("no json", "MessageAttributes", "FilterPolicy: it is not valid JSON"),
        ('{"a": "b"}', "MessageAttributes", 'FilterPolicy: "a" must be an object or an array'),
        (
            '{"a": [{"exists": "yes"}]}',
            "MessageBody",
            "FilterPolicy: exists match pattern must be either true or false.",
        ),
        ('{"a": {"b": ["c"]}}', "MessageAttributes", "does not support nested filter policy"),
        (json.dumps({f"k{n}": ["v"] for n in range(6)}), "MessageAttributes", "can not have more than 5 keys"),
        (json.dumps({"a": ["v"] * 13, "b": ["w"] * 12}), "MessageAttributes", "Filter policy is too complex"),
        ('{"a": ["b"]}', "Everything", "FilterPolicyScope: Invalid value [Everything]"),
    ],
)
def test_a_policy_that_is_wrong_is_told(policy: str, scope: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r".+") as caught:
        read_policy(policy, scope)
    assert reason in str(caught.value)


def test_an_empty_policy_takes_everything() -> None:
    assert read_policy("{}", "MessageAttributes") is None


def test_a_nested_policy_of_150_combinations_is_the_largest() -> None:
    """SNS Developer Guide, "Filter policy constraints": values times depth, multiplied."""
    largest = {"a": {"b": {"c": ["v"] * 4}}, "d": {"e": ["w"] * 6}}  # 4 × 3 × 6 × 2 = 144
    assert read_policy(json.dumps(largest), "MessageBody")
    with pytest.raises(ValueError, match="too complex"):
        read_policy(json.dumps(largest | {"f": ["x", "y"]}), "MessageBody")


def test_a_message_that_does_not_pass_is_counted_and_not_sent() -> None:
    desk = SnsDesk()
    desk.subscribe(FilterPolicy='{"store": ["shop"]}')
    desk.publish(MessageAttributes=text(store="other"))
    desk.publish(MessageAttributes=text(store="shop"))
    assert len(desk.bodies()) == 1
    assert len(desk.of(TopicFiltered)) == 1
