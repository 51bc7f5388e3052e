"""A handler that writes to the control socket itself ends its own environment, and nothing else."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable

import pytest

from lambdalab.sandbox import Policy, Sandbox, Status
from lambdalab.sandbox.protocol import CALL, CONNECT, MAGIC_TURN, TURN
from tests.sandbox.conftest import KIT
from tests.sandbox.driver import Driven, Report

AS_BOTH = True
pytestmark = pytest.mark.usefixtures("canary")
ENDED = b"Runtime exited without providing a reason"


def turn(
    body: bytes = b"",
    calls: tuple[bytes, ...] = (),
    *,
    finished: int = -1,
    count: int | None = None,
    length: int | None = None,
    connects: tuple[bytes, ...] = (),
    connect_count: int | None = None,
    stream_count: int = 0,
    closed_count: int = 0,
) -> bytes:
    """A turn as the clock shim writes it, or nearly."""
    packed = b"".join(CALL.pack(900 + n, 0, n, len(call)) + call for n, call in enumerate(calls))
    packed += b"".join(connects)
    whole = TURN.size + len(body) + len(packed) if length is None else length
    counts: tuple[int, ...] = (len(calls) if count is None else count, len(connects) if connect_count is None else connect_count)
    counts += (stream_count, closed_count)
    return TURN.pack(MAGIC_TURN, whole, -1, 0, 0, 0, 0, 0, finished, len(body), *counts) + body + packed


def connect(kind: int = 1, name: bytes = b"", data: bytes = b"", *, lengths: tuple[int, int] | None = None) -> bytes:
    """Something asked of the network as the clock shim writes it, or nearly."""
    return CONNECT.pack(700, 0, 1, 0xC6336407, *(lengths or (len(name), len(data))), 80, kind) + name + data


BAD = {
    "text": b"GET / HTTP/1.1\r\n\r\n" * 20,
    "zeros": bytes(4096),
    "a length too small": struct.pack("<II", MAGIC_TURN, 8) + bytes(100),
    "a length too large": struct.pack("<II", MAGIC_TURN, 0xFFFFFFFF) + bytes(100),
    "lengths that do not add up": turn(length=TURN.size + 50) + bytes(50),
    "a finish of another kind": turn(finished=9),
    "more calls than there are": turn(count=7),
    "calls without number": turn(count=0xFFFFFFFF),
    "a call that is no JSON": turn(calls=(b"{",)),
    "a call of the wrong types": turn(calls=(b'{"service": 1, "operation": [], "params": 2}',)),
    "NaN": turn(calls=(b'{"service": "s", "operation": "o", "params": {"a": NaN}}',)),
    "a deep call": turn(calls=(b'{"service": "s", "operation": "o", "params": {"a": ' + b"[" * 90_000 + b"]" * 90_000 + b"}}",)),
    "a huge number": turn(calls=(b'{"service": "s", "operation": "o", "params": {"a": ' + b"9" * 9_000 + b"}}",)),
    "more closed connects than there are": turn(closed_count=2),
    "closed connects without number": turn(closed_count=0xFFFFFFFF),
    "more connects than there are": turn(connects=(connect(),), connect_count=2),
    "connects without number": turn(connect_count=0xFFFFFFFF),
    "streams without number": turn(stream_count=0xFFFFFFFF),
    "more streams than there are": turn(stream_count=3),
    "a connect of another kind": turn(connects=(connect(9),)),
    "a name too long": turn(connects=(connect(name=b"a" * 254),)),
    "a name longer than the frame": turn(connects=(connect(lengths=(200, 0)),)),
    "a name that is none": turn(connects=(connect(name=b"a b\n"),)),
    "a datagram too long": turn(connects=(connect(3, data=bytes(65_508)),)),
    "a datagram longer than the frame": turn(connects=(connect(3, lengths=(0, 0xFFFFFFFF)),)),
    "wrongly tagged bytes": turn(calls=(b'{"service": "s", "operation": "o", "params": {"a": {"$bytes": 5}}}',)),
    "a wrongly tagged time": turn(calls=(b'{"service": "s", "operation": "o", "params": {"a": {"$time": "never"}}}',)),
}  # fmt: skip

WRITER = """
    import os
    from kit import sockets
    def handler(event, context):
        (control,) = sockets()
        with open("/var/task/frame", "rb") as file: frame = file.read()
        while frame: frame = frame[os.write(control, frame):]
        while event.get("silent"): pass
        return "told too"
