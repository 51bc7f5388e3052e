"""Numbers that are written as text, and where they are not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.project.scalars import typed
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import InvocationEnded
from tests.simulator.playing import invoke, make_function, make_template, play, steps

FUNCTION, QUEUE, TABLE = "AWS::Lambda::Function", "AWS::SQS::Queue", "AWS::DynamoDB::Table"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["30", "true", "-1", "1.5"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["Timeout", "Size", "x"]), inner),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("kind", "given_", "becomes"),
    [
        (FUNCTION, {"Timeout": "30"}, {"Timeout": 30}),
        (FUNCTION, {"EphemeralStorage": {"Size": "1024"}}, {"EphemeralStorage": {"Size": 1024}}),
        (QUEUE, {"FifoQueue": "false"}, {"FifoQueue": False}),
        (QUEUE, {"FifoQueue": "True"}, {"FifoQueue": True}),
        (QUEUE, {"RedrivePolicy": {"maxReceiveCount": "3"}}, {"RedrivePolicy": {"maxReceiveCount": 3}}),
        ("AWS::ApiGateway::Stage", {"MethodSettings": [{"ThrottlingRateLimit": "1.5"}]},
         {"MethodSettings": [{"ThrottlingRateLimit": 1.5}]}),
    ],
)  # fmt: skip
def test_a_text_that_is_a_number_becomes_one_where_a_number_belongs(kind: str, given_: Any, becomes: Any) -> None:
    assert typed(kind, given_) == becomes


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        (FUNCTION, {"FunctionName": "30", "Environment": {"Variables": {"PORT": "8080", "Timeout": "30"}}}),
        (FUNCTION, {"Timeout": "half a minute"}),
        (FUNCTION, {"Timeout": "30.5"}),
        (FUNCTION, {"Timeout": "٣٠"}),
        (FUNCTION, {"Timeout": "9" * 5_000}),
        (TABLE, {"TimeToLiveSpecification": {"AttributeName": "true"}}),
        ("AWS::Unheard::Of", {"Timeout": "30"}),
    ],
)
def test_a_text_stays_a_text_where_one_belongs_or_where_it_is_no_number(kind: str, properties: Any) -> None:
    assert typed(kind, properties) == properties


@given(st.dictionaries(st.sampled_from(["Timeout", "EphemeralStorage", "MemorySize"]), JSON))
def test_reading_twice_is_reading_once_and_nothing_breaks(properties: dict[str, Any]) -> None:
    once = typed(FUNCTION, properties)
    assert typed(FUNCTION, once) == once


def test_a_timeout_from_a_parameter_of_texts_is_the_functions_timeout() -> None:
    template = make_template(make_function(Timeout={"Ref": "Seconds"}, MemorySize="512"))
    template["Parameters"] = {"Seconds": {"Type": "String", "Default": "7"}}
    files = {"template.json": json.dumps(template).encode(), "src/app.py": b""}
    properties = read_template(files).resources["Work"].properties
    assert (properties["Timeout"], properties["MemorySize"]) == (7, 512)
    assert [each.status for each in play(template, steps(invoke(kind="RequestResponse"))).of(InvocationEnded)] == ["ok"]
