"""What a handler can ask of the kernel: calls by name, by number and by foreign convention, options, devices, dumps."""

from __future__ import annotations

import platform
from collections.abc import Callable

import pytest

from lambdalab.sandbox import Policy, Status
from tests.sandbox.conftest import KIT, Attack
from tests.sandbox.driver import Driven

AS_BOTH = True
pytestmark = pytest.mark.usefixtures("canary")

MISSING = [
    "mlock", "mlockall", "mlock2", "mbind", "set_mempolicy", "get_mempolicy", "migrate_pages", "move_pages",
    "remap_file_pages", "kcmp", "io_setup", "io_submit", "io_uring_enter", "io_uring_register", "vhangup",
    "clock_settime", "settimeofday", "adjtimex", "clock_adjtime", "setdomainname", "delete_module", "kexec_file_load",
    "lookup_dcookie", "pkey_alloc", "process_madvise", "process_mrelease", "quotactl_fd", "map_shadow_stack",
    "lsm_set_self_attr", "statmount", "inotify_init1", "clone3",
]  # fmt: skip
NEW_USER, NEW_NS, NEW_NET, NEW_PID = 0x10000000, 0x20000, 0x40000000, 0x20000000
SWEPT = range(337, 700)  # from the last of the old calls (335 and 336 are the kernel's own) to well beyond the newest


def test_calls_that_change_the_machine_do_not_exist(attack: Attack) -> None:
    report = attack("return {name: syscall(name) for name in event['names']}", {"names": MISSING})
    assert report.result == dict.fromkeys(MISSING, "ENOSYS")


@pytest.mark.skipif(platform.machine() != "x86_64", reason="other machines number their calls in another way")
def test_calls_that_nobody_has_heard_of_do_not_exist(attack: Attack) -> None:
    report = attack(
        """
numbers = [n for n in range(*event["swept"]) if n not in event["known"]]
libc, found = ctypes.CDLL(None, use_errno=True), {}
for number in numbers:
    ctypes.set_errno(0)
    libc.syscall(number, -1, -1, -1, -1, -1, -1)
    if ctypes.get_errno() != 38: found[number] = ctypes.get_errno()
return found
        """,
        {
            "swept": [SWEPT.start, SWEPT.stop],
            # close_range, openat2, faccessat2, epoll_pwait2, futex_waitv, cachestat, fchmodat2 are allowed; three refused
            "known": [436, 437, 439, 441, 449, 451, 452, 425, 438],
        },
    )
    assert report.result == {}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the x32 convention is an x86 matter")
def test_calls_of_the_x32_convention_do_not_get_through(attack: Attack) -> None:
    report = attack("return ctypes.CDLL(None, use_errno=True).syscall(0x40000000 | 39)")
    assert report.status is Status.EXIT or report.result == -1


@pytest.mark.parametrize("flags", [NEW_USER, NEW_NS, NEW_NET, NEW_PID, NEW_USER | NEW_NS | NEW_NET | NEW_PID])
def test_a_child_gets_no_namespace_of_its_own(attack: Attack, flags: int) -> None:
    assert attack(f"return syscall('clone', {flags} | 17)").result == "ENOSYS"


def test_the_keepers_namespaces_cannot_be_entered_or_opened(attack: Attack) -> None:
    report = attack("""
names = os.listdir("/proc/self/ns")
return [outcome(lambda: open(f"/proc/1/ns/{name}").read(1)) for name in names] + [
        syscall("setns", os.open(f"/proc/self/ns/{name}", os.O_RDONLY)) for name in names]
    """)
    assert set(report.result) == {"EACCES", "EPERM"}


@pytest.mark.parametrize("option", [8, 22, 24, 25, 26, 28, 29, 35, 36, 48, 53, 55, 59, 0x59616D61])
def test_options_of_a_process_that_nobody_needs_do_not_exist(attack: Attack, option: int) -> None:
    body = f"return [ctypes.CDLL(None, use_errno=True).prctl({option}, 1, 0, 0, 0), ctypes.get_errno()]"
    assert attack(body).result == [-1, 38]


DEVICE_CALLS = [
    0x5412, 0x541C, 0xC0045877, 0x40086602, 0x40085203, 0x5206, 0x40045201, 0xC0189436, 0xB701, 0xB703, 0x40049409,
    0x1261, 0x125D, 0x5601, 0x4B4E, 0x8904,
]  # fmt: skip


