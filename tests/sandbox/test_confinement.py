"""What a hostile handler cannot do. Each test states a rule; a canary outside stays untouched and nothing is left."""

from __future__ import annotations

import os
import platform
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from lambdalab.sandbox import Policy, Sandbox, Status
from tests.sandbox.conftest import KIT, Attack
from tests.sandbox.driver import Driven
from tests.sandbox.host import broker_pid, descendants, settled_processes

AS_BOTH = True
pytestmark = pytest.mark.usefixtures("canary")


# ---- processes ----


def test_a_handler_sees_no_process_but_its_own(attack: Attack) -> None:
    report = attack("return [sorted(int(n) for n in os.listdir('/proc') if n.isdigit()), os.getpid(), os.getppid()]")
    pids, own, parent = report.result
    assert pids == [1, own]
    assert parent == 1


def test_the_keeper_shows_nothing_and_cannot_be_killed(attack: Attack, jail: Callable[..., Driven]) -> None:
    report = attack("""
secrets = ["environ", "mem", "maps", "root/etc/shadow", "cwd/etc", *(f"fd/{n}" for n in os.listdir("/proc/1/fd"))]
return {name: outcome(lambda: open(f"/proc/1/{name}", "rb").read(1)) for name in secrets}
    """)
    assert set(report.result.values()) <= {"EACCES", "EPERM"}
    driven = jail(
        "import os\ndef handler(event, context):\n    os.kill(1, 9); os.kill(1, 15); os.kill(1, 19)\n    return 'still here'"
    )
    driven.init()
    assert driven.invoke().result == driven.invoke().result == "still here"
    driven.environment.reset()
    assert driven.init().status is Status.READY


def test_killing_everybody_kills_nobody_else(jail: Callable[..., Driven], sandbox: Sandbox) -> None:
    bystander = jail("n = []\ndef handler(event, context): n.append(1); return len(n)")
    bystander.init()
    killer = jail("""
        import os, signal
        def handler(event, context):
            for everybody in (-1, 0):
                try: os.kill(everybody, 9)
                except ProcessLookupError: pass
            os.kill(os.getpid(), 9)
    """)
    killer.init()
    assert bystander.invoke().result == 1
    assert killer.invoke().status is Status.EXIT
    assert bystander.invoke().result == 2


def test_a_daemon_ends_with_the_runtime(jail: Callable[..., Driven], sandbox: Sandbox) -> None:
    before = len(descendants(broker_pid(sandbox)))
    driven = jail("""
        import os, signal, time
        def handler(event, context):
            for number in set(range(1, 65)) - {signal.SIGCHLD}:
                try: signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError): pass
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    while True: pass
                os._exit(0)
            os.wait()
            return sum(name.isdigit() for name in os.listdir("/proc"))
    """)
    driven.init()
    assert driven.invoke().result == 3
    assert settled_processes(sandbox, before + 3) == before + 3
    driven.environment.reset()
    assert settled_processes(sandbox, before + 1) == before + 1
    driven.environment.shutdown()


FORKS = """
made = 0
try:
    while made < 500:
        if os.fork() == 0:
            while True: os.read(event_pipe, 1)
        made += 1
except BlockingIOError: pass
return made
"""


def test_the_number_of_processes_is_limited(attack: Attack) -> None:
    report = attack("event_pipe = os.pipe()[0]" + FORKS, policy=Policy(processes=24))
    assert report.result == 24 - 3  # the keeper, the runtime and the clock's helper count too


def test_each_environment_has_its_own_count_of_processes(jail: Callable[..., Driven]) -> None:
    body = "\n".join(f"    {line}" for line in FORKS.strip().splitlines())
    code = f"import os\ndef handler(event, context):\n    event_pipe = os.pipe()[0]\n{body}\n"
    environments = [jail(code, policy=Policy(processes=24)) for _ in range(3)]
    for driven in environments:
        driven.init()
    assert [driven.invoke().result for driven in environments] == [21, 21, 21]


