from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import ApiCalled
from lambdalab.simulator.views.bill import BillFold
from tests.simulator.playing import (
    FAIL,
    Played,
    first,
    invoke,
    make_function,
    make_queue,
    make_template,
    play,
    seconds,
    steps,
)


def bill(script: Any = None, *, count: int = 1, **properties: Any) -> Played:
    template = make_template(make_function(Timeout=900, **properties), Q=make_queue("q"))
    return play(template, steps(invoke(kind="RequestResponse", repeat={"count": count, "every": "20m"})), script)


def test_a_run_is_billed_for_its_requests_and_its_gigabyte_seconds() -> None:
    played = bill(Act(takes=seconds(8)), MemorySize=128)
    own = played.summary["bill"]["by_function"]["work"]
    assert own["requests_usd"] == pytest.approx(0.0000002)
    assert own["compute_usd"] == pytest.approx(0.0000166667)
    assert played.summary["bill"]["total_usd"] == pytest.approx(0.0000168667)
    assert played.summary["bill"]["per_million_usd"] == pytest.approx(16.8667)


def test_failed_attempts_are_billed_and_stand_apart() -> None:
    played = bill(first(1, Act(status="error", takes=seconds(2)), Act(takes=seconds(1))), count=2, MemorySize=1_024)
    rows = {row["item"]: row["quantity"] for row in played.player["bill"]["rows"]}
    assert rows["work: compute, failed attempts"] == "2.000 GB-s"
    assert rows["work: compute, successes"] == "1.000 GB-s"


def test_throttles_cost_nothing() -> None:
    played = bill(count=5, ReservedConcurrentExecutions=0)
    assert played.summary["bill"]["total_usd"] == 0


def test_arm_is_cheaper() -> None:
    x86, arm = (
        bill(Act(takes=seconds(8)), Architectures=[name]).summary["bill"]["by_function"]["work"]["compute_usd"]
        for name in ("x86_64", "arm64")
    )
    assert arm / x86 == pytest.approx(0.8, rel=1e-4)


def test_storage_above_512_megabytes_is_billed_and_part_of_the_total() -> None:
    played = bill(Act(takes=seconds(100)), EphemeralStorage={"Size": 10_240})
    own = played.summary["bill"]["by_function"]["work"]
    assert own["storage_usd"] == pytest.approx(9.5 * 100 * 0.0000000309)
    total = sum(own.values())
    assert played.summary["bill"]["total_usd"] == pytest.approx(total)


def test_calls_of_the_function_are_billed_those_of_the_scenario_are_not() -> None:
    send = ("sqs", "SendMessage", {"QueueUrl": "q", "MessageBody": "x"})
    rows = {row["item"]: row for row in bill(Act(calls=(send, send))).player["bill"]["rows"]}
    assert rows["SQS requests"]["quantity"] == "2"
    assert rows["SQS requests"]["usd"] == pytest.approx(0.0000008)


def test_the_rows_add_up_to_the_total() -> None:
    played = bill(FAIL, count=3)
    shown = played.player["bill"]
    assert sum(row["usd"] for row in shown["rows"]) == pytest.approx(shown["total_usd"])
    assert shown["total_usd"] == pytest.approx(played.summary["bill"]["total_usd"])


def test_what_the_free_tier_of_a_month_would_pay_of_a_small_run_is_all_of_lambdas_own_charges() -> None:
    send = ("sqs", "SendMessage", {"QueueUrl": "q", "MessageBody": "x"})
    shown = bill(Act(takes=seconds(8), calls=(send,)), MemorySize=128).summary["bill"]
    assert shown["total_usd"] - shown["free_tier_usd"] == pytest.approx(0.0000004)


@pytest.mark.parametrize(
    ("service", "operation", "item", "usd"),
    [  # assumption A-19
        ("s3", "PutObject", "S3 PUT and LIST requests", 0.000005),
        ("s3", "ListObjectsV2", "S3 PUT and LIST requests", 0.000005),
        ("s3", "GetObject", "S3 GET requests", 0.0000004),
        ("dynamodb", "PutItem", "DynamoDB writes", 0.000000625),
        ("dynamodb", "Query", "DynamoDB reads", 0.000000125),
        ("sns", "Publish", "SNS publishes", 0.0000005),
    ],
)
def test_neighbouring_services_charge_by_the_request(service: str, operation: str, item: str, usd: float) -> None:
    fold = BillFold()
    called = ApiCalled(service, operation, "role", "function/f", "r", "env/f/1", "t", 5_000, 200, None, None)
    fold.takes[ApiCalled](0, called)
    assert fold.rows() == [{"item": item, "quantity": "1", "usd": usd}]


def test_deleting_from_a_bucket_and_calling_lambda_are_no_lines_of_their_own() -> None:
    fold = BillFold()
    for service, operation in (("s3", "DeleteObject"), ("lambda", "Invoke")):
        called = ApiCalled(service, operation, "role", "function/f", "r", "env/f/1", "t", 5_000, 200, None, None)
        fold.takes[ApiCalled](0, called)
    assert fold.rows() == []
    assert fold.total() == 0
