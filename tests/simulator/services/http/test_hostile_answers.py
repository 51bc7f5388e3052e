"""Answers of functions that no client could be sent: each door says so, and the run goes on."""

import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.services.http.balancer.rules import Redirect
from lambdalab.simulator.services.http.messages import HttpRequest
from lambdalab.simulator.vocabulary.json_values import DEPTH_MAX, read_json
from tests.simulator.playing import play, steps
from tests.simulator.project.rows.table import ROWS

HALVES: list[Any] = [
    "\ud800",
    {"\ud800": 1},
    {"statusCode": 200, "body": "\ud800"},
    {"statusCode": 200, "headers": {"x": "\ud800"}},
    {"statusCode": 200, "multiValueHeaders": {"x": ["\ud800"]}},
    {"statusCode": 200, "cookies": ["\ud800"]},
    {"isAuthorized": True, "context": {"a": "\ud800"}},
]
DOORS = ("functions", "APIs by SAM", "REST APIs", "HTTP APIs", "load balancers")


@pytest.mark.parametrize("row", DOORS)
@pytest.mark.parametrize("answer", HALVES, ids=range(len(HALVES)))
def test_half_of_a_surrogate_pair_ends_no_run(row: str, answer: Any) -> None:
    each = ROWS[row]
    played = play(each.template, steps(*each.steps, **each.scenario), Act(result=answer), files=each.files)
    assert played.stopped is None


def test_json_of_others_can_be_written_again() -> None:
    assert read_json('["\\ud800", "\\uD83D\\uDE00"]') == ["?", "😀"]
    assert read_json('{"\\udc00": 1.5}') == {"?": 1.5}
    deep = "[" * (DEPTH_MAX + 1) + "]" * (DEPTH_MAX + 1)
    for text in (deep, "[" * 100_000, "1e999", "NaN", "-Infinity", "{", "9" * 5_000):
        with pytest.raises(ValueError):  # noqa: PT011
            read_json(text)
    assert json.dumps(read_json("[NaN]", constants=True)) == "[NaN]"


def test_a_path_that_looks_like_a_keyword_names_nothing() -> None:
    request = HttpRequest("GET", "/#{query}/#{host}", "secret=1", (("Host", "example.com"),), b"", "1.2.3.4")
    location = Redirect(302, query="").location(request, "HTTP", 80)
    assert location == "http://example.com/#{query}/#{host}"
