import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.handlers import Connect, WebRequest
from lambdalab.simulator.lambda_.network import segment_of
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.lambda_.transfer import size_of
from lambdalab.simulator.trace.facts import (
    ConnectionTried,
    InvocationEnded,
    NameLookedUp,
    SegmentSent,
    WebRequested,
)
from tests.simulator.playing import Played, invoke, make_function, make_queue, make_template, play, steps

HEADER = b'{"format": "json", "version": 1}\n'
DAEMON = ("169.254.79.129", 2000)


def asking(*connects: Connect) -> Played:
    return play(make_template(), steps(invoke(kind="RequestResponse")), Act(connects=connects))


def datagram(data: bytes, address: str = DAEMON[0], port: int = DAEMON[1]) -> Connect:
    return Connect(1, "datagram", address=address, port=port, data=data)


def test_an_unknown_name_does_not_exist() -> None:
    run = asking(Connect(1, "lookup", host="api.example.com"))
    (fact,) = run.of(NameLookedUp)
    assert (fact.host, fact.address, fact.latency_us) == ("api.example.com", None, 4_000)
    assert run.of(InvocationEnded)[0].duration_us == 4_000


def test_an_address_that_nobody_has_stays_silent_until_the_functions_timeout() -> None:
    run = asking(Connect(1, "connect", address="203.0.113.9", port=443))
    (fact,) = run.of(ConnectionTried)
    assert (fact.host, fact.port, fact.outcome) == ("203.0.113.9", 443, "silent")
    assert [(ended.status, ended.duration_us) for ended in run.of(InvocationEnded)] == [("timeout", 3_000_000)]


def test_a_silence_does_not_keep_the_run_alive() -> None:
    run = asking(Connect(1, "connect", address="203.0.113.9", port=443))
    assert run.facts[-1].at < 4_000_000


def test_linux_gives_a_silent_connect_up_after_127_seconds() -> None:
    template = make_template()
    template["Resources"]["Work"]["Properties"]["Timeout"] = 300
    act = Act(connects=(Connect(1, "connect", address="203.0.113.9", port=443),))
    run = play(template, steps(invoke(kind="RequestResponse")), act)
    assert run.of(InvocationEnded)[0].duration_us == 127_000_000


def test_a_segment_for_the_x_ray_daemon_is_a_fact() -> None:
    run = asking(datagram(HEADER + b'{"name": "work",  "id": "1"}'))
    (fact,) = run.of(SegmentSent)
    assert json.loads(fact.document) == {"name": "work", "id": "1"}


@pytest.mark.parametrize(
    "data",
    [b"", HEADER, b"{}\n{}", HEADER + b"[1]", HEADER + b"\xff", HEADER + b"[" * 9_000, b'{"format": "json"}\n{"a": 1}'],
)
def test_what_the_daemon_would_drop_is_dropped(data: bytes) -> None:
    assert segment_of(data) is None
    assert asking(datagram(data)).of(SegmentSent) == []


def test_other_datagrams_are_lost_without_a_trace() -> None:
    run = asking(datagram(HEADER + b"{}", port=2001), datagram(b"query", "192.0.2.1", 53))
    assert run.of(SegmentSent) == []
    assert run.of(InvocationEnded)[0].status == "ok"


WEB = {
    "https://api.example.com/rates": {"body": {"eur": 1}, "latency": "80ms"},
    "https://api.example.com/broken": {"fail": 503},
    "https://api.example.com/cut": {"fail": "reset"},
    "https://closed.example.com/": {"fail": "refused"},
    "https://silent.example.com/": {"fail": "timeout"},
}


def asking_the_web(*connects: Connect, requests: tuple[WebRequest, ...] = ()) -> Played:
    scenario = steps(invoke(kind="RequestResponse"), web=WEB)
    return play(make_template(), scenario, Act(connects=connects, requests=requests))


@pytest.mark.rule("I-01")
@pytest.mark.parametrize(
    ("host", "port", "outcome"),
    [
        ("api.example.com", 443, "answered"),
        ("api.example.com", 80, "refused"),
        ("closed.example.com", 443, "refused"),
        ("silent.example.com", 443, "silent"),
    ],
)
def test_a_host_of_the_web_is_found_and_met(host: str, port: int, outcome: str) -> None:
    address = {"api.example.com": "198.51.100.1", "closed.example.com": "198.51.100.2"}.get(host, "198.51.100.3")
    run = asking_the_web(Connect(1, "lookup", host=host), Connect(2, "connect", address=address, port=port))
    assert [fact.address for fact in run.of(NameLookedUp)] == [address]
    assert [(fact.host, fact.port, fact.outcome) for fact in run.of(ConnectionTried)] == [(host, port, outcome)]


def test_requests_are_answered_after_their_latency() -> None:
    paths = ("rates", "broken", "cut", "other")
    requests = tuple(WebRequest(n, "GET", f"https://api.example.com/{path}") for n, path in enumerate(paths))
    facts = asking_the_web(requests=requests).of(WebRequested)
    assert [fact.status for fact in facts] == [200, 503, None, 404]
    assert [fact.latency_us for fact in facts] == [80_000, 50_000, 50_000, 50_000]


def test_the_same_web_gives_the_same_bytes() -> None:
    request = WebRequest(1, "POST", "https://api.example.com/rates", b"x")
    connect = Connect(1, "connect", address="198.51.100.1", port=443)
    one, two = (asking_the_web(connect, requests=(request,)).trace for _ in range(2))
    assert one == two


@pytest.mark.rule("J.1-07")
@pytest.mark.parametrize("memory", [128, 3_008])
def test_bytes_of_an_api_call_take_their_time_through_625_mbps_whatever_the_memory(memory: int) -> None:
    sizes = (0, 1_000_000)
    durations = []
    for size in sizes:
        params = {"QueueUrl": "q", "MessageBody": "x" * (size + 1)}
        act = Act(calls=(("sqs", "SendMessage", params),))
        template = make_template(make_function(MemorySize=memory), Q=make_queue("q"))
        run = play(template, steps(invoke(kind="RequestResponse")), act)
        durations.append(run.of(InvocationEnded)[0].duration_us)
    assert durations[1] - durations[0] == 12_800


@pytest.mark.rule("J.1-07")
def test_a_body_of_the_web_takes_its_time_too() -> None:
    page = {"https://a.example.com/f": {"body": {"file": "f.bin"}}}
    act = Act(requests=(WebRequest(1, "GET", "https://a.example.com/f"),))
    files = {"f.bin": b"x" * 500_000}
    run = play(make_template(), steps(invoke(kind="RequestResponse"), web=page), act, files=files)
    assert run.of(InvocationEnded)[0].duration_us == 50_000 + 6_400


def test_texts_and_blobs_are_counted_however_deep() -> None:
    deep: Any = "x"
    for _ in range(50_000):
        deep = [deep]
    assert size_of({"Body": b"123", "Item": {"a": {"S": "1234"}, "n": 5}, "List": ["12", None]}) == 9
    assert size_of(deep) == 1
