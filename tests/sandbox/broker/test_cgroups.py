"""Control groups: found where they may be made, joined by descriptor, given back."""

from __future__ import annotations

import os
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
    found = cgroups.find(mount, own)
    assert found is not None
    group = found.make()
    group.limit(1 << 30, 40)
    assert (group.memory / "memory.limit_in_bytes").read_text() == str(1 << 30)
    assert (group.pids / "pids.max").read_text() == "40"
    assert group.memory.parent == mount / "memory" / "school"
    assert group.pids.parent == mount / "pids" / "school"


def test_a_delegated_group_of_version_2_is_divided(tmp_path: Path) -> None:
    mount, own = version_2(tmp_path, procs=f"{os.getpid()}\n", controllers="cpu memory pids\n")
    found = cgroups.find(mount, own)
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
    found = cgroups.find(mount, own)
    assert found is not None
    assert found.make().memory.parent == mount / "lambdalab"
    assert not (mount / "school.service" / "sandboxd").exists()


@pytest.mark.parametrize("controllers", ["", "cpu", "memory", "pids"])
def test_without_both_controllers_there_are_none(tmp_path: Path, controllers: str) -> None:
    mount, own = version_2(tmp_path, procs=f"{os.getpid()}\n", controllers=controllers, top=controllers)
    assert cgroups.find(mount, own) is None


def test_where_nothing_is_mounted_there_are_none(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("4:memory:/\n8:pids:/\n0::/\n")
    assert cgroups.find(tmp_path / "nowhere", own) is None


def test_the_groups_of_a_broker_that_was_killed_are_swept_away(tmp_path: Path) -> None:
    mount, own = version_1(tmp_path)
    left = mount / "memory" / "school" / "lambdalab-999999999-3"
    living = mount / "memory" / "school" / f"lambdalab-{os.getpid()}-7"
    foreign = mount / "memory" / "school" / "somebody"
    for folder in (left, living, foreign):
        folder.mkdir()
    cgroups.find(mount, own)
    assert (left.exists(), living.exists(), foreign.exists()) == (False, True, True)
