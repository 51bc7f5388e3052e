"""Sockets of an environment: they reach nobody, wear no false name, and many of them are no more than many."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from lambdalab.sandbox import Policy, Status
from tests.sandbox.conftest import KIT, Attack
from tests.sandbox.driver import Driven

AS_BOTH = True
pytestmark = pytest.mark.usefixtures("canary")
Jail = Callable[..., Driven]


def test_two_environments_with_the_same_port_do_not_meet(jail: Jail) -> None:
    code = """
        import os, socket
        from kit import outcome
        kept = socket.create_server(("127.0.0.1", 8080)) if "SERVES" in os.environ else None
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if kept: udp.bind(("127.0.0.1", 8081))
        udp.setblocking(False)
        def handler(event, context):
            if kept is None:
                udp.sendto(b"hello", ("127.0.0.1", 8081))
                return outcome(lambda: socket.create_connection(("127.0.0.1", 8080), timeout=1))
            kept.settimeout(0)
            return [outcome(kept.accept), outcome(lambda: udp.recv(9))]
    """
    server, caller = jail(code, files={"kit.py": KIT}, environ={"SERVES": "1"}), jail(code, files={"kit.py": KIT})
    server.init()
    caller.init()
    assert caller.invoke().result == "ECONNREFUSED"
    assert server.invoke().result == ["EAGAIN", "EAGAIN"]


def test_options_that_need_rights_are_refused(attack: Attack) -> None:
    report = attack("""
tcp = socket.socket()
options = [(1, 36, 1), (1, 33, 1 << 24), (1, 32, 1 << 24), (1, 12, 7), (0, 19, 1), (1, 1, 1), (0, 64, 1)]
return [outcome(lambda: tcp.setsockopt(*each)) for each in options]
    """)  # SO_MARK, SO_RCVBUFFORCE, SO_SNDBUFFORCE, SO_PRIORITY, IP_TRANSPARENT, SO_DEBUG, IPT_SO_SET_REPLACE
    assert set(report.result) <= {"EPERM", "EACCES", "ENOPROTOOPT"}


def test_a_socket_tells_and_sends_the_environments_own_name_only(attack: Attack) -> None:
    report = attack("""
import struct
one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
other.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
def lie(pid, uid, gid): one.sendmsg([b"x"], [(socket.SOL_SOCKET, 2, struct.pack("iII", pid, uid, gid))])
told = struct.unpack("iII", one.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
return [told[1:], outcome(lambda: lie(1, 993, 990)), outcome(lambda: lie(os.getpid(), 0, 0)),
        outcome(lambda: lie(os.getpid(), 1000, 990))]
    """)
    name, keeper, root, other = report.result
    assert name == [993, 990]
    assert keeper == "EPERM"
    assert {root, other} <= {"EPERM", "EINVAL"}


def test_the_low_ports_are_not_for_everybody(attack: Attack) -> None:
    body = "return [outcome(lambda: socket.socket().bind(('127.0.0.1', port))) for port in (22, 80, 443)]"
    assert attack(body).result == ["EACCES"] * 3


def test_nobody_hears_what_is_sent_to_everybody(attack: Attack) -> None:
    report = attack("""
def send(family, host):
    udp = socket.socket(family, socket.SOCK_DGRAM)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    udp.sendto(b"x", (host, 9))
return [outcome(lambda: send(socket.AF_INET, host)) for host in ("255.255.255.255", "224.0.0.1", "10.255.255.255")] + [
        outcome(lambda: send(socket.AF_INET6, "ff02::1"))]
    """)
    assert report.result == ["done", "done", "done", "ENETUNREACH"]
    assert [(sent.kind, sent.data) for sent in report.connects] == [("datagram", b"x")] * 3  # to the worker, and no further


def test_a_flood_of_connections_is_its_environments_own(jail: Jail) -> None:
    flood = jail("""
        import socket
        def handler(event, context):
            kept = [socket.create_server(("127.0.0.1", 0), backlog=1_000)]
            try:
                while len(kept) < 2_000: kept.append(socket.create_connection(kept[0].getsockname(), timeout=1))
            except OSError: pass
            return len(kept)
    """, policy=Policy(files=300))  # fmt: skip
    bystander = jail("import asyncio\nasync def nap(): await asyncio.sleep(1)\n"
                     "def handler(event, context): asyncio.run(nap()); return 'well'")  # fmt: skip
    flood.init()
    bystander.init()
    assert 200 < flood.invoke().result < 300
    assert bystander.invoke().result == "well"


def test_cycles_of_sockets_in_flight_end_with_their_environment(jail: Jail) -> None:
    driven = jail("""
        import socket
        def handler(event, context):
            for _ in range(200):
                one, other = socket.socketpair()
                socket.send_fds(one, [b"x"], [one.fileno(), other.fileno()])
                socket.send_fds(other, [b"x"], [one.fileno(), other.fileno()])
                one.close(); other.close()
            return "in flight"
    """)
    driven.init()
    for _ in range(4):
        assert driven.invoke().status in (Status.OK, Status.ERROR)  # too many references, until the kernel has collected
    driven.environment.shutdown()
    bystander = jail("def handler(event, context): return 'well'")
    bystander.init()
    assert bystander.invoke().result == "well"


@pytest.mark.parametrize(("family", "kind", "protocol"), [(2, 2, 1), (10, 2, 58), (2, 5, 132), (2, 6, 33), (2, 2, 136), (10, 3, 255), (1, 3, 0), (9, 5, 0), (44, 3, 0), (4, 2, 0)],
                         ids=["ping", "ping6", "sctp", "dccp", "udplite", "raw6", "unix-raw", "x25", "xdp", "ipx"])  # fmt: skip
def test_more_odd_sockets_are_refused(attack: Attack, family: int, kind: int, protocol: int) -> None:
    assert attack(f"return outcome(lambda: socket.socket({family}, {kind}, {protocol}))").result == "ENOSYS"


def test_the_hosts_listeners_are_not_listed(attack: Attack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = f"{listener.getsockname()[1]:04X}"
        body = "return [line.split()[1] for name in ('tcp', 'udp', 'tcp6', 'unix') for line in open(f'/proc/net/{name}').readlines()[1:]]"
        assert not [address for address in attack(body).result if address.endswith(port)]
