import shutil
from pathlib import Path

import pytest

from scripts import debian, setup
from scripts.problems import Problem, told
from scripts.stamps import digest, once


def test_a_step_is_done_once_for_each_state_of_its_inputs(tmp_path: Path) -> None:
    source, output, done = tmp_path / "in", tmp_path / "out", list[str]()
    source.write_text("1")

    def step() -> None:
        done.append(source.read_text())
        output.touch()

    def go() -> bool:
        return once(tmp_path / "stamp", [source], [output], step)

    assert [go(), go()] == [True, False]
    source.write_text("2")
    assert [go(), go()] == [True, False]
    output.unlink()
    assert [go(), go()] == [True, False]
    assert done == ["1", "2", "2"]


def test_a_step_that_was_interrupted_is_done_again(tmp_path: Path) -> None:
    def broken() -> None:
        raise KeyboardInterrupt

    once(tmp_path / "stamp", ["1"], [], lambda: None)
    with pytest.raises(KeyboardInterrupt):
        once(tmp_path / "stamp", ["2"], [], broken)
    assert once(tmp_path / "stamp", ["1"], [], lambda: None)


def test_a_folder_counts_by_names_and_contents_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_text("1")
    before = digest([tmp_path])
    (tmp_path / "a" / "x").rename(tmp_path / "a" / "y")
    assert digest([tmp_path]) != before


LACKING = debian.Need("bubblewrap", "bubblewrap", lambda: False)


def test_without_the_right_to_install_the_one_command_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "_right_to_install", lambda: None)
    with pytest.raises(Problem, match="Missing: bubblewrap") as problem:
        debian.require([LACKING])
    assert problem.value.fix == "sudo apt-get install -y bubblewrap"


def test_only_what_is_missing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    there, asked = [False], list[list[str]]()
    need = debian.Need("a compiler", "gcc libc6-dev", lambda: there[0])
    present = debian.Need("bubblewrap", "bubblewrap", lambda: True)

    def install(prefix: list[str], packages: list[str]) -> None:
        asked.append([*prefix, *packages])
        there[0] = True

    monkeypatch.setattr(debian, "_right_to_install", lambda: ["sudo"])
    monkeypatch.setattr(debian, "_install", install)
    debian.require([need, present])
    debian.require([need, present])
    assert asked == [["sudo", "gcc", "libc6-dev"]]


def test_a_machine_without_apt_gets_a_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert debian._right_to_install() is None


def test_too_old_a_python_is_told_with_the_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "PYTHON_LEAST", (99, 0))
    with pytest.raises(Problem, match="make run PYTHON="):
        setup._check_python()


def test_a_full_disk_is_told_before_anything_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(".")._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(Problem, match=r"full. Fix: free \d+ MB"):
        setup._check_disk()


def test_a_problem_is_one_sentence_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    def main() -> int:
        raise Problem("The port is taken.", "take another")

    assert told(main) == 1
    assert capsys.readouterr().err == "\nlambdalab: The port is taken. Fix: take another\n"
