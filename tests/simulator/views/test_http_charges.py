"""What HTTP costs."""

from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from tests.simulator.playing import Played
from tests.simulator.services.http.apis import api
from tests.simulator.services.http.clients import http, says, send
from tests.simulator.services.http.test_balancer import project as balanced
from tests.simulator.services.http.test_function_url import project as function_url


def line(played: Played, item: str) -> Any:
    return next((row for row in played.player["bill"]["rows"] if row["item"] == item), None)


@pytest.mark.parametrize(("kind", "path", "usd"), [("HttpApi", "/a", 1.00), ("Api", "/Prod/a", 3.50)])
def test_a_million_requests_to_an_api_cost_a_dollar_or_three_and_a_half(kind: str, path: str, usd: float) -> None:
    template = api(kind, {"GET /a": {}}, **({} if kind == "HttpApi" else {"StageName": "Prod"}))
    played = send(template, http("Web", path) | {"repeat": {"count": 10, "every": "1s"}})
    row = line(played, "HTTP API requests" if kind == "HttpApi" else "REST API requests")
    assert row["quantity"] == "10"
    assert row["usd"] == pytest.approx(usd * 10 / 1_000_000)


def test_an_http_api_counts_every_512_kb() -> None:
    template = api("HttpApi", {"GET /a": {}})
    played = send(template, http("Web", "/a"), script=says(200, "x" * 600 * 1024))
    assert line(played, "HTTP API requests")["quantity"] == "2"


def test_what_an_api_refuses_costs_nothing() -> None:
    played = send(api("Api", {"GET /a": {}}, StageName="Prod"), http("Web", "/Prod/b"))
    assert line(played, "REST API requests") is None


def test_a_function_url_costs_nothing_but_the_data() -> None:
    played = send(function_url(), http("Url"), script=says(200, "x" * 1_000_000))
    assert [row["item"] for row in played.player["bill"]["rows"] if "work" not in row["item"].lower()] == [
        "data out to the Internet"
    ]
    assert line(played, "data out to the Internet")["usd"] == pytest.approx(0.00009, rel=0.01)


def test_a_load_balancer_costs_by_the_hour_and_by_what_it_carries() -> None:
    request = http("Balancer") | {"repeat": {"count": 90, "every": "1s"}}
    played = send(balanced(), request, script=Act(result={"statusCode": 200}), until="90m")
    assert line(played, "load balancer hours") == {
        "item": "load balancer hours",
        "quantity": "1.500000",
        "usd": pytest.approx(0.0225 * 1.5),
    }
    units = line(played, "load balancer capacity units (LCU)")
    assert units["usd"] == pytest.approx(0.008 * 90 / 90_000)
    assert played.summary["bill"]["total_usd"] > 0.0225 * 1.5


def test_what_stands_there_by_the_hour_is_not_multiplied_by_a_million() -> None:
    played = send(balanced(), http("Balancer"), script=Act(result={"statusCode": 200}), until="90m")
    bill = played.summary["bill"]
    assert bill["per_million_usd"] == pytest.approx((bill["total_usd"] - 0.0225 * 1.5) * 1_000_000)
    assert bill["per_million_usd"] == played.player["bill"]["per_million_usd"] < 10
