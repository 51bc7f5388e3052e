"""The zygote's process: bubblewrap around the jail's own Python, as an unprivileged user."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
from collections import deque
from pathlib import Path
from typing import Any, Literal, NamedTuple

from lambdalab.sandbox.errors import SandboxError
from lambdalab.sandbox.places import JAIL_PYTHON, JAIL_UID, Home

EventKind = Literal["ready", "blank", "ended", "failed"]
CHILD = Path(__file__).resolve().parent.parent / "child"
READY_S = 60.0
NOT_STARTED = "the jail did not start: user namespaces may be forbidden here (see docs/install.md, Ubuntu 24.04)."
PASSWD = b"sbx_user1051:x:993:990::/home/sbx_user1051:/sbin/nologin\n"
DEVICES = ("null", "zero", "full", "random", "urandom")


ASSIGNMENT = struct.Struct("<QQQQQi65s65s")  # assignment_t of keeper.h
ORDER, EVENT = struct.Struct("<II"), struct.Struct("<IIi")  # order_t without its assignment, event_t
ORDER_BLANK, ORDER_ASSIGN = ord("b"), ord("a")
EVENTS: dict[int, EventKind] = {ord("r"): "ready", ord("b"): "blank", ord("x"): "ended", ord("!"): "failed"}


class Event(NamedTuple):
    """What a zygote tells of itself (``ready``), or of the blank or environment of this number; ``error``: errno(3)."""

    kind: EventKind
    number: int
    error: int


class Zygote:
    """A running zygote: makes blanks, and environments of them. Numbers of blanks are the broker's."""

    def __init__(self, home: Home, program: bytes) -> None:
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        filter_fd, passwd_fd = _pipe_with(program), _pipe_with(PASSWD)
        command = _command(home, _readable_child(home), theirs.fileno(), filter_fd, passwd_fd)
        self.blanks: deque[int] = deque()
        self.making: set[int] = set()
        self.alive: set[int] = set()
        self.warm = False
        self.troubled = False  # the last blank came to nothing: none is made until one is asked for
        try:
            self.process = _popen(command, (theirs.fileno(), filter_fd, passwd_fd))
        except FileNotFoundError:
            raise SandboxError("bubblewrap is missing. Install it: apt-get install bubblewrap") from None
        finally:
            theirs.close()
            os.close(filter_fd)
            os.close(passwd_fd)

    def await_warm(self) -> None:
        """Wait until it can serve. Raises :class:`SandboxError` when the jail does not start."""
        self.socket.settimeout(READY_S)
        try:
            self.hear()
        finally:
            self.socket.settimeout(None)

    def make_blank(self, number: int, cgroups: list[int]) -> None:
        """Order a blank; it joins the control groups whose ``cgroup.procs`` these descriptors are."""
        self._order(ORDER_BLANK, number, bytes(ASSIGNMENT.size), cgroups)
        self.making.add(number)

    def assign(self, number: int, request: dict[str, Any], fds: list[int]) -> None:
        """Make an environment of a blank (which may still be in the making)."""
        limits = request["limits"]
        assignment = ASSIGNMENT.pack(
            *(limits[name] for name in ("tmp_bytes", "inodes", "files", "processes", "data_bytes", "nice")),
            *((request[name] or "").encode() for name in ("task", "layers")),
        )
        self._order(ORDER_ASSIGN, number, assignment, fds)
        if number in self.blanks:
            self.blanks.remove(number)
        self.alive.add(number)
        self.troubled = False

    def hear(self) -> Event:
        """The next thing it tells. Raises :class:`SandboxError` when it has ended."""
        try:
            message = self.socket.recv(EVENT.size)
        except OSError:
            message = b""
        if len(message) != EVENT.size:
            raise SandboxError(f"the zygote ended with {self.process.poll()}" if self.warm else NOT_STARTED)
        kind, number, error = EVENT.unpack(message)
        event = Event(EVENTS[kind], number, error)
        self._note(event)
        return event

    def close(self) -> None:
        """End the zygote and, with it, every environment."""
        self.socket.close()
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _note(self, event: Event) -> None:
        self.warm = True
        self.making.discard(event.number)
        if event.kind == "blank" and event.number not in self.alive:
            self.blanks.append(event.number)
        elif event.kind in ("ended", "failed"):
            self.troubled = event.number not in self.alive
            self.alive.discard(event.number)
            if event.number in self.blanks:
                self.blanks.remove(event.number)

    def _order(self, order: int, number: int, assignment: bytes, fds: list[int]) -> None:
        try:
            socket.send_fds(self.socket, [ORDER.pack(order, number) + assignment], fds)
        except OSError as error:
            raise SandboxError(f"the zygote ended with {self.process.poll()}") from error


