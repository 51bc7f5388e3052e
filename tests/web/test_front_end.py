import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import Error, Warning
from django.test import Client
from pytest_django.fixtures import Settings

from lambdalab.web import front_end
from lambdalab.web.checks import front_end_is_built
from scripts.stamps import digest, front_end_sources

PROJECT = Path(__file__).resolve().parents[2]
NODE = Path(sys.executable).parent / "node"


@pytest.fixture
def project(tmp_path: Path, settings: Settings) -> Path:
    """A small project whose front end has been built."""
    for name in ("static/src/js/run/player.js", "static/src/js/run.js", "static/src/css/app.css"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"/* {name} */")
    for each in front_end_sources(tmp_path)[1:]:
        each.parent.mkdir(exist_ok=True)
        each.write_text("{}")
    built = tmp_path / "static" / "build"
    built.mkdir()
    (built / "app.css").write_text("")
    (built / "stamp.txt").write_text(digest(front_end_sources(tmp_path)))
    settings.BASE_DIR = tmp_path
    settings.STATICFILES_DIRS = [built]
    settings.LAMBDALAB_ENV = "development"
    return tmp_path


def test_the_build_works_out_the_same_stamp_as_the_server() -> None:
    command = [str(NODE), "scripts/build-frontend.mjs", "--stamp"]
    played = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert played.stdout.strip() == digest(front_end_sources())


def test_a_front_end_that_fits_its_sources_is_no_problem(project: Path) -> None:
    assert front_end.problem_of(front_end.built_folder()) is None
    assert front_end_is_built() == []
    assert front_end.state() == front_end.State(digest(front_end_sources(project)))


def test_sources_that_were_changed_after_the_build_are_told(project: Path) -> None:
    before = front_end.state().stamp
    source = project / "static" / "src" / "js" / "run.js"
    source.write_text("/* of a later version */")
    os.utime(source, (1, 1))
    (told,) = front_end_is_built()
    assert (type(told), told.id) == (Warning, "web.W001")
    assert told.msg.startswith("The front end was built from other sources than those in static/src")
    assert "make build" in str(told.hint)
    assert front_end.state().stamp != before


@pytest.mark.parametrize("name", ["static/src/js/run/lanes.js", "package-lock.json"])
def test_a_new_source_and_another_library_are_told_as_well(project: Path, name: str) -> None:
    (project / name).write_text("new")
    assert front_end.problem_of(front_end.built_folder()) == front_end.STALE


def test_a_front_end_that_was_never_built_is_told(project: Path) -> None:
    shutil.rmtree(project / "static" / "build")
    assert front_end.problem_of(front_end.built_folder()) == front_end.UNBUILT


def test_a_build_of_before_stamps_is_an_old_one(project: Path) -> None:
    (project / "static" / "build" / "stamp.txt").unlink()
    assert front_end.problem_of(front_end.built_folder()) == front_end.STALE


def test_production_is_not_made_from_an_old_front_end(project: Path, settings: Settings) -> None:
    settings.LAMBDALAB_ENV = "production"
    (project / "static" / "build" / "stamp.txt").write_text("of other sources")
    (told,) = front_end_is_built()
    assert (type(told), told.id) == (Error, "web.E001")


def test_an_installation_without_sources_has_nothing_to_compare(project: Path) -> None:
    (project / "package.json").unlink()
    assert front_end.problem_of(front_end.built_folder()) is None
    assert front_end.state() == front_end.State()


@pytest.mark.django_db
def test_a_developers_page_says_that_its_scripts_are_old_and_how_to_mend_it(project: Path, client: Client) -> None:
    page = client.get("/sign-in/").content.decode()
    assert f'<meta name="lambdalab-stamp" content="{front_end.state().stamp}">' in page
    assert front_end.STALE not in page
    (project / "static" / "build" / "stamp.txt").write_text("of other sources")
    page = client.get("/sign-in/").content.decode()
    assert f"{front_end.STALE} Type `make build`" in page
    assert 'id="page-trouble" role="alert" data-stale' in page  # and is not hidden


@pytest.mark.django_db
def test_a_page_of_production_carries_the_stamp_and_no_word_for_developers(
    project: Path, client: Client, settings: Settings
) -> None:
    settings.LAMBDALAB_ENV = "production"
    front_end._of_production.cache_clear()
    (project / "static" / "build" / "stamp.txt").write_text("of other sources")
    page = client.get("/sign-in/").content.decode()
    front_end._of_production.cache_clear()
    assert 'name="lambdalab-stamp"' in page
    assert front_end.STALE not in page
    assert 'role="alert" hidden' in page
