import math
from typing import Any

import botocore.validate
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdalab.simulator.account import models

OPERATIONS = [
    ("lambda", "Invoke"),
    ("lambda", "PutFunctionConcurrency"),
    ("sqs", "SendMessage"),
    ("sqs", "ReceiveMessage"),
    ("sqs", "SendMessageBatch"),
    ("sns", "Publish"),
    ("dynamodb", "PutItem"),
    ("dynamodb", "GetItem"),
]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.text(max_size=3),
    st.binary(max_size=3),
    st.just([]),
    st.just(["x"]),
    st.just({"id": {"S": "x"}}),
    st.floats(allow_nan=False),
)


def shape_of(service: str, operation: str) -> Any:
    return models.service_model(service).operation_model(operation).input_shape


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_what_is_accepted_at_a_glance_botocore_accepts(service: str, operation: str, data: st.DataObject) -> None:
    shape = shape_of(service, operation)
    names = data.draw(st.sets(st.sampled_from([*shape.members, "Colour"]), max_size=5)) | set(
        shape.metadata.get("required", []) if data.draw(st.booleans()) else []
    )
    params = {name: data.draw(VALUES, label=name) for name in names}
    plain = models.plain_input(service, operation)
    assert plain is not None
    if plain.accepts(params):
        assert not botocore.validate.ParamValidator().validate(params, shape).has_errors()
    expected = botocore.validate.ParamValidator().validate(params, shape)
    error = models.invalid_parameters(service, operation, params)
    assert (error is not None) == expected.has_errors()
    if error is not None:
        assert error.message == f"Parameter validation failed:\n{expected.generate_report()}"


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("lambda", "Invoke", {"FunctionName": "work", "InvocationType": "Event", "Payload": b"{}"}),
        ("sqs", "SendMessage", {"QueueUrl": "q", "MessageBody": "x", "DelaySeconds": 5}),
    ],
)
def test_ordinary_calls_are_accepted_at_a_glance(service: str, operation: str, params: dict[str, Any]) -> None:
    plain = models.plain_input(service, operation)
    assert plain is not None
    assert plain.accepts(params)


def test_too_short_a_name_is_left_to_botocore() -> None:
    plain = models.plain_input("lambda", "Invoke")
    assert plain is not None
    assert not plain.accepts({"FunctionName": ""})
    assert "Invalid length" in str(models.invalid_parameters("lambda", "Invoke", {"FunctionName": ""}))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 10**400])
def test_a_number_that_no_double_holds_reaches_no_service_but_cloudwatch(number: float) -> None:
    tracking = {"TargetValue": number, "PredefinedMetricSpecification": {"PredefinedMetricType": "x"}}
    policy = {"PolicyName": "p", "ServiceNamespace": "lambda", "ResourceId": "r", "ScalableDimension": "d"}
    params = {**policy, "TargetTrackingScalingPolicyConfiguration": tracking}
    refusal = models.invalid_parameters("application-autoscaling", "PutScalingPolicy", params)
    assert refusal is not None
    assert (refusal.status, refusal.code) == (400, "SerializationException")
    tracking["TargetValue"] = 0.7
    assert models.invalid_parameters("application-autoscaling", "PutScalingPolicy", params) is None
    data = {"Namespace": "a", "MetricData": [{"MetricName": "n", "Value": number}]}
    assert models.invalid_parameters("cloudwatch", "PutMetricData", data) is None


def test_an_operation_without_parameters_refuses_all() -> None:
    assert models.invalid_parameters("sts", "GetCallerIdentity", {}) is None
    assert models.invalid_parameters("sts", "GetCallerIdentity", {"Colour": 1}) is not None


def test_text_becomes_bytes_wherever_the_operation_wants_them() -> None:
    item = {"a": {"B": "é"}, "b": {"L": [{"B": b"\xff"}, {"S": "é"}, {"M": {"c": {"BS": ["x"]}}}]}}
    assert models.encoded("dynamodb", "PutItem", {"TableName": "t", "Item": item})["Item"] == {
        "a": {"B": "é".encode()},
        "b": {"L": [{"B": b"\xff"}, {"S": "é"}, {"M": {"c": {"BS": [b"x"]}}}]},
    }
    assert models.has_inner_blobs("dynamodb", "PutItem")
    assert not models.has_inner_blobs("sqs", "ReceiveMessage")


@given(st.dictionaries(st.sampled_from(["TableName", "Item", "Colour"]), VALUES))
def test_what_has_another_shape_stays_as_it_is(params: dict[str, Any]) -> None:
    assert models.encoded("dynamodb", "PutItem", params) == params
