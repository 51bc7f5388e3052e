"""Control groups: found where they may be made, joined by descriptor, given back."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from lambdalab.sandbox.broker import cgroups


def version_1(tmp_path: Path) -> tuple[Path, Path]:
    own = tmp_path / "own"
    own.write_text("9:name=systemd:/\n8:pids:/school\n4:memory:/school\n0::/\n")
    for controller in ("memory", "pids"):
        (tmp_path / "mount" / controller / "school").mkdir(parents=True)
    return tmp_path / "mount", own


def version_2(tmp_path: Path, *, procs: str, controllers: str, top: str = "") -> tuple[Path, Path]:
    own = tmp_path / "own"
    own.write_text("0::/school.service\n")
    group = tmp_path / "mount" / "school.service"
    group.mkdir(parents=True)
    (group / "cgroup.procs").write_text(procs)
    (group / "cgroup.controllers").write_text(controllers)
    (tmp_path / "mount" / "cgroup.subtree_control").write_text(top)
    return tmp_path / "mount", own


def test_version_1_has_a_folder_a_controller(tmp_path: Path) -> None:
    mount, own = version_1(tmp_path)
    found = cgroups.find(tmp_path / "brokers", mount, own)
    assert found is not None
    group = found.make()
    group.limit(1 << 30, 40)
    assert (group.memory / "memory.limit_in_bytes").read_text() == str(1 << 30)
    assert (group.pids / "pids.max").read_text() == "40"
    assert group.memory.parent == mount / "memory" / "school"
    assert group.pids.parent == mount / "pids" / "school"


def test_a_delegated_group_of_version_2_is_divided(tmp_path: Path) -> None:
    mount, own = version_2(tmp_path, procs=f"{os.getpid()}\n", controllers="cpu memory pids\n")
    found = cgroups.find(tmp_path / "brokers", mount, own)
    assert found is not None
    assert found.version == 2
    group = found.make()
    group.limit(1 << 30, 40)
    assert (group.memory / "memory.max").read_text() == str(1 << 30)
    assert (group.memory / "pids.max").read_text() == "40"
    ours = mount / "school.service"
    assert (ours / "cgroup.subtree_control").read_text() == "+memory +pids"
    assert (ours / "sandboxd" / "cgroup.procs").read_text() == str(os.getpid())


def test_a_group_that_others_live_in_is_left_alone(tmp_path: Path) -> None:
    mount, own = version_2(tmp_path, procs=f"{os.getpid()}\n1\n", controllers="memory pids\n", top="memory pids")
    found = cgroups.find(tmp_path / "brokers", mount, own)
    assert found is not None
    assert found.make().memory.parent == mount / "lambdalab"
    assert not (mount / "school.service" / "sandboxd").exists()


@pytest.mark.parametrize("controllers", ["", "cpu", "memory", "pids"])
def test_without_both_controllers_there_are_none(tmp_path: Path, controllers: str) -> None:
    mount, own = version_2(tmp_path, procs=f"{os.getpid()}\n", controllers=controllers, top=controllers)
    assert cgroups.find(tmp_path / "brokers", mount, own) is None


def test_where_nothing_is_mounted_there_are_none(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("4:memory:/\n8:pids:/\n0::/\n")
    assert cgroups.find(tmp_path / "brokers", tmp_path / "nowhere", own) is None


OTHER = """
import sys, time
from pathlib import Path
from lambdalab.sandbox.broker import cgroups
found = cgroups.find(*map(Path, sys.argv[1:]))
print(*found.make()._folders(), flush=True)
time.sleep(60)
"""


@contextlib.contextmanager
def another(tmp_path: Path, mount: Path, own: Path) -> Iterator[tuple[subprocess.Popen[str], list[Path]]]:
    """Another broker, whose parents are others, and the group that it has made."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text(own.read_text().replace("/school", "/school/annex"))
    for controller in ("memory", "pids"):
        (mount / controller / "school" / "annex").mkdir()
    command = [sys.executable, "-c", OTHER, str(tmp_path / "brokers"), str(mount), str(elsewhere)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as broker:
        assert broker.stdout is not None
        groups = [Path(word) for word in broker.stdout.readline().split()]
        assert [group.parent.name for group in groups] == ["annex", "annex"]
        yield broker, groups
        broker.kill()


def there(folders: Iterable[Path]) -> list[bool]:
    return [folder.exists() for folder in folders]


def test_what_a_killed_broker_left_is_removed_wherever_it_is(tmp_path: Path) -> None:
    mount, own = version_1(tmp_path)
    foreign = mount / "memory" / "school" / "annex" / "somebody"
    with another(tmp_path, mount, own) as (broker, groups):
        foreign.mkdir()
        broker.kill()
        broker.wait()
        assert there(groups) == [True, True]
        found = cgroups.find(tmp_path / "brokers", mount, own)
    assert there([*groups, foreign]) == [False, False, True]
    assert found is not None
    found.close()
    assert os.listdir(tmp_path / "brokers") == []


def test_what_a_living_broker_has_is_left_alone(tmp_path: Path) -> None:
    mount, own = version_1(tmp_path)
    with another(tmp_path, mount, own) as (_, groups):
        for _ in range(3):
            found = cgroups.find(tmp_path / "brokers", mount, own)
            assert found is not None
            found.close()
        assert there(groups) == [True, True]


def test_a_broker_whose_process_id_is_anothers_now_is_dead_all_the_same(tmp_path: Path) -> None:
    mount, own = version_1(tmp_path)
    left = mount / "memory" / "school" / f"lambdalab-{os.getpid()}-0123abcd-1"
    left.mkdir()
    (tmp_path / "brokers").mkdir()
    (tmp_path / "brokers" / f"lambdalab-{os.getpid()}-0123abcd").write_text(json.dumps([str(left.parent)]))
    found = cgroups.find(tmp_path / "brokers", mount, own)
    assert found is not None
    assert not left.exists()


@pytest.mark.parametrize("content", ["", "[", "{}", "5", '["/nowhere"]'])
def test_a_record_that_says_nothing_is_forgotten(tmp_path: Path, content: str) -> None:
    (tmp_path / "lambdalab-1-0123abcd").write_text(content)
    (tmp_path / "lambdalab-").write_text(json.dumps([str(tmp_path)]))  # no broker has such a name
    cgroups.sweep(tmp_path)
    assert os.listdir(tmp_path) == ["lambdalab-"]


def test_what_cannot_be_removed_yet_is_left_to_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroups, "SWEEP_S", 0.05)
    mount, own = version_1(tmp_path)
    with another(tmp_path, mount, own) as (broker, groups):
        broker.kill()
        broker.wait()
        busy = groups[0] / "process"
        busy.touch()
        cgroups.sweep(tmp_path / "brokers")
        assert there(groups) == [True, False]
        busy.unlink()
        cgroups.sweep(tmp_path / "brokers")
    assert there(groups) == [False, False]
    assert os.listdir(tmp_path / "brokers") == []


def test_a_group_goes_once_its_last_process_has_gone(tmp_path: Path) -> None:
    mount, own = version_1(tmp_path)
    found = cgroups.find(tmp_path / "brokers", mount, own)
    assert found is not None
    first, second = found.make(), found.make()
    for group in (first, second):
        (group.memory / "process").touch()
        found.take_back(group)
        assert group.memory.exists()
    (first.memory / "process").unlink()
    found.make()
    assert there([first.memory, second.memory]) == [False, True]
    threading.Timer(0.1, (second.memory / "process").unlink).start()
    found.close()
    assert [*(mount / "memory" / "school").iterdir(), *(mount / "pids" / "school").iterdir()] == []
    found.close()  # may be done again


def test_where_no_record_can_be_kept_groups_are_made_all_the_same(tmp_path: Path) -> None:
    mount, own = version_1(tmp_path)
    (tmp_path / "brokers").write_text("no folder")
    found = cgroups.find(tmp_path / "brokers", mount, own)
    assert found is not None
    assert found.make().memory.exists()
