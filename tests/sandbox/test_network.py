"""What a handler asks of the network is part of the turn: the driver decides, in virtual time."""

import textwrap
from collections.abc import Callable

import pytest

from lambdalab.sandbox import Connect, ConnectReply, Policy, Status
from lambdalab.sandbox.report import ConnectOutcome
from tests.sandbox.driver import Driven, Report

Jail = Callable[..., Driven]

ADDRESS = "198.51.100.7"
MS = 1_000
IMPORTS = """
import asyncio, concurrent.futures, http.client, select, socket, subprocess, sys, threading, time, urllib.request
def after(act):
    began = time.monotonic()
    try: outcome = act()
    except OSError as error: outcome = f"{type(error).__name__} {error.errno}"
    return [outcome, round(time.monotonic() - began, 2)]
def tcp(port, timeout=None):
    socket.create_connection(("api.example.com", port), timeout=timeout).close()
"""
OUTCOMES: dict[int, tuple[ConnectOutcome, int]] = {
    81: ("refused", 10 * MS),
    82: ("unreachable", 10 * MS),
    83: ("timed_out", 127_000 * MS),
}


def network(asked: Connect) -> tuple[ConnectReply, int] | None:
    """One host, whose ports 81 to 83 fail and whose other ports stay silent."""
    if asked.kind == "lookup":
        known = asked.host == "api.example.com"
        return ConnectReply(asked.id, "answered" if known else "no_such_host", ADDRESS), 4 * MS
    decided = OUTCOMES.get(asked.port)
    return (ConnectReply(asked.id, decided[0]), decided[1]) if decided else None


def body(jail: Jail, source: str, **how: object) -> Report:
    """Play ``source`` as the body of a handler, once."""
    inside = textwrap.indent(textwrap.dedent(source), "    ")
    driven = jail(f"{IMPORTS}\ndef handler(event, context):\n{inside}\n", **{"network": network, "timeout_s": 300, **how})
    begun = driven.init()
    assert begun.status is Status.READY, begun
    return driven.invoke()


def asked_by(report: Report) -> list[tuple[str, str, int]]:
    return [(asked.kind, asked.host or asked.address, asked.port) for asked in report.connects]


@pytest.mark.parametrize(
    "look_up",
    [
        "socket.gethostbyname('api.example.com')",
        "socket.getaddrinfo('api.example.com', 443, type=socket.SOCK_STREAM)[0][4][0]",
        "socket.gethostbyname_ex('api.example.com')[2][0]",
        "asyncio.run(asyncio.wait_for(loop_look_up(), 5))",
        "ctypes_look_up()",
    ],
)
def test_every_kind_of_look_up_is_decided_by_the_turn(jail: Jail, look_up: str) -> None:
    helpers = """
        import ctypes
        async def loop_look_up():
            return (await asyncio.get_running_loop().getaddrinfo("api.example.com", 443))[0][4][0]
        def ctypes_look_up():
            libc = ctypes.CDLL(None); libc.gethostbyname.restype = ctypes.c_void_p
            entry = ctypes.cast(libc.gethostbyname(b"api.example.com"), ctypes.POINTER(ctypes.c_void_p * 4)).contents
            assert ctypes.string_at(entry[0]) == b"api.example.com"
            return socket.inet_ntoa(ctypes.string_at(ctypes.cast(entry[3], ctypes.POINTER(ctypes.c_void_p))[0], 4))
    """
    report = body(jail, textwrap.dedent(helpers) + f"return after(lambda: {look_up})")
    assert report.result[0] == ADDRESS
    assert report.virtual_us == pytest.approx(4 * MS * len(report.connects), abs=100)
    assert set(asked_by(report)) == {("lookup", "api.example.com", 0)}


def test_an_unknown_name_fails_as_in_the_c_library(jail: Jail) -> None:
    report = body(jail, "socket.getaddrinfo('nowhere.example.com', 80)")
    assert report.error["errorMessage"] == "[Errno -2] Name or service not known"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "198.51.100.9", "::1", "lambda"])
def test_numbers_and_own_names_need_no_look_up(jail: Jail, name: str) -> None:
    report = body(jail, f"return socket.getaddrinfo('{name}', 80)[0][4][0]")
    assert report.result in ("127.0.0.1", "198.51.100.9", "::1")
    assert report.connects == ()


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a" * 60 + ".b" * 100, "a\\n.example.com", "..", "a\\x00b"])
def test_a_name_that_is_none_is_asked_of_nobody(jail: Jail, name: str) -> None:
    report = body(jail, f"try: socket.gethostbyname('{name}')\nexcept (OSError, UnicodeError, TypeError): return 'no'")
    assert report.result in ("no", None)
    assert report.connects == () or name == ".."


