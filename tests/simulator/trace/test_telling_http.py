"""How HTTP is told."""

import pytest

from lambdalab.simulator.trace.explain import Explainer
from lambdalab.simulator.trace.facts import ApiCalled, HttpDoorDeployed
from tests.simulator.playing import Played
from tests.simulator.services.http.apis import api
from tests.simulator.services.http.clients import http, send
from tests.simulator.services.http.test_balancer import project as balanced
from tests.simulator.services.http.test_function_url import project as function_url


def told(played: Played, kind: type) -> str:
    explainer = Explainer()
    return next(s for s in [explainer.explain(f) if isinstance(f.fact, kind) else "" for f in played.facts] if s)


@pytest.mark.parametrize(
    ("template", "to", "who"),
    [
        (function_url(), http("Url"), "The function URL Url called lambda.Invoke"),
        (api("HttpApi", {"GET /a": {}}), http("Web", "/a"), "The HTTP API Web called lambda.Invoke"),
        (api("Api", {"GET /a": {}}, StageName="v1"), http("Web", "/v1/a"), "The REST API Web called lambda.Invoke"),
        (balanced(), http("Balancer"), "The load balancer shop called lambda.Invoke"),
    ],
)
def test_who_calls_a_function_has_its_own_name(template: object, to: dict[str, object], who: str) -> None:
    assert told(send(template, to), ApiCalled).startswith(who)


def test_a_door_tells_where_it_leads() -> None:
    sentence = told(send(balanced(), http("Balancer")), HttpDoorDeployed)
    assert sentence.startswith("The load balancer shop answers at http://shop-")
    assert sentence.endswith(".us-east-1.elb.amazonaws.com/: HTTP 80, with 0 rules and the default.")
