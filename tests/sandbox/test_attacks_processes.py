"""Processes that hide, multiply, stop, wake each other, or turn on their keeper; and what all environments share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lambdalab.sandbox import Policy, Sandbox, Status
from tests.sandbox.conftest import KIT, Attack
from tests.sandbox.driver import Driven
from tests.sandbox.host import broker_pid, descendants, settled_processes

AS_BOTH = True
pytestmark = pytest.mark.usefixtures("canary")
Jail = Callable[..., Driven]


def held(driven: Driven) -> None:
    """Let the handler act until it sleeps; what it holds then it holds while other environments go on."""
    turn = driven.environment.invoke(
        request_id="00000000-0000-4000-8000-000000000099", event=b"{}", deadline_us=60_000_000, function_arn="a", now_us=0
    )
    assert turn.finished is None, turn
    assert turn.wake_at_us is not None


def test_the_keepers_limits_and_precedence_cannot_be_changed(jail: Jail) -> None:
    driven = jail("""
        import os, resource
        from kit import outcome
        def handler(event, context):
            kinds = [resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE, resource.RLIMIT_CPU, resource.RLIMIT_DATA]
            acts = [lambda kind=kind: resource.prlimit(1, kind, (1, 1)) for kind in kinds]
            acts += [lambda: os.sched_setaffinity(1, {0}), lambda: os.setpriority(os.PRIO_PROCESS, 1, 19),
                     lambda: os.setpriority(os.PRIO_PGRP, 0, 19), lambda: os.setpriority(os.PRIO_USER, 993, 19),
                     lambda: os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0)),
                     lambda: os.sched_setparam(1, os.sched_param(0))]
            return [outcome(act) for act in acts]
    """, files={"kit.py": KIT})  # fmt: skip
    driven.init()
    assert driven.invoke().result == ["EPERM"] * 10
    driven.environment.reset()
    assert driven.init().status is Status.READY


def test_ones_own_limits_and_precedence_can_be_lowered(attack: Attack) -> None:
    report = attack("""
import resource
return [outcome(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (500, 500))), os.nice(1), os.nice(-1) if 0 else 0,
        outcome(lambda: os.sched_setaffinity(0, os.sched_getaffinity(0))), resource.getrlimit(resource.RLIMIT_NOFILE)]
    """)
    assert report.result == ["done", 16, 0, "done", [500, 500]]


def test_nobody_can_go_first(attack: Attack) -> None:
    report = attack("""
acts = [lambda: os.nice(-1), lambda: os.setpriority(os.PRIO_PROCESS, 0, 0),
        lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
        lambda: os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(99))]
return [outcome(act) for act in acts]
    """)
    assert set(report.result) <= {"EPERM", "EACCES"}


@pytest.mark.parametrize("exit_signal", [0, 10, 17, 64])
def test_children_of_any_kind_of_clone_end_with_the_runtime(jail: Jail, sandbox: Sandbox, exit_signal: int) -> None:
    before = len(descendants(broker_pid(sandbox)))
    driven = jail(f"""
        import ctypes, os
        from kit import NUMBERS
        def handler(event, context):
            libc, (reading, _) = ctypes.CDLL(None), os.pipe()
            for _ in range(5):
                if libc.syscall(NUMBERS["clone"], {exit_signal}, 0, 0, 0, 0) == 0:
                    libc.setsid()
                    while True: libc.syscall(NUMBERS["read"], reading, ctypes.create_string_buffer(1), 1)
            return "left behind"
    """, files={"kit.py": KIT})  # fmt: skip
    driven.init()
    assert driven.invoke().result == "left behind"
    driven.environment.reset()
    assert settled_processes(sandbox, before + 1) == before + 1  # the keeper
    assert driven.init().status is Status.READY


def test_processes_that_wake_each_other_do_not_survive_the_reset(jail: Jail, sandbox: Sandbox) -> None:
    before = len(descendants(broker_pid(sandbox)))
    driven = jail("""
        import os, signal
        def handler(event, context):
            for _ in range(8):
                if os.fork() == 0:
                    os.setsid()
                    while True: os.kill(-1, signal.SIGCONT)
            return "restless"
    """, policy=Policy(memory_mb=512, wall_s=2))  # fmt: skip
    driven.init()
    driven.invoke()
    driven.environment.freeze()
    driven.environment.reset()
    assert settled_processes(sandbox, before + 1) == before + 1
    assert driven.init().status is Status.READY


@pytest.mark.parametrize("number", ["SIGSTOP", "SIGTSTP", "SIGTTIN"])
def test_a_runtime_that_stops_itself_ends_on_our_clock(jail: Jail, number: str) -> None:
    driven = jail(
        f"import os, signal\ndef handler(event, context):\n    os.kill(os.getpid(), signal.{number}); return 1",
        policy=Policy(wall_s=0.5),
    )
    driven.init()
    assert driven.invoke().status in (Status.TIMEOUT, Status.OK)  # an orphaned group's terminal stops are ignored
    driven.environment.reset()
    assert driven.init().status is Status.READY


@pytest.mark.parametrize(
    "body",
    [
        "while True:\n    try: os.fork()\n    except OSError: os.execv('/bin/sh', ['sh', '-c', ':(){ :|:& };:; wait'])",
        "while True:\n    try: subprocess.Popen(['/bin/sleep', '999'])\n    except OSError: pass",
        "while True:\n    try:\n        if os.fork(): os._exit(0)\n    except OSError: pass",
        "os.execv('/bin/sh', ['sh', '-c', 'while :; do (exec -a x sleep 9 &) ; done'])",
    ],
    ids=["forks-and-programs", "programs", "runaway", "shell"],
)
def test_bombs_end_with_their_environment(jail: Jail, body: str) -> None:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    driven = jail(
        f"import os, subprocess\ndef handler(event, context):\n{lines}", policy=Policy(processes=40, wall_s=0.7)
    )
    driven.init()
    assert driven.invoke().status in (Status.TIMEOUT, Status.OUT_OF_MEMORY, Status.EXIT)
    driven.environment.reset()
    assert driven.init().status is Status.READY


def test_an_orphan_belongs_to_the_keeper(attack: Attack) -> None:
    report = attack("""
