"""Ways to end, not to end, and to end something else; and clocks that are bent."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lambdalab.sandbox import Policy, Status
from tests.sandbox.conftest import KIT, Attack
from tests.sandbox.driver import Driven

AS_BOTH = True
pytestmark = pytest.mark.usefixtures("canary")
Jail = Callable[..., Driven]
EXITED = b"Runtime exited with error: exit status %d"
NO_REASON = b"Runtime exited without providing a reason"


@pytest.mark.parametrize(
    ("body", "payload"),
    [
        ("os.execv('/bin/true', ['true'])", NO_REASON),
        ("os.execv('/bin/false', ['false'])", EXITED % 1),
        ("os.execv('/bin/sh', ['sh', '-c', 'exit 256'])", NO_REASON),
        ("os._exit(255)", EXITED % 255),
        ("import threading; threading.Thread(target=os._exit, args=(9,)).start(); threading.Event().wait()", EXITED % 9),
        ("import signal; signal.signal(signal.SIGTERM, lambda *a: os._exit(8)); os.kill(os.getpid(), 15)\ntime.sleep(9)", EXITED % 8),
        ("import atexit; atexit.register(print, 'late'); sys.exit(7)", EXITED % 7),
        ("os.fork() or os._exit(3); os.wait(); os._exit(6)", EXITED % 6),
    ],
    ids=["true", "false", "256", "255", "a-thread", "a-handler", "atexit", "a-child"],
)  # fmt: skip
def test_every_way_to_leave_is_an_exit_and_the_environment_serves_again(jail: Jail, body: str, payload: bytes) -> None:
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    driven = jail(f"import os, sys, time\ndef handler(event, context):\n    if event:\n{lines}\n    return 'well'")
    driven.init()
    report = driven.invoke({"leave": True})
    assert (report.status, report.payload) == (Status.EXIT, payload)
    driven.environment.reset()
    driven.init()
    assert driven.invoke().result == "well"


@pytest.mark.parametrize(
    "body",
    [
        "os.execv('/bin/sleep', ['sleep', '99999'])",
        "class Stays:\n    def __del__(self):\n        while True: pass\nStays()",
        "import signal, threading\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass",
        "import sys; sys.setswitchinterval(1e9)\nwhile True: pass",
    ],
    ids=["another-program", "finalizer", "deaf", "greedy"],
)
def test_what_does_not_end_by_itself_is_ended(jail: Jail, body: str) -> None:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    driven = jail(f"import os, sys\ndef handler(event, context):\n{lines}", policy=Policy(wall_s=1.5))
    assert driven.init().status is Status.READY
    assert driven.invoke().status is Status.TIMEOUT
    driven.environment.reset()
    assert driven.init().status is Status.READY


@pytest.mark.parametrize("code", [
    "while True: pass", "import os\nwhile True: os.write(1, b'x')", "x = []\nwhile True: x.append(bytearray(1 << 20))",
    "import os; os._exit(2)", "import os; os.kill(os.getpid(), 9)", "import os; os.close(0); os.closerange(3, 99)",
    "import sys; sys.modules.clear()", "import builtins; del builtins.__import__", "raise BaseException",
    "import awslambdaric.bootstrap as b; b.run = b.handle_event_request = None",
])  # fmt: skip
def test_a_bomb_in_init_ends_init(jail: Jail, code: str) -> None:
    driven = jail(code + "\ndef handler(event, context): return 'well'", policy=Policy(wall_s=0.5))
    first = driven.init()
    if first.status is Status.READY:
        assert driven.invoke().status in (Status.OK, Status.ERROR, Status.EXIT)
    else:
        assert first.status in (Status.EXIT, Status.INIT_ERROR, Status.TIMEOUT, Status.OUT_OF_MEMORY)


@pytest.mark.parametrize("act", [
    "os.truncate('/run/clock/page', 0)", "os.unlink('/run/clock/page')", "os.chmod('/run/clock/page', 0)",
    "os.unlink('/run/clock/page'); os.symlink('/etc/passwd', '/run/clock/page')",
    "os.unlink('/run/clock/page'); os.mkdir('/run/clock/page')",
    "os.unlink('/run/clock/page'); os.symlink('/dev/zero', '/run/clock/page')",
])  # fmt: skip
def test_a_clock_page_that_is_torn_out_is_its_environments_loss(jail: Jail, act: str) -> None:
    driven = jail(f"import os, time\ndef handler(event, context):\n    {act}\n    time.sleep(1); return time.time() > 0",
                  policy=Policy(wall_s=1))  # fmt: skip
    bystander = jail("import time\ndef handler(event, context): time.sleep(1); return 'well'")
    bystander.init()
    driven.init()
    assert driven.invoke().status in (Status.OK, Status.EXIT, Status.TIMEOUT)
    driven.environment.reset()
    assert driven.init().status in (Status.READY, Status.EXIT, Status.INIT_ERROR)
    assert bystander.invoke().result == "well"


@pytest.mark.parametrize("wall_s", [0.3, 1.2])
def test_more_time_is_given_where_more_may_be(jail: Jail, wall_s: float) -> None:
    driven = jail(
        "import ctypes\nfrom kit import NUMBERS\ndef handler(event, context):\n    libc = ctypes.CDLL(None)\n"
        "    spec, now = (ctypes.c_long * 2)(), lambda: (libc.syscall(event['clock'], 1, spec), spec[0] + spec[1] / 1e9)[1]\n"
        "    began = now()\n    while now() < began + 0.7: pass\n    return 'well'",
        files={"kit.py": KIT}, policy=Policy(wall_s=wall_s if wall_s < 1 else 20 * wall_s),
    )  # fmt: skip
    from tests.sandbox.attack_kit import NUMBERS

    driven.init()
    report = driven.invoke({"clock": NUMBERS["clock_gettime"]})
    assert report.status is (Status.TIMEOUT if wall_s < 1 else Status.OK)


def test_real_timers_strike_their_own_process_only(attack: Attack) -> None:
    body = "import signal; signal.setitimer(signal.ITIMER_REAL, 0.01)\nwhile True: pass"
    report = attack(body)
    assert report.status is Status.EXIT
    assert report.payload.startswith(b"Runtime exited with error: signal: ")
