"""Files as a weapon and as a channel: links, names, locks, times, attributes; and secrets that others left in memory."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from lambdalab.sandbox import Policy, Status
from tests.sandbox.conftest import KIT, Attack
from tests.sandbox.driver import Driven

AS_BOTH = True
pytestmark = pytest.mark.usefixtures("canary")
Jail = Callable[..., Driven]


def test_the_hosts_device_nodes_keep_their_times(attack: Attack) -> None:
    paths = [f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom")]
    before = [os.stat(path).st_mtime_ns for path in paths]
    body = "return [outcome(lambda: os.utime(path)) for path in event] + [os.write(os.open('/dev/null', 1), b'x')]"
    assert attack(body, paths).result == ["EROFS"] * 5 + [1]
    assert [os.stat(path).st_mtime_ns for path in paths] == before


def test_what_others_open_cannot_be_watched(attack: Attack) -> None:
    report = attack("""
import fcntl
fd, shared = os.open("/usr/bin", os.O_RDONLY), os.open("/usr/bin/env", os.O_RDONLY)
own = os.open("/var/task/app.py", os.O_RDONLY)
return [syscall("inotify_init1"), outcome(lambda: fcntl.fcntl(fd, 1026, 0x8000003F)),
        *(outcome(lambda: fcntl.fcntl(each, 1024, kind)) for each in (shared, own) for kind in (0, 1))]
    """)
    assert report.result == ["ENOSYS"] * 6


def test_attributes_that_give_rights_cannot_be_set(attack: Attack) -> None:
    report = attack("""
open("/tmp/file", "w").close()
capability = bytes.fromhex("0100000200200000000000000000000000000000")
names = ["security.capability", "trusted.overlay.opaque", "security.ima"]
return [outcome(lambda: os.setxattr("/tmp/file", name, capability)) for name in names]
    """)
    assert set(report.result) <= {"EPERM", "ENOTSUP", "EACCES"}


def test_pipes_and_devices_cannot_be_made_anywhere(attack: Attack) -> None:
    report = attack("""
kinds = [0o10666, 0o20666, 0o60666, 0o140666]
return [outcome(lambda: os.mknod(f"/tmp/{kind}", kind, os.makedev(1, 3))) for kind in kinds] + os.listdir("/tmp")
    """)
    assert report.result == ["EPERM"] * 4


def test_links_and_renames_left_in_tmp_lead_the_worker_nowhere(jail: Jail, canary: Path) -> None:
    driven = jail("""
        import os
        def handler(event, context):
            path = event["path"]
            for name in ("result", "report.json", "core", "app.py", "..."): os.symlink(path, f"/tmp/{name}")
            os.symlink("/tmp/loop", "/tmp/loop")
            if os.fork() == 0:
                os.mkdir("/tmp/a"); os.symlink(os.path.dirname(path), "/tmp/b")
                while True:
                    os.rename("/tmp/a", "/tmp/c"); os.rename("/tmp/b", "/tmp/a")
                    os.rename("/tmp/a", "/tmp/b"); os.rename("/tmp/c", "/tmp/a")
            return "laid"
    """)  # fmt: skip
    driven.init()
    driven.invoke({"path": str(canary)})
    driven.environment.freeze()
    driven.environment.thaw()
    driven.environment.reset()
    assert driven.init().status is Status.READY


def test_folders_as_deep_as_the_inodes_go_end_with_their_environment(jail: Jail) -> None:
    driven = jail("""
        import os
        def handler(event, context):
            os.chdir("/tmp"); depth = 0
            try:
                while True: os.mkdir("d"); os.chdir("d"); depth += 1
            except OSError: return depth
    """, policy=Policy(inodes=3_000))  # fmt: skip
    driven.init()
    assert driven.invoke().result in (2_998, 2_999)


@pytest.mark.parametrize("size_mb", [4, 24])
def test_more_fits_into_tmp_where_more_may(attack: Attack, size_mb: int) -> None:
    report = attack("""
