"""Connections that the driver lets through to somebody mute: they are there until nobody holds their socket."""

import textwrap
from collections.abc import Callable

import pytest

from lambdalab.sandbox import Connect, ConnectReply, Status
from tests.sandbox.driver import Driven, Report

Jail = Callable[..., Driven]

ADDRESS = "10.0.1.4"
IMPORTS = """
import asyncio, os, socket, subprocess, sys, time
kept = []
def dial(**options): return socket.create_connection(("db.example.com", 5432), **options)
"""


def database(asked: Connect) -> tuple[ConnectReply, int] | None:
    """One host, whose port 5432 takes everything and says nothing."""
    if asked.kind == "lookup":
        return ConnectReply(asked.id, "answered", ADDRESS), 1_000
    return ConnectReply(asked.id, "answered", host="db", port=asked.port, mute=True), 1_000


def environment(jail: Jail, source: str) -> Driven:
    inside = textwrap.indent(textwrap.dedent(source), "    ")
    driven = jail(f"{IMPORTS}\ndef handler(event, context):\n{inside}\n", network=database, timeout_s=30)
    assert driven.init().status is Status.READY
    return driven


def opened(report: Report) -> list[int]:
    return [asked.id for asked in report.connects if asked.kind == "connect"]


@pytest.mark.parametrize(
    "source",
    [
        "dial().close()",
        "with dial(): pass",
        "dial()",  # nobody holds it any more
        "found = dial()",  # no more when the handler returns
        "found = dial(timeout=5); found.shutdown(socket.SHUT_RDWR); found.close()",
        "copy = dial().dup(); time.sleep(1); copy.close()",
        "asyncio.run(talk())",
    ],
)
def test_a_socket_that_is_closed_is_told_once(jail: Jail, source: str) -> None:
    talk = "async def talk():\n    reader, writer = await asyncio.open_connection('db.example.com', 5432)\n"
    report = environment(jail, f"{talk}    writer.close()\n{source}").invoke()
    assert report.status is Status.OK
    assert len(opened(report)) == 1
    assert list(report.closed) == opened(report)


def test_a_socket_that_is_kept_is_open_in_the_next_invocation(jail: Jail) -> None:
    driven = environment(jail, "kept or kept.append(dial())\nkept[0].sendall(b'select 1')\nreturn kept[0].fileno()")
    first, second = driven.invoke(), driven.invoke()
    assert len(opened(first)) == 1
    assert opened(second) == []
    assert first.closed == second.closed == ()
    assert first.result == second.result


def test_a_copy_keeps_a_connection_open(jail: Jail) -> None:
    driven = environment(jail, "if kept: kept.pop().close()\nelse: kept.append(dial().dup())")
    first, second = driven.invoke(), driven.invoke()
    assert first.closed == ()
    assert list(second.closed) == opened(first)


def test_thousands_of_connections_one_after_the_other_are_all_told(jail: Jail) -> None:
    report = environment(jail, "for _ in range(1_500): dial().close()").invoke()
    assert report.status is Status.OK
    assert len(opened(report)) == 1_500
    assert list(report.closed) == opened(report)


def test_who_is_mute_never_answers(jail: Jail) -> None:
    source = """
        found = dial(timeout=3)
        found.sendall(b"GET / HTTP/1.1\\r\\n\\r\\n" * 1_000)
        try: return found.recv(1).decode()
        except TimeoutError: return "silence"
    """
    report = environment(jail, source).invoke()
    assert report.result == "silence"
    assert report.requests == ()
    assert report.seconds == pytest.approx(3.0, abs=0.05)


def test_a_connection_that_was_given_up_before_it_came_is_told(jail: Jail) -> None:
    def late(asked: Connect) -> tuple[ConnectReply, int] | None:
        reply, after = database(asked) or (ConnectReply(asked.id, "refused"), 0)
        return reply, after if asked.kind == "lookup" else 2_000_000

    source = "try: dial(timeout=1)\nexcept TimeoutError: time.sleep(3)\nreturn 1"
    inside = textwrap.indent(source, "    ")
    driven = jail(f"{IMPORTS}\ndef handler(event, context):\n{inside}\n", network=late, timeout_s=30)
    driven.init()
    report = driven.invoke()
    assert report.result == 1
    assert list(report.closed) == opened(report)


def test_a_program_that_ends_leaves_no_connection(jail: Jail) -> None:
    source = """
        code = "import socket; socket.create_connection(('db.example.com', 5432))"
        subprocess.run([sys.executable, "-c", code], check=True)
        time.sleep(1)
    """
    report = environment(jail, source).invoke()
    assert len(opened(report)) == 1
    assert list(report.closed) == opened(report)
