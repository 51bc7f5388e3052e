"""What pages show of a network: the reason of a failure where the failure is, connections in the summary."""

import pytest

from lambdalab.simulator.lambda_.handlers import Connect
from lambdalab.simulator.lambda_.scripted import Act
from tests.simulator.networks import ATTACHED, inside, make_database, make_nat
from tests.simulator.playing import Played, invoke, make_function, play, seconds, steps

WEB = {"https://api.example.com/": {"body": "x"}}
PAGE = Connect(1, "connect", address="198.51.100.1", port=443)
DIAL = Connect(1, "connect", address="10.0.1.4", port=5432)
NO_WAY = "subnet private-a has no route to the Internet (no NAT gateway)"


@pytest.fixture
def stranded() -> Played:
    template = inside(make_function(VpcConfig=ATTACHED, Timeout=4))
    return play(template, steps(invoke(kind="RequestResponse"), web=WEB), Act(connects=(PAGE,)))


def test_a_timeout_is_told_with_what_was_not_reached(stranded: Played) -> None:
    (item,) = [item for item in stranded.player["items"] if item["kind"] == "timeout"]
    assert item["sentence"].endswith(f"timed out after 4 s in env-1. work could not reach api.example.com: {NO_WAY}.")


def test_the_trace_of_an_event_shows_the_silence_until_the_end_of_its_attempt(stranded: Played) -> None:
    (spans,) = stranded.player["trace"].values()
    (silence,) = [span for span in spans if span["name"] == f"api.example.com: {NO_WAY}"]
    attempt = next(span for span in spans if span["name"] == "Attempt 1")
    assert (silence["kind"], silence["t1"], silence["level"]) == ("timeout", attempt["t1"], 1)
    assert silence["t1"] - silence["t0"] == pytest.approx(4)


def test_what_succeeds_in_spite_of_a_silence_is_told_without_it() -> None:
    """The code had a timeout of its own, and went on."""
    act = Act(connects=(PAGE,))  # Linux gives up after 127 s
    run = play(inside(), steps(invoke(kind="RequestResponse"), web=WEB), act)
    (item,) = [item for item in run.player["items"] if item["kind"] == "ok"]
    assert item["sentence"].endswith("in env-1.")


def test_a_later_failure_is_not_blamed_on_an_earlier_silence() -> None:
    acts = iter([Act(connects=(PAGE,)), Act(status="error")])
    run = play(
        inside(),
        steps(invoke(kind="RequestResponse"), invoke("5m", kind="RequestResponse"), web=WEB),
        lambda function, event, count: next(acts),
    )
    (item,) = [item for item in run.player["items"] if item["kind"] == "err"]
    assert "could not reach" not in item["sentence"]


def test_a_refused_connection_is_a_span_of_its_attempt() -> None:
    template = inside(**make_database(most=6))
    many = [invoke(kind="RequestResponse") for _ in range(7)]
    slow = Act(takes=seconds(1), connects=(DIAL,))
    run = play(template, steps(*many), slow)
    spans = [span["name"] for each in run.player["trace"].values() for span in each if span["kind"] == "err"]
    assert spans == ["connect orders"]
    assert run.summary["endpoints"]["orders"]["refused"] == 1


def test_a_network_that_works_adds_nothing_to_sentences() -> None:
    run = play(inside(**make_nat()), steps(invoke(kind="RequestResponse"), web=WEB), Act(connects=(PAGE,)))
    assert all("could not reach" not in item["sentence"] for item in run.player["items"])
