"""Output that never ends, that is nothing but lines, that pretends: the worker keeps its clock, and what it may keep."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lambdalab.sandbox import Policy, Status
from lambdalab.sandbox.logs import EVENT_BYTES, LogSplitter
from tests.sandbox.conftest import Attack
from tests.sandbox.driver import Driven

AS_BOTH = True
pytestmark = pytest.mark.usefixtures("canary")
FULL = "[lambdalab] this invocation has logged {:,} bytes; the rest is not kept."


@pytest.mark.parametrize(
    "body",
    [
        "while True: print('x')",
        "while True: os.write(1, b'\\n' * 65_536)",
        "while True: os.write(2, b'x')",
        "while True: os.write(1, b'\\xa5\\x5a\\0\\0' * 4_096)",
        "for _ in range(3): os.fork()\nwhile True: os.write(1, b'x\\n' * 32_768)",
    ],
    ids=["lines", "blank-lines", "letters", "frames", "children"],
)
def test_output_without_end_ends_on_our_clock(attack: Attack, body: str) -> None:
    report = attack(body, policy=Policy(wall_s=0.5, log_bytes=10_000, memory_mb=512))
    assert report.status is Status.TIMEOUT
    assert sum(len(text) + EVENT_BYTES for text in report.logs[:-1]) <= 10_000


def test_children_that_write_on_after_the_exit_do_not_hold_it_back(attack: Attack) -> None:
    report = attack(
        """
if os.fork() == 0:
    os.fork()
    while True: os.write(1, b'\\n' * 65_536)