@pytest.mark.parametrize(
    ("act", "outcome", "seconds"),
    [
        ("tcp(81)", "ConnectionRefusedError 111", 0.01),
        ("tcp(81, 5)", "ConnectionRefusedError 111", 0.01),
        ("tcp(82)", "OSError 101", 0.01),
        ("tcp(82, 5)", "OSError 101", 0.01),
        ("tcp(83)", "TimeoutError 110", 127.0),
        ("tcp(80, 5)", "TimeoutError None", 5.0),
        ("socket.create_connection(('2001:db8::1', 80), 5)", "OSError 101", 0.0),
        ("socket.create_connection(('::ffff:198.51.100.7', 81), 5)", "ConnectionRefusedError 111", 0.01),
        ("urllib.request.urlopen('http://api.example.com:80/', timeout=2)", "URLError None", 2.0),
        ("http.client.HTTPConnection('api.example.com', 81).request('GET', '/')", "ConnectionRefusedError 111", 0.01),
        ("asyncio.run(asyncio.open_connection('api.example.com', 81))", "ConnectionRefusedError 111", 0.01),
        ("asyncio.run(asyncio.wait_for(asyncio.open_connection('api.example.com', 80), 3))", "TimeoutError None", 3.0),
    ],
)
def test_a_connect_ends_as_decided_and_when_decided(jail: Jail, act: str, outcome: str, seconds: float) -> None:
    report = body(jail, f"return after(lambda: {act})")
    assert report.result[0] == outcome
    assert report.result[1] == pytest.approx(seconds, abs=0.02)
    assert report.reproducible


def test_a_silent_connect_without_a_timeout_lasts_until_the_functions(jail: Jail) -> None:
    report = body(jail, "tcp(80)", timeout_s=3)
    assert (report.status, report.virtual_us) == (Status.TIMEOUT, 3_000_000)


@pytest.mark.parametrize(
    "watch",
    [
        "len(select.select([], [s], [], 3)[1])",
        "(lambda p: (p.register(s, select.POLLOUT), len(p.poll(3000)))[1])(select.poll())",
        "(lambda p: (p.register(s, select.EPOLLOUT), len(p.poll(3)))[1])(select.epoll())",
    ],
    ids=["select", "poll", "epoll"],
)
def test_a_connect_without_blocking_is_shown_when_it_is_decided(jail: Jail, watch: str) -> None:
    report = body(
        jail,
        f"""
        s = socket.socket(); s.setblocking(False)
        first, again = s.connect_ex(("{ADDRESS}", 81)), s.connect_ex(("{ADDRESS}", 81))
        early = select.select([], [s], [], 0)[1]
        began = time.monotonic(); shown = {watch}; took = time.monotonic() - began
        errors = [s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) for _ in range(2)]
        return [first, again, early, shown, round(took, 2), errors]
    """,
    )
    assert report.result == [115, 114, [], 1, 0.01, [111, 0]]


def test_a_watch_that_ends_before_the_decision_shows_nothing(jail: Jail) -> None:
    report = body(
        jail,
        f"""
        s = socket.socket(); s.setblocking(False); s.connect_ex(("{ADDRESS}", 81))
        return [len(select.select([], [s], [], seconds)[1]) for seconds in (0.004, 0.004, 0.004)]
    """,
    )
    assert report.result == [0, 0, 1]


def test_threads_ask_in_the_order_of_their_birth_and_wait_side_by_side(jail: Jail) -> None:
    source = """
        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            outcomes = list(pool.map(lambda n: after(lambda: tcp(80 + n, 1)), [0, 1, 2, 1]))
        return [outcomes, round(time.monotonic() - began, 2)]
    """
    reports = [body(jail, source) for _ in range(3)]
    assert reports[0].result == [
        [["TimeoutError None", 1.0], ["ConnectionRefusedError 111", 0.01], ["OSError 101", 0.01],
         ["ConnectionRefusedError 111", 0.01]], 1.0,
    ]  # fmt: skip
    assert [asked[0] for asked in asked_by(reports[0])] == ["lookup"] * 4 + ["connect"] * 4
    assert [asked[2] for asked in asked_by(reports[0])][4:] == [80, 81, 82, 81]
    assert len({(report.payload, report.virtual_us, report.connects) for report in reports}) == 1


def test_a_connect_waits_while_another_thread_makes_an_aws_call(jail: Jail) -> None:
    report = body(
        jail,
        """
        import boto3
        def call(): return boto3.client("sqs").list_queues().get("QueueUrls")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            one, two = pool.submit(after, lambda: tcp(81, 2)), pool.submit(call)
            return [one.result(), two.result()]
    """,
        answer=lambda call: {"QueueUrls": ["q"]},
    )
    assert report.result == [["ConnectionRefusedError 111", 0.01], ["q"]]
    assert len(report.calls) == 1


def test_a_subprocess_asks_through_the_environment(jail: Jail) -> None:
    child = b"""
import socket, time
t = time.monotonic()
for port in (81, 80):
    try: socket.create_connection(("api.example.com", port), timeout=3)
    except OSError as error: print(error)
print(round(time.monotonic() - t, 1))
"""
    report = body(
        jail,
        "return subprocess.check_output([sys.executable, 'child.py'], text=True).splitlines()",
        files={"child.py": child},
    )
    assert report.result == ["[Errno 111] Connection refused", "timed out", "3.0"]
    assert not report.reproducible


