from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import ApiCalled, FunctionUpdated, HardwareConfigured, InvocationEnded
from lambdalab.simulator.views.bill import BillFold
from tests.simulator.playing import (
    FAIL,
    Played,
    call,
    first,
    invoke,
    make_function,
    make_queue,
    make_template,
    play,
    seconds,
    steps,
)

LASTING = Act(takes=seconds(4))
AT_ONE = call("1h", "lambda.get_function", FunctionName="work")  # the run lasts an hour


def bill(script: Any = None, *, count: int = 1, **properties: Any) -> Played:
    template = make_template(make_function(Timeout=900, **properties), Q=make_queue("q"))
    return play(template, steps(invoke(kind="RequestResponse", repeat={"count": count, "every": "20m"})), script)


@pytest.mark.rule("J.2-01", "J.2-02")
def test_a_run_is_billed_for_its_requests_and_its_gigabyte_seconds() -> None:
    played = bill(Act(takes=seconds(8)), MemorySize=128)
    own = played.summary["bill"]["by_function"]["work"]
    assert own["requests_usd"] == pytest.approx(0.0000002)
    assert own["compute_usd"] == pytest.approx(0.0000166667)
    assert played.summary["bill"]["total_usd"] == pytest.approx(0.0000168667)
    assert played.summary["bill"]["per_million_usd"] == pytest.approx(16.8667)


@pytest.mark.rule("B.3-03")
def test_failed_attempts_are_billed_and_stand_apart() -> None:
    played = bill(first(1, Act(status="error", takes=seconds(2)), Act(takes=seconds(1))), count=2, MemorySize=1_024)
    rows = {row["item"]: row["quantity"] for row in played.player["bill"]["rows"]}
    assert rows["work: compute, failed attempts"] == "2.000 GB-s"
    assert rows["work: compute, successes"] == "1.000 GB-s"


@pytest.mark.rule("A.2-09", "B.3-05")
def test_throttles_cost_nothing() -> None:
    played = bill(count=5, ReservedConcurrentExecutions=0)
    assert played.summary["bill"]["total_usd"] == 0


@pytest.mark.rule("J.1-06", "J.2-02")
def test_arm_is_cheaper() -> None:
    x86, arm = (
        bill(Act(takes=seconds(8)), Architectures=[name]).summary["bill"]["by_function"]["work"]["compute_usd"]
        for name in ("x86_64", "arm64")
    )
    assert arm / x86 == pytest.approx(0.8, rel=1e-4)


@pytest.mark.rule("J.2-04")
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
    assert fold.rows(0) == [{"item": item, "quantity": "1", "usd": usd}]


@pytest.mark.parametrize(
    ("operation", "target", "item", "usd"),
    [
        ("SendMessage", "orders.fifo", "SQS requests of FIFO queues", 0.0000005),
        ("ReceiveMessage", "orders.fifo", "SQS requests of FIFO queues", 0.0000005),
        ("GetQueueAttributes", "orders.fifo", "SQS requests", 0.0000004),
        ("SendMessage", "orders", "SQS requests", 0.0000004),
    ],
)
def test_what_passes_through_a_fifo_queue_costs_more(operation: str, target: str, item: str, usd: float) -> None:
    fold = BillFold()
    called = ApiCalled("sqs", operation, "role", "function/f", "r", "env/f/1", target, 5_000, 200, None, None)
    fold.takes[ApiCalled](0, called)
    assert fold.rows(0) == [{"item": item, "quantity": "1", "usd": usd}]


def test_deleting_from_a_bucket_and_calling_lambda_are_no_lines_of_their_own() -> None:
    fold = BillFold()
    for service, operation in (("s3", "DeleteObject"), ("lambda", "Invoke")):
        called = ApiCalled(service, operation, "role", "function/f", "r", "env/f/1", "t", 5_000, 200, None, None)
        fold.takes[ApiCalled](0, called)
    assert fold.rows(0) == []
    assert fold.total(0) == 0


def test_each_invocation_is_priced_by_the_memory_it_ran_with() -> None:
    bigger = call("10m", "lambda.update_function_configuration", FunctionName="work", MemorySize=1_024)
    asked = invoke(kind="RequestResponse", repeat={"count": 2, "every": "20m"})
    played = play(make_template(make_function(Timeout=900, MemorySize=512)), steps(asked, bigger), LASTING)
    rows = {row["item"]: row["quantity"] for row in played.player["bill"]["rows"]}
    assert rows["work: compute, successes"] == "6.000 GB-s"  # 4 s of half a GB, and 4 s of a whole one
    assert played.summary["bill"]["by_function"]["work"]["compute_usd"] == pytest.approx(6 * 0.0000166667)


def test_an_invocation_that_an_update_overtakes_is_priced_by_what_it_began_with() -> None:
    bigger = call("1s", "lambda.update_function_configuration", FunctionName="work", MemorySize=1_024)
    asked = invoke(kind="RequestResponse")
    played = play(make_template(make_function(Timeout=900, MemorySize=512)), steps(asked, bigger), LASTING)
    assert played.times(FunctionUpdated)[0] < played.times(InvocationEnded)[0]
    assert played.summary["bill"]["by_function"]["work"]["compute_usd"] == pytest.approx(2 * 0.0000166667)


