"""The self-test's handler: runs inside the jail, tries what must not work, and says what did.

Set-up puts it beside the jail's packages, because a broker may be unable to write the code store.
"""

import contextlib
import ctypes
import errno
import os
import platform
import socket
import time
from collections.abc import Iterator
from typing import Any

Event = dict[str, Any]
libc = ctypes.CDLL(None, use_errno=True)
ARM = platform.machine() == "aarch64"
MEMFD_CREATE, BPF, IO_URING_SETUP, PTRACE = (279, 280, 425, 117) if ARM else (319, 321, 425, 101)
CLONE_NEWUSER = 0x10000000


def handler(event: Event, context: object) -> object:
    """Do one thing: look around, sleep long, or hoard memory."""
    if event["what"] == "sleep":
        time.sleep(event["sleep_s"])
        return None
    if event["what"] == "hoard":
        return len(bytearray(300_000_000))
    looks = {
        "root": _root, "namespaces": _namespaces, "rights": _rights, "read_only": _read_only, "network": _network,
        "filter": _filter, "limits": _limits, "tmp": _tmp,
    }  # fmt: skip
    return {name: list(look(event)) for name, look in looks.items()}


def _root(event: Event) -> Iterator[str]:
    for path in ("/root", "/home", "/etc/shadow", "/etc/hosts", "/sys", "/boot", "/var/lib", "/proc/1/root/etc/shadow"):
        if os.path.lexists(path):
            yield f"{path} is there"


def _namespaces(event: Event) -> Iterator[str]:
    others = [name for name in os.listdir("/proc") if name.isdigit() and int(name) not in (1, os.getpid())]
    if others:
        yield f"{len(others)} foreign processes are visible"
    if socket.gethostname() != "lambda":
        yield "the machine's own name is visible"


def _rights(event: Event) -> Iterator[str]:
    with open("/proc/self/status") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        if int(status[name], 16):
            yield f"{name} is {status[name]}"
    if status["NoNewPrivs"] != "1":
        yield "new privileges are possible"
    if os.getresuid() != (993, 993, 993):
        yield f"the user is {os.getresuid()}"
    with open("/proc/self/uid_map") as file:
        if len(file.read().split("\n")) > 2:
            yield "more than one user is mapped"


def _read_only(event: Event) -> Iterator[str]:
    for folder in ("/", "/var/task", "/var/runtime", "/usr", "/etc", "/opt", "/dev", "/dev/shm", "/run"):
        with contextlib.suppress(OSError):
            os.close(os.open(f"{folder}/intruder", os.O_CREAT | os.O_WRONLY))
            yield f"{folder} can be written"


def _network(event: Event) -> Iterator[str]:
    with open("/proc/net/dev") as file:
        interfaces = [line.split(":")[0].strip() for line in file.readlines()[2:]]
    if interfaces != ["lo"]:
        yield f"interfaces {interfaces}"
    with open("/proc/net/route") as file:
        if len(file.readlines()) > 1:
            yield "there is a route"


def _filter(event: Event) -> Iterator[str]:
    for name, wanted, arguments in (
        ("unshare", errno.EPERM, None), ("memfd_create", errno.ENOSYS, (MEMFD_CREATE, b"x", 0)),
        ("bpf", errno.EPERM, (BPF, 0, 0, 0)), ("io_uring_setup", errno.EPERM, (IO_URING_SETUP, 1, 0)),
        ("ptrace", errno.EPERM, (PTRACE, 3, 0, 0, 0)),  # PEEKUSER of nobody: harmless where it is allowed
    ):  # fmt: skip
        ctypes.set_errno(0)
        done = libc.unshare(CLONE_NEWUSER) if arguments is None else libc.syscall(*arguments)
        if done >= 0 or ctypes.get_errno() != wanted:
            yield f"{name} is not refused"
    with contextlib.suppress(OSError):
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()
        yield "raw sockets are possible"


def _limits(event: Event) -> Iterator[str]:
    children: list[int] = []
    with contextlib.suppress(OSError):
        while len(children) < 2 * event["processes"]:
            pid = os.fork()
            if pid == 0:
                time.sleep(1000)
                os._exit(0)
            children.append(pid)
    for pid in children:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
    if len(children) >= event["processes"]:
        yield f"{len(children)} processes, {event['processes']} were allowed"


def _tmp(event: Event) -> Iterator[str]:
    if os.listdir("/tmp"):
        yield "there is something in it"
    space = os.statvfs("/tmp")
    if space.f_blocks * space.f_frsize != event["tmp_mb"] << 20:
        yield f"it has {space.f_blocks * space.f_frsize} bytes"
