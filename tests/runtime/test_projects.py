import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from lambdalab.runtime.projects import project_of_zip, read_project
from lambdalab.sandbox.packages import BadPackage
from lambdalab.simulator.project.problems import ProjectError
from tests.runtime.projects import RETRY

FILES = {"template.yaml": b"Resources: {}\n", "src/app.py": b"X = 1\n"}


def zipped(files: Mapping[str, bytes], folder: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(folder + name, content)
    return out.getvalue()


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    """A lab, zipped with everything that lies in its folder."""
    files = {path.relative_to(RETRY).as_posix(): path.read_bytes() for path in RETRY.rglob("*") if path.is_file()}
    (tmp_path / "lab.zip").write_bytes(zipped(files, "retry/"))
    return tmp_path / "lab.zip"


@pytest.mark.parametrize("variant", [None, "starter", "exemplar"])
def test_a_zip_of_a_lab_is_the_lab(lab: Path, variant: str | None) -> None:
    assert read_project(lab, variant) == read_project(RETRY, variant)


def test_a_variant_that_a_zip_has_not_is_refused(lab: Path) -> None:
    with pytest.raises(ProjectError, match="there is no such variant"):
        read_project(lab, "nonsense")


@pytest.mark.parametrize("folder", ["", "my-lab/", "./"])
def test_the_one_folder_around_a_project_is_left_out(folder: str) -> None:
    assert project_of_zip(zipped(FILES, folder)) == FILES


def test_a_folder_that_is_part_of_the_project_stays() -> None:
    assert project_of_zip(zipped({"src/app.py": b"", "lib/x.py": b""})).keys() == {"src/app.py", "lib/x.py"}


def test_more_than_a_project_may_have_is_refused() -> None:
    with pytest.raises(BadPackage, match="more than 2 files"):
        project_of_zip(zipped(FILES), files_max=2)
    with pytest.raises(BadPackage, match="smaller than 10 bytes"):
        project_of_zip(zipped(FILES), bytes_max=10)


def test_a_file_that_is_no_zip_is_refused_with_its_name_and_a_fix(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_bytes(b"X = 1")
    with pytest.raises(ProjectError) as caught:
        read_project(tmp_path / "app.py")
    (problem,) = caught.value.problems
    assert problem.path.endswith("app.py")
    assert problem.message.startswith("Could not unzip uploaded file.")
    assert problem.fix == "Name a project's folder, or a zip of it."


def test_a_file_that_cannot_be_read_is_refused_with_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "template.yaml").write_bytes(b"")

    def denied(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(ProjectError, match=r"template\.yaml: cannot be read: Permission denied\."):
        read_project(tmp_path)