def test_the_number_of_threads_is_limited_with_the_processes(attack: Attack) -> None:
    report = attack("""
import threading
stop = threading.Event(); made = 0
try:
    while made < 500: threading.Thread(target=stop.wait).start(); made += 1
except RuntimeError: pass
stop.set()
return made
    """, policy=Policy(processes=24))  # fmt: skip
    assert report.result == 24 - 3


def test_a_fork_bomb_ends_with_its_environment(attack: Attack) -> None:
    report = attack(
        """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    try: os.fork()
    except OSError: pass
        """,
        policy=Policy(processes=60, wall_s=1),
    )
    assert report.status in (Status.TIMEOUT, Status.OUT_OF_MEMORY)


# ---- files ----


def test_no_file_outside_tmp_can_be_written(attack: Attack) -> None:
    # The clock's page lies in a file system of its own with eight inodes; who scribbles on it deceives himself.
    assert attack("return folders_that_can_be_written()").result == ["/run/clock", "/tmp"]


@pytest.mark.parametrize("path", ["/usr/bin/python3", "/etc/passwd", "/var/runtime/libclock.so", "/var/task/app.py"])
def test_no_file_of_the_system_can_be_changed(attack: Attack, path: str) -> None:
    report = attack(
        """
path = event["path"]
acts = [lambda: open(path, "r+b"), lambda: os.chmod(path, 0o777), lambda: os.unlink(path),
        lambda: os.rename(path, "/tmp/moved"), lambda: os.utime(path), lambda: os.chown(path, 993, 990),
        lambda: os.truncate(path, 0), lambda: os.setxattr(path, "user.a", b"b"), lambda: os.link(path, "/tmp/linked")]
return [outcome(act) for act in acts]
        """,
        {"path": path},
    )
    assert set(report.result) <= {"EROFS", "EACCES", "EPERM", "EXDEV"}


def test_the_hosts_files_are_not_visible(attack: Attack, canary: Path, sandbox: Sandbox) -> None:
    hidden = [str(canary), "/etc/shadow", "/etc/hostname", "/etc/ssh", "/root", "/home", "/srv", "/mnt", "/sys", "/boot",
              "/var/lib", "/var/log", "/run/docker.sock", "/opt/x", "/dev/sda", "/dev/vda", "/dev/mem", "/dev/tty",
              "/dev/kmsg", "/dev/pts", "/dev/fuse", "/dev/kvm", "/dev/net/tun", str(sandbox.home.root),
              str(Path(__file__).resolve())]  # fmt: skip
    report = attack("return [path for path in event['paths'] if os.path.lexists(path)]", {"paths": hidden})
    assert report.result == []


def test_the_root_holds_nothing_but_what_a_handler_needs(attack: Attack) -> None:
    names = ["/", "/etc", "/code", "/lambdalab", "/var", "/run", "/opt", "/tmp", "/dev/shm", "/dev"]
    report = attack("return {name: sorted(os.listdir(name)) for name in event['names']}", {"names": names})
    found = report.result
    assert set(found.pop("/")) <= {
        "bin", "code", "dev", "etc", "lambdalab", "lib", "lib64", "opt", "proc", "run", "sbin", "tmp", "usr", "var",
    }  # fmt: skip
    assert found == {
        "/etc": ["passwd"],
        "/code": [],
        "/lambdalab": [],
        "/var": ["runtime", "task"],
        "/run": ["clock"],
        "/opt": [],
        "/tmp": [],
        "/dev/shm": [],
        "/dev": sorted(["fd", "full", "null", "random", "shm", "stderr", "stdin", "stdout", "urandom", "zero"]),
    }


def test_links_lead_nowhere_outside(attack: Attack, canary: Path) -> None:
    report = attack(
        """
os.symlink(event["path"], "/tmp/link")
os.symlink("/proc/1/root" + event["path"], "/tmp/through")
return [outcome(lambda: open(path, "a")) for path in ("/tmp/link", "/tmp/through", "/proc/self/root" + event["path"],
        "../" * 30 + event["path"])]
        """,
        {"path": str(canary)},
    )
    assert set(report.result) <= {"ENOENT", "EACCES", "EROFS"}


