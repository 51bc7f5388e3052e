"""Hosts of a scenario's web, asked by real Python: played twice, the same bytes come out."""

from importlib import metadata
from typing import Any

import pytest

from lambdalab.simulator.trace.facts import ConnectionTried, NameLookedUp, WebRequested
from tests.runtime.conftest import Play
from tests.runtime.projects import make_project

WEB: dict[str, Any] = {
    "https://api.example.com/rates": {"body": {"eur": 1.1}, "latency": "80ms"},
    "https://api.example.com/old": {"status": 301, "headers": {"Location": "https://api.example.com/rates"}},
    "https://api.example.com/down": {"fail": 503, "body": "try later"},
    "https://api.example.com/cut": {"fail": "reset"},
    "https://forged.example.com/": {"fail": "tls"},
    "https://closed.example.com/": {"fail": "refused"},
    "https://silent.example.com/": {"fail": "timeout"},
    "http://plain.example.com:8080/": {"body": "plain"},
}
HEAD = "import json, time, urllib.error, urllib.request\n"
GET = HEAD + """\
def handler(event, context):
    began = time.monotonic()
    try:
        with urllib.request.urlopen("{url}", timeout=1) as answer:
            outcome = [answer.status, answer.read().decode()]
    except urllib.error.HTTPError as error:
        outcome = [error.code, error.read().decode()]
    except OSError as error:
        outcome = [type(error).__name__, str(error)]
    return [*outcome, round(time.monotonic() - began, 2)]
"""


@pytest.mark.parametrize(
    ("url", "outcome", "words", "seconds"),
    [
        ("https://api.example.com/rates", 200, '{"eur": 1.1}', 0.1),
        ("https://api.example.com/rates?day=1", 200, '{"eur": 1.1}', 0.1),
        ("https://api.example.com/old", 200, '{"eur": 1.1}', 0.18),
        ("https://api.example.com/down", 503, "try later", 0.07),
        ("https://api.example.com/other", 404, "the scenario's web does not have https://api.example.com/other", 0.07),
        ("https://api.example.com/cut", "RemoteDisconnected", "closed connection without response", 0.07),
        ("https://forged.example.com/", "URLError", "CERTIFICATE_VERIFY_FAILED", 0.02),
        ("https://closed.example.com/", "URLError", "Connection refused", 0.02),
        ("https://silent.example.com/", "URLError", "timed out", 1.0),
        ("http://plain.example.com:8080/", 200, "plain", 0.07),
        ("http://api.example.com/rates", "URLError", "Connection refused", 0.02),
        ("https://nowhere.example.com/", "URLError", "Name or service not known", 0.0),
    ],
)
def test_a_url_gives_what_the_scenario_says(
    url: str, outcome: Any, words: str, seconds: float, played: Play
) -> None:
    run = played(make_project(GET.replace("{url}", url), function={"Timeout": 30}, web=WEB))
    assert run.result[0] == outcome
    assert words in run.result[1]
    assert run.result[2] == pytest.approx(seconds, abs=0.031)


MANY = HEAD + """\
import asyncio, concurrent.futures, boto3
sqs = boto3.client("sqs")
def get(n):
    with urllib.request.urlopen(f"https://api.example.com/rates?{n}", timeout=5) as answer:
        return json.load(answer)
async def fetch(n):
    reader, writer = await asyncio.wait_for(asyncio.open_connection("plain.example.com", 8080), 2)
    writer.write(b"GET /%d HTTP/1.1\\r\\nHost: plain.example.com\\r\\nConnection: close\\r\\n\\r\\n" % n)
    text = (await reader.read()).decode()
    writer.close()
    return text.split()[1]
async def many():
    return await asyncio.gather(*(fetch(n) for n in range(4)))
def handler(event, context):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(sqs.send_message, QueueUrl="q", MessageBody=str(n)) for n in range(2)]
        rates = list(pool.map(get, range(5)))
        [call.result() for call in calls]
    return [rates, asyncio.run(many()), time.time()]
"""


def test_many_requests_at_once_give_the_same_bytes_in_every_play(played: Play) -> None:
    project = make_project(MANY, function={"Timeout": 30, "MemorySize": 256}, web=WEB)
    runs = [played(project) for _ in range(3)]
    assert runs[0].summary["run"]["reproducible"] is True
    assert runs[0].result[0] == [{"eur": 1.1}] * 5
    assert runs[0].result[1] == ["404", "404", "404", "404"]
    assert len({run.trace for run in runs}) == 1


def test_what_was_asked_and_what_came_of_it_are_facts(played: Play) -> None:
    run = played(make_project(GET.replace("{url}", "https://api.example.com/rates"), web=WEB))
    assert [(fact.host, fact.address) for fact in run.of(NameLookedUp)] == [("api.example.com", "198.51.100.1")]
    tried = [(fact.host, fact.port, fact.outcome) for fact in run.of(ConnectionTried)]
    assert tried == [("api.example.com", 443, "answered")]
    (asked,) = run.of(WebRequested)
    assert (asked.method, asked.url, asked.status) == ("GET", "https://api.example.com/rates", 200)


def test_a_variable_of_the_functions_own_chooses_other_certificates(played: Play) -> None:
    function = {"Environment": {"Variables": {"SSL_CERT_FILE": "/dev/null"}}}
    run = played(make_project(GET.replace("{url}", "https://api.example.com/rates"), web=WEB, function=function))
    assert "CERTIFICATE_VERIFY_FAILED" in run.result[1]


REQUESTS = """\
import time, requests
session = requests.Session()
def handler(event, context):
    began, seen = time.monotonic(), []
    for url in ("https://api.example.com/rates", "https://api.example.com/old", "http://plain.example.com:8080/"):
        seen.append([session.get(url, timeout=3).text, round(time.monotonic() - began, 1)])
    try:
        session.get("https://silent.example.com/", timeout=(1, 5))
    except requests.ConnectTimeout:
        seen.append(["timed out", round(time.monotonic() - began, 1)])
    return seen
"""


def test_a_library_packed_with_the_function_goes_the_same_way(played: Play) -> None:
    files = make_project(REQUESTS, function={"Timeout": 30, "MemorySize": 256}, web=WEB)
    for name in ("requests", "urllib3", "idna", "certifi", "charset_normalizer"):
        for path in metadata.files(name) or ():
            if path.suffix in (".py", ".pem"):
                files[f"src/{path}"] = path.read_binary()
    run = played(files)
    assert run.result == [['{"eur": 1.1}', 0.1], ['{"eur": 1.1}', 0.2], ["plain", 0.3], ["timed out", 1.3]]
    assert [fact.status for fact in run.of(WebRequested)] == [200, 301, 200, 200]
