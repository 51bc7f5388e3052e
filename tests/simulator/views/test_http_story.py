"""What a run's sentence says of HTTP."""

from typing import Any

from lambdalab.simulator.lambda_.scripted import Act
from tests.simulator.playing import FAIL
from tests.simulator.services.http.clients import http, says, send
from tests.simulator.services.http.test_function_url import project


def story(script: Any = None, count: int = 1, **template: Any) -> tuple[str, str, str]:
    played = send(project(**template), http("Url") | {"repeat": {"count": count, "every": "1s"}}, script=script)
    return played.player["sentence"], played.player["because"], played.player["verdict"]


def test_clients_that_get_what_they_asked_for_are_no_news() -> None:
    assert story() == ("The request succeeded", "", "ok")


def test_a_bad_answer_is_an_error_although_the_function_succeeded() -> None:
    assert story(Act(result={"statusCode": "x"})) == (
        "The request succeeded; the HTTP answer was an error (502)",
        'Because statusCode in the function\'s answer is no whole number from 100 to 599 but "x"',
        "error",
    )


def test_a_404_that_the_function_means_is_no_error() -> None:
    assert story(says(404)) == ("The request succeeded", "", "ok")


def test_a_503_that_the_function_means_is_one() -> None:
    sentence, because, verdict = story(says(503))
    assert (sentence.endswith("(503)"), because, verdict) == (True, "Because the function said so", "error")


def test_several_errors_are_counted_by_their_status() -> None:
    sentence, because, _ = story(lambda function, event, n: FAIL if n == 1 else says(500), 3)
    assert sentence.endswith("; all 3 HTTP answers were errors (2 × 500, 1 × 502)")
    assert because == "Mostly because the function said so"


def test_some_errors_are_told_beside_how_many_answers_there_were() -> None:
    sentence, _, _ = story(lambda function, event, n: says(500 if n == 1 else 200), 3)
    assert sentence.endswith("; 1 of 3 HTTP answers was an error (500)")


def test_who_is_not_let_in_is_told() -> None:
    assert story(permissions={})[:2] == (
        "Nothing was invoked; the HTTP answer was an error (403)",
        "Because lambda:InvokeFunctionUrl is not allowed",
    )