def test_the_size_of_tmp_is_limited(attack: Attack) -> None:
    report = attack("""
written = 0
try:
    with open("/tmp/big", "wb", 0) as file:
        while True: written += file.write(bytes(1 << 20))
except OSError as error: return [written, error.errno]
    """, policy=Policy(tmp_mb=16))  # fmt: skip
    size, number = report.result
    assert 14 << 20 <= size <= 16 << 20
    assert number in (28, 27)  # ENOSPC, or EFBIG where one file is as large as all of /tmp


def test_a_sparse_file_cannot_be_larger_than_tmp(attack: Attack) -> None:
    body = "return outcome(lambda: os.truncate(os.open('/tmp/sparse', os.O_CREAT | os.O_RDWR), 1 << 40))"
    assert attack(body).result == "EFBIG"


def test_the_number_of_files_is_limited(attack: Attack) -> None:
    report = attack("""
made = 0
try:
    while made < 5000: open(f"/tmp/{made}", "w").close(); made += 1
except OSError as error: return [made, error.errno]
    """, policy=Policy(inodes=100))  # fmt: skip
    made, number = report.result
    assert made in (98, 99)
    assert number == 28


def test_the_number_of_descriptors_is_limited(attack: Attack) -> None:
    report = attack("""
fds = []
try:
    while True: fds.append(os.open("/dev/null", os.O_RDONLY))
except OSError as error: return [fds[-1], error.errno]
    """, policy=Policy(files=64))  # fmt: skip
    assert report.result == [63, 24]


def test_limits_cannot_be_raised(attack: Attack) -> None:
    report = attack("""
import resource
kinds = [resource.RLIMIT_NPROC, resource.RLIMIT_NOFILE, resource.RLIMIT_CORE, resource.RLIMIT_FSIZE,
         resource.RLIMIT_MEMLOCK, resource.RLIMIT_DATA, resource.RLIMIT_MSGQUEUE]
raised = [outcome(lambda: resource.setrlimit(kind, (-1, -1))) for kind in kinds]
return [raised, outcome(lambda: os.nice(-20)), os.nice(0)]
    """)
    raised, nice, now = report.result
    assert set(raised) <= {"not allowed to raise maximum limit", "EPERM"}
    assert (nice, now) == ("EPERM", 15)


def test_an_environment_sees_neither_anothers_tmp_nor_its_code(jail: Callable[..., Driven], sandbox: Sandbox) -> None:
    owner = jail("""
        import os, socket
        kept = socket.socket(socket.AF_UNIX); kept.bind("\\0rendezvous"); kept.listen()
        def handler(event, context): open("/tmp/secret", "w").write("mine"); return os.listdir("/var/task")
    """, files={"secret.py": b"KEY = 1"})  # fmt: skip
    owner.init()
    assert sorted(owner.invoke().result) == ["app.py", "secret.py"]
    digests = sorted(path.name for path in sandbox.home.code.iterdir())
    other = jail("""
        import os, socket
        from kit import outcome, syscall
        def handler(event, context):
            end = socket.socket(socket.AF_UNIX)
            return [os.listdir("/tmp"), sorted(os.listdir("/var/task")),
                    [d for d in event["digests"] if os.path.lexists(f"/code/{d}")],
                    outcome(lambda: end.connect("\\0rendezvous")), syscall("shmget", 0, 4096, 0o1666)]
    """, files={"kit.py": KIT})  # fmt: skip
    other.init()
    assert other.invoke({"digests": digests}).result == [[], ["app.py", "kit.py"], [], "ECONNREFUSED", "ENOSYS"]


