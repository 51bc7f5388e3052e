"""The folders that environments see as /var/task."""

from __future__ import annotations

import errno
import multiprocessing
import os
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from lambdalab.sandbox import CodeStore, SandboxError
from lambdalab.sandbox.packages import BadPackage, PackageFile

CODE = {"app.py": b"def handler(event, context): ...\n", "lib/deep/er.py": b"X = 1\n"}
HOUR = 3_600.0
NO_LIMIT = 1 << 40


@pytest.fixture
def store(tmp_path: Path) -> CodeStore:
    return CodeStore(tmp_path / "code")


def kept(tmp_path: Path) -> list[str]:
    """What lies in the store's folder, the lock aside."""
    return sorted(name for name in os.listdir(tmp_path / "code") if name != ".lock")


def age(tmp_path: Path, digest: str, hours: float) -> None:
    then = time.time() - hours * HOUR
    os.utime(tmp_path / "code" / digest, (then, then))


def test_the_same_files_are_stored_once_whatever_their_order(store: CodeStore, tmp_path: Path) -> None:
    first = store.put(CODE)
    assert store.put(dict(reversed(CODE.items()))) == first
    assert store.put_package(PackageFile(path, [content[:3], content[3:]]) for path, content in CODE.items()) == first
    assert kept(tmp_path) == [first]
    assert (tmp_path / "code" / first / "lib/deep/er.py").read_bytes() == b"X = 1\n"


@pytest.mark.parametrize(
    "other",
    [{"app.py": b""}, {"app.pyd": CODE["app.py"][1:], "lib/deep/er.py": b"X = 1\n"}, {"a": b"", "b": b""}, {"ab": b""}],
)
def test_other_files_have_another_digest(store: CodeStore, other: dict[str, bytes]) -> None:
    assert store.put(other) != store.put(CODE)


def test_everybody_may_read_and_nobody_write(store: CodeStore, tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        tool = PackageFile("bin/tool", [b"#!/bin/sh\n"], executable=True)
        digest = store.put_package([*(PackageFile(path, [data]) for path, data in CODE.items()), tool])
    finally:
        os.umask(old)
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in (tmp_path / "code" / digest).rglob("*")}
    assert modes["app.py"] == modes["er.py"] == "0o644"
    assert modes["tool"] == modes["lib"] == modes["deep"] == "0o755"


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "", ".", "a\0b", "a\\b", "\ud800"])
def test_paths_that_lead_out_are_refused_and_leave_nothing(store: CodeStore, tmp_path: Path, path: str) -> None:
    with pytest.raises(BadPackage):
        store.put({**CODE, path: b"x"})
    with pytest.raises(BadPackage):
        store.put_package([PackageFile("app.py", [b"x"]), PackageFile(path, [b"x"])])
    assert not (tmp_path / "code").exists() or kept(tmp_path) == []


def endless() -> Iterator[bytes]:
    while True:
        yield bytes(1 << 20)


def test_a_package_beyond_250_mb_is_refused_without_being_held(store: CodeStore, tmp_path: Path) -> None:
    tracemalloc.start()
    with pytest.raises(BadPackage, match="Unzipped size must be smaller than 262144000 bytes"):
        store.put_package([PackageFile("zeros", endless())])
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()
    assert kept(tmp_path) == []


def _put_at_once(root: Path, start: object, out: object) -> None:
    start.wait()
    out.put([CodeStore(root).put({f"{number}.py": b"x"}) for number in range(40)])


def test_processes_that_store_the_same_at_once_all_find_it_whole(tmp_path: Path) -> None:
    many = multiprocessing.get_context("fork")
    start, out = many.Event(), many.Queue()
    writers = [many.Process(target=_put_at_once, args=(tmp_path / "code", start, out)) for _ in range(4)]
    for each in writers:
        each.start()
    start.set()
    digests = [out.get(timeout=60) for _ in writers]
    for each in writers:
        each.join()
    assert all(of == digests[0] for of in digests)
    assert kept(tmp_path) == sorted(digests[0])


def test_a_disk_that_refuses_is_our_failure_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "code").write_text("a file where the folder should be")
    with pytest.raises(SandboxError, match=r"cannot be stored in .*code: File exists\. See who may write there\."):
        CodeStore(tmp_path / "code").put(CODE)


def test_a_disk_that_is_full_is_our_failure_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int, mode: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fchmod", full)
    with pytest.raises(SandboxError, match=r"No space left on device\. Free some space there\."):
        CodeStore(tmp_path / "code").put(CODE)
    assert kept(tmp_path) == []


def test_what_was_not_used_for_long_is_removed(store: CodeStore, tmp_path: Path) -> None:
    old, recent = store.put(CODE), store.put({"b.py": b""})
    age(tmp_path, old, 30)
    age(tmp_path, recent, 20)
    assert store.remove_unused(unused_s=24 * HOUR, bytes_max=NO_LIMIT) == 1
    assert kept(tmp_path) == [recent]
    assert store.put(CODE) == old
    assert kept(tmp_path) == sorted([old, recent])


def test_using_a_package_keeps_it(store: CodeStore, tmp_path: Path) -> None:
    digest = store.put(CODE)
    age(tmp_path, digest, 30)
    store.put(CODE)
    assert store.remove_unused(unused_s=24 * HOUR, bytes_max=NO_LIMIT) == 0


def test_beyond_the_bytes_the_longest_unused_go_first(store: CodeStore, tmp_path: Path) -> None:
    digests = [store.put({"data": bytes([number]) * 100_000}) for number in range(5)]
    for hours, digest in enumerate(digests, 2):
        age(tmp_path, digest, hours)
    assert store.remove_unused(unused_s=24 * HOUR, bytes_max=250_000) == 3
    assert kept(tmp_path) == sorted(digests[:2])


def test_what_a_run_may_still_use_stays_however_little_is_allowed(store: CodeStore, tmp_path: Path) -> None:
    digest = store.put(CODE)
    age(tmp_path, digest, 0.9)
    assert store.remove_unused(unused_s=0, bytes_max=0) == 0
    age(tmp_path, digest, 1.1)
    assert store.remove_unused(unused_s=0, bytes_max=0) == 1


def test_a_package_that_is_used_just_before_its_removal_stays(
    store: CodeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = store.put(CODE)
    age(tmp_path, digest, 30)
    remove = CodeStore._remove

    def late(self: CodeStore, folder: Path) -> bool:
        store.put(CODE)
        return remove(self, folder)

    monkeypatch.setattr(CodeStore, "_remove", late)
    assert store.remove_unused(unused_s=HOUR, bytes_max=NO_LIMIT) == 0
    assert kept(tmp_path) == [digest]


def test_what_a_killed_process_left_is_swept_up_later(store: CodeStore, tmp_path: Path) -> None:
    store.put(CODE)
    for name in (".partial-x", ".removed-y"):
        (tmp_path / "code" / name).mkdir()
    assert store.remove_unused(unused_s=HOUR, bytes_max=NO_LIMIT) == 0
    assert ".partial-x" in kept(tmp_path)
    for name in (".partial-x", ".removed-y"):
        age(tmp_path, name, 2)
    store.remove_unused(unused_s=HOUR, bytes_max=NO_LIMIT)
    assert len(kept(tmp_path)) == 1


def test_an_empty_installation_has_nothing_to_remove(store: CodeStore) -> None:
    assert store.remove_unused(unused_s=0, bytes_max=0) == 0
