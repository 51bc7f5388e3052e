import json

import pytest

from lambdalab.simulator.lambda_.handlers import Connect
from lambdalab.simulator.lambda_.network import segment_of
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import ConnectionTried, InvocationEnded, NameLookedUp, SegmentSent
from tests.simulator.playing import Played, invoke, make_template, play, steps

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
