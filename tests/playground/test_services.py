import pytest

from lambdalab.accounts.models import User
from lambdalab.curriculum import Lab
from lambdalab.playground import services
from lambdalab.playground.access import draft_of
from lambdalab.playground.errors import DraftRefused
from lambdalab.playground.project_files import FILE_CHARS_MAX
from lambdalab.runs.queries import run_files

pytestmark = pytest.mark.django_db


def test_a_draft_keeps_what_differs_from_the_start(ada: User, lab: Lab) -> None:
    same = lab.files["template.yaml"].decode()
    services.draft_save(user=ada, lab=lab, files={"src/app.py": "mine\r\n", "template.yaml": same})
    assert draft_of(ada, lab).files == {"src/app.py": "mine\n"}


def test_a_file_that_was_not_sent_stays_as_it_was(ada: User, lab: Lab) -> None:
    services.draft_save(user=ada, lab=lab, files={"src/app.py": "mine"})
    services.draft_save(user=ada, lab=lab, files={"template.yaml": "mine too"})
    assert draft_of(ada, lab).files == {"src/app.py": "mine", "template.yaml": "mine too"}


def test_a_file_the_lab_does_not_let_one_edit_is_ignored(ada: User, lab: Lab) -> None:
    services.draft_save(user=ada, lab=lab, files={"scenario.yaml": "checks: []"})
    assert draft_of(ada, lab).files == {}


def test_a_text_that_is_too_long_is_refused_and_the_draft_stays(ada: User, lab: Lab) -> None:
    services.draft_save(user=ada, lab=lab, files={"src/app.py": "mine"})
    with pytest.raises(DraftRefused, match="longer than"):
        services.draft_save(user=ada, lab=lab, files={"src/app.py": "x" * (FILE_CHARS_MAX + 1)})
    assert draft_of(ada, lab).files == {"src/app.py": "mine"}


def test_a_reset_can_be_undone_and_the_undo_too(ada: User, lab: Lab) -> None:
    services.draft_save(user=ada, lab=lab, files={"src/app.py": "mine"})
    services.draft_reset(user=ada, lab=lab)
    assert draft_of(ada, lab).files == {}
    services.draft_restore(user=ada, lab=lab)
    assert draft_of(ada, lab).files == {"src/app.py": "mine"}


def test_a_second_reset_does_not_lose_what_the_first_took_away(ada: User, lab: Lab) -> None:
    services.draft_save(user=ada, lab=lab, files={"src/app.py": "mine"})
    services.draft_reset(user=ada, lab=lab)
    services.draft_reset(user=ada, lab=lab)
    services.draft_restore(user=ada, lab=lab)
    assert draft_of(ada, lab).files == {"src/app.py": "mine"}


def test_a_run_plays_the_draft_with_the_labs_own_scenario(ada: User, lab: Lab) -> None:
    run = services.lab_run(user=ada, lab=lab, files={"src/app.py": "mine", "scenario.yaml": "checks: []"})
    assert (run.purpose, run.subject, run.number) == ("play", str(lab.uuid), 1)
    assert run_files(run) == {**lab.files, "src/app.py": b"mine"}


def test_drafts_of_two_people_are_apart(ada: User, mallory: User, lab: Lab) -> None:
    services.draft_save(user=ada, lab=lab, files={"src/app.py": "mine"})
    assert draft_of(mallory, lab).files == {}


def test_an_unreadable_template_says_where(lab: Lab) -> None:
    with pytest.raises(DraftRefused, match="line 3"):
        services.template_change(lab=lab, text="Resources:\n  A: [1\n", function="A", changes={"memory_mb": 256})