"""


def written(jail: Callable[..., Driven], frame: bytes) -> Report:
    """What becomes of a handler that writes this frame and says nothing more."""
    driven = jail(WRITER, files={"kit.py": KIT, "frame": frame}, policy=Policy(wall_s=1))
    driven.init()
    return driven.invoke({"silent": True})


@pytest.mark.parametrize("frame", BAD.values(), ids=BAD.keys())
def test_a_malformed_frame_ends_the_environment_and_leaves_the_worker_alive(
    jail: Callable[..., Driven], frame: bytes
) -> None:
    bystander = jail("def handler(event, context): return 'well'")
    bystander.init()
    report = written(jail, frame)
    assert (report.status, report.payload) == (Status.EXIT, ENDED)
    assert bystander.invoke().result == "well"


def test_the_environment_can_be_started_again_after_a_malformed_frame(jail: Callable[..., Driven]) -> None:
    driven = jail(WRITER, files={"kit.py": KIT, "frame": b"x" * 100})
    driven.init()
    assert driven.invoke().status is Status.EXIT
    assert driven.init().status is Status.READY


def test_half_a_frame_is_waited_for_no_longer_than_our_clock_allows(jail: Callable[..., Driven]) -> None:
    half = struct.pack("<II", MAGIC_TURN, 1_000)
    assert written(jail, half).status is Status.TIMEOUT


def test_a_frame_too_many_harms_its_own_environment_only(jail: Callable[..., Driven]) -> None:
    driven = jail(WRITER, files={"kit.py": KIT, "frame": turn()})
    driven.init()
    assert driven.invoke().status in (Status.EXIT, Status.TIMEOUT)
    assert driven.init().status is Status.READY


def test_a_forged_result_is_the_forgers_own_result(jail: Callable[..., Driven]) -> None:
    report = written(jail, turn(b'{"forged": true}', finished=1))
    assert report.result == {"forged": True}


def test_a_forged_error_that_is_no_json_ends_the_environment(jail: Callable[..., Driven]) -> None:
    assert written(jail, turn(b'{"forged"', finished=2)).status is Status.EXIT
    assert written(jail, turn(b"\xff\xfe", finished=2)).status is Status.EXIT
    assert written(jail, turn(b"[" * 100_000, finished=3)).status is Status.EXIT


def test_a_forged_call_is_a_call_of_its_environment_only(jail: Callable[..., Driven]) -> None:
    call = json.dumps({"service": "sqs", "operation": "ListQueues", "params": {}}).encode()
    report = written(jail, turn(calls=(call,)))
    assert [call.id for call in report.calls] == [900]
    assert report.status is Status.TIMEOUT


def test_a_forged_connect_is_asked_by_its_environment_only(jail: Callable[..., Driven]) -> None:
    report = written(jail, turn(connects=(connect(name=b"forged.example.com"),)))
    assert [(asked.id, asked.host) for asked in report.connects] == [(700, "forged.example.com")]
    assert report.status is Status.TIMEOUT


def test_closing_the_control_socket_ends_the_environment(jail: Callable[..., Driven]) -> None:
    driven = jail(
        "import os\nfrom kit import sockets\ndef handler(e, c):\n    os.close(sockets()[0])\n    return 1",
        files={"kit.py": KIT},
    )
    driven.init()
    assert driven.invoke().status is Status.EXIT


def test_descriptors_sent_over_the_control_socket_are_dropped(jail: Callable[..., Driven]) -> None:
    driven = jail(
        "import os, socket, array\nfrom kit import sockets\ndef handler(e, c):\n"
        "    end = socket.socket(fileno=os.dup(sockets()[0]))\n"
        "    socket.send_fds(end, [b'x' * 100], [os.open('/dev/zero', os.O_RDONLY)] * 50)\n    end.close()",
        files={"kit.py": KIT},
    )
    driven.init()
    before = os.listdir("/proc/self/fd")
    assert driven.invoke().status is Status.EXIT
    assert len(os.listdir("/proc/self/fd")) <= len(before)


def test_a_scribbled_clock_page_deceives_its_own_environment_only(
    jail: Callable[..., Driven], sandbox: Sandbox
) -> None:
    bystander = jail("import time\ndef handler(event, context): time.sleep(1); return 'well'")
    bystander.init()
    for value in (0x00, 0x7F, 0xFF):
        driven = jail(
            f"import os, time\ndef handler(event, context):\n    size = os.path.getsize('/run/clock/page')\n"
            f"    with open('/run/clock/page', 'r+b') as page: page.write(bytes([{value}]) * size)\n    time.sleep(1)",
            policy=Policy(wall_s=0.5),
        )
        driven.init()
        assert driven.invoke().status in (Status.OK, Status.ERROR, Status.EXIT, Status.TIMEOUT)
        driven.environment.shutdown()
    assert bystander.invoke().result == "well"