os._exit(3)
        """,
        policy=Policy(log_bytes=10_000),
    )
    assert (report.status, report.payload) == (Status.EXIT, b"Runtime exited with error: exit status 3")


def test_a_million_blank_lines_are_not_kept_and_not_even_read() -> None:
    splitter = LogSplitter(1 << 20)
    kept = [line for _ in range(64) for line in splitter.feed(b"\n" * (1 << 18))]
    assert [line.text for line in kept] == [FULL.format(1 << 20)]
    assert not splitter._buffer


def test_a_million_short_lines_are_as_many_events_as_cloudwatch_takes_in_a_batch() -> None:
    kept = LogSplitter(1 << 20).feed(b"x\n" * 1_000_000)
    assert len(kept) == (1 << 20) // (1 + EVENT_BYTES) + 1


@pytest.mark.parametrize(("log_bytes", "kept"), [(1_000, 7), (4_000, 31), (8_000, 63)])
def test_more_is_logged_where_more_may_be(attack: Attack, log_bytes: int, kept: int) -> None:
    report = attack("for _ in range(100): print('x' * 100)", policy=Policy(log_bytes=log_bytes))
    assert report.logs == ["x" * 100] * kept + [FULL.format(log_bytes)]


@pytest.mark.parametrize(("response_bytes", "status"), [(999, Status.OUTPUT_LIMIT), (1_002, Status.OK)])
def test_more_is_answered_where_more_may_be(attack: Attack, response_bytes: int, status: Status) -> None:
    report = attack("return 'x' * 1_000", policy=Policy(response_bytes=response_bytes))
    assert report.status is status


def test_the_log_pipe_cannot_be_made_larger(attack: Attack) -> None:
    body = "import fcntl; return [outcome(lambda: fcntl.fcntl(1, 1031, 1 << 21)), fcntl.fcntl(1, 1032) <= 1 << 20]"
    assert attack(body).result == ["ENOSYS", True]


def test_a_log_pipe_that_does_not_block_loses_nothing_but_its_owners_lines(jail: Callable[..., Driven]) -> None:
    driven = jail("""
        import os
        def handler(event, context):
            os.set_blocking(1, False)
            try:
                for _ in range(1_000): os.write(1, b"x" * 65_536)
            except BlockingIOError: pass
            return "done"
    """)
    driven.init()
    assert driven.invoke().result == driven.invoke().result == "done"


def test_closing_the_log_hides_its_owners_lines_only(jail: Callable[..., Driven]) -> None:
    driven = jail("""
        import os
        def handler(event, context):
            for fd, kind in [(fd, os.readlink(f"/proc/self/fd/{fd}")) for fd in os.listdir("/proc/self/fd") if fd != "3"]:
                if kind.startswith("pipe:"): os.close(int(fd))
            return "silent"
    """)
    driven.init()
    assert driven.invoke().status in (Status.OK, Status.ERROR, Status.EXIT)
    driven.environment.reset()
    assert driven.init().status is Status.READY


def test_the_log_written_before_a_freeze_is_read_after_it(jail: Callable[..., Driven]) -> None:
    driven = jail("""
        import os, threading, time
        def write():
            while True: os.write(1, b"x" * 65_535 + b"\\n")
        def handler(event, context):
            if not event: threading.Thread(target=write, daemon=True).start()
            return "done"
    """, policy=Policy(log_bytes=200_000))  # fmt: skip
    driven.init()
    assert driven.invoke().result == "done"
    driven.environment.freeze()
    assert driven.invoke({"again": 1}).status in (Status.OK, Status.TIMEOUT)


FORGED = {
    "a frame of 4 GB": b"\xa5\x5a\x00\x13" + b"\xff\xff\xff\xff" + b"\0" * 8 + b"short",
    "a frame of nothing": b"\xa5\x5a\x00\x13" + b"\0" * 12 + b"after\n",
    "half a mark": b"\xa5",
    "a mark in the middle": b"text\xa5\x5atext\n",
    "no utf-8": b"\xff\xfe\x80\n",
    "an escape": b"\x1b[2J\x1b]0;owned\x07\n",
    "a nul": b"a\0b\n",
}


@pytest.mark.parametrize("written", FORGED.values(), ids=FORGED.keys())
def test_what_is_forged_on_the_log_is_text_of_its_owner(jail: Callable[..., Driven], written: bytes) -> None:
    driven = jail(f"import os\ndef handler(event, context):\n    os.write(1, {written!r})\n    return 'well'")
    driven.init()
    report = driven.invoke()
    assert report.result == "well"
    assert all("\r" not in text and "\udcff" not in text for text in report.logs)
    assert len(report.logs) <= 2
    assert driven.invoke().result == "well"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("x = []\nfor _ in range(100_000): x = [x]\nreturn x", {Status.ERROR}),
        ("return {'n': 9 ** 4_000}", {Status.OK}),
        ("return 10 ** 5_000", {Status.ERROR, Status.EXIT}),
        ("return '\\ud800'", {Status.OK, Status.ERROR}),
        ("return {1: 2, None: 3, 1.5: 4}", {Status.OK}),
        ("x = []; x.append(x)\nreturn x", {Status.ERROR}),
        ("import pickle\nreturn pickle.dumps(os.system)", {Status.OK}),  # bytes leave as they are
        ("class Lie(str):\n    def __len__(self): return -5\nreturn Lie('x')", {Status.OK, Status.ERROR}),
        ("raise Exception('\\ud800' * 9)", {Status.EXIT}),
        ("raise Exception('x' * 10_000_000)", {Status.ERROR, Status.OUTPUT_LIMIT, Status.EXIT}),
        ("raise type('\\n' * 99, (Exception,), {})()", {Status.ERROR}),
    ],
    ids=["deep", "big", "too-big", "surrogate", "keys", "cycle", "pickle", "liar", "bad-error", "big-error", "odd-error"],
)
def test_results_that_are_hard_to_write_end_their_invocation_only(
    jail: Callable[..., Driven], body: str, status: set[Status]
) -> None:
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    driven = jail(f"import os\ndef handler(event, context):\n    if event:\n{lines}\n    return 'well'")
    driven.init()
    report = driven.invoke({"attack": True})
    assert report.status in status
    if report.status is Status.EXIT:
        driven.environment.reset()
        driven.init()
    assert driven.invoke().result == "well"
