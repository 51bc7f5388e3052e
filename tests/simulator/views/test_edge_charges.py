"""What CloudFront and functions at its edge cost, and what their runs are in the summary."""

from decimal import Decimal

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import HttpAnswered
from tests.simulator.playing import make_function
from tests.simulator.services.http.clients import http, says
from tests.simulator.services.http.cloudfront.sites import DISABLED, at, behavior, changing, site, visit
from tests.simulator.services.http.cloudfront.test_cache import URL_ORIGIN, url_of


def test_a_function_at_the_edge_costs_what_lambda_at_edge_costs_and_is_never_free() -> None:
    played = visit(
        site(events=(at("viewer-request"),)), http("Site", repeat={"count": 4, "every": "1s"}),
        script=changing(lambda told: None),
    )  # fmt: skip
    row, bill = played.summary["functions"]["us-east-1.work"], played.summary["bill"]["by_function"]
    assert bill["us-east-1.work"]["requests_usd"] == pytest.approx(4 * 0.60 / 1_000_000)
    gb_s = Decimal(row["billed_ms"]) / 1_000 * 128 / 1_024
    assert bill["us-east-1.work"]["compute_usd"] == pytest.approx(float(gb_s * Decimal("0.00005001")))
    assert bill["work"]["requests_usd"] == 0
    assert played.summary["bill"]["free_tier_usd"] == 0


def test_viewers_and_their_bytes_cost_and_what_an_origin_sends_to_cloudfront_does_not() -> None:
    template = site(behavior(policy=DISABLED), origins=(URL_ORIGIN,), **url_of("work"))
    played = visit(template, http("Site"), http("Site", at="1s"), script=says(200, "x" * 100_000))
    total = played.summary["bill"]["total_usd"]
    of_work = sum(played.summary["bill"]["by_function"]["work"].values())
    out = sum(each.bytes_out for each in played.of(HttpAnswered))
    assert out > 200_000
    assert total - of_work == pytest.approx(2 * 0.01 / 10_000 + out / 1e9 * 0.085)


def test_two_versions_at_the_edge_are_priced_by_their_own_memory() -> None:
    """The copies of two functions, one of them larger at an origin event."""
    template = site(
        None, make_function(Timeout=5), make_function("large", Timeout=5, MemorySize=512),
        events=(at("viewer-request"), at("origin-request", "Large")),
    )  # fmt: skip
    played = visit(template, http("Site"), script=changing(lambda told: None))
    functions, bill = played.summary["functions"], played.summary["bill"]["by_function"]
    for name, memory in (("us-east-1.work", 128), ("us-east-1.large", 512)):
        gb_s = functions[name]["billed_ms"] / 1_000 * memory / 1_024
        assert bill[name]["compute_usd"] == pytest.approx(gb_s * 0.00005001)


def test_the_summary_counts_a_distribution_by_its_results() -> None:
    def script(function: object, event: object, count: int) -> Act:
        return changing(lambda told: {"status": "200"} if told["request"]["uri"] == "/made" else None)(
            function, event, count
        )

    asked = [http("Site", path, at=f"{n}s") for n, path in enumerate(("/", "/", "/gone", "/made"))]
    played = visit(site(events=(at("viewer-request"),)), *asked, script=script)
    assert played.summary["distributions"]["Site"] == {
        "requests": 4,
        "by_result": {"Error": 1, "Hit": 1, "LambdaGeneratedResponse": 1, "Miss": 1},
        "hit_ratio": 0.25,
        "origin_requests": 2,
        "origin_by_status": {"200": 1, "404": 1},
        "by_origin": {"front": 2},
        "function_failures": {},
        "invalidated": 0,
    }
    assert played.summary["doors"]["Site"]["by_status"] == {"200": 3, "404": 1}
