"""What a run's sentence says of HTTP."""

from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from tests.simulator.playing import FAIL
from tests.simulator.services.http.clients import http, says, send
from tests.simulator.services.http.test_function_url import project


def story(script: Any = None, count: int = 1, **template: Any) -> tuple[str, str]:
    played = send(project(**template), http("Url") | {"repeat": {"count": count, "every": "1s"}}, script=script)
    return played.player["sentence"], played.player["verdict"]


def test_clients_that_get_what_they_asked_for_are_no_news() -> None:
    assert story() == ("The request succeeded", "ok")


def test_a_bad_answer_is_an_error_although_the_function_succeeded() -> None:
    sentence, verdict = story(Act(result={"statusCode": "x"}))
    assert verdict == "error"
    assert sentence == (
        "The request succeeded; over HTTP the answer was an error (502), because statusCode in the function's answer "
        'is no whole number from 100 to 599 but "x"'
    )


def test_a_404_that_the_function_means_is_no_error() -> None:
    assert story(says(404)) == ("The request succeeded", "ok")


def test_a_503_that_the_function_means_is_one() -> None:
    sentence, verdict = story(says(503))
    assert (sentence.endswith("(503), because the function said so"), verdict) == (True, "error")


@pytest.mark.parametrize("count", [2, 3])
def test_several_errors_are_counted(count: int) -> None:
    sentence, _ = story(lambda function, event, n: FAIL if n == 1 else says(500), count)
    assert f"{count} of {count} answers were errors" in sentence
    assert "502" in sentence


def test_who_is_not_let_in_is_told() -> None:
    sentence, _ = story(permissions={})
    assert sentence == (
        "Nothing was invoked; over HTTP the answer was an error (403), because lambda:InvokeFunctionUrl is not allowed"
    )