def test_descriptors_under_way_keep_no_other_environment_from_starting(jail: Callable[..., Driven]) -> None:
    """The kernel counts descriptors that nobody has received yet for all environments of a user together."""
    sender = jail("""
        import array, os, socket
        kept = []
        def handler(event, context):
            ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            kept.append(ends)
            ends[0].setblocking(False)
            fds, sent = array.array("i", [os.open("/dev/null", os.O_RDONLY)] * 250), 0
            try:
                while True:
                    ends[0].sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)]); sent += len(fds)
            except OSError as error: return [sent, error.errno]
    """)
    sender.init()
    sent, number = sender.invoke().result
    assert sent >= 1_000
    assert number in (11, 109)  # EAGAIN, ETOOMANYREFS
    others = [jail("def handler(event, context): return 'here'") for _ in range(5)]
    assert [other.init().status for other in others] == [Status.READY] * 5
    assert [other.invoke().result for other in others] == ["here"] * 5


def test_set_uid_bits_give_nothing(attack: Attack) -> None:
    report = attack("""
import shutil
shutil.copy("/usr/bin/python3", "/tmp/python"); os.chmod("/tmp/python", 0o6755)
told = subprocess.run(["/tmp/python", "-I", "-S", "-c", "import os; print(os.getresuid(), os.getresgid())"],
                      capture_output=True, text=True, env={}).stdout.strip()
become = [outcome(lambda: os.setuid(0)), outcome(lambda: os.setresuid(0, 0, 0)), outcome(lambda: os.setgroups([0])),
          outcome(lambda: os.setuid(1000))]
return [told, become, os.getresuid(), os.getresgid()]
    """)
    told, become, uids, gids = report.result
    assert told == "(993, 993, 993) (990, 990, 990)"
    assert set(become) <= {"EPERM", "EINVAL"}
    assert (uids, gids) == ([993] * 3, [990] * 3)


def test_the_kernels_settings_cannot_be_changed(attack: Attack) -> None:
    paths = ["/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/vm/overcommit_memory",
             "/proc/sys/kernel/hostname", "/proc/sys/user/max_user_namespaces",
             "/proc/sys/net/ipv4/ip_forward", "/proc/sys/fs/pipe-max-size"]  # fmt: skip
    report = attack("return [outcome(lambda: open(path, 'w').write('1')) for path in event['paths']]", {"paths": paths})
    assert set(report.result) <= {"EACCES", "EPERM", "EROFS", "ENOENT"}


def test_device_nodes_cannot_be_made(attack: Attack) -> None:
    report = attack("return outcome(lambda: os.mknod('/tmp/disk', 0o60666, os.makedev(254, 0)))")
    assert report.result == "EPERM"


# ---- the network ----


