"""The Linux calls that Python 3.11 does not offer: namespaces, mounts, capabilities, seccomp. x86-64 and arm64."""

import ctypes
import errno
import fcntl
import os
import platform
import socket
import struct

libc = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x02000000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND = 1, 2, 4, 8, 32, 4096
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_SECUREBITS = 1, 4, 24, 28
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, PR_SET_THP_DISABLE = 38, 47, 4, 41
SECUREBITS_LOCKED = 0x2F  # NOROOT, NO_SETUID_FIXUP, KEEP_CAPS off, each locked
SECCOMP_SET_MODE_FILTER = 1
CAPABILITY_VERSION_3 = 0x20080522
_ARM = platform.machine() == "aarch64"
SYS_SECCOMP, SYS_CAPSET, SYS_CLOSE_RANGE = (277, 91, 436) if _ARM else (317, 126, 436)


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """Leave the namespaces named by ``flags`` for new ones."""
    _check(libc.unshare(ctypes.c_int(flags)), f"unshare({flags:#x})")


def setns(fd: int, kind: int) -> None:
    """Enter the namespace that ``fd`` refers to."""
    _check(libc.setns(fd, kind), "setns")


def mount(source: "str | None", target: str, kind: "str | None", flags: int, data: "str | None" = None) -> None:
    """mount(2)."""
    result = libc.mount(
        source and source.encode(),
        target.encode(),
        kind and kind.encode(),
        ctypes.c_ulong(flags),
        data and data.encode(),
    )
    _check(result, f"mount {source} on {target}")


def bind_read_only(source: str, target: str) -> None:
    """Show ``source`` at ``target``, read-only, without devices and set-uid bits."""
    mount(source, target, None, MS_BIND)
    mount(None, target, None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)


def unmount(target: str) -> None:
    """Detach what is mounted at ``target``."""
    _check(libc.umount2(target.encode(), MNT_DETACH), f"umount {target}")


def prctl(option: int, first: int = 0, second: int = 0) -> int:
    """prctl(2)."""
    arguments = [ctypes.c_ulong(value) for value in (first, second, 0, 0)]
    return _check(libc.prctl(option, *arguments), f"prctl {option}")


def loopback_up() -> None:
    """Bring the loopback interface of a fresh network namespace up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anything:
        fcntl.ioctl(anything, 0x8914, struct.pack("16sh14x", b"lo", 0x41))  # SIOCSIFFLAGS: IFF_UP | IFF_RUNNING


def drop_capabilities() -> None:
    """Give up every capability for good: ambient, bounding, permitted, effective, inheritable."""
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0) < 0:
            if ctypes.get_errno() == errno.EINVAL:
                break
            _check(-1, "dropping a capability")
    prctl(PR_SET_SECUREBITS, SECUREBITS_LOCKED)
    _check(libc.syscall(SYS_CAPSET, struct.pack("Ii", CAPABILITY_VERSION_3, 0), bytes(24)), "capset")


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def load_seccomp(program: bytes) -> None:
    """Put a compiled BPF filter on this process and all it will start."""
    buffer = ctypes.create_string_buffer(program, len(program))
    loaded = _Program(len(program) // 8, ctypes.addressof(buffer))
    _check(libc.syscall(SYS_SECCOMP, SECCOMP_SET_MODE_FILTER, 0, ctypes.byref(loaded)), "seccomp")


def close_all_but(keep: "set[int]") -> None:
    """Close every descriptor that is not in ``keep``."""
    low = 0
    for fd in sorted(keep):
        if fd > low:
            libc.syscall(SYS_CLOSE_RANGE, low, fd - 1, 0)
        low = fd + 1
    libc.syscall(SYS_CLOSE_RANGE, low, 0xFFFFFFFF, 0)
