"""The packages of an installation."""

from pathlib import Path

import pytest

from lambdalab.sandbox.offered import CATALOGUE, USUAL, Offered


@pytest.fixture
def offered(tmp_path: Path) -> Offered:
    """An installation that offers Pillow and requests."""
    for name, path in (("pillow", "PIL/Image.py"), ("requests", "requests/__init__.py")):
        file = tmp_path / name / path
        file.parent.mkdir(parents=True)
        file.write_text(f"# {name}\n")
        (file.parent / "__pycache__").mkdir()
        (file.parent / "__pycache__" / "x.pyc").write_bytes(b"x")
    return Offered(tmp_path)


def test_what_has_a_folder_is_offered(offered: Offered) -> None:
    assert offered.versions() == {"pillow": "13.0.0", "requests": "2.34.2"}


def test_the_files_are_those_of_the_packages_without_what_was_compiled(offered: Offered) -> None:
    files = offered.files(["requests", "pillow"])
    assert files == {"requests/__init__.py": b"# requests\n", "PIL/Image.py": b"# pillow\n"}


def test_an_installation_without_packages_offers_none(tmp_path: Path) -> None:
    assert Offered(tmp_path / "nowhere").versions() == {}


def test_everything_in_the_catalogue_has_one_version() -> None:
    assert set(USUAL) <= set(CATALOGUE)
    for name, packages in CATALOGUE.items():
        assert packages[0].startswith(f"{name}==")
        assert all(package.count("==") == 1 for package in packages)
