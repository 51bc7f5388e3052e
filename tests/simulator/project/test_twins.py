"""Resources that are called like another one, and configurations of functions that are not there."""

from typing import Any

import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.template import read_template
from tests.simulator.playing import CODE, as_files, make_event_invoke, make_function, make_queue, make_template

VERSION = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Work"}}}
NUMBER = {"Fn::GetAtt": ["Version", "Version"]}
LIVE = {
    "Type": "AWS::Lambda::Alias",
    "Properties": {"FunctionName": {"Ref": "Work"}, "Name": "live", "FunctionVersion": NUMBER},
}
ELSEWHERE = "arn:aws:lambda:us-east-1:999999999999:function:work"


def messages(**resources: Any) -> list[str]:
    template = make_template(Version=VERSION, **resources)
    return [each.message for each in problems_of(read_template({**CODE, **as_files(template)}))]


@pytest.mark.parametrize(
    ("first", "second", "identity"),
    [
        (make_function("twin"), make_function("twin"), "twin"),
        (make_queue("q"), make_queue("q"), "q"),
        (LIVE, LIVE, "arn:aws:lambda:us-east-1:123456789012:function:work:live"),
        (make_event_invoke(), make_event_invoke(), "the configuration of work:$LATEST"),
    ],
)
def test_a_second_resource_of_the_same_name_is_refused(first: Any, second: Any, identity: str) -> None:
    assert messages(First=first, Second=second) == [f"Second: {identity} already exists: First is called so."]


def test_functions_and_queues_may_share_a_name_and_each_qualifier_has_a_configuration() -> None:
    assert messages(
        Queue=make_queue("work"), Live=LIVE, First=make_event_invoke(), Second=make_event_invoke(Qualifier="live")
    ) == []


@pytest.mark.parametrize("function", ["nobody", ELSEWHERE])
def test_a_configuration_of_a_function_that_is_not_there_is_refused(function: str) -> None:
    assert messages(Config=make_event_invoke(function)) == [f"Config: {function} is no function of this template."]


@pytest.mark.rule("E.1-18")
@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("nobody", "Work: The destination ARN arn:aws:lambda:us-east-1:123456789012:function:nobody is invalid."),
        ("work", "Work: You can't specify the function as a destination for itself."),
        ("work:live", "Work: You can't specify the function as a destination for itself."),
    ],
)
def test_a_destination_is_another_function_that_is_there(target: str, text: str) -> None:
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{target}"
    assert messages(Live=LIVE, Config=make_event_invoke(failure=arn)) == [text]


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ({"FunctionName": ELSEWHERE}, f"P: Function not found: {ELSEWHERE}"),
        ({"SourceAccount": "12"}, "P: 1 validation error detected: Value '12' at 'sourceAccount' failed to satisfy"),
    ],
)
def test_a_permission_is_for_a_function_of_the_template_and_names_whole_accounts(
    properties: dict[str, Any], text: str
) -> None:
    usual = {"FunctionName": {"Ref": "Work"}, "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
    permission = {"Type": "AWS::Lambda::Permission", "Properties": {**usual, **properties}}
    (found,) = messages(P=permission)
    assert found.startswith(text)


def test_the_description_of_an_alias_has_256_characters_at_most() -> None:
    long = {"Type": LIVE["Type"], "Properties": {**LIVE["Properties"], "Description": "d" * 257}}  # type: ignore[dict-item]
    (found,) = messages(Live=long)
    assert "at 'description' failed to satisfy constraint: Member must have length less than or equal to 256" in found
