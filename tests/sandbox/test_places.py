"""Where the jail keeps its things."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambdalab.sandbox.places import default_home


def test_the_home_can_be_chosen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAMBDALAB_HOME", str(tmp_path))
    assert default_home().root == tmp_path


def test_an_empty_choice_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMBDALAB_HOME", "")
    chosen = default_home()
    monkeypatch.delenv("LAMBDALAB_HOME")
    assert chosen == default_home()
