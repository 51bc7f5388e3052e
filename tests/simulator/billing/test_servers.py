from dataclasses import replace
from decimal import Decimal

import pytest

from lambdalab.simulator.billing.calculator import BillError, Usage, bill_of
from lambdalab.simulator.billing.servers import Servers, break_even, in_flight

MONTH = Usage(3_000_000, Decimal(120), 1_536)
TWO = Servers(2, Decimal("0.05"))


def test_servers_cost_the_same_whether_there_is_work_or_not() -> None:
    assert TWO.usd == 72
    assert TWO.arithmetic() == "2 × 720 h × $0.05 = $72.00"


def test_from_the_break_even_on_lambda_is_the_dearer_one() -> None:
    turn = break_even(MONTH, TWO)
    assert turn is not None
    assert bill_of(replace(MONTH, requests=turn)).total > TWO.usd >= bill_of(replace(MONTH, requests=turn - 1)).total


def test_cold_starts_are_no_more_than_requests_while_the_break_even_is_sought() -> None:
    cold = replace(MONTH, cold_starts=3_000_000, init_ms=Decimal(10_000))
    turn = break_even(cold, TWO)
    assert turn is not None
    assert turn < 3_000_000


def test_a_fleet_may_be_dearer_than_lambda_at_any_load() -> None:
    free = Usage(1, Decimal(0), provisioned=0)
    assert break_even(free, Servers(1_000, Decimal(900))) is None


@pytest.mark.rule("C.1-04")
def test_the_average_number_in_flight_is_the_rate_times_the_duration() -> None:  # C.1
    assert in_flight(Usage(2_592_000, Decimal(500))) == Decimal("0.5")


@pytest.mark.parametrize(("count", "price"), [(0, "1"), (100_001, "1"), (1, "0"), (1, "1001")])
def test_what_is_no_fleet_is_refused(count: int, price: str) -> None:
    with pytest.raises(BillError, match=r"^server.* must be .*\.$"):
        Servers(count, Decimal(price))