def _command(home: Home, child: Path, broker_fd: int, filter_fd: int, passwd_fd: int) -> list[str]:
    devices = [part for name in DEVICES for part in ("--dev-bind", f"/dev/{name}", f"/dev/{name}")]
    links = [part for fd, name in enumerate(("stdin", "stdout", "stderr"))
             for part in ("--symlink", f"/proc/self/fd/{fd}", f"/dev/{name}")]  # fmt: skip
    usr = [part for name in ("lib", "lib64", "bin", "sbin") if Path(f"/usr/{name}").exists()
           for part in ("--symlink", f"usr/{name}", f"/{name}")]  # fmt: skip
    folders = [part for name in ("/dev/shm", "/tmp", "/var/task", "/opt", "/run/clock") for part in ("--dir", name)]
    return [
        "bwrap", "--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts",
        "--unshare-cgroup-try", "--uid", "0", "--gid", "0", "--cap-add", "ALL", "--die-with-parent", "--new-session",
        "--clearenv", "--setenv", "PATH", "/usr/bin:/bin", "--setenv", "LANG", "C.UTF-8",
        "--setenv", "PYTHONHASHSEED", "0", "--setenv", "LD_PRELOAD", "/var/runtime/libclock.so",
        "--ro-bind", "/usr", "/usr", *usr,
        "--dir", "/etc", "--ro-bind-data", str(passwd_fd), "/etc/passwd", "--proc", "/proc",
        "--dir", "/dev", *devices, "--symlink", "/proc/self/fd", "/dev/fd", *links, *folders,
        "--ro-bind", str(home.packages), "/var/runtime", "--ro-bind", str(child), "/lambdalab",
        "--ro-bind", str(home.code), "/code", "--remount-ro", "/", "--chdir", "/",
        str(JAIL_PYTHON), "-P", "-s", "-S", "-B", "/lambdalab/zygote.py", str(broker_fd), str(filter_fd),
    ]  # fmt: skip


def _popen(command: list[str], fds: tuple[int, ...]) -> subprocess.Popen[bytes]:
    environ = {"PATH": "/usr/bin:/bin"}
    if os.geteuid() == 0:
        return subprocess.Popen(command, pass_fds=fds, stdin=subprocess.DEVNULL, env=environ,
                                user=JAIL_UID, group=JAIL_UID, extra_groups=[])  # fmt: skip
    return subprocess.Popen(command, pass_fds=fds, stdin=subprocess.DEVNULL, env=environ)


def _readable_child(home: Home) -> Path:
    """The child's files where the jail's uid can read them: the checkout may lie in a private home."""
    if os.geteuid() != 0:
        return CHILD
    copy = home.root / "child"
    copy.mkdir(parents=True, exist_ok=True)
    copy.chmod(0o755)
    for path in CHILD.glob("*.py"):
        target = copy / path.name
        if not target.exists() or target.read_bytes() != path.read_bytes():
            partial = copy / f".{path.name}.{os.getpid()}"
            shutil.copyfile(path, partial)
            partial.chmod(0o644)
            partial.replace(target)
    return copy


def _pipe_with(data: bytes) -> int:
    """A descriptor from which ``data`` can be read (it fits into a pipe)."""
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    return reading
