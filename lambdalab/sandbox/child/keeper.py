"""The keeper: pid 1 of one environment. Makes the environment's world, drops every right, starts and kills runtimes.

It talks with the worker over the *life* socket, one JSON message each: ``start`` (with a fresh control socket),
``kill``, ``freeze``, ``thaw``, ``memory``; it answers, and reports by itself how a runtime ended. When the worker goes
away it exits, and the kernel ends every process of its pid namespace.
"""

import contextlib
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import time
import traceback
from typing import Any

import linux
import runtime

ENVIRONMENT_UID, ENVIRONMENT_GID = 993, 990  # those of a Lambda environment
MESSAGE_BYTES = 1 << 18
CLOCK_PAGE = "/run/clock/page"
SLOTS_AT, SLOTS, SLOT = 40, 1100, struct.Struct("<qii")  # the layout of page_t in clock.c
NO_DEADLINE = (1 << 63) - 1


def main(request: "dict[str, Any]", fds: "list[int]", program: bytes) -> None:
    """Become an environment and serve the worker until it goes away. ``fds``: life socket, log pipe."""
    life_fd, log_fd = fds
    linux.close_all_but({0, 1, 2, life_fd, log_fd})
    os.setsid()
    _make_world(request)
    _drop_rights(request["limits"], program)
    _serve(socket.socket(fileno=life_fd), log_fd)


def _make_world(request: "dict[str, Any]") -> None:
    flags = linux.CLONE_NEWNS | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS | linux.CLONE_NEWCGROUP | linux.CLONE_NEWNET
    linux.unshare(flags)
    linux.libc.sethostname(b"lambda", 6)
    linux.loopback_up()
    quiet = linux.MS_NOSUID | linux.MS_NODEV
    linux.mount("proc", "/proc", "proc", quiet | linux.MS_NOEXEC)
    limits = request["limits"]
    linux.mount("tmpfs", "/tmp", "tmpfs", quiet, f"size={limits['tmp_bytes']},nr_inodes={limits['inodes']},mode=1777")
    linux.mount("tmpfs", "/run/clock", "tmpfs", quiet | linux.MS_NOEXEC, "size=256k,nr_inodes=8,mode=1777")
    if request["task"]:
        linux.bind_read_only(f"/code/{request['task']}", "/var/task")
    if request["layers"]:
        linux.bind_read_only(f"/code/{request['layers']}", "/opt")
    linux.unmount("/code")
    linux.unmount("/lambdalab")


def _drop_rights(limits: "dict[str, Any]", program: bytes) -> None:
    """A user namespace of its own (so that process counts are its own), limits, no capability, seccomp."""
    here = os.open("/proc/self", os.O_RDONLY | os.O_DIRECTORY)
    linux.unshare(linux.CLONE_NEWUSER)
    for name, text in (
        ("setgroups", b"deny"),
        ("uid_map", b"%d 0 1" % ENVIRONMENT_UID),
        ("gid_map", b"%d 0 1" % ENVIRONMENT_GID),
    ):
        fd = os.open(name, os.O_WRONLY, dir_fd=here)
        os.write(fd, text)
        os.close(fd)
    os.close(here)
    for kind, value in (
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_NOFILE, limits["files"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, limits["tmp_bytes"]),
        (resource.RLIMIT_MEMLOCK, 65_536),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_DATA, limits["data_bytes"]),
    ):
        resource.setrlimit(kind, (value, value))
    os.nice(limits["nice"])
    linux.prctl(linux.PR_SET_DUMPABLE, 0)  # /proc/1 of the environment shows nothing to its own code
    linux.drop_capabilities()
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    linux.load_seccomp(program)


def _serve(life: socket.socket, log_fd: int) -> None:
    wake, woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    poll = select.poll()
    poll.register(life, select.POLLIN)
    poll.register(wake, select.POLLIN)
    current = 0
    life.send(b'{"event":"ready"}')
    while True:
        for fd, _ in poll.poll():
            if fd == wake:
                os.read(wake, 512)
                current = _reap(life, current)
                continue
            message, fds, _, _ = socket.recv_fds(life, MESSAGE_BYTES, 4)
            if not message:
                os._exit(0)
            current = _obey(life, json.loads(message), fds, log_fd, current)


