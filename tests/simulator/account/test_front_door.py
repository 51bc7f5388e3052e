from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import ApiCalled, FaultApplied, InvocationEnded, StepPlayed
from tests.simulator.playing import Played, call, invoke, make_function, make_queue, make_template, play, steps

SEND = ("sqs", "SendMessage", {"QueueUrl": "q", "MessageBody": "x"})


def one(operation: str, **params: Any) -> ApiCalled:
    played = play(make_template(Q=make_queue("q")), steps(call("0s", operation, **params)))
    (fact,) = played.of(ApiCalled)
    return fact


def from_function(*calls: tuple[str, str, dict[str, Any]], allow: list[str] | None = None, **more: Any) -> Played:
    template = make_template(make_function(Timeout=900), allow=allow, Q=make_queue("q"))
    return play(template, steps(invoke(kind="RequestResponse"), **more), Act(calls=calls))


def test_a_missing_parameter_gets_botocores_own_text() -> None:
    fact = one("sqs.send_message", QueueUrl="q")
    assert (fact.status, fact.error) == (400, "ValidationException")
    assert fact.message == 'Parameter validation failed:\nMissing required parameter in input: "MessageBody"'


def test_an_unknown_or_mistyped_parameter_is_refused() -> None:
    assert "Unknown parameter in input" in str(one("sqs.send_message", QueueUrl="q", MessageBody="x", Colour=1).message)
    assert "Invalid type" in str(one("sqs.send_message", QueueUrl="q", MessageBody=5).message)


def test_a_service_or_operation_we_do_not_simulate_answers_clearly() -> None:
    fact = one("glue.get_jobs")
    assert (fact.status, fact.error) == (501, "NotSimulated")
    assert fact.message == "lambdalab does not simulate glue.get_jobs yet, so nothing happened."
    assert one("sqs.untag_queue", QueueUrl="q", TagKeys=["a"]).error == "NotSimulated"


def test_each_call_is_one_fact_with_caller_target_and_latency() -> None:
    played = from_function(SEND)
    sent = next(fact for fact in played.of(ApiCalled) if fact.operation == "SendMessage")
    assert (sent.source, sent.target, sent.environment, sent.status) == ("function/work", "q", "env/work/1", 200)
    assert sent.request_id == played.of(InvocationEnded)[0].request_id
    assert sent.principal.endswith(":assumed-role/lab-Role-" + sent.principal.rsplit("-", 1)[-1])
    assert 3_900 <= sent.latency_us <= 8_100  # 6 ms within 35 %


def test_the_state_changes_when_the_request_arrives_and_the_answer_follows() -> None:
    played = from_function(SEND)
    kinds = [(type(s.fact).__name__, s.at) for s in played.facts if getattr(s.fact, "operation", "") == "SendMessage"]
    entered = next(s.at for s in played.facts if type(s.fact).__name__ == "MessageSent")
    assert entered < kinds[0][1]


@pytest.mark.parametrize(
    ("allow", "allowed"),
    [
        (["*"], True),
        (["sqs:*"], True),
        (["sqs:Send*"], True),
        (["SQS:sendmessage"], True),
        (["sqs:SendMessag?"], True),
        (["sqs:ReceiveMessage"], False),
        (["sns:*"], False),
    ],
)
def test_a_role_may_do_what_its_policies_allow(allow: list[str], allowed: bool) -> None:
    played = from_function(SEND, allow=allow)
    assert played.summary["queues"]["q"]["sent"] == int(allowed)
    assert played.summary["calls"]["sqs.send_message"]["denied"] == int(not allowed)


def test_access_denied_says_who_what_and_why() -> None:
    fact = next(f for f in from_function(SEND, allow=["sns:*"]).of(ApiCalled) if f.service == "sqs")
    assert (fact.status, fact.error) == (403, "AccessDeniedException")
    assert fact.message is not None
    assert fact.message.endswith(
        "/work is not authorized to perform: sqs:SendMessage on resource: arn:aws:sqs:us-east-1:123456789012:q "
        "because no identity-based policy allows the sqs:SendMessage action"
    )


def test_the_scenario_itself_may_do_everything() -> None:
    assert one("sqs.send_message", QueueUrl="q", MessageBody="x").error is None


def test_a_fault_makes_calls_fail_while_it_lasts() -> None:
    sends = [call(at, "sqs.send_message", QueueUrl="q", MessageBody="x") for at in ("5s", "15s", "25s")]
    fault = {"from": "10s", "until": "20s", "fail": "sqs.send_message", "with": "ServiceUnavailable"}
    played = play(make_template(Q=make_queue("q")), steps(*sends, faults=[fault]))
    assert [fact.outcome for fact in played.of(StepPlayed)] == ["200", "503 ServiceUnavailable", "200"]
    assert [fact.phase for fact in played.of(FaultApplied)] == ["begins", "strikes", "ends"]
    assert played.times(FaultApplied)[::2] == [10.0, 20.0]


def test_a_fault_of_a_modelled_error_has_its_status() -> None:
    fault = {"fail": "lambda.invoke", "with": "TooManyRequestsException"}
    played = play(make_template(), steps(invoke(), faults=[fault]))
    assert played.of(StepPlayed)[0].outcome == "429 TooManyRequestsException"


def test_a_fault_with_a_probability_strikes_about_so_often_and_always_the_same() -> None:
    sends = {**call("0s", "sqs.send_message", QueueUrl="q", MessageBody="x"), "repeat": {"count": 300, "every": "1s"}}
    fault = {"fail": "sqs.send_message", "with": "ServiceUnavailable", "probability": 0.3}
    runs = [play(make_template(Q=make_queue("q")), steps(sends, faults=[fault])) for _ in range(2)]
    assert 60 <= len(runs[0].of(FaultApplied)) - 1 <= 120
    assert runs[0].trace == runs[1].trace


def test_a_latency_fault_slows_the_operation_it_names() -> None:
    fault = {"latency": "sqs.send_message", "by": "2s"}
    played = from_function(SEND, ("sqs", "GetQueueUrl", {"QueueName": "q"}), faults=[fault])
    slow, quick = (f.latency_us for f in played.of(ApiCalled) if f.service == "sqs")
    assert 2_003_900 <= slow <= 2_008_100
    assert quick < 10_000


def test_a_throttle_that_names_no_function_is_refused() -> None:
    with pytest.raises(Exception, match="the fault throttle names nobody, which is no function here"):
        play(make_template(), steps(faults=[{"throttle": "nobody"}]))


def test_the_first_declared_fault_of_a_kind_strikes_and_others_stay_with_their_target() -> None:
    busy = {"fail": "sqs.send_message", "with": "ServiceUnavailable"}
    later = {"fail": "sqs.send_message", "with": "InternalFailure"}
    other = {"fail": "sns.publish", "with": "InternalFailure"}
    played = from_function(SEND, faults=[other, busy, later])
    (fact,) = (fact for fact in played.of(ApiCalled) if fact.operation == "SendMessage")
    assert (fact.error, fact.status) == ("ServiceUnavailable", 503)
