"""The line of a request and its headers may be so large and no larger."""

from urllib.parse import urlsplit

import pytest

from lambdalab.simulator.trace.facts import HttpDoorDeployed
from tests.simulator.services.http.apis import api
from tests.simulator.services.http.clients import http, only, send
from tests.simulator.services.http.test_balancer import project

HTTP_API = api("HttpApi", {"GET /orders/{id}": {}})
REST_API = api("Api", {"GET /orders/{id}": {}}, StageName="prod")
ONLY = {"User-Agent": "", "Accept": ""}


@pytest.mark.parametrize(("template", "path"), [(HTTP_API, "/orders/7"), (REST_API, "/prod/orders/7")])
def test_an_api_takes_10240_bytes_of_line_and_values(template: str, path: str) -> None:
    host = urlsplit(send(template, http("Web", path)).of(HttpDoorDeployed)[0].url).netloc
    room = 10_240 - len(f"GET {path}?a=1 HTTP/1.1") - len(host)
    for more, status in ((0, 200), (1, 431)):
        headers = ONLY | {"Cookie": ["x" * 6_000, "é" + "y" * (room - 6_000 - 2 + more)]}
        answer = only(template, http("Web", path, query="a=1", headers=headers))
        assert answer.status == status
    assert answer.body == '{"message":"HTTP header is larger than 10240 bytes."}'
    assert answer.request_id is None
    assert answer.why == "the request's line and headers have 10,241 bytes"


@pytest.mark.parametrize(
    ("sizes", "status"), [([16_381], 200), ([16_382], 400), ([16_000] * 4, 200), ([16_000] * 5, 400)]
)
def test_a_load_balancer_takes_16_kb_of_a_header_and_64_kb_of_all(sizes: list[int], status: int) -> None:
    answer = only(project(), http("Balancer", headers={"A": ["x" * size for size in sizes]}))
    assert (answer.status, answer.request_id is None) == (status, status == 400)
    if status == 400:
        assert "Request Header Or Cookie Too Large" in answer.body
