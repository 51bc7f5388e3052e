from typing import Any

import pytest

from lambdalab.simulator.project.intrinsics import NO_VALUE, Resolver, Unresolved

RESOURCES = {"Queue": "https://queue", "Table": "orders"}


def reference(name: str) -> Any:
    if name not in RESOURCES:
        raise Unresolved(f"there is no resource or parameter {name}")
    return RESOURCES[name]


def make_resolver(**changes: Any) -> Resolver:
    usual: dict[str, Any] = {
        "parameters": {"Stage": "prod", "Zones": ["a", "b"]},
        "mappings": {"Sizes": {"prod": {"memory": 1024}}},
        "conditions": {
            "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
            "IsTest": {"Fn::Not": [{"Condition": "IsProd"}]},
            "Loop": {"Condition": "Loop"},
        },
        "reference": reference,
        "attribute": lambda name, attribute: f"{name}/{attribute}",
    }
    return Resolver(**{**usual, **changes})


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ({"Ref": "Stage"}, "prod"),
        ({"Ref": "Queue"}, "https://queue"),
        ({"Ref": "AWS::Region"}, "us-east-1"),
        ({"Ref": "AWS::AccountId"}, "123456789012"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "Queue/Arn"),
        ({"Fn::GetAtt": "Queue.Arn"}, "Queue/Arn"),
        ({"Fn::Sub": "${Stage}-${Queue.Arn}-${AWS::Region}-${!Kept}"}, "prod-Queue/Arn-us-east-1-${Kept}"),
        ({"Fn::Sub": ["${Own}-${Stage}", {"Own": {"Ref": "Table"}}]}, "orders-prod"),
        ({"Fn::Join": [":", ["a", {"Ref": "Stage"}]]}, "a:prod"),
        ({"Fn::Select": [1, {"Ref": "Zones"}]}, "b"),
        ({"Fn::Select": ["0", {"Fn::Split": [",", "x,y"]}]}, "x"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "memory"]}, 1024),
        ({"Fn::If": ["IsProd", 1, 2]}, 1),
        ({"Fn::If": ["IsTest", 1, {"Ref": "Stage"}]}, "prod"),
        ({"Fn::And": [{"Condition": "IsProd"}, {"Condition": "IsTest"}]}, False),
        ({"Fn::Or": [{"Condition": "IsProd"}, {"Condition": "IsTest"}]}, True),
        ({"a": {"b": [{"Ref": "Stage"}, 1]}}, {"a": {"b": ["prod", 1]}}),
    ],
)
def test_a_function_is_evaluated(value: Any, resolved: Any) -> None:
    assert make_resolver().resolve(value) == resolved


def test_no_value_leaves_the_property_out() -> None:
    nothing = {"Ref": "AWS::NoValue"}
    assert make_resolver().resolve({"a": nothing, "b": [nothing, 1]}) == {"b": [1]}
    assert make_resolver().resolve({"Fn::If": ["IsTest", 1, nothing]}) is NO_VALUE


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"Ref": "Nowhere"}, "there is no resource or parameter Nowhere"),
        ({"Fn::Sub": "${Nowhere}"}, "there is no resource or parameter Nowhere"),
        ({"Fn::If": ["Missing", 1, 2]}, "there is no condition Missing"),
        ({"Fn::If": ["Loop", 1, 2]}, "depends on itself"),
        ({"Fn::FindInMap": ["Sizes", "test", "memory"]}, "the mapping Sizes has no test, memory"),
        ({"Fn::GetAtt": "Queue"}, "takes a resource and an attribute"),
        ({"Fn::ImportValue": "x"}, "does not evaluate Fn::ImportValue"),
    ],
)
def test_a_reference_that_leads_nowhere_says_which(value: Any, message: str) -> None:
    with pytest.raises(Unresolved, match=message):
        make_resolver().resolve(value)


def test_functions_nested_without_end_are_refused() -> None:
    value: Any = "x"
    for _ in range(200):
        value = {"Fn::Join": ["", [value]]}
    with pytest.raises(Unresolved, match="nested too deeply"):
        make_resolver().resolve(value)


def test_a_condition_is_decided_once_however_often_it_is_asked() -> None:
    doubled = {f"C{n}": {"Fn::And": [{"Condition": f"C{n - 1}"}] * 2} for n in range(1, 60)}
    conditions = {"C0": {"Fn::Equals": ["a", "a"]}, **doubled}
    resolver = Resolver({}, {}, conditions, reference=str, attribute=lambda name, attribute: "")
    assert resolver.condition("C59") is True


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::Sub": ["${A}" * 1_025, {"A": "x" * 1_024}]},
        {"Fn::Join": ["x" * 1_024, [""] * 1_025]},
        {"Fn::Join": ["", ["x" * 524_289] * 2]},
    ],
)
def test_a_text_that_grows_too_long_is_refused(value: Any) -> None:
    resolver = Resolver({}, {}, {}, reference=str, attribute=lambda name, attribute: "")
    with pytest.raises(Unresolved, match="makes a text of more than 1,048,576 characters"):
        resolver.resolve(value)


def test_braces_that_are_never_closed_stay_as_they_are() -> None:
    resolver = Resolver({}, {}, {}, reference=str, attribute=lambda name, attribute: "")
    text = "${" * 100_000
    assert resolver.resolve({"Fn::Sub": text}) == text
