import json
import re
from typing import Any

import pytest

from lambdalab.simulator.trace.facts import AsyncEventReceived, StepPlayed
from tests.simulator.playing import call, invoke, make_queue, make_template, play, steps


def payloads(payload: Any, count: int = 3, seed: int = 1, **more: Any) -> list[str]:
    played = play(make_template(), steps(invoke(payload=payload, repeat={"count": count}), **more), seed=seed)
    return [fact.payload for fact in played.of(AsyncEventReceived)]


def test_n_counts_a_steps_repetitions_from_one() -> None:
    assert payloads({"order": "order-{{ n }}"}) == [f'{{"order": "order-{n}"}}' for n in (1, 2, 3)]


def test_a_string_that_is_nothing_but_one_expression_keeps_its_type() -> None:
    assert payloads({"n": "{{ n }}"}, 1) == ['{"n": 1}']


def test_a_uuid_is_of_version_four_and_another_each_time() -> None:
    found = [json.loads(payload)["id"] for payload in payloads({"id": "{{ uuid }}"}, 2)]
    assert len(set(found)) == 2
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", found[0])


def test_draws_come_from_the_seed() -> None:
    draw = {"card": "{{ choice(visa, amex) }}", "total": "{{ integer(1, 1000000) }}"}
    assert payloads(draw, 20) == payloads(draw, 20)
    assert payloads(draw, 20) != payloads(draw, 20, seed=2)


def test_integers_stay_in_their_range_and_choices_in_their_list() -> None:
    assert set(payloads({"x": "{{ integer(3, 1) }}"}, 40)) == {'{"x": 1}', '{"x": 2}', '{"x": 3}'}
    assert set(payloads({"x": "{{ choice('a', b) }}"}, 40)) == {'{"x": "a"}', '{"x": "b"}'}


def test_now_is_the_accounts_clock() -> None:
    assert payloads({"at": "{{ now }}"}, 1, clock="2026-11-23T09:00:00Z") == ['{"at": "2026-11-23T09:00:00.000Z"}']


def test_a_label_may_use_expressions() -> None:
    played = play(make_template(), steps(invoke(label="order-{{ n }}", repeat={"count": 2})))
    assert [fact.label for fact in played.of(AsyncEventReceived)] == ["order-1", "order-2"]


def test_braces_in_a_file_that_are_no_expression_of_ours_stay_as_they_are() -> None:
    step = invoke(payload={"file": "events/page.json"})
    played = play(make_template(), {"steps": [step]}, files={"events/page.json": b'{"t": "{{ user.name }} x"}'})
    assert played.of(AsyncEventReceived)[0].payload == '{"t": "{{ user.name }} x"}'


@pytest.fixture
def named() -> dict[str, Any]:
    return make_template(Orders={"Type": "AWS::SQS::Queue"})


def test_a_logical_id_stands_for_the_physical_name(named: dict[str, Any]) -> None:
    played = play(named, steps(call("0s", "sqs.send_message", QueueUrl="Orders", MessageBody="x")))
    assert played.summary["queues"]["Orders"]["sent"] == 1


def test_a_repetition_keeps_its_distance() -> None:
    played = play(make_template(Q=make_queue("q")), steps(send(repeat={"count": 3, "every": "10s"})))
    times = [stamped.at for stamped in played.facts if isinstance(stamped.fact, StepPlayed)]
    assert [round(at / 1_000_000) for at in times] == [0, 10, 20]


def test_jitter_shifts_within_its_bound() -> None:
    played = play(make_template(Q=make_queue("q")), steps(send(repeat={"count": 9, "every": "10s", "jitter": "5s"})))
    late = [at - 10 * n for n, at in enumerate(played.times(StepPlayed))]
    assert all(0 <= seconds < 5.1 for seconds in late)
    assert len(set(late)) > 3


def test_an_expected_error_is_noted_as_expected() -> None:
    lost = call("0s", "sqs.send_message", QueueUrl="nowhere", MessageBody="x")
    expected = {**lost, "expect": "AWS.SimpleQueueService.NonExistentQueue"}
    outcomes = [fact.outcome for fact in play(make_template(), steps(lost, expected)).of(StepPlayed)]
    assert sorted(outcomes) == [
        "400 AWS.SimpleQueueService.NonExistentQueue",
        "400 AWS.SimpleQueueService.NonExistentQueue (expected)",
    ]


def test_advance_moves_the_clock_and_does_nothing_else() -> None:
    played = play(make_template(), {"steps": [{"at": "1m", "advance": "30s"}]})
    assert played.summary["run"]["virtual_s"] == 90
    assert played.of(StepPlayed) == []


def send(**more: Any) -> dict[str, Any]:
    return {**call("0s", "sqs.send_message", QueueUrl="q", MessageBody="x"), **more}
