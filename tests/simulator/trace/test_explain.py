import pytest

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.trace import Stamped
from lambdalab.simulator.trace.explain import Explainer, clock, duration
from lambdalab.simulator.trace.facts import Fact
from tests.simulator.playing import FAIL, arn_of, invoke, make_function, make_queue, make_template, play, steps
from tests.simulator.trace.samples import ALL


@pytest.mark.parametrize("fact", ALL, ids=lambda fact: fact.kind)
def test_every_fact_has_a_sentence(fact: Fact) -> None:
    sentence = Explainer().explain(Stamped(Micros(0), 1, fact))
    assert len(sentence) > 10
    assert "{" not in sentence.replace('{"deep"', "")
    assert "None" not in sentence


@pytest.mark.parametrize(
    ("micros", "words"),
    [
        (0, "0 ms"),
        (330_000, "330 ms"),
        (1_000_000, "1 s"),
        (2_500_000, "2.5 s"),
        (60_000_000, "1 min"),
        (61_000_000, "1 min 1 s"),
        (5_400_000_000, "1 h 30 min"),
        (21_600_000_000, "6 h"),
    ],
)
def test_a_length_is_said_as_people_say_it(micros: int, words: str) -> None:
    assert duration(micros) == words


@pytest.mark.parametrize(
    ("micros", "shown"), [(1_010_000, "0:01.010"), (181_500_000, "3:01.500"), (10_865_500_000, "3:01:05.500")]
)
def test_a_moment_is_shown_as_a_clock(micros: int, shown: str) -> None:
    assert clock(micros) == shown


def test_the_story_of_a_failing_event_reads_like_a_story() -> None:
    template = make_template(make_function(DeadLetterConfig={"TargetArn": arn_of("sqs", "dlq")}), Dlq=make_queue())
    played = play(template, steps(invoke(label="order-7")), FAIL)
    explainer = Explainer()
    told = [explainer.explain(stamped) for stamped in played.facts if stamped.fact.kind.startswith("async.")]
    assert told[0] == "Lambda accepts order-7 for work (202) and queues it."
    assert told[1].startswith("order-7 failed and goes back to the queue for ")
    assert told[3] == "order-7 is given up after 3 attempts: its retries are used up."
    assert told[4] == "order-7 goes to the dead-letter queue dlq."


def test_events_without_a_label_are_numbered() -> None:
    played = play(make_template(), steps(invoke(), invoke("1s")))
    assert [row["label"] for row in played.player["events"].values()] == ["event 1", "event 2"]


def test_a_log_line_with_many_lines_shows_its_first() -> None:
    played = play(make_template(), steps(invoke()), FAIL)
    explainer = Explainer()
    for stamped in played.facts:
        assert "\n" not in explainer.explain(stamped)
