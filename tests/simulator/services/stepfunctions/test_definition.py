"""What no state machine can be created with, and where that stands."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.services.stepfunctions.language.definition import FIELDS, flaws_of
from tests.simulator.services.stepfunctions.machines import WORK, chain, task

PASS = {"Type": "Pass"}


def one(state: dict[str, Any]) -> dict[str, Any]:
    return chain(state, {"name": "End", "Type": "Succeed"})


GOOD = [
    chain(PASS),
    chain(task(TimeoutSeconds=10, HeartbeatSeconds=5, Retry=[{"ErrorEquals": ["States.ALL"]}])),
    one({"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "End"}]}),
    one({"Type": "Choice", "Choices": [{"Not": {"Variable": "$.a", "IsNull": True}, "Next": "End"}], "Default": "End"}),
    chain({"Type": "Parallel", "Branches": [chain({"name": "B", **PASS})]}),
    chain({"Type": "Map", "Iterator": chain({"name": "B", **PASS}), "MaxConcurrency": 3}),
    chain({"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **chain({"name": "B", **PASS})}}),
    chain({"Type": "Fail", "ErrorPath": "States.Format('{}', $.x)"}),
    {**chain(PASS), "Comment": "c", "QueryLanguage": "JSONPath", "Version": "1.0", "TimeoutSeconds": 5},
]


@pytest.mark.parametrize("definition", GOOD)
def test_a_good_definition_has_no_flaws(definition: dict[str, Any]) -> None:
    assert flaws_of(definition) == []


S1 = ("States", "S1")
RULE = {"Variable": "$.a", "NumericEquals": 1, "Next": "End"}
BAD: list[tuple[Any, tuple[Any, ...], str]] = [
    ([], (), "an object with StartAt and States"),
    ({"StartAt": "A"}, ("States",), "at least one state"),
    ({"StartAt": "B", "States": {"A": {"Type": "Succeed"}}}, ("StartAt",), "Missing 'StartAt' target: B"),
    ({"StartAt": ["x"], "States": {"A": {"Type": "Succeed"}}}, ("StartAt",), "Missing 'StartAt' target"),
    ({**chain(PASS), "Timeout": 3}, ("Timeout",), "Field 'Timeout' is not supported"),
    (chain({**PASS, "Next": "Nowhere"}), (*S1, "Next"), "Missing 'Next' target: Nowhere"),
    (chain({**PASS, "Next": ["S1"]}), (*S1, "Next"), "Missing 'Next' target"),
    ({"StartAt": "A", "States": {"A": PASS}}, ("States", "A"), "either Next or End"),
    (chain({"Type": "Pas"}), (*S1, "Type"), "needs a Type"),
    (chain({"Type": ["Pass"], "End": True}), (*S1, "Type"), "needs a Type"),
    ({"StartAt": "A", "States": {"A": {"Type": "Succeed"}, "B": {"Type": "Succeed"}}}, ("States", "B"), "not reach"),
    (chain({"Type": "Task"}), (*S1, "Resource"), "needs a Resource"),
    (chain(task(TimeoutSeconds=0)), (*S1, "TimeoutSeconds"), "whole number from 1"),
    (chain(task(TimeoutSeconds=5, HeartbeatSeconds=5)), (*S1, "HeartbeatSeconds"), "smaller than"),
    (chain(task(Retries=[])), (*S1, "Retries"), "Field 'Retries' is not supported"),
    (chain(task(Retry=[{"ErrorEquals": []}])), (*S1, "Retry", 0, "ErrorEquals"), "a list of error names"),
    (chain(task(Retry=[{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["A"]}])),
     (*S1, "Retry", 0, "ErrorEquals"), "must stand alone"),
    (chain(task(Retry=[{"ErrorEquals": ["A"], "BackoffRate": 0.5}])), (*S1, "Retry", 0, "BackoffRate"),
     "1.0 or more"),
    (chain(task(Retry=[{"ErrorEquals": ["A"], "JitterStrategy": "HALF"}])),
     (*S1, "Retry", 0, "JitterStrategy"), "FULL or NONE"),
    (chain(task(Retry={"ErrorEquals": ["A"]})), (*S1, "Retry"), "a list of objects"),
    (chain(task(Catch=[{"ErrorEquals": ["States.Runtime"], "Next": "S1"}])), (*S1, "Catch", 0, "ErrorEquals"),
     "cannot be retried or caught"),
    (chain(task(Catch=[{"ErrorEquals": ["A"]}])), (*S1, "Catch", 0), "a catcher needs Next"),
    (chain({**PASS, "ResultPath": "$.a[*]"}), (*S1, "ResultPath"), "reference path"),
    (chain({**PASS, "ResultPath": "$$.a"}), (*S1, "ResultPath"), "reference path"),
    (chain({**PASS, "InputPath": "a"}), (*S1, "InputPath"), "begins with $"),
    (chain({**PASS, "InputPath": 3}), (*S1, "InputPath"), "is no path"),
    (chain({**PASS, "Parameters": {"a": [{"b.$": "x"}]}}), (*S1, "Parameters", "a", 0, "b.$"), "begins with $"),
    (chain({**PASS, "Parameters": {"b.$": "States.Nope()"}}), (*S1, "Parameters", "b.$"), "no function"),
    (one({"Type": "Choice", "Choices": []}), (*S1, "Choices"), "a list of rules"),
    (one({"Type": "Choice", "Choices": [{**RULE, "StringEquals": "x"}]}), (*S1, "Choices", 0), "one comparison"),
    (one({"Type": "Choice", "Choices": [{**RULE, "NumericEquals": "1"}]}), (*S1, "Choices", 0, "NumericEquals"),
     "cannot compare"),
    (one({"Type": "Choice", "Choices": [{"And": [], "Next": "End"}]}), (*S1, "Choices", 0, "And"), "a list of"),
    (chain({"Type": "Wait"}), S1, "one of Seconds"),
    (chain({"Type": "Wait", "Seconds": 1, "Timestamp": "2026-01-01T00:00:00Z"}), S1, "one of Seconds"),
    (chain({"Type": "Wait", "Timestamp": "tomorrow"}), (*S1, "Timestamp"), "must be like"),
    (chain({"Type": "Parallel", "Branches": []}), (*S1, "Branches"), "a list of definitions"),
    (chain({"Type": "Parallel", "Branches": [chain({"name": "S1", **PASS})]}),
     (*S1, "Branches", 0, "States", "S1"), "DUPLICATE_STATE_NAME"),
    (chain({"Type": "Map"}), (*S1, "Iterator"), "an object with StartAt"),
    (chain({"Type": "Map", "ItemProcessor": chain({"name": "B", **PASS}), "MaxConcurrency": -1}),
     (*S1, "MaxConcurrency"), "0 or more"),
    (chain({"name": "x" * 81, **PASS}), ("States", "x" * 81), "at most 80 characters"),
]  # fmt: skip


@pytest.mark.parametrize(("definition", "path", "text"), BAD, ids=lambda value: str(value)[:50])
def test_a_flaw_is_told_at_its_place(definition: Any, path: tuple[Any, ...], text: str) -> None:
    found = [(flaw.path, flaw.text) for flaw in flaws_of(definition)]
    assert [where for where, said in found if text in said] == [path], found


@pytest.mark.parametrize("field", ["QueryLanguage", "Assign", "Arguments", "Output", "Credentials"])
def test_what_is_left_out_is_told_as_left_out(field: str) -> None:
    flaws = flaws_of(chain({**PASS, field: "JSONata"}))
    assert [flaw.left_out for flaw in flaws] == [True]


@pytest.mark.parametrize("pattern", [".waitForTaskToken", ".sync", ".sync:2"])
def test_an_express_machine_waits_for_nobody(pattern: str) -> None:
    definition = chain({"Type": "Task", "Resource": f"arn:aws:states:::lambda:invoke{pattern}"})
    assert "Express state machine does not support" in flaws_of(definition, "EXPRESS")[0].text


words = st.sampled_from([*FIELDS, "$", "$.a", "States.ALL", "End", "A", "B", WORK, ""])
names = st.sampled_from(
    [
        *sorted(set().union(*FIELDS.values())),
        "Type",
        "StartAt",
        "States",
        "A",
        "B",
        "ErrorEquals",
        "Variable",
        "And",
        "Not",
    ]
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["A", "B"]), st.dictionaries(names, anything, max_size=6), max_size=2), anything)
def test_a_definition_of_any_shape_is_judged_and_never_breaks_us(states: dict[str, Any], start: Any) -> None:
    for kind in ("STANDARD", "EXPRESS"):
        for flaw in flaws_of({"StartAt": start, "States": states}, kind):
            json.dumps(flaw.path)
