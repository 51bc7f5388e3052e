from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from lambdalab.simulator.billing.calculator import BillError, Usage, bill_of
from lambdalab.simulator.billing.charges import cents, free_seconds, gb_seconds, gb_seconds_for, money, number


def usage(requests: int, ms: Any, memory_mb: int = 128, **more: Any) -> Usage:
    return Usage(requests, Decimal(ms), memory_mb, **more)


def lines(what: Usage) -> dict[str, str]:
    return {line.item: line.arithmetic for line in bill_of(what).lines}


def usd(what: Usage, item: str) -> list[Decimal]:
    return [line.usd for line in bill_of(what).lines if line.item == item and line.usd is not None]


@pytest.mark.rule("J.3-01")
def test_the_free_tier_is_400_000_seconds_at_one_gigabyte_and_eight_times_as_many_at_128_mb() -> None:  # J.3, 1
    assert [free_seconds(1_024), free_seconds(128)] == [400_000, 3_200_000]


@pytest.mark.rule("J.3-02")
def test_a_dollar_buys_60_000_gigabyte_seconds_and_never_bought_600_000() -> None:  # J.3, 2: the seed's slip
    assert cents(gb_seconds_for(Decimal(1))) == Decimal("59999.88")
    month = usage(600_000, 1_000, 1_024, free_tier=False)
    assert usd(month, "duration") == [Decimal("10.00002")]


@pytest.mark.rule("J.2-01", "J.2-06", "J.3-03")
@pytest.mark.parametrize(
    ("architecture", "cost", "total"), [("x86_64", "2.333338", "2.73"), ("arm64", "1.866676", "2.27")]
)
def test_three_million_calls_of_120_ms_at_1_536_mb(architecture: str, cost: str, total: str) -> None:  # J.3, 3
    month = usage(3_000_000, 120, 1_536, architecture=architecture)
    assert lines(month)["billed duration"] == "3,000,000 × 0.12 s × 1.5 GB = 540,000 GB-s"
    assert lines(month)["free tier"] == "540,000 − 400,000 = 140,000 GB-s"
    assert usd(month, "duration") == [Decimal(cost)]
    assert usd(month, "requests") == [Decimal("0.40")]
    assert cents(bill_of(month).total) == Decimal(total)


@pytest.mark.rule("J.3-04")
def test_rounding_to_100_ms_made_short_functions_eight_times_as_dear() -> None:  # J.3, 4
    now = usage(10_000_000, 12, free_tier=False)
    then = replace(now, rounding_ms=100)
    assert [gb_seconds(128, month.billed_ms) for month in (then, now)] == [125_000, 15_000]
    assert [money(usd(month, "duration")[0]) for month in (then, now)] == ["$2.083338", "$0.250001"]


@pytest.mark.rule("J.2-03", "J.2-06", "J.3-05")
def test_ten_provisioned_environments_for_eight_hours() -> None:  # J.3, 5
    month = usage(1_000_000, 100, 1_024, provisioned=10, provisioned_hours=Decimal(8))
    allocation = "10 × 28,800 s × 1 GB = 288,000 GB-s × $0.0000041667 = $1.20001"
    assert lines(month)["provisioned concurrency"] == allocation
    assert usd(month, "duration") == [Decimal("0.97222")]
    assert usd(month, "requests") == [Decimal("0.2")]
    assert cents(bill_of(month).total) == Decimal("2.37")
    assert "free tier" not in lines(month)


@pytest.mark.rule("J.3-05")
def test_ten_provisioned_environments_for_a_month_cost_108_dollars_without_one_request() -> None:  # J.3, 5
    assert cents(bill_of(usage(0, 0, 1_024, provisioned=10)).total) == Decimal("108.00")


@pytest.mark.rule("J.3-06")
def test_init_is_billed_since_august_2025() -> None:  # J.3, 6
    month = usage(1_000, 0, 512, cold_starts=1_000, init_ms=Decimal(800), free_tier=False)
    assert money(usd(month, "duration")[0]) == "$0.006667"
    assert usd(replace(month, cold_starts=0), "duration") == [0]


@pytest.mark.rule("J.2-04", "J.3-07")
def test_storage_beyond_512_mb() -> None:  # J.3, 7
    month = usage(1_000_000, 1_000, ephemeral_mb=10_240)
    assert usd(month, "ephemeral storage") == [Decimal("0.29355")]
    assert "ephemeral storage" not in lines(replace(month, ephemeral_mb=512))


