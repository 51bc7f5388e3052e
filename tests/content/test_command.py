from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from lambdalab.curriculum import Course
from lambdalab.web import content_sync
from tests.curriculum.conftest import content, spoil

__all__ = ["content"]  # the fixture


def run(action: str, folder: Path) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command("content", action, dir=folder, stdout=out, stderr=err)
    except CommandError as error:
        err.write(str(error))
    return out.getvalue(), err.getvalue()


def test_a_sound_course_is_counted_without_a_database(content: Path) -> None:
    spoil(content, "topics/01-first/quiz.yaml", "value: 3", "value: 3\n    otherwise: Count again.")
    out, err = run("check", content)
    assert (out, err) == ("2 topics, 1 ready: 1 lessons, 1 labs, 1 questions, 2 figures\n", "")


def test_every_defect_is_a_line_with_its_place_and_fix(content: Path) -> None:
    spoil(content, "topics/01-first/lessons/01-hand-over.md", "[queue]{.term}", "[qeue]{.term}")
    _out, err = run("check", content)
    place = "topics/01-first/lessons/01-hand-over.md:8:1:"
    assert err.splitlines()[0] == f"{place} The glossary has no `qeue`. Add it to glossary.yaml."
    assert err.splitlines()[1].startswith("1 defects in")


def test_what_only_the_quiz_engine_sees_is_a_defect_too(content: Path) -> None:
    _out, err = run("check", content)
    expected = "quiz.yaml:6:1: attempts: Other wrong numbers get no reason. Write `otherwise`."
    assert expected in err.replace("topics/01-first/", "")


def test_a_broken_course_is_not_synced(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[Course] = []
    monkeypatch.setattr(content_sync, "sync", called.append)
    (content / "glossary.yaml").unlink()
    run("sync", content)
    assert called == []


@pytest.mark.django_db
def test_a_sync_is_all_or_nothing(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from quizzes.models import Quiz

    def fails(_course: Course, _report: content_sync.Report) -> None:
        raise RuntimeError("no")

    spoil(content, "topics/01-first/quiz.yaml", "value: 3", "value: 3\n    otherwise: Count again.")
    monkeypatch.setattr("lambdalab.runs.services.engine_hash", lambda: "engine")
    monkeypatch.setitem(content_sync._syncs, "zzz", fails)
    with pytest.raises(RuntimeError):
        call_command("content", "sync", dir=content)
    assert not Quiz.objects.exists()


def test_the_course_of_this_repository_has_no_defect() -> None:
    out, err = run("check", Path(settings.CONTENT_DIR))
    assert err == ""
    assert out.startswith("73 topics")