def test_calls_to_devices_do_not_exist(attack: Attack) -> None:
    report = attack(
        """
import fcntl
fds = [os.open(path, os.O_RDONLY) for path in ("/dev/null", "/dev/urandom", "/usr/bin/env", "/tmp", "/proc/self/ns/net")]
fds += [0, 1, 2, socket.socket().detach()]
return sorted({outcome(lambda: fcntl.ioctl(fd, number, b"x" * 64)) for fd in fds for number in event["numbers"]})
        """,
        {"numbers": DEVICE_CALLS},
    )
    assert report.result == ["ENOSYS"]


def test_the_limit_of_core_dumps_cannot_be_changed(attack: Attack) -> None:
    # 0 would be too little: a program named in core_pattern is started for it. core(5)
    report = attack("""
import resource
tried = [outcome(lambda: resource.setrlimit(resource.RLIMIT_CORE, pair)) for pair in ((0, 0), (0, 1), (1, 1), (-1, -1))]
return [set(tried) == {"not allowed to raise maximum limit"}, resource.getrlimit(resource.RLIMIT_CORE)]
    """)
    assert report.result == [True, [1, 1]]


def test_a_crash_leaves_no_core(jail: Callable[..., Driven]) -> None:
    driven = jail("""
        import ctypes, os
        def handler(event, context):
            os.chdir("/tmp")
            if event: ctypes.string_at(0)
            return os.listdir("/tmp")
    """)
    driven.init()
    assert driven.invoke({"crash": True}).payload == (
        b"Runtime exited with error: signal: segmentation fault (core dumped)"  # AWS's words
    )
    driven.environment.reset()
    driven.init()
    assert driven.invoke().result == []


SWITCHES = [
    "sysrq-trigger", "sys/kernel/core_pattern", "sys/vm/drop_caches", "sys/vm/overcommit_memory", "sys/kernel/panic",
    "sys/kernel/pid_max", "sys/kernel/shmmax", "sys/kernel/randomize_va_space", "sys/user/max_user_namespaces",
    "sys/net/core/somaxconn", "sys/net/ipv4/ip_unprivileged_port_start", "sys/fs/suid_dumpable", "irq/default_smp_affinity",
    "self/uid_map", "self/gid_map", "self/setgroups", "self/loginuid", "timer_list", "kcore", "kmsg", "mtrr", "acpi/alarm",
]  # fmt: skip


def test_no_switch_of_the_kernel_can_be_moved(attack: Attack) -> None:
    body = "return [path for path in event['paths'] if outcome(lambda: os.write(os.open(f'/proc/{path}', 1), b'0')) == 'done']"
    assert attack(body, {"paths": SWITCHES}).result == []


def test_addresses_of_the_kernel_are_not_told(attack: Attack) -> None:
    report = attack("""
told = set()
try: told = {line.split()[0].strip("0") for line in open("/proc/kallsyms").readlines()[:1_000]}
except OSError: pass
return [sorted(told), outcome(lambda: open("/proc/self/stack").read()), open("/proc/self/wchan").read()]
    """)
    symbols, stack, wait = report.result
    assert set(symbols) <= {""}
    assert stack in ("EACCES", "EPERM", "ENOENT")
    assert wait == "0"


def test_pages_of_a_read_only_file_cannot_be_written_through_memory(attack: Attack) -> None:
    report = attack("""
import mmap
path, before = "/var/task/app.py", open("/var/task/app.py", "rb").read()
fd = os.open(path, os.O_RDONLY)
shared = outcome(lambda: mmap.mmap(fd, 0, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE))
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
results = []
for flags in (1, 2):
    address = libc.mmap(None, ctypes.c_size_t(4096), 1, flags, fd, ctypes.c_long(0))
    def write():
        with open("/proc/self/mem", "r+b", 0) as memory: memory.seek(address); memory.write(b"owned")
    results.append(outcome(write))
return [shared, results[0], open(path, "rb").read() == before]
    """)
    assert report.result[0] in ("EACCES", "EPERM", "EROFS")
    assert report.result[1] in ("EIO", "EFAULT", "EACCES", "EPERM")
    assert report.result[2] is True


def test_towers_of_epolls_and_floods_of_small_things_end_with_their_environment(jail: Callable[..., Driven]) -> None:
    driven = jail("""
        import ctypes, os, select
        from kit import outcome
        def handler(event, context):
            libc, towers = ctypes.CDLL(None, use_errno=True), [select.epoll() for _ in range(20)]
            nested = [outcome(lambda: a.register(b)) for a, b in zip(towers, towers[1:])]
            made = 0
            while libc.eventfd(0, 0) >= 0: made += 1
            return [nested.count("ELOOP") > 0, nested.count("done") < 19, made < 256]
    """, files={"kit.py": KIT}, policy=Policy(files=256))  # fmt: skip
    driven.init()
    assert driven.invoke().result == [True, True, True]
    driven.environment.reset()
    assert driven.init().status is Status.READY