@pytest.mark.rule("J.3-08")
def test_more_memory_makes_a_cpu_bound_job_faster_for_the_same_price() -> None:  # J.3, 8
    slow, fast = usage(1, 8_000, 128, free_tier=False), usage(1, 1_000, 1_024, free_tier=False)
    assert bill_of(slow).total == bill_of(fast).total


@pytest.mark.rule("J.3-09")
def test_five_million_calls_of_800_ms_at_512_mb() -> None:  # J.3, 9
    month = usage(5_000_000, 800, 512)
    assert usd(month, "duration") == [Decimal("26.66672")]
    assert usd(month, "requests") == [Decimal("0.80")]
    assert cents(bill_of(month).total) == Decimal("27.47")


@pytest.mark.rule("B.3-01")
def test_each_request_is_rounded_up_by_itself_with_its_init() -> None:  # B.3
    assert usage(3, "0.4").billed_ms == 3
    assert usage(2, "133.61", cold_starts=1, init_ms=Decimal("80.00")).billed_ms == 214 + 134


@pytest.mark.rule("J.2-02")
@pytest.mark.parametrize(
    ("architecture", "volumes"),
    [("x86_64", (6_000_000_000, 9_000_000_000)), ("arm64", (7_500_000_000, 11_250_000_000))],
)
def test_a_month_fills_its_tiers_one_after_the_other(architecture: str, volumes: tuple[int, int]) -> None:  # J.2
    month = usage(20_000_000_000, 1_000, 1_024, architecture=architecture, free_tier=False)
    parts = [line.arithmetic.split(" GB-s")[0] for line in bill_of(month).lines if line.item == "duration"]
    assert parts == [number(volume) for volume in (*volumes, 20_000_000_000 - sum(volumes))]


def test_what_fits_the_free_tier_costs_nothing() -> None:
    assert bill_of(usage(1_000_000, 3_200)).total == 0
    assert bill_of(usage(1_000_001, 3_200)).total == Decimal("0.0000002") + gb_seconds(128, 3_200) * Decimal(
        "0.0000166667"
    )


def test_neighbours_and_idle_pollers_have_lines_of_their_own() -> None:  # D.3, A-19
    month = usage(0, 0, neighbours={"sqs_requests": 5_000_000, "s3_reads": 0}, idle_queues=2)
    assert lines(month)["SQS requests"] == "5,000,000 × $0.0000004 = $2.00"
    assert lines(month)["polling of idle queues"].startswith("2 × 2 pollers × 720 h ÷ 20 s = 518,400 ×")
    assert "S3 GET requests" not in lines(month)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"requests": -1}, "requests must be 0 to 1,000,000,000,000, not -1."),
        ({"duration_ms": Decimal(900_001)}, "duration-ms must be 0 to 900,000 ms, not 900,001."),
        ({"memory_mb": 127}, "memory-mb must be 128 to 10,240 MB, not 127."),
        ({"memory_mb": 10_241}, "memory-mb must be 128 to 10,240 MB, not 10,241."),
        ({"ephemeral_mb": 511}, "ephemeral-mb must be 512 to 10,240 MB, not 511."),
        ({"cold_starts": 11}, "cold-starts must be 0 to 10, not 11."),
        ({"rounding_ms": 0}, "rounding-ms must be 1 to 1,000 ms, not 0."),
        ({"provisioned_hours": Decimal("744.5")}, "provisioned-hours must be 0 to 744 h, not 744.5."),
        ({"architecture": "sparc"}, "architecture must be x86_64 or arm64, not sparc."),
        ({"neighbours": {"s3_reads": -2}}, "s3-reads must be 0 to 1,000,000,000,000, not -2."),
    ],
)
def test_figures_that_make_no_bill_get_one_sentence(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BillError) as refused:
        replace(usage(10, 5), **changes)
    assert str(refused.value) == sentence


def test_the_lines_of_a_bill_add_up_to_its_total() -> None:
    month = usage(7_000_000, "33.3", 300, ephemeral_mb=1_024, neighbours={"sns_publishes": 3}, idle_queues=1)
    made = bill_of(month)
    assert sum(line.usd for line in made.lines if line.usd is not None) == made.total > 0
