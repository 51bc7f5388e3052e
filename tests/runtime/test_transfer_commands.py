"""``lambdalab export`` and ``import``: nothing of a student's is lost, nothing hostile is written, and sam takes it."""

import io
import os
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.runtime.archives import packed
from lambdalab.runtime.command import main
from lambdalab.runtime.projects import project_of_zip, read_project
from tests.runtime.projects import LABS, RETRY

names = st.text(st.sampled_from("abcé_-. "), min_size=1, max_size=8).filter(lambda name: name.strip(". ") != "")
paths = st.lists(names, min_size=1, max_size=3).map("/".join)


@given(st.dictionaries(paths, st.binary(max_size=40), min_size=1, max_size=6))
def test_what_is_packed_comes_out_again_byte_for_byte_and_always_packs_the_same(files: dict[str, bytes]) -> None:
    folders = {path[:i] for path in files for i, char in enumerate(path) if char == "/"}
    whole = {"template.yaml": b"", **{path: content for path, content in files.items() if path not in folders}}
    assert project_of_zip(packed(whole)) == whole
    assert project_of_zip(packed(whole, "folder")) == whole
    assert packed(whole) == packed(dict(reversed(whole.items())))


def test_an_export_holds_every_file_of_the_project_and_import_brings_it_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(RETRY), str(tmp_path / "a.zip")]) == 0
    assert main(["import", str(tmp_path / "a.zip"), str(tmp_path / "back")]) == 0
    everything = {p.relative_to(RETRY): p.read_bytes() for p in RETRY.rglob("*") if p.is_file()}
    assert {
        p.relative_to(tmp_path / "back"): p.read_bytes() for p in (tmp_path / "back").rglob("*") if p.is_file()
    } == (everything)
    assert f"{len(everything)} files." in capsys.readouterr().out


def test_a_variant_is_exported_as_it_is_played(tmp_path: Path) -> None:
    assert main(["export", str(RETRY), str(tmp_path / "a.zip"), "--with", "exemplar"]) == 0
    assert project_of_zip((tmp_path / "a.zip").read_bytes()) == read_project(RETRY, "exemplar")


def test_a_folder_is_imported_like_a_zip_and_what_stays_behind_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine"
    (mine / "src" / "__pycache__").mkdir(parents=True)
    (mine / "template.yaml").write_text("Resources: {Q: {Type: AWS::Batch::JobQueue}}\n")
    (mine / "src" / "__pycache__" / "x.pyc").write_bytes(b"x")
    (mine / "src" / "secrets").symlink_to("/etc/passwd")
    (mine / "lib").symlink_to("/etc")
    (mine / "broken").mkdir()
    (mine / "broken" / "notes.txt").write_text("mine")
    assert main(["import", str(mine), str(tmp_path / "new")]) == 0
    told = capsys.readouterr().err
    assert "left out: lib, a symbolic link" in told
    assert "left out: src/secrets, a symbolic link" in told
    assert "left out: src/__pycache__, which tools make" in told
    assert "template.yaml:1: unsupported: Q: AWS::Batch::JobQueue has no effect" in told
    found = sorted(p.relative_to(tmp_path / "new").as_posix() for p in (tmp_path / "new").rglob("*") if p.is_file())
    assert found == ["broken/notes.txt", "template.yaml"]


def hostile(name: str, kind: int = stat.S_IFREG, content: bytes = b"x") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("template.yaml", "Resources: {Q: {Type: AWS::SQS::Queue}}")
        entry = zipfile.ZipInfo(name)
        entry.external_attr = (kind | 0o644) << 16
        archive.writestr(entry, content)
    return out.getvalue()


@pytest.mark.parametrize(
    "archive",
    [
        hostile("../evil.py"),
        hostile("/etc/evil.py"),
        hostile("a/../../evil.py"),
        hostile("..\\evil.py"),
        hostile("link", stat.S_IFLNK, b"/etc/passwd"),
        hostile("device", stat.S_IFCHR),
        b"no zip at all",
        b"",
    ],
    ids=["above", "absolute", "above in the middle", "backslash", "link", "device", "text", "empty"],
)
def test_a_hostile_archive_writes_nothing(archive: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in.zip").write_bytes(archive)
    assert main(["import", str(tmp_path / "in.zip"), str(tmp_path / "new")]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["in.zip"]
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_bomb_is_refused_before_it_is_inflated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("template.yaml", b"\0" * (70 << 20))
    (tmp_path / "in.zip").write_bytes(out.getvalue())
    assert main(["import", str(tmp_path / "in.zip"), str(tmp_path / "new")]) == 2
    assert not (tmp_path / "new").exists()
    assert "must be smaller than" in capsys.readouterr().err


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    assert main(["import", str(RETRY), str(tmp_path / "full")]) == 2
    assert main(["export", str(RETRY), str(tmp_path / "full" / "mine.txt")]) == 2
    assert os.listdir(tmp_path / "full") == ["mine.txt"]
    assert (tmp_path / "full" / "mine.txt").read_text() == "mine"
    assert "nothing in it is overwritten" in capsys.readouterr().err


def test_what_has_no_template_is_no_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("a")
    assert main(["export", str(tmp_path / "notes"), str(tmp_path / "a.zip")]) == 2
    assert main(["import", str(tmp_path / "nowhere"), str(tmp_path / "b")]) == 2
    assert "there is no template in it" in capsys.readouterr().err
    assert not (tmp_path / "a.zip").exists()


def lint(place: Path) -> list[Any]:
    """What cfn-lint finds, by the schemas that AWS publishes of its resource types, after SAM's transform."""
    from cfnlint.api import lint_file
    from cfnlint.config import ManualArgs

    found: list[Any] = lint_file(place, ManualArgs(regions=["us-east-1"], ignore_checks=["W", "I"]))
    return found


def test_the_linter_would_find_what_sam_refuses(tmp_path: Path) -> None:
    wrong = (RETRY / "template.yaml").read_text().replace("MemorySize", "MemorySise").replace("Runtime:", "Runtim:")
    (tmp_path / "template.yaml").write_text(wrong)
    assert lint(tmp_path / "template.yaml") != []


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_sam_would_validate_the_export_of_every_lab(lab: Path, tmp_path: Path) -> None:
    assert main(["export", str(lab), str(tmp_path / "a.zip"), "--with", "exemplar"]) == 0
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path / "lab")
    assert [str(found) for found in lint(tmp_path / "lab" / "template.yaml")] == []
