"""The keeper: pid 1 of one environment. Makes the environment's world, drops every right, starts and kills runtimes.

It talks with the worker over the *life* socket, one JSON message each: ``start`` (with a fresh control socket),
``kill``, ``freeze``, ``thaw``, ``state``; it answers, and reports by itself how a runtime ended. When the worker goes
away it exits, and the kernel ends every process of its pid namespace.
"""

import contextlib
import json
import os
import resource
import select
import signal
import socket
import sys
import traceback
from typing import Any

import linux
import runtime

ENVIRONMENT_UID, ENVIRONMENT_GID = 993, 990  # those of a Lambda environment
MESSAGE_BYTES = 1 << 18


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
            try:
                message, fds, _, _ = socket.recv_fds(life, MESSAGE_BYTES, 4)
            except ConnectionResetError:  # the worker went away without reading our last word
                message = b""
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
            life.detach()  # a handler must not speak with the worker in the keeper's name
            linux.close_all_but({0, 1, 2, fds[0], log_fd})
            linux.prctl(linux.PR_SET_DUMPABLE, 1)  # the keeper reads how much memory its children share
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
    answer: "dict[str, Any]" = {"event": "done", "order": kind}
    if kind == "state":
        answer["memory_kb"] = _memory_kb(order["limit_kb"])
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


def _memory_kb(limit_kb: int) -> int:
    """Memory of all other processes of the environment, in KB.

    Resident memory is quickly read, and counts what forked children share again for each; only when that is above the
    limit, the kernel is asked for each one's part. The zygote's pages, which cost nothing, may then be missing.
    """
    pids = [name for name in os.listdir("/proc") if name.isdigit() and name != "1"]
    resident = [_resident_kb(pid) for pid in pids]
    if sum(resident) <= limit_kb or len(pids) == 1:
        return sum(resident)
    return max(*resident, sum(map(_part_kb, pids)))


def _resident_kb(pid: str) -> int:
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * 4
    except (OSError, IndexError):
        return 0


def _part_kb(pid: str) -> int:
    """Resident memory of which shared pages count in parts."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    except (PermissionError, StopIteration):
        return _resident_kb(pid)
    except OSError:
        return 0
