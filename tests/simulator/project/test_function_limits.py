"""What CreateFunction refuses is told before the run. Source: botocore's lambda model; fact K.1."""

from typing import Any

import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.template import read_template
from tests.simulator.playing import CODE, as_files, make_function, make_template


def problems(**properties: Any) -> list[tuple[str, str]]:
    template = make_template()
    template["Resources"]["Work"] = make_function(**{"FunctionName": "work", **properties})
    return [(each.severity, each.message) for each in problems_of(read_template({**CODE, **as_files(template)}))]


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"FunctionName": "x" * 65}, "at 'functionName' failed to satisfy constraint: Member must have "),
        ({"FunctionName": "a b"}, "Value 'a b' at 'functionName' failed to satisfy constraint: Member must satisf"),
        ({"FunctionName": "a.b"}, "Value 'a.b' at 'functionName' failed to satisfy constraint: Member must satisf"),
        ({"Description": "d" * 257}, "at 'description' failed to satisfy constraint: Member must have length less tha"),
        ({"Handler": "h" * 129}, "at 'handler' failed to satisfy constraint: Member must have length less than or eq"),
        ({"Handler": "app handler"}, "at 'handler' failed to satisfy constraint: Member must satisfy regular expressi"),
        ({"Architectures": ["arm64", "x86_64"]}, "at 'architectures' failed to satisfy constraint: Member must have l"),
        ({"Architectures": ["z80"]}, "Value 'z80' at 'architectures.1.member' failed to satisfy constraint: Member mu"),
        ({"Architectures": "arm64"}, "Architectures is a list of one: x86_64 or arm64."),
    ],
)
def test_a_value_that_lambda_refuses_is_told_before_the_run(properties: dict[str, Any], text: str) -> None:
    ((severity, message),) = problems(**properties)
    assert severity == "error"
    assert text in message


@pytest.mark.parametrize(
    "properties", [{"FunctionName": "x" * 64}, {"Description": "d" * 256}, {"Handler": f"a.{'h' * 126}"}, {}]
)
def test_what_is_as_long_as_it_may_be_is_taken(properties: dict[str, Any]) -> None:
    assert problems(**properties) == []


@pytest.mark.parametrize("code", [{"ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop:1"}, "src/"])
def test_a_container_image_is_said_to_be_unavailable(code: Any) -> None:
    ((severity, message),) = problems(Code=code, PackageType="Image")
    assert severity == "unsupported"
    assert "container images are not available in lambdalab" in message
