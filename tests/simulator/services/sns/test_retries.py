import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.account.faults import Fault
from lambdalab.simulator.kernel import SECOND, Micros
from lambdalab.simulator.services.sns.retries import AWS_ENDPOINTS, HTTP_DEFAULT, Phases, read_phases
from lambdalab.simulator.trace.facts import TopicDelivered, TopicGivenUp, TopicRetried
from tests.simulator.playing import arn_of
from tests.simulator.services.events.desk import failing
from tests.simulator.services.sns.desk import SnsDesk, text


def delays(phases: Phases, count: int) -> list[float | None]:
    found = (phases.delay(n) for n in range(1, count + 1))
    return [None if each is None else round(each / SECOND, 2) for each in found]


def test_aws_s_own_endpoints_are_tried_100015_times_in_23_days() -> None:
    """F.2."""
    assert AWS_ENDPOINTS.retries == 100_015
    first = delays(AWS_ENDPOINTS, 17)
    assert first[:5] == [0, 0, 0, 1, 1]
    assert first[5] == 1
    assert first[14:] == [20, 20, 20]
    grown = [each for each in first[5:15] if each is not None]
    assert grown == sorted(grown)
    total = sum(AWS_ENDPOINTS.delay(n) or 0 for n in range(1, 100_016)) / SECOND
    assert 23 <= total / 86_400 < 24
    assert AWS_ENDPOINTS.delay(100_016) is None


def test_an_http_endpoint_is_tried_again_three_times_by_default() -> None:
    assert delays(HTTP_DEFAULT, 4) == [20, 20, 20, None]


def policy(**changes: object) -> str:
    return json.dumps({"healthyRetryPolicy": {"minDelayTarget": 1, "maxDelayTarget": 60, "numRetries": 10} | changes})


def test_a_delivery_policy_has_four_phases() -> None:
    """The example of the guide, with fewer retries."""
    phases = read_phases(policy(numNoDelayRetries=3, numMinDelayRetries=2, numMaxDelayRetries=2, numRetries=10))
    assert phases is not None
    assert delays(phases, 11) == [0, 0, 0, 1, 1, 1, 30.5, 60, 60, 60, None]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"minDelayTarget": 0}, "minDelayTarget"),
        ({"maxDelayTarget": 3_601}, "minDelayTarget"),
        ({"numRetries": 101}, "numRetries"),
        ({"numRetries": 1, "numNoDelayRetries": 2}, "numRetries"),
        ({"backoffFunction": "random"}, "backoffFunction"),
        ({"numRetries": "3"}, "must be a whole number"),
        ({"minDelayTarget": 60, "numRetries": 100}, "must not exceed 3600 seconds"),
    ],
)
def test_a_delivery_policy_that_is_wrong_is_told(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_phases(policy(**changes))


@given(
    st.sampled_from(["linear", "arithmetic", "geometric", "exponential"]),
    st.integers(1, 20),
    st.integers(0, 40),
    st.integers(0, 20),
)
def test_the_growing_phase_never_shrinks_and_keeps_to_its_bounds(name: str, low: int, more: int, growing: int) -> None:
    phases = Phases(1, 1, growing, 1, low, low + more, name)  # type: ignore[arg-type]
    grown = [phases.delay(n) or 0 for n in range(3, 3 + growing)]
    assert grown == sorted(grown)
    assert all(low * SECOND - 1 <= each <= (low + more) * SECOND + 1 for each in grown)


def test_a_queue_that_fails_for_a_while_gets_the_message_later() -> None:
    desk = SnsDesk(failing("sqs.send_message", "ServiceUnavailable", Micros(30 * SECOND)))
    desk.subscribe()
    desk.publish()
    desk.wait(120)
    (delivered,) = desk.of(TopicDelivered)
    assert delivered.attempts == len(desk.of(TopicRetried)) + 1 > 5
    assert [fact.delay_us for fact in desk.of(TopicRetried)][:3] == [0, 0, 0]
    assert len(desk.bodies()) == 1


def test_an_error_that_stays_is_not_tried_again_and_goes_to_the_dead_letter_queue() -> None:
    """F.2: client-side errors are not retried."""
    desk = SnsDesk()
    redrive = json.dumps({"deadLetterTargetArn": arn_of("sqs", "dlq")})
    desk.subscribe(endpoint=arn_of("sqs", "nowhere"), RedrivePolicy=redrive, RawMessageDelivery="true")
    desk.publish("hello", MessageAttributes=text(kind="x"))
    (given_up,) = desk.of(TopicGivenUp)
    assert (given_up.attempts, given_up.dead_letter) == (1, arn_of("sqs", "dlq"))
    assert desk.of(TopicRetried) == []
    assert desk.bodies("dlq") == ["hello"]


def test_without_a_dead_letter_queue_the_message_is_lost() -> None:
    desk = SnsDesk()
    desk.subscribe(endpoint=arn_of("sqs", "nowhere"))
    desk.publish()
    assert [(fact.dead_letter, fact.dead_letter_error) for fact in desk.of(TopicGivenUp)] == [(None, None)]


def test_a_throttled_function_gets_the_message_when_there_is_room_again() -> None:
    fault = Fault("fail", "lambda.invoke", Micros(0), Micros(3 * SECOND), error="TooManyRequestsException")
    desk = SnsDesk(fault)
    desk.subscribe("lambda", arn_of("lambda", "function:work"))
    desk.publish()
    desk.wait(30)
    assert len(desk.of(TopicDelivered)) == 1
    assert desk.of(TopicRetried)


def test_a_retry_policy_that_is_no_object_is_told() -> None:
    with pytest.raises(ValueError, match="healthyRetryPolicy must be a JSON object"):
        read_phases(json.dumps({"healthyRetryPolicy": -1}))
