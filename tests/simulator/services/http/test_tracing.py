"""The trace that a door begins goes on in the function."""

from typing import Any

import pytest

from lambdalab.simulator.trace.facts import RequestTraced
from tests.simulator.services.http.apis import api
from tests.simulator.services.http.clients import Seen, http, send
from tests.simulator.services.http.test_balancer import project as balanced
from tests.simulator.services.http.test_function_url import project as function_url

ACTIVE = {"TracingConfig": {"Mode": "Active"}}
SAM = {"Tracing": "Active"}
CLIENTS = "Root=1-5759e988-bd862e3fe1be46a994272793"


def traced(template: dict[str, Any]) -> dict[str, Any]:
    template["Resources"]["Work"]["Properties"] |= ACTIVE
    return template


DOORS = [
    (traced(balanced()), "Balancer", "/"),
    (traced(function_url()), "Url", "/"),
    (api("HttpApi", {"GET /a": {}}, work=SAM), "Web", "/a"),
    (api("Api", {"GET /a": {}}, StageName="v1", work=SAM), "Web", "/v1/a"),
]


@pytest.mark.parametrize(("template", "to", "path"), DOORS, ids=["balancer", "url", "http-api", "rest-api"])
def test_the_root_in_the_event_is_that_of_the_trace(template: Any, to: str, path: str) -> None:
    seen = Seen()
    played = send(template, http(to, path), script=seen)
    headers = {name.lower(): value for name, value in seen.events[0]["headers"].items()}
    (request,) = played.of(RequestTraced)
    assert headers["x-amzn-trace-id"] == f"Root={request.root}"
    assert request.parent is None


def test_a_clients_own_trace_and_decision_are_kept() -> None:
    sampled = http("Balancer", headers={"X-Amzn-Trace-Id": f"{CLIENTS};Parent=53995c3f42cd8ad8;Sampled=1"})
    (request,) = send(traced(balanced()), sampled).of(RequestTraced)
    assert (f"Root={request.root}", request.parent) == (CLIENTS, "53995c3f42cd8ad8")
    ignored = http("Balancer", headers={"X-Amzn-Trace-Id": f"{CLIENTS};Parent=53995c3f42cd8ad8;Sampled=0"})
    assert send(traced(balanced()), ignored).of(RequestTraced) == []
