"""The system calls an environment may make: an allow-list, compiled by libseccomp into a BPF program."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path
from typing import Any

ALLOWED = Path(__file__).with_name("syscalls.txt")
# Asked for by well-meant code, so they answer "not permitted" instead of "no such call".
REFUSED = [
    "mount",
    "umount2",
    "unshare",
    "setns",
    "ptrace",
    "bpf",
    "perf_event_open",
    "keyctl",
    "add_key",
    "request_key",
    "userfaultfd",
    "pivot_root",
    "chroot",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_getfd",
    "open_by_handle_at",
    "io_uring_setup",
    "mknod",
    "mknodat",
    "sethostname",
    "reboot",
    "init_module",
    "finit_module",
    "kexec_load",
    "syslog",
    "quotactl",
    "swapon",
    "acct",
    "personality",
]
NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW* flag
UNIX, INET, INET6 = 1, 2, 10
STREAM, DATAGRAM, SEQPACKET = 1, 2, 5
SOCKET_TYPE = 0xF  # the type without SOCK_CLOEXEC and SOCK_NONBLOCK
IOCTLS = (0x5401, 0x5402, 0x5411, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451, 0x5452, 0x540F, 0x5410, 0x8912, 0x8913,
          0x8915, 0x8927, 0x8933)  # fmt: skip  # terminal sizes, FIONREAD, FIONBIO, interface addresses
PRCTLS = (1, 2, 3, 4, 15, 16, 21, 23, 38, 39, 40, 41, 42, 47, 0x53564D41)  # death signals, dumpable, names, pages
# Duplicates, flags, locks. Not: leases and notices of shared files, signals for sockets, and larger pipes, of which the
# kernel counts the pages of all environments together.
FCNTLS = (*range(8), 9, 11, 16, 36, 37, 38, 1025, 1027, 1030, 1032)
ON_ONESELF = ("sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler")  # the keeper has our uid
OWN_PROCESS = {"setpriority": 0, "ioprio_set": 1}  # PRIO_PROCESS, IOPRIO_WHO_PROCESS
RLIMITS, RLIMIT_CORE = range(16), 4  # the limit of core dumps is 1 and stays so: see world.c


def compile_filter() -> bytes:
    """The BPF program for this machine. Unknown calls fail with ENOSYS, another architecture's kill the process."""
    import pyseccomp as seccomp  # loads libseccomp: only the broker needs it

    program: Any = seccomp.SyscallFilter(seccomp.ERRNO(errno.ENOSYS))
    program.set_attr(seccomp.Attr.ACT_BADARCH, seccomp.KILL_PROCESS)
    program.set_attr(seccomp.Attr.CTL_OPTIMIZE, 2)
    for name in ALLOWED.read_text().split():
        _add(program, seccomp.ALLOW, name)
    for name in REFUSED:
        _add(program, seccomp.ERRNO(errno.EPERM), name)
    _add(program, seccomp.ALLOW, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, NEW_NAMESPACES, 0))
    for kind in (STREAM, DATAGRAM, SEQPACKET):
        _socket(program, seccomp, UNIX, kind, None)
    for family in (INET, INET6):
        for kind, protocol in ((STREAM, 6), (DATAGRAM, 17)):
            _socket(program, seccomp, family, kind, 0)
            _socket(program, seccomp, family, kind, protocol)
    for number in IOCTLS:
        _add(program, seccomp.ALLOW, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, 0xFFFFFFFF, number))
    for option in PRCTLS:
        _add(program, seccomp.ALLOW, "prctl", seccomp.Arg(0, seccomp.EQ, option))
    for command in FCNTLS:
        _add(program, seccomp.ALLOW, "fcntl", seccomp.Arg(1, seccomp.MASKED_EQ, 0xFFFFFFFF, command))
    _limits(program, seccomp)
    with tempfile.TemporaryFile() as file:
        program.export_bpf(file)
        file.seek(0)
        return file.read()


def _limits(program: Any, seccomp: Any) -> None:
    """A process may change its own limits and its own precedence, and nobody else's: the keeper's end would be ours."""
    refuse = seccomp.ERRNO(errno.EPERM)
    own, others = seccomp.Arg(0, seccomp.EQ, 0), seccomp.Arg(0, seccomp.NE, 0)
    for name in ON_ONESELF:
        _add(program, seccomp.ALLOW, name, own)
        _add(program, refuse, name, others)
    for name, which in OWN_PROCESS.items():
        _add(program, seccomp.ALLOW, name, seccomp.Arg(0, seccomp.EQ, which), seccomp.Arg(1, seccomp.EQ, 0))
        _add(program, refuse, name, seccomp.Arg(0, seccomp.EQ, which), seccomp.Arg(1, seccomp.NE, 0))
        _add(program, refuse, name, seccomp.Arg(0, seccomp.NE, which))
    _add(program, refuse, "prlimit64", others)
    for kind in RLIMITS:
        changes = refuse if kind == RLIMIT_CORE else seccomp.ALLOW
        of_kind, reads = seccomp.Arg(1, seccomp.EQ, kind), seccomp.Arg(2, seccomp.EQ, 0)
        _add(program, changes, "prlimit64", own, of_kind, seccomp.Arg(2, seccomp.NE, 0))
        _add(program, seccomp.ALLOW, "prlimit64", own, of_kind, reads)
        _add(program, changes, "setrlimit", seccomp.Arg(0, seccomp.EQ, kind))


def _socket(program: Any, seccomp: Any, family: int, kind: int, protocol: int | None) -> None:
    arguments = [seccomp.Arg(0, seccomp.EQ, family), seccomp.Arg(1, seccomp.MASKED_EQ, SOCKET_TYPE, kind)]
    if protocol is not None:
        arguments.append(seccomp.Arg(2, seccomp.EQ, protocol))
    _add(program, seccomp.ALLOW, "socket", *arguments)


def _add(program: Any, action: Any, name: str, *arguments: Any) -> None:
    try:
        program.add_rule(action, name, *arguments)
    except (OSError, ValueError, RuntimeError):
        return  # a call that this architecture or this libseccomp does not know stays unknown, so refused
