"""Put beside an attacking handler, inside the jail: system calls by name, and outcomes that can be compared."""

import ctypes
import errno
import os
import platform
import stat
from collections.abc import Callable

_X86 = {
    "read": 0, "shmget": 29, "ptrace": 101, "syslog": 103, "personality": 135, "pivot_root": 155, "chroot": 161,
    "acct": 163, "mount": 165, "umount2": 166, "swapon": 167, "reboot": 169, "sethostname": 170, "init_module": 175,
    "add_key": 248, "request_key": 249, "keyctl": 250, "unshare": 272, "mq_open": 240, "msgget": 68, "semget": 64,
    "perf_event_open": 298, "open_by_handle_at": 304, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311,
    "finit_module": 313, "seccomp": 317, "memfd_create": 319, "bpf": 321, "userfaultfd": 323, "io_uring_setup": 425,
    "clone3": 435, "pidfd_open": 434, "pidfd_getfd": 438, "mount_setattr": 442, "landlock_create_ruleset": 444,
    "memfd_secret": 447, "fsopen": 430, "move_mount": 429, "open_tree": 428, "clone": 56, "kexec_load": 246,
    "mknod": 133, "iopl": 172, "modify_ldt": 154, "name_to_handle_at": 303, "fanotify_init": 300, "vmsplice": 278,
    "rt_sigqueueinfo": 129, "mlock": 149, "mlockall": 151, "mlock2": 325, "mbind": 237, "set_mempolicy": 238,
    "get_mempolicy": 239, "migrate_pages": 256, "move_pages": 279, "remap_file_pages": 216, "kcmp": 312, "io_setup": 206,
    "io_submit": 209, "io_uring_enter": 426, "io_uring_register": 427, "quotactl": 179, "vhangup": 153,
    "clock_settime": 227, "settimeofday": 164, "adjtimex": 159, "clock_adjtime": 305, "setdomainname": 171,
    "delete_module": 176, "kexec_file_load": 320, "lookup_dcookie": 212, "pkey_alloc": 330, "process_madvise": 440,
    "process_mrelease": 448, "quotactl_fd": 443, "map_shadow_stack": 453, "lsm_set_self_attr": 460, "statmount": 457,
    "inotify_init1": 294, "clock_gettime": 228, "epoll_create1": 291,
}  # fmt: skip
_ARM = {
    "read": 63, "shmget": 194, "ptrace": 117, "syslog": 116, "personality": 92, "pivot_root": 41, "chroot": 51,
    "acct": 89, "mount": 40, "umount2": 39, "swapon": 224, "reboot": 142, "sethostname": 161, "init_module": 105,
    "add_key": 217, "request_key": 218, "keyctl": 219, "unshare": 97, "mq_open": 180, "msgget": 186, "semget": 190,
    "perf_event_open": 241, "open_by_handle_at": 265, "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271,
    "finit_module": 273, "seccomp": 277, "memfd_create": 279, "bpf": 280, "userfaultfd": 282, "io_uring_setup": 425,
    "clone3": 435, "pidfd_open": 434, "pidfd_getfd": 438, "mount_setattr": 442, "landlock_create_ruleset": 444,
    "memfd_secret": 447, "fsopen": 430, "move_mount": 429, "open_tree": 428, "clone": 220, "kexec_load": 104,
    "name_to_handle_at": 264, "fanotify_init": 262, "vmsplice": 75,
    "rt_sigqueueinfo": 138, "mlock": 228, "mlockall": 230, "mlock2": 284, "mbind": 235, "set_mempolicy": 237,
    "get_mempolicy": 236, "migrate_pages": 238, "move_pages": 239, "remap_file_pages": 234, "kcmp": 272, "io_setup": 0,
    "io_submit": 2, "io_uring_enter": 426, "io_uring_register": 427, "quotactl": 60, "vhangup": 58,
    "clock_settime": 112, "settimeofday": 170, "adjtimex": 171, "clock_adjtime": 266, "setdomainname": 162,
    "delete_module": 106, "kexec_file_load": 294, "lookup_dcookie": 18, "pkey_alloc": 289, "process_madvise": 440,
    "process_mrelease": 448, "quotactl_fd": 443, "map_shadow_stack": 453, "lsm_set_self_attr": 460, "statmount": 457,
    "inotify_init1": 26, "clock_gettime": 113, "epoll_create1": 20,
}  # fmt: skip
NUMBERS = _X86 if platform.machine() == "x86_64" else _ARM
libc = ctypes.CDLL(None, use_errno=True)


def syscall(name: str, *arguments: int) -> str:
    """``done``, or the name of the error."""
    numbers = [ctypes.c_long(argument) for argument in (*arguments, 0, 0, 0, 0, 0, 0)[:6]]
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(NUMBERS[name]), *numbers)
    return "done" if result >= 0 else errno.errorcode[ctypes.get_errno()]


def outcome(act: Callable[[], object]) -> str:
    """``done``, or the name of the error."""
    try:
        act()
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, type(error).__name__)
    except ValueError as error:
        return str(error)
    return "done"


def open_descriptors() -> "dict[int, str]":
    """What each open descriptor is: a letter as ``ls -l`` shows it."""
    found = {}
    for fd in range(1024):
        try:
            found[fd] = stat.filemode(os.fstat(fd).st_mode)[0]
        except OSError:
            continue
    return found


def sockets() -> "list[int]":
    """The open sockets: the control socket, and whatever else should not be here."""
    return [fd for fd, kind in open_descriptors().items() if kind == "s"]


def folders_that_can_be_written() -> "list[str]":
    """Every folder below the root in which a file can be made; stops below one that can."""
    found = []
    for folder, below, _ in os.walk("/"):
        below[:] = [name for name in below if os.path.join(folder, name) not in ("/proc", "/usr/share", "/usr/lib")]
        path = os.path.join(folder, "intruder")
        if outcome(lambda path=path: os.close(os.open(path, os.O_CREAT | os.O_WRONLY))) == "done":
            os.unlink(path)
            found.append(folder)
            below.clear()
    return sorted(found)