def _obey(life: socket.socket, order: "dict[str, Any]", fds: "list[int]", log_fd: int, current: int) -> int:
    kind = order["order"]
    if kind == "start":
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _run(order, fds[0], log_fd)
        for fd in fds:
            os.close(fd)
        return pid
    if kind == "kill":
        _kill_all()
        current = 0
    elif kind == "freeze":
        _signal_all(signal.SIGSTOP)
    elif kind == "thaw":
        _signal_all(signal.SIGCONT)
    elif kind == "advance":
        _advance(order["now_us"])
    answer = {"event": "done", "order": kind, "memory_kb": _memory_kb()}
    if kind == "state":
        answer["blocked"], answer["wake_ns"] = _blocked(current)
    life.send(json.dumps(answer).encode())
    return current


def _run(order: "dict[str, Any]", control_fd: int, log_fd: int) -> None:
    """Be the runtime; end as a Python program ends, but never return into the keeper."""
    code = 1
    try:
        runtime.main(order, control_fd, log_fd)
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else 0 if exit_.code is None else 1
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code & 0xFF)


def _blocked(current: int) -> "tuple[bool, int]":
    """Whether every thread is blocked without any of the runtime's own being able to say so, and the first deadline.

    Happens where a thread waits for a lock or a subprocess and the shim sees nothing of it. Threads that only sleep in
    the shim are blocked; of all others the kernel must say so twice, with no time slice in between.
    """
    slots = _slots()
    if any(os.path.isdir(f"/proc/{current}/task/{tid}") for tid in slots):
        return False, -1  # one of the runtime's threads waits in the shim: it speaks for all
    sleepers = {tid for tid, (_, sleeper) in slots.items() if sleeper}
    first = _slices(sleepers)
    time.sleep(0.003)
    if first is None or _slices(sleepers) != first:
        return False, -1
    return True, min((deadline for deadline, _ in slots.values()), default=-1)


def _slots() -> "dict[int, tuple[int, bool]]":
    """The waiting threads of the clock page: thread id, deadline in ns of virtual time, whether it only sleeps."""
    found = {}
    try:
        with open(CLOCK_PAGE, "rb") as file:
            data = file.read()
    except OSError:
        return {}
    for deadline, tid, sleeper in SLOT.iter_unpack(data[SLOTS_AT : SLOTS_AT + SLOT.size * SLOTS]):
        if tid and deadline < NO_DEADLINE:
            found[tid] = (deadline, bool(sleeper))
    return found


def _slices(sleepers: "set[int]") -> "int | None":
    """The sum of time slices of all threads but the sleepers; None when one of them runs."""
    total = 0
    for process in os.listdir("/proc"):
        if not process.isdigit() or process == "1":
            continue
        try:
            for thread in os.listdir(f"/proc/{process}/task"):
                if int(thread) in sleepers:
                    continue
                with open(f"/proc/{process}/task/{thread}/stat") as file:
                    if file.read().rsplit(")", 1)[1].split()[0] in "RD":
                        return None
                with open(f"/proc/{process}/task/{thread}/schedstat") as file:
                    total += int(file.read().split()[2])
        except (OSError, IndexError):
            continue
    return total


def _advance(now_us: int) -> None:
    """Move the clock for threads that nobody speaks for."""
    with open(CLOCK_PAGE, "r+b") as file:
        now_ns = max(struct.unpack("<q", file.read(8))[0], now_us * 1_000)
        file.seek(0)
        file.write(struct.pack("<q", now_ns))


def _kill_all() -> None:
    """Kill every other process of the environment and wait until none is left."""
    while True:
        _signal_all(signal.SIGKILL)
        try:
            while True:
                os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _signal_all(number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, number)


def _reap(life: socket.socket, current: int) -> int:
    """Collect dead processes; tell the worker when one of them was the runtime."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return current
        if pid == 0:
            return current
        if pid == current:
            current = 0
            code = None if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
            number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
            life.send(json.dumps({"event": "exit", "code": code, "signal": number}).encode())


def _memory_kb() -> int:
    """Resident memory of all other processes of the environment, in KB."""
    total = 0
    for name in os.listdir("/proc"):
        if name.isdigit() and name != "1":
            try:
                with open(f"/proc/{name}/statm") as file:
                    total += int(file.read().split()[1]) * 4
            except (OSError, IndexError):
                continue
    return total
