"""What a service refuses by its own model, in the words that AWS's services share."""

from typing import Any

import pytest

from lambdalab.simulator.account.constraints import violated

TOO_LONG = "failed to satisfy constraint: Member must have length less than or equal to"


@pytest.mark.parametrize(
    ("operation", "params", "told"),
    [
        (
            "kinesis.CreateStream",
            {"StreamName": "s", "StreamModeDetails": {"StreamMode": "BOTH"}},
            [
                "1 validation error detected: Value 'BOTH' at 'streamModeDetails.streamMode' failed to satisfy",
                "constraint: Member must satisfy enum value set: [PROVISIONED, ON_DEMAND]",
            ],
        ),
        (
            "kinesis.DescribeStream",
            {"StreamName": "a b", "Limit": 10_001},
            [
                "2 validation errors detected: Value 'a b' at 'streamName' failed to satisfy constraint: Member must",
                "satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value '10001' at 'limit' failed to satisfy",
                "constraint: Member must have value less than or equal to 10000",
            ],
        ),
        (
            "kinesis.PutRecords",
            {"StreamName": "s", "Records": [{"PartitionKey": "k" * 257, "Data": b"x"}]},
            [f"1 validation error detected: Value '{'k' * 200}' at 'records.1.member.partitionKey' {TOO_LONG} 256"],
        ),
        (
            "cognito-idp.SignUp",
            {"ClientId": "c", "Username": "u", "Password": "p" * 257},
            [f"1 validation error detected: Value at 'password' {TOO_LONG} 256"],
        ),
    ],
)
def test_a_call_that_breaks_the_model_is_refused(operation: str, params: dict[str, Any], told: list[str]) -> None:
    service, _, name = operation.partition(".")
    error = violated(service, name, params)
    assert error is not None
    assert (error.code, error.message) == ("ValidationException", " ".join(told))


def test_a_call_that_keeps_to_the_model_goes_on() -> None:
    assert violated("kinesis", "CreateStream", {"StreamName": "s", "ShardCount": 1}) is None
    assert violated("kinesis", "DescribeLimits", {}) is None


def test_at_most_ten_errors_are_told() -> None:
    records = [{"PartitionKey": "k" * 300, "Data": b""}] * 400
    error = violated("kinesis", "PutRecords", {"StreamName": "s", "Records": records})
    assert error is not None
    assert error.message.startswith("10 validation errors detected: ")
