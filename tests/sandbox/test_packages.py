"""Archives as students, and attackers, make them."""

from __future__ import annotations

import io
import os
import random
import stat
import struct
import tracemalloc
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from lambdalab.sandbox.packages import BadPackage, read_folder
from lambdalab.sandbox.zips import CANNOT_UNZIP, files_of_zip, read_zip

CODE = {"app.py": b"def handler(event, context): ...\n", "lib/deep/er.py": b"X = 1\n"}


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_entry(name: str, content: bytes = b"x", mode: int = stat.S_IFREG | 0o644) -> bytes:
    """A zip of the code and one more entry, its name and mode written as they are."""
    out = io.BytesIO(zipped(CODE))
    with zipfile.ZipFile(out, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        entry = zipfile.ZipInfo("placeholder")
        entry.filename, entry.external_attr = name, mode << 16
        archive.writestr(entry, content)
    return out.getvalue()


def patched(data: bytes, offset: int, value: bytes) -> bytes:
    """`data` with a field of its last directory entry replaced."""
    at = data.rindex(b"PK\x01\x02") + offset
    return data[:at] + value + data[at + len(value) :]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_files_come_out_as_they_went_in(method: int) -> None:
    assert files_of_zip(zipped(CODE, method)) == CODE
    assert files_of_zip(io.BytesIO(zipped(CODE, method))) == CODE


def test_folders_of_their_own_and_dots_in_names_change_nothing() -> None:
    assert files_of_zip(zipped({"lib/": b"", "./lib//a.py": b"1"})) == {"lib/a.py": b"1"}


def test_an_archive_with_something_before_and_a_comment_behind_is_read() -> None:
    out = io.BytesIO(b"#!/bin/sh\n" + zipped(CODE))
    with zipfile.ZipFile(out, "a") as archive:
        archive.comment = b"made by hand"
    assert files_of_zip(out.getvalue()) == CODE


def test_zip64_is_read() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, archive.open("app.py", "w", force_zip64=True) as file:
        file.write(CODE["app.py"])
    assert files_of_zip(out.getvalue()) == {"app.py": CODE["app.py"]}


def test_executables_stay_executable() -> None:
    data = io.BytesIO(with_entry("bin/tool", mode=stat.S_IFREG | 0o755))
    assert [each.path for each in read_zip(data) if each.executable] == ["bin/tool"]


@pytest.mark.parametrize(
    "name", ["../x.py", "a/../../x.py", "/etc/passwd", "..", "a/..", "..\\x.py", "a\\b.py", "C:\\x.py", "a\0.py"]
)
def test_paths_that_lead_out_are_refused(name: str) -> None:
    with pytest.raises(BadPackage, match=r"leads out of the package|has a backslash"):
        files_of_zip(with_entry(name))


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_are_refused(kind: int) -> None:
    with pytest.raises(BadPackage, match="'odd' is a link or a device"):
        files_of_zip(with_entry("odd", b"/etc/passwd", kind | 0o777))


@pytest.mark.parametrize("name", ["", "/", "./"])
def test_an_entry_without_a_name_is_no_file(name: str) -> None:
    if name == "./":  # a folder: the package itself
        assert files_of_zip(with_entry(name, b"")) == CODE
        return
    with pytest.raises(BadPackage):
        files_of_zip(with_entry(name))


@pytest.mark.parametrize("name", ["n" * 256, "/".join(["n" * 200] * 11), "ü" * 128])
def test_names_that_no_disk_takes_are_refused(name: str) -> None:
    with pytest.raises(BadPackage, match="is too long"):
        files_of_zip(zipped({name: b""}))


@pytest.mark.parametrize("name", ["app.py", "./app.py", "lib//deep/er.py"])
def test_a_repeated_entry_is_refused(name: str) -> None:
    with pytest.raises(BadPackage, match="twice"):
        files_of_zip(with_entry(name))


@pytest.mark.parametrize("name", ["app.py/x.py", "lib", "lib/deep"])
def test_a_name_is_a_file_or_a_folder(name: str) -> None:
    with pytest.raises(BadPackage, match=r"both a file and a folder|twice"):
        files_of_zip(with_entry(name))


def test_names_that_differ_in_case_or_unicode_form_are_different_files() -> None:
    forms = {unicodedata.normalize(form, "é.py"): form.encode() for form in ("NFC", "NFD")}
    files = {"app.py": b"1", "App.py": b"2", **forms}
    assert len(files) == 4
    assert files_of_zip(zipped(files)) == files


@pytest.mark.parametrize("flag", [0x1, 0x40, 0x2000])
def test_encrypted_entries_are_refused(flag: int) -> None:
    with pytest.raises(BadPackage, match=r"'lib/deep/er\.py' is encrypted"):
        files_of_zip(patched(zipped(CODE), 8, struct.pack("<H", flag)))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_than_deflate_are_refused(method: int) -> None:
    with pytest.raises(BadPackage, match="other than deflate"):
        files_of_zip(zipped(CODE, method))


@pytest.mark.parametrize("data", [b"", b"PK", b"def handler(): ...", b"PK\x03\x04" + bytes(100), b"\x1f\x8b" * 40])
def test_what_is_no_zip_is_refused_in_awss_words(data: bytes) -> None:
    with pytest.raises(BadPackage) as caught:
        files_of_zip(data)
    assert str(caught.value).startswith("Could not unzip uploaded file. Please check your file, then try to upload again.")


def test_a_truncated_zip_is_refused_at_any_length() -> None:
    data = zipped(CODE)
    for length in range(len(data)):
        with pytest.raises(BadPackage):
            files_of_zip(data[:length])


def test_changed_bytes_are_refused_or_harmless() -> None:
    data, chance = zipped(CODE), random.Random(7)
    refusals = []
    for _ in range(3_000):
        changed = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        try:
            files = files_of_zip(bytes(changed), files_max=100, bytes_max=10_000)
        except BadPackage as error:
            refusals.append(str(error))
        else:
            assert sum(map(len, files.values())) <= 10_000
    assert len(refusals) > 1_000
    assert all(len(refusal.splitlines()) == 1 for refusal in refusals)


def test_a_ratio_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = zipped({"zeros": bytes(30_000_000)})
    assert len(bomb) < 40_000
    tracemalloc.start()
    with pytest.raises(BadPackage, match="Unzipped size must be smaller than 10000000 bytes"):
        files_of_zip(bomb, bytes_max=10_000_000)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


def test_a_size_that_is_a_lie_is_found_out() -> None:
    bomb = patched(zipped({"zeros": bytes(1_000_000)}), 24, struct.pack("<I", 10))
    with pytest.raises(BadPackage, match=CANNOT_UNZIP):
        files_of_zip(bomb, bytes_max=1_000)


def test_entries_that_overlap_are_refused() -> None:
    data = zipped({"a": bytes(1_000), "b": bytes(1_000)}, zipfile.ZIP_STORED)
    with pytest.raises(BadPackage, match="overlaps"):
        files_of_zip(patched(data, 42, struct.pack("<I", 0)))
    with pytest.raises(BadPackage, match="overlaps"):
        files_of_zip(patched(zipped({"a": b"1"}, zipfile.ZIP_STORED), 20, struct.pack("<I", 5_000)))


def test_a_count_bomb_is_refused_before_its_directory_is_read() -> None:
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    directory = entry * 1_000_000
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(directory), 0, 0)
    bomb = io.BytesIO(directory + end)
    tracemalloc.start()
    with pytest.raises(BadPackage, match="more files than a package may have"):
        list(read_zip(bomb))
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