def test_a_version_keeps_the_memory_it_was_published_with() -> None:
    publish = call("0s", "lambda.publish_version", FunctionName="work")
    bigger = call("1s", "lambda.update_function_configuration", FunctionName="work", MemorySize=1_024)
    asked = invoke("20s", kind="RequestResponse", function="work:1")
    played = play(make_template(make_function(Timeout=900, MemorySize=512)), steps(publish, bigger, asked), LASTING)
    assert played.summary["bill"]["by_function"]["work"]["compute_usd"] == pytest.approx(2 * 0.0000166667)


def test_ephemeral_storage_is_priced_as_the_invocation_had_it() -> None:
    storage = {"Size": 1_536}
    more = call("10m", "lambda.update_function_configuration", FunctionName="work", EphemeralStorage=storage)
    asked = invoke(kind="RequestResponse", repeat={"count": 2, "every": "20m"})
    played = play(make_template(make_function(Timeout=900)), steps(asked, more), LASTING)
    assert [fact.ephemeral_mb for fact in played.of(HardwareConfigured)] == [1_536]
    assert played.summary["bill"]["by_function"]["work"]["storage_usd"] == pytest.approx(4 * 0.0000000309)


def provisioned(*more: dict[str, Any], init_ms: int = 0, **function: Any) -> dict[str, Any]:
    """The bill of ``work``, whose alias ``live`` has two environments provisioned."""
    version = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Work"}}}
    alias = {
        "FunctionName": {"Ref": "Work"},
        "Name": "live",
        "FunctionVersion": {"Fn::GetAtt": ["Version", "Version"]},
        "ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 2},
    }
    template = make_template(
        make_function(Timeout=900, MemorySize=1_024, **function),
        Version=version,
        Live={"Type": "AWS::Lambda::Alias", "Properties": alias},
    )
    compute = {"functions": {"work": {"init_ms": init_ms, "cpu_ms": 0}}}
    played = play(template, {"steps": list(more), "compute": compute}, LASTING)
    shown = played.summary["bill"]
    total = sum(row["usd"] for row in played.player["bill"]["rows"])
    assert total == pytest.approx(played.player["bill"]["total_usd"]) == pytest.approx(shown["total_usd"])
    return {**shown, **shown["by_function"]["work"]}


@pytest.mark.rule("B.3-06")
def test_what_is_provisioned_costs_to_the_end_of_the_run_though_nobody_asks() -> None:  # J.2, J.3 example 5
    shown = provisioned(AT_ONE)
    assert shown["provisioned_usd"] == shown["total_usd"] == pytest.approx(2 * 3_600 * 0.0000041667, rel=1e-4)
    assert shown["free_tier_usd"] == 0


@pytest.mark.rule("B.3-06")
@pytest.mark.parametrize(("architecture", "factor"), [("x86_64", 1), ("arm64", 0.8)])
def test_what_runs_in_provisioned_environments_has_a_price_of_its_own(architecture: str, factor: float) -> None:
    asked = invoke("10s", kind="RequestResponse", function="work:live", repeat={"count": 3})
    shown = provisioned(asked, AT_ONE, Architectures=[architecture])
    allocated = 2 * 3_600 * 0.0000041667
    assert shown["provisioned_usd"] == pytest.approx((allocated + 2 * 4 * 0.0000097222) * factor, rel=1e-3)
    assert shown["compute_usd"] == pytest.approx(4 * 0.0000166667 * factor, rel=1e-3)  # the third has spilled over
    assert shown["requests_usd"] == pytest.approx(3 * 0.0000002)
    assert shown["free_tier_usd"] == pytest.approx(shown["compute_usd"] + 0.0000002)


@pytest.mark.rule("B.3-06")
def test_init_of_provisioned_environments_is_billed_by_itself() -> None:  # C.4; A-19
    without, slow = (provisioned(AT_ONE, init_ms=ms)["provisioned_usd"] for ms in (0, 4_000))
    assert slow - without == pytest.approx(2 * 4 * 0.0000097222, rel=0.2)


@pytest.mark.parametrize(("deleted", "billed_s"), [("60s", 300), ("300s", 600), ("7m", 600)])
def test_an_allocation_is_rounded_up_to_five_minutes_when_it_is_deleted(deleted: str, billed_s: int) -> None:
    """A call takes some milliseconds, so what is asked for after five minutes comes later."""
    away = call(deleted, "lambda.delete_provisioned_concurrency_config", FunctionName="work", Qualifier="live")
    assert provisioned(away, AT_ONE)["provisioned_usd"] == pytest.approx(2 * billed_s * 0.0000041667)


def test_more_is_billed_from_the_moment_in_which_it_is_asked_for() -> None:
    named = {"FunctionName": "work", "Qualifier": "live", "ProvisionedConcurrentExecutions": 5}
    more = call("30m", "lambda.put_provisioned_concurrency_config", **named)
    assert provisioned(more, AT_ONE)["provisioned_usd"] == pytest.approx((2 + 5) * 1_800 * 0.0000041667, rel=1e-4)


def test_an_allocation_split_by_weights_has_the_memory_of_each_version() -> None:
    bigger = call("1s", "lambda.update_function_configuration", FunctionName="work", MemorySize=2_048)
    publish = call("10s", "lambda.publish_version", FunctionName="work")
    routing = {"AdditionalVersionWeights": {"2": 0.5}}
    split = call("30m", "lambda.update_alias", FunctionName="work", Name="live", RoutingConfig=routing)
    shown = provisioned(bigger, publish, split, AT_ONE)
    assert shown["provisioned_usd"] == pytest.approx((2 + 1 + 2) * 1_800 * 0.0000041667, rel=1e-4)
