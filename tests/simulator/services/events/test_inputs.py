import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.services.events.inputs import at_path, filled, input_of, wrong_template

EVENT: dict[str, Any] = {
    "version": "0",
    "id": "7bf73129-1428-4cd3-a780-95db273d1602",
    "detail-type": "EC2 Instance State-change Notification",
    "source": "aws.ec2",
    "time": "2015-11-11T21:29:54Z",
    "resources": ["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],
    "detail": {"instance-id": "i-0123456789", "state": "RUNNING", "n": 3, "tags": ["a", "b"], "map": {"k": "v"}},
}
RULE = "arn:aws:events:us-east-1:123456789012:rule/example"
PATHS = {"instance": "$.detail.instance-id", "state": "$.detail.state", "n": "$.detail.n", "no": "$.detail.nothing",
         "tags": "$.detail.tags", "map": "$.detail.map", "first": "$.resources[0]",
         "all": "$.detail.tags[*]"}  # fmt: skip


def transformed(template: str) -> str:
    settings = {"InputTransformer": {"InputPathsMap": PATHS, "InputTemplate": template}}
    return input_of(settings, EVENT, RULE, "2015-11-11T21:29:55.123Z")


@pytest.mark.parametrize(
    ("template", "output"),
    [  # those of the User Guide, "Input transform examples", come first
        ('"instance <instance> is in <state>"', '"instance i-0123456789 is in RUNNING"'),
        (r'"instance \"<instance>\" is in <state>"', r'"instance \"i-0123456789\" is in RUNNING"'),
        ('{\n  "instance" : <instance>,\n  "state": <state>\n}', '{"instance":"i-0123456789","state":"RUNNING"}'),
        (
            '{"instance" : <instance>, "state": "<state>", "is": "instance \\"<instance>\\" is in <state>"}',
            '{"instance":"i-0123456789","state":"RUNNING","is":"instance \\"i-0123456789\\" is in RUNNING"}',
        ),
        ('{"state": [9, <state>, true]}', '{"state":[9,"RUNNING",true]}'),
        ('"<aws.events.rule-name> triggered"', '"example triggered"'),
        ('{"arn": <aws.events.rule-arn>}', f'{{"arn":"{RULE}"}}'),
        ('{"at": <aws.events.event.ingestion-time>}', '{"at":"2015-11-11T21:29:55.123Z"}'),
        ('{"n": <n>, "text": "<n>"}', '{"n":3,"text":"3"}'),
        ('"before <no> after"', '"before  after"'),
        ('{"a": <no>}', '{"a":""}'),
        ('{"tags": <tags>, "all": <all>, "map": <map>}', '{"tags":["a","b"],"all":["a","b"],"map":{"k":"v"}}'),
        ('"<tags> <map>"', '"[a,b] {k:v}"'),
        ('{"first": <first>}', '{"first":"arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"}'),
        ('"line <n>"\n"<state>"', '"line 3"\n"RUNNING"'),
    ],
)
def test_a_template_is_filled_as_the_guide_shows(template: str, output: str) -> None:
    assert transformed(template) == output


def test_the_whole_event_is_a_variable_with_and_without_its_detail() -> None:
    both = json.loads(transformed('{"with": <aws.events.event.json>, "without": <aws.events.event>}'))
    assert both["with"] == EVENT
    assert both["without"] == {name: value for name, value in EVENT.items() if name != "detail"}


def test_a_template_that_an_event_does_not_fill_with_json_is_told() -> None:
    with pytest.raises(ValueError, match="not JSON"):
        filled('"<x>"', {"x": 'a"b'})


def test_a_template_does_not_grow_without_end() -> None:
    with pytest.raises(ValueError, match="more than"):
        filled('"' + "<x>" * 100 + '"', {"x": "a" * 100_000})


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, json.dumps(EVENT, separators=(",", ":"))),
        ({"Input": '{"a": 1}'}, '{"a": 1}'),
        ({"InputPath": "$.detail.map"}, '{"k":"v"}'),
        ({"InputPath": "$.detail.state"}, '"RUNNING"'),
        ({"InputPath": "$.detail.nothing"}, "null"),
        ({"InputPath": "$"}, json.dumps(EVENT, separators=(",", ":"))),
    ],
)
def test_a_target_gets_the_event_a_part_or_a_constant(settings: dict[str, str], text: str) -> None:
    assert input_of(settings, EVENT, RULE, "now") == text


def test_a_path_reads_brackets_too() -> None:
    assert at_path({"a b": [{"c": 1}]}, "$['a b'][0].c") == 1


@pytest.mark.parametrize("path", ["detail", "$detail", "$.a[", "$.a[x]", "$..a", "$.a[?(@.b)]"])
def test_a_path_that_eventbridge_does_not_read_is_told(path: str) -> None:
    wrong = wrong_template({"InputPathsMap": {"x": path}, "InputTemplate": '"<x>"'})
    assert wrong == f"{path} is not a JSON path that EventBridge reads"


@given(st.text(max_size=60), st.text(max_size=20))
def test_any_template_is_filled_or_told(template: str, value: str) -> None:
    try:
        json_lines = filled(template, {"x": value}).split("\n")
    except ValueError:
        return
    for line in json_lines:
        json.loads(line)