def test_the_network_is_unreachable(attack: Attack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        report = attack(
            """
def tcp(host, port): socket.create_connection((host, port), timeout=2)
def udp(host): socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", (host, 53))
return [outcome(lambda: tcp("127.0.0.1", event["port"])), outcome(lambda: tcp("192.0.2.1", 80)),
        outcome(lambda: tcp("169.254.169.254", 80)), outcome(lambda: tcp("2001:db8::1", 80)),
        outcome(lambda: udp("192.0.2.1")),
        [line.split(":")[0].strip() for line in open("/proc/net/dev").readlines()[2:]]]
            """,
            {"port": listener.getsockname()[1]},
        )
        with pytest.raises(BlockingIOError):
            listener.accept()
    own, *silent, six, datagram, interfaces = report.result
    assert own == "ECONNREFUSED"
    assert silent == ["TimeoutError"] * 2
    assert six == "ENETUNREACH"
    assert datagram == "done"  # and lost: it left with the turn
    assert interfaces == ["lo"]


def test_names_are_not_resolved(attack: Attack) -> None:
    body = """
try: return socket.getaddrinfo("example.com", 80)
except socket.gaierror as error: return error.errno
    """
    assert attack(body).result == socket.EAI_NONAME


def test_the_hosts_abstract_sockets_are_unreachable(attack: Attack) -> None:
    name = f"\0lambdalab-canary-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name)
        listener.listen()
        body = "return outcome(lambda: socket.socket(socket.AF_UNIX).connect(event['name']))"
        assert attack(body, {"name": name}).result == "ECONNREFUSED"


def test_an_environment_can_talk_to_itself(attack: Attack) -> None:
    report = attack("""
with socket.create_server(("127.0.0.1", 8080)) as listener:
    with socket.create_connection(("127.0.0.1", 8080)) as one:
        other, _ = listener.accept()
        one.sendall(b"hello")
        with other: return other.recv(5).decode()
    """)
    assert report.result == "hello"


@pytest.mark.parametrize(
    ("family", "kind", "protocol"),
    [(16, 3, 0), (17, 3, 768), (2, 3, 1), (38, 5, 0), (40, 1, 0), (2, 1, 262), (21, 5, 0), (31, 5, 0), (29, 3, 1)],
    ids=["netlink", "packet", "raw", "crypto", "vsock", "mptcp", "rds", "bluetooth", "can"],
)
def test_odd_sockets_are_refused(attack: Attack, family: int, kind: int, protocol: int) -> None:
    body = f"return outcome(lambda: socket.socket({family}, {kind}, {protocol}))"
    assert attack(body).result == "ENOSYS"


# ---- rights ----


def test_no_capability_is_left(attack: Attack) -> None:
    report = attack(
        "return dict(line.split(':\\t') for line in open('/proc/self/status').read().splitlines() if ':\\t' in line)"
    )
    status = report.result
    assert {status[f"Cap{name}"] for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


@pytest.mark.parametrize("flag", [0x10000000, 0x20000, 0x20000000, 0x40000000, 0x8000000, 0x4000000, 0x2000000])
def test_no_new_namespace_can_be_made(attack: Attack, flag: int) -> None:
    body = f"return [syscall('unshare', {flag}), syscall('clone', {flag} | 17), syscall('clone3', 0, 88)]"
    assert attack(body).result == ["EPERM", "ENOSYS", "ENOSYS"]
    assert attack("return syscall('unshare', 0x80)").result == "EPERM"  # of time: only unshare makes one


REFUSED = [
    "ptrace", "mount", "umount2", "keyctl", "add_key", "request_key", "bpf", "perf_event_open", "userfaultfd", "setns",
    "pivot_root", "chroot", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "open_by_handle_at",
    "io_uring_setup", "sethostname", "reboot", "init_module", "finit_module", "kexec_load", "syslog", "swapon", "acct",
    "personality",
]  # fmt: skip
UNKNOWN = [
    "memfd_create", "shmget", "msgget", "semget", "mq_open", "seccomp", "pidfd_open", "mount_setattr", "fsopen",
    "move_mount", "open_tree", "landlock_create_ruleset", "memfd_secret", "name_to_handle_at", "fanotify_init",
    "vmsplice",
]  # fmt: skip


def test_calls_that_reach_into_the_kernel_are_refused(attack: Attack) -> None:
    report = attack("return {name: syscall(name) for name in event['names']}", {"names": REFUSED})
    assert report.result == dict.fromkeys(REFUSED, "EPERM")


def test_calls_that_nobody_needs_do_not_exist(attack: Attack) -> None:
    report = attack("return {name: syscall(name) for name in event['names']}", {"names": UNKNOWN})
    assert report.result == dict.fromkeys(UNKNOWN, "ENOSYS")


def test_a_child_is_confined_as_its_parent(attack: Attack) -> None:
    report = attack("""
code = "from kit import *; print(syscall('unshare', 0x10000000), syscall('ptrace'), os.getuid(), os.listdir('/etc'))"
return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={}).stdout.strip()
    """)
    assert report.result == "EPERM EPERM 993 ['passwd']"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="32-bit calls are an x86 matter")
def test_calls_of_another_architecture_end_the_process(attack: Attack) -> None:
    report = attack("""
import mmap
page = mmap.mmap(-1, 4096, prot=7)
page.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20 (getpid); int 0x80; ret
address = ctypes.addressof(ctypes.c_char.from_buffer(page))
return ctypes.CFUNCTYPE(ctypes.c_int)(address)()
    """)
    assert (report.status, report.payload) == (Status.EXIT, b"Runtime exited with error: signal: signal 31")


def test_terminals_cannot_be_typed_into(attack: Attack) -> None:
    body = "import fcntl; return [outcome(lambda: fcntl.ioctl(fd, 0x5412, b'x')) for fd in (0, 1, 2)]"
    assert set(attack(body).result) <= {"ENOSYS", "ENOTTY"}


# ---- secrets ----


def test_the_hosts_environment_is_not_visible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://canary")
    code = b"import os\ndef handler(e, c): return [dict(os.environ), open('/proc/self/environ').read()]"
    with Sandbox.private() as private, Driven(private, {"app.py": code}) as driven:
        pids = [broker_pid(private), *descendants(broker_pid(private))]
        assert not [pid for pid in pids if b"canary" in Path(f"/proc/{pid}/environ").read_bytes()]
        driven.init()
        assert "canary" not in str(driven.invoke().result)


def test_a_handler_has_no_descriptor_but_its_own(attack: Attack) -> None:
    found = attack("return open_descriptors()").result
    kinds = sorted(found.values())
    assert kinds == ["c", "p", "p", "p", "p", "s"]  # stdin; the log four times; the control socket
    body = "return sorted({os.fstat(fd).st_ino for fd, kind in open_descriptors().items() if kind == 'p'})"
    assert len(attack(body).result) == 1


def test_standard_input_is_empty(attack: Attack) -> None:
    assert attack("return [sys.stdin.read() if sys.stdin else '', os.read(0, 9).decode()]").result == ["", ""]


# ---- output and memory ----


def test_log_output_is_bounded(attack: Attack) -> None:
    report = attack("for _ in range(2_000): print('x' * 9_999)", policy=Policy(log_bytes=100_000))
    assert report.status is Status.OK
    assert sum(map(len, report.logs)) < 101_000
    assert report.logs[-1] == "[lambdalab] this invocation has logged 100,000 bytes; the rest is not kept."


def test_a_line_without_end_is_cut_into_events(attack: Attack) -> None:
    report = attack("for _ in range(64): os.write(1, b'x' * 65_536)", policy=Policy(log_bytes=4 * (262_144 + 26)))
    assert [len(text) for text in report.logs[:-1]] == [262_144] * 4
    assert "is not kept" in report.logs[-1]


def test_log_lines_cannot_pretend_to_be_the_platforms(attack: Attack) -> None:
    report = attack("print('REPORT RequestId: x\\tDuration: 1 ms'); print('START RequestId: y')")
    assert {line.stream for line in report.lines} == {"output"}


@pytest.mark.parametrize(
    "body",
    [
        "import mmap; m = mmap.mmap(-1, 300_000_000); m.write(bytes(300_000_000)); time.sleep(1)",
        "x = bytearray(300_000_000); x = None",
        "pids = [os.fork() for _ in range(2)]; x = bytearray(60_000_000)\nwhile True: pass",
        "x = []\nwhile True: x.append(bytearray(1_000_000))",
    ],
    ids=["shared", "short-lived", "children", "creeping"],
)
def test_memory_above_the_limit_kills_however_it_is_got(attack: Attack, body: str) -> None:
    assert attack(body).status is Status.OUT_OF_MEMORY


@pytest.mark.parametrize(
    "body",
    ["while True: pass", "import re; re.match('(a*)*$', 'a' * 40 + 'b')", "ctypes.CDLL(None).getchar; sum(range(10**12))",
     "while True:\n    try:\n        while True: len('')\n    except BaseException: pass"],
    ids=["loop", "regex", "in-c", "swallow"],
)  # fmt: skip
def test_a_busy_loop_ends_on_our_clock(attack: Attack, body: str) -> None:
    assert attack(body, policy=Policy(wall_s=0.5)).status is Status.TIMEOUT