def test_datagrams_leave_with_the_turn_and_are_never_answered(jail: Jail) -> None:
    report = body(
        jail,
        """
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setblocking(False)
        sent = [s.sendto(b"segment", ("169.254.79.129", 2000))]
        s.connect(("192.0.2.1", 53))
        sent += [s.send(b"query"), s.sendmsg([b"two ", b"parts"])]
        s.settimeout(2)
        return [sent, s.getpeername(), after(lambda: s.recv(10))]
    """,
    )
    assert report.result == [[7, 5, 9], ["192.0.2.1", 53], ["TimeoutError None", 2.0]]
    assert [(asked.address, asked.port, asked.data) for asked in report.connects] == [
        ("169.254.79.129", 2000, b"segment"), ("192.0.2.1", 53, b"query"), ("192.0.2.1", 53, b"two parts"),
    ]  # fmt: skip


def test_datagrams_inside_the_environment_stay_real(jail: Jail) -> None:
    report = body(
        jail,
        """
        one, two = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        one.bind(("127.0.0.1", 0)); two.sendto(b"inside", one.getsockname())
        return one.recv(10).decode()
    """,
    )
    assert report.result == "inside"
    assert report.connects == ()


def test_a_flood_of_datagrams_is_cut_off(jail: Jail) -> None:
    report = body(
        jail,
        """
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for _ in range(5_000): s.sendto(bytes(60_000), ("169.254.79.129", 2000))
        try: s.sendto(bytes(65_508), ("169.254.79.129", 2000))
        except OSError as error: return error.errno
    """,
    )
    assert report.result == 90  # EMSGSIZE
    assert 0 < sum(len(asked.data) for asked in report.connects) <= 1 << 20


def test_ten_thousand_connects_that_nobody_waits_for_harm_nothing(jail: Jail) -> None:
    report = body(
        jail,
        f"""
        seen = set()
        for n in range(10_000):
            s = socket.socket(); s.setblocking(False)
            seen.add(s.connect_ex(("{ADDRESS}", 81))); s.close()
            if n % 100 == 99: time.sleep(0.1)
        return [sorted(seen), after(lambda: tcp(81, 2))]
    """,
    )
    assert report.result == [[115], ["ConnectionRefusedError 111", 0.01]]


def test_more_connects_at_once_than_there_is_room_for_fail_at_once(jail: Jail) -> None:
    report = body(
        jail,
        f"""
        held, errors = [], []
        for _ in range(700):
            held.append(socket.socket()); held[-1].setblocking(False)
            errors.append(held[-1].connect_ex(("{ADDRESS}", 80)))
        for s in held: s.close()
        return [errors.count(115), errors.count(11), after(lambda: tcp(80, 2))]
    """,
    )
    assert report.result == [480, 220, ["TimeoutError None", 2.0]]


def test_a_socket_that_is_copied_passed_on_or_closed_keeps_what_was_decided(jail: Jail) -> None:
    report = body(
        jail,
        f"""
        import os
        s = socket.socket(); s.setblocking(False); s.connect_ex(("{ADDRESS}", 81))
        copy = s.dup()
        shown = len(select.select([], [copy], [], 3)[1])
        gone = socket.socket(); gone.setblocking(False); gone.connect_ex(("{ADDRESS}", 81)); gone.close()
        r, w = os.pipe()
        time.sleep(1)
        return [shown, copy.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), after(lambda: tcp(81, 1))]
    """,
    )
    assert report.result == [1, 111, ["ConnectionRefusedError 111", 0.01]]


def test_answers_that_nobody_asked_for_are_ignored(jail: Jail) -> None:
    driven = jail("import time\ndef handler(event, context): time.sleep(1); return 'well'", network=network)
    driven.init()
    turn = driven.environment.invoke(
        request_id="r", event=b"{}", deadline_us=10_000_000, function_arn="f", now_us=driven.now_us
    )
    assert turn.finished is None
    strange = [ConnectReply(number, "answered", ADDRESS) for number in (0, 1, 77, 0xFFFFFFFF)]
    assert turn.wake_at_us is not None
    last = driven.environment.resume(strange, turn.wake_at_us)
    assert last.finished is not None
    assert last.finished.payload == b'"well"'


def test_a_scribbled_table_of_connects_deceives_its_own_environment_only(jail: Jail) -> None:
    bystander = jail("def handler(event, context): return 'well'")
    bystander.init()
    code = """
import socket, time
def handler(event, context):
    s = socket.socket(); s.setblocking(False); s.connect_ex(("198.51.100.7", 81))
    size = __import__("os").path.getsize("/run/clock/page")
    with open("/run/clock/page", "r+b") as page:
        page.seek(size - 150_000); page.write(bytes([event["value"]]) * 150_000)
    s.settimeout(1); s.connect(("198.51.100.7", 82))
"""
    for value in (0x01, 0x02, 0x7F, 0xFF):
        driven = jail(code, network=network, policy=Policy(wall_s=0.5))
        driven.init()
        assert driven.invoke({"value": value}).status in (Status.OK, Status.ERROR, Status.EXIT, Status.TIMEOUT)
        driven.environment.shutdown()
    assert bystander.invoke().result == "well"
