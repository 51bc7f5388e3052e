import pytest

from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace import Stamped
from lambdalab.simulator.trace.explain import Explainer
from lambdalab.simulator.trace.facts import (
    CallRetried,
    EnvironmentCreated,
    EventInvokeConfigured,
    Fact,
    InvocationStarted,
    ProvisionedUsed,
)
from lambdalab.simulator.trace.platform_lines import with_platform_lines
from lambdalab.simulator.trace.telling_streams import name_of, short
from lambdalab.simulator.trace.words import clock, duration
from tests.simulator.playing import (
    FAIL,
    Played,
    arn_of,
    invoke,
    make_function,
    make_queue,
    make_template,
    play,
    steps,
)
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


def told(played: Played) -> list[str]:
    explainer = Explainer()
    return [explainer.explain(stamped) for stamped in with_platform_lines(played.facts)]


def test_a_request_that_somebody_waits_for_has_no_attempts() -> None:
    played = play(make_template(), steps(invoke(kind="RequestResponse")), FAIL)
    (request,) = {fact.request_id[:8] for fact in played.of(InvocationStarted)}
    sentences = told(played)
    assert f"Request {request} starts in env-1 after a cold start." in sentences
    assert f"Request {request} failed with CardDeclined after 0 ms in env-1." in sentences


def test_an_event_without_a_label_begins_its_sentences_with_a_capital() -> None:
    sentences = told(play(make_template(), steps(invoke()), FAIL))
    assert "Attempt 1 of event 1 starts in env-1 after a cold start." in sentences
    assert sentences[-2].startswith("Event 1 is given up after 3 attempts")


@pytest.mark.parametrize(
    ("source", "who"),
    [
        ("scenario", "The scenario"),
        ("function/work", "work"),
        ("lambda/work", "Lambda, for work,"),
        ("codedeploy", "CodeDeploy"),
        ("sns/news", "The topic news"),
    ],
)
def test_who_calls_is_said_in_words(source: str, who: str) -> None:
    fact = CallRetried(source, "lambda", "Invoke", 1, 250_000, "TooManyRequestsException")
    sentence = f"{who} got TooManyRequestsException: its SDK calls lambda.Invoke again in 250 ms, attempt 2."
    assert Explainer().sentence(fact) == sentence


def test_a_report_is_shown_with_all_its_fields() -> None:
    played = play(make_template(), steps(invoke(kind="RequestResponse")), Act(status="exit"))
    (report,) = [sentence for sentence in told(played) if "REPORT" in sentence]
    assert "Init Duration: " in report
    assert report.endswith("Status: error  Error Type: Runtime.ExitError")


@pytest.mark.parametrize(("version", "whose"), [("$LATEST", ""), ("2", " for version 2")])
def test_a_new_environment_is_told_with_its_version(version: str, whose: str) -> None:
    fact = EnvironmentCreated("env/work/3", "work", version, 3, "stream")
    assert Explainer().sentence(fact) == f"A new execution environment, env-3 of work, is created{whose}."


def test_of_provisioned_environments_one_is_and_more_are_busy() -> None:
    used = [ProvisionedUsed("0" * 36, "work", "live", busy, 3) for busy in (1, 2)]
    assert [Explainer().sentence(fact) for fact in used] == [
        "A provisioned environment of work:live takes request 00000000: 1 of 3 is busy.",
        "A provisioned environment of work:live takes request 00000000: 2 of 3 are busy.",
    ]


def test_what_an_event_may_expect_is_said() -> None:
    facts = [
        EventInvokeConfigured("work", "$LATEST", 0, 60, None, None),
        EventInvokeConfigured("work", "live", 2, 21_600, arn_of("sqs", "ok"), arn_of("sqs", "bad")),
    ]
    one, two = (Explainer().sentence(fact) for fact in facts)
    assert one == "Events to work get 1 attempt at most and 1 min in all."
    assert two.startswith("Events to work:live get 3 attempts at most and 6 h in all.")
    assert two.endswith(" Records of successes go to ok. Records of failures go to bad.")


@pytest.mark.parametrize(
    ("shard", "shown"),
    [
        ("shardId-000000000000", "shard 0"),
        ("shardId-000000000012", "shard 12"),
        ("shardId-00000001764579600000-5f2c01ab", "shard 5f2c01ab"),
        ("what ever", "what ever"),
    ],
)
def test_a_shard_is_called_by_what_tells_it_from_others(shard: str, shown: str) -> None:
    assert short(shard) == shown


@pytest.mark.parametrize(
    ("arn", "shown"),
    [
        ("arn:aws:sqs:us-east-1:123456789012:orders", "orders"),
        ("arn:aws:kinesis:us-east-1:123456789012:stream/clicks", "clicks"),
        (
            "arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2025-12-01T09:00:00.000",
            "the stream of the table orders",
        ),
    ],
)
def test_the_source_of_a_mapping_is_called_by_its_name(arn: str, shown: str) -> None:
    assert name_of(arn) == shown