reading, writing = os.pipe()
if os.fork() == 0:
    middle = os.getpid()
    if os.fork() == 0:
        while os.getppid() == middle: time.sleep(0.001)
        os.write(writing, str(os.getppid()).encode())
    os._exit(0)
os.wait()
return [os.read(reading, 9).decode(), ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)]
    """)
    assert report.result == ["1", -1]


def test_the_next_process_number_cannot_be_chosen(attack: Attack) -> None:
    body = "return [outcome(lambda: open(f'/proc/sys/kernel/{name}', 'w').write('1')) for name in event]"
    assert set(attack(body, ["ns_last_pid", "pid_max", "threads-max", "shmmax"]).result) <= {"EROFS", "ENOENT"}


# ---- what the kernel counts over all environments of one user ----


HOLD_DESCRIPTORS = """
    import os, socket, time
    def handler(event, context):
        several, pairs = [os.open("/dev/null", os.O_RDONLY)] * 250, []
        try:
            while True:
                pairs.append(socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
                socket.send_fds(pairs[-1][0], [b"x"], several)
        except OSError as error: held = [len(pairs), error.errno]
        time.sleep(50)
        return held
"""


def test_descriptors_in_flight_keep_no_other_environment_from_starting(jail: Jail) -> None:
    hoarder = jail(HOLD_DESCRIPTORS)
    hoarder.init()
    held(hoarder)
    for _ in range(8):  # more than there are blanks
        bystander = jail("def handler(event, context): return 'well'")
        assert bystander.init().status is Status.READY
        assert bystander.invoke().result == "well"
    assert hoarder.environment.resume([], 60_000_000).finished is not None


def test_descriptors_in_flight_are_gone_with_their_environment(jail: Jail) -> None:
    for _ in range(3):  # the kernel would refuse the second, were those of the first still in flight
        hoarder = jail(HOLD_DESCRIPTORS)
        hoarder.init()
        held(hoarder)
        finished = hoarder.environment.resume([], 60_000_000).finished
        assert finished is not None
        assert finished.payload == b"[6, 109]"  # 1,250 of them, and ETOOMANYREFS
        hoarder.environment.shutdown()


def test_queued_signals_keep_no_other_environment_from_its_timers(jail: Jail) -> None:
    hoarder = jail("""
        import ctypes, os, signal, struct, time
        def handler(event, context):
            libc, info = ctypes.CDLL(None), ctypes.create_string_buffer(128)
            signal.pthread_sigmask(signal.SIG_BLOCK, {50})
            struct.pack_into("iii", info, 0, 50, 0, -1)
            queued = 0
            while queued < 200_000 and libc.syscall(event["sigqueue"], os.getpid(), 50, info) == 0: queued += 1
            time.sleep(50)
            return queued
    """.replace('event["sigqueue"]', "__import__('kit').NUMBERS['rt_sigqueueinfo']"), files={"kit.py": KIT})  # fmt: skip
    hoarder.init()
    held(hoarder)
    bystander = jail("""
        import os, select, threading
        def handler(event, context):
            reading, _ = os.pipe()
            waiting = [threading.Thread(target=select.select, args=([reading], [], [], 2)) for _ in range(3)]
            for thread in waiting: thread.start()
            for thread in waiting: thread.join()
            return "well"
    """, policy=Policy(wall_s=10))  # fmt: skip
    bystander.init()
    assert bystander.invoke().result == "well"
    finished = hoarder.environment.resume([], 60_000_000).finished
    assert finished is not None
    assert finished.payload == b"1024"


@pytest.mark.parametrize("processes", [16, 48])
def test_more_processes_run_where_more_may_and_as_many_signals_wait(attack: Attack, processes: int) -> None:
    report = attack("""
import resource
made = 0
try:
    while made < 500:
        if os.fork() == 0:
            while True: ctypes.CDLL(None).usleep(9_999)
        made += 1
except BlockingIOError: pass
return [made, resource.getrlimit(resource.RLIMIT_SIGPENDING)]
    """, policy=Policy(processes=processes))  # fmt: skip
    assert report.result == [processes - 3, [processes, processes]]