fds, held = [os.open(f"/tmp/{n}", os.O_CREAT | os.O_WRONLY) for n in range(2)], 0
for fd in fds:
    try:
        while True: held += os.write(fd, bytes(1 << 18))
    except OSError: pass
return held
    """, policy=Policy(tmp_mb=size_mb))  # fmt: skip
    assert report.result == size_mb << 20


@pytest.mark.parametrize("size_mb", [4, 24])
def test_space_is_not_had_by_asking_for_it(attack: Attack, size_mb: int) -> None:
    body = "return outcome(lambda: os.posix_fallocate(os.open('/tmp/x', os.O_CREAT | os.O_RDWR), 0, 8 << 20))"
    assert (attack(body, policy=Policy(tmp_mb=size_mb)).result == "done") == (size_mb == 24)


@pytest.mark.parametrize(("field", "small", "large"), [("inodes", 50, 90), ("files", 40, 80)])
def test_more_files_are_had_where_more_may_be(attack: Attack, field: str, small: int, large: int) -> None:
    body = """
fds = []
try:
    while len(fds) < 500:
        path = "/dev/null" if event == "files" else f"/tmp/{len(fds)}"
        fds.append(os.open(path, os.O_CREAT | os.O_RDWR))
        if event != "files": os.close(fds[-1])
except OSError: pass
return len(fds)
    """
    few, many = (attack(body, field, policy=Policy(**{field: most})).result for most in (small, large))
    assert many - few == large - small


def test_attributes_of_files_use_up_tmp_as_files_do(attack: Attack) -> None:
    report = attack("""
open("/tmp/file", "w").close()
made = 0
try:
    while made < 100_000: os.setxattr("/tmp/file", f"user.{made}", b"x" * 60_000); made += 1
except OSError as error: return made
    """, policy=Policy(inodes=200))  # fmt: skip
    assert report.result < 1_000  # none where the kernel has none for tmpfs


def test_the_heap_holds_nothing_of_the_worker_and_nothing_of_others(jail: Jail, monkeypatch: pytest.MonkeyPatch) -> None:
    worker, other = secrets.token_hex(16), secrets.token_hex(16)
    monkeypatch.setenv("DJANGO_SECRET_KEY", worker)
    before = jail("kept = []\ndef handler(event, context): kept.append(event['secret'] * 100); return len(kept)")
    before.init()
    before.invoke({"secret": other})
    thief = jail(
        r"""
        import hashlib, re
        def handler(event, context):
            counts, seen = [0] * len(event["secrets"]), 0
            with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
                for line in maps.readlines():
                    first, last, rights = re.match(r"(\w+)-(\w+) (\S+)", line).groups()
                    if rights[0] != "r" or "[v" in line: continue
                    try:
                        memory.seek(int(first, 16)); content = memory.read(int(last, 16) - int(first, 16))
                    except OSError: continue
                    seen += len(content)
                    for number, (begins, digest) in enumerate(event["secrets"]):
                        for at in re.finditer(begins.encode(), content):
                            counts[number] += hashlib.sha256(content[at.end() : at.end() + 24]).hexdigest() == digest
            return [counts, seen > 10_000_000]
        """,
        policy=Policy(memory_mb=512),
    )
    thief.init()
    looked_for = [(secret[:8], hashlib.sha256(secret[8:].encode()).hexdigest()) for secret in (worker, other)]
    assert thief.invoke({"secrets": looked_for}).result == [[0, 0], True]


def test_a_shared_file_tells_no_environment_of_anothers_reading(jail: Jail) -> None:
    code = """
        import os
        def handler(event, context):
            if event: open("/usr/bin/env", "rb").read()
            return os.stat("/usr/bin/env").st_mtime_ns
    """
    one, other = jail(code), jail(code, files={"other.py": KIT})
    one.init()
    other.init()
    before = one.invoke().result
    other.invoke({"read": True})
    assert one.invoke().result == before