def test_more_files_or_folders_than_allowed_are_refused() -> None:
    many = zipped({f"{number}.py": b"" for number in range(11)})
    deep = zipped({"/".join("abcdefghijk") + ".py": b""})
    for data in (many, deep):
        with pytest.raises(BadPackage, match="more than 10 files and folders"):
            files_of_zip(data, files_max=10)
        assert files_of_zip(data, files_max=11)


def test_a_zip_of_more_than_50_mb_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.zip"
    with path.open("wb") as file:
        file.truncate(52_428_801)
    with path.open("rb") as file, pytest.raises(BadPackage) as caught:
        list(read_zip(file))
    assert str(caught.value) == "Zipped size must be smaller than 52428800 bytes"


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "model.bin").open("wb") as file:
        file.truncate(300_000_000)
    with pytest.raises(BadPackage, match="Unzipped size must be smaller than 262144000 bytes"):
        next(read_folder(tmp_path))


def test_content_is_counted_while_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(bytes(600))
    (tmp_path / "b").write_bytes(bytes(600))
    with pytest.raises(BadPackage, match="Unzipped size must be smaller than 1000 bytes"):
        [list(each.pieces) for each in read_folder(tmp_path, bytes_max=1_000)]


def read(folder: Path) -> dict[str, bytes]:
    return {each.path: b"".join(each.pieces) for each in read_folder(folder)}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    for name, content in {**CODE, "__pycache__/app.pyc": b"", "lib/__pycache__/x.pyc": b""}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    yield tmp_path
    tmp_path.chmod(0o755)


def test_a_folder_gives_its_files_without_the_interpreters_own(folder: Path) -> None:
    assert read(folder) == CODE


@pytest.mark.parametrize("target", ["app.py", "/etc/passwd", "nowhere", "lib", ".."])
def test_links_in_a_folder_are_refused(folder: Path, target: str) -> None:
    (folder / "lib" / "link").symlink_to(target)
    with pytest.raises(BadPackage, match=r"lib/link is a link; a package holds files\."):
        read(folder)


def test_a_file_that_becomes_a_link_is_not_followed(folder: Path) -> None:
    files = read_folder(folder)
    first = next(files)
    (folder / "app.py").unlink()
    (folder / "app.py").symlink_to("/etc/passwd")
    with pytest.raises(BadPackage, match="cannot be read"):
        b"".join(first.pieces)


def test_pipes_in_a_folder_are_refused(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(BadPackage, match="pipe is neither a file nor a folder"):
        read(folder)


def test_a_folder_of_very_many_levels_is_read_or_refused(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(700):
        deep /= "d"
    deep.mkdir(parents=True)
    (deep / "app.py").write_bytes(b"1")
    assert list(read(tmp_path).values()) == [b"1"]
