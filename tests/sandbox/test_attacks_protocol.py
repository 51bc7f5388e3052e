"""A runtime that speaks the frames itself, and badly: half of them, too slowly, for ever, or not at all."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from lambdalab.sandbox import Policy, Status
from lambdalab.sandbox.protocol import MAGIC_TURN, TURN
from tests.sandbox.conftest import KIT
from tests.sandbox.driver import Driven, Report
from tests.sandbox.test_control_socket import ENDED, turn

AS_BOTH = True
pytestmark = pytest.mark.usefixtures("canary")
Jail = Callable[..., Driven]

SPEAKER = """
import ctypes, os, socket, struct, time
from kit import sockets
(control,) = sockets()
libc = ctypes.CDLL(None)
READY = {ready!r}
def handler(event, context):
{body}
"""


def spoken(jail: Jail, body: str, *, event: object = None, wall_s: float = 0.5, tail: str = "") -> Report:
    """How an invocation ends whose handler has the control socket; afterwards the environment starts again."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    driven = jail(SPEAKER.format(ready=turn(finished=0), body=lines) + tail, files={"kit.py": KIT}, policy=Policy(wall_s=wall_s))
    assert driven.init().status is Status.READY
    report = driven.invoke(event)
    driven.environment.reset()
    return report


@pytest.mark.parametrize("size", [10, 6_000_000])
def test_a_runtime_that_never_reads_ends_on_our_clock(jail: Jail, size: int) -> None:
    report = spoken(jail, "pass", event="x" * size, tail="os.write(control, READY)\nwhile True: pass\n")
    assert report.status is Status.TIMEOUT


def test_a_runtime_that_reads_half_ends_on_our_clock(jail: Jail) -> None:
    tail = "os.write(control, READY); os.read(control, 100_000)\nwhile True: pass\n"
    assert spoken(jail, "pass", event="x" * 1_000_000, tail=tail).status is Status.TIMEOUT


def test_a_runtime_that_shuts_its_ears_ends(jail: Jail) -> None:
    tail = "socket.socket(fileno=os.dup(control)).shutdown(socket.SHUT_RD); os.write(control, READY)\nwhile True: pass\n"
    assert spoken(jail, "pass", event="x" * 1_000_000, tail=tail).status is Status.TIMEOUT


def test_a_frame_that_comes_a_byte_at_a_time_ends_on_our_clock(jail: Jail) -> None:
    body = f"os.write(control, {struct.pack('<II', MAGIC_TURN, 1 << 20)!r})\nwhile True: os.write(control, b'x')"
    assert spoken(jail, body).status is Status.TIMEOUT


@pytest.mark.parametrize("sent", [1, 7, 8, 40, 57])
def test_a_runtime_that_dies_in_the_middle_of_a_frame_is_an_exit(jail: Jail, sent: int) -> None:
    report = spoken(jail, f"os.write(control, {turn(b'12', finished=1)[:sent]!r}); os._exit(4)")
    assert (report.status, report.payload) == (Status.EXIT, b"Runtime exited with error: exit status 4")


def test_a_whole_frame_before_the_death_still_counts(jail: Jail) -> None:
    assert spoken(jail, f"os.write(control, {turn(b'12', finished=1)!r}); os._exit(4)").result == 12


FLOOD = """
if libc.syscall({fork}) == 0:
    {child}
    while True: libc.write(control, b"x" * 65_536, 65_536)
os._exit(5)
"""


def test_a_child_that_floods_the_control_socket_outlives_nobody(jail: Jail) -> None:
    from tests.sandbox.attack_kit import NUMBERS

    clone = f"{NUMBERS['clone']}, 17, 0, 0, 0, 0"
    report = spoken(jail, FLOOD.format(fork=clone, child="libc.usleep(50_000)").strip())
    assert report.status is Status.EXIT
    assert report.payload in (b"Runtime exited with error: exit status 5", ENDED)


def test_turns_without_end_are_cut_off_by_the_one_who_answers_them(jail: Jail) -> None:
    # A wake-up in the past moves no time: the sandbox hands over each turn, and the worker counts them.
    driven = jail(
        SPEAKER.format(ready=b"", body=f"    while True: os.write(control, {turn()!r}); os.read(control, 4096)"),
        files={"kit.py": KIT},
    )
    driven.init()
    report = driven.invoke()
    assert report.status is Status.TIMEOUT


@pytest.mark.parametrize("field", ["wake", "now", "cpu", "reads", "memory"])
@pytest.mark.parametrize("value", [0, 1, -1, 2**31, 2**63 - 1, -(2**63)])
def test_a_forged_figure_is_a_figure_and_no_more(jail: Jail, field: str, value: int) -> None:
    fields = {"wake": "q", "now": "q", "cpu": "Q", "reads": "I", "memory": "I"}
    values = dict.fromkeys(fields, 0) | {field: value}
    masked = {"q": lambda v: v, "Q": lambda v: v % 2**64, "I": lambda v: v % 2**32}
    figures = (masked[kind](values[name]) for name, kind in fields.items())
    head = TURN.pack(MAGIC_TURN, TURN.size + 2, *figures, 0, 1, 2, 0, 0, 0, 0)
    report = spoken(jail, f"os.write(control, {head + b'12'!r})\nwhile True: pass")
    wanted = Status.OUT_OF_MEMORY if field == "memory" and value % 2**32 > 128 << 10 else Status.OK
    assert report.status is wanted


def test_a_number_that_json_cannot_carry_on_is_refused(jail: Jail) -> None:
    call = b'{"service": "s", "operation": "o", "params": {"a": 1e999}}'
    report = spoken(jail, f"os.write(control, {turn(calls=(call,))!r})\nwhile True: pass")
    assert (report.status, report.payload) == (Status.EXIT, ENDED)
