import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from lambdalab.accounts.models import User
from lambdalab.curriculum import Lab
from lambdalab.playground import services
from lambdalab.playground.access import draft_of
from lambdalab.runs.models import Run, State
from lambdalab.runs.packing import pack_json
from lambdalab.runtime.archives import packed
from tests.playground.conftest import LAB_URL

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}

PLAYER = {
    "version": 1,
    "end_s": 182.05,
    "sentence": "order-4812 went to the dead-letter queue",
    "verdict": "dead_lettered",
    "notes": [],
    "events": {"e1": {"label": "order-4812"}},
    "lanes": [{"id": "env", "kind": "environment", "label": "env-1", "sub": ""}],
    "items": [
        {
            "id": "i1",
            "lane": "env",
            "kind": "err",
            "event": "e1",
            "attempt": 1,
            "t0": 0.28,
            "t1": 1.01,
            "message": "Declined",
        }
    ],
    "stats": [{"label": "Invocations", "key": "invocations", "value": 3}],
    "checks": [
        {"id": "a", "says": "Nothing is lost", "passed": True, "expected": 0, "actual": 0},
        {
            "id": "b",
            "says": "Nobody is charged twice",
            "passed": False,
            "expected": "forty-one",
            "actual": "forty-three",
            "hidden": True,
        },
    ],
    "errors": [],
}


def settle(run: Run, **changes: object) -> Run:
    values = {"state": State.DONE, "player": pack_json(PLAYER), "passed": False, "wall_ms": 400, **changes}
    Run.objects.filter(pk=run.pk).update(**values)
    run.refresh_from_db()
    return run


@pytest.fixture
def run(ada: User, lab: Lab) -> Run:
    return services.lab_run(user=ada, lab=lab, files={})


def test_a_lab_that_never_ran_invites_to_run_it(as_ada: Client, lab: Lab) -> None:
    page = as_ada.get(LAB_URL)
    assert page.status_code == 200
    assert "Nothing has run yet" in page.text
    assert "0 of 2 goals met" in page.text
    assert "41" not in page.text.split('id="code-pane"')[1].split("</section>")[0]


def test_a_stranger_to_the_site_is_sent_to_sign_in(client: Client, lab: Lab) -> None:
    assert client.get(LAB_URL).status_code == 302


def test_an_unknown_lab_is_not_found(as_ada: Client, lab: Lab) -> None:
    assert as_ada.get("/topics/first/labs/other/").status_code == 404
    assert as_ada.get("/topics/second/labs/try-again/").status_code == 404


def test_saving_answers_a_script_and_a_form(as_ada: Client, ada: User, lab: Lab) -> None:
    saved = as_ada.post(f"{LAB_URL}save/", {"file:src/app.py": "mine"}, **JSON)
    assert "saved_at" in saved.json()
    by_form = as_ada.post(f"{LAB_URL}save/", {"file:src/app.py": "mine 2"})
    assert (by_form.status_code, by_form.url) == (303, LAB_URL)
    assert draft_of(ada, lab).files == {"src/app.py": "mine 2"}


def test_run_keeps_the_draft_and_leads_to_the_run(as_ada: Client, ada: User, lab: Lab) -> None:
    answer = as_ada.post(f"{LAB_URL}run/", {"file:src/app.py": "mine"}, **JSON)
    made = Run.objects.get(owner=ada)
    assert answer.status_code == 201
    assert answer.json() == {"run": str(made.pk), "number": 1, "url": f"{LAB_URL}?run={made.pk}"}
    assert draft_of(ada, lab).files == {"src/app.py": "mine"}


def test_too_many_runs_are_refused_in_words(as_ada: Client, lab: Lab, settings: Settings) -> None:
    settings.RUNS_IN_FLIGHT = 1
    as_ada.post(f"{LAB_URL}run/", **JSON)
    refused = as_ada.post(f"{LAB_URL}run/", **JSON)
    assert refused.status_code == 422
    assert "still going" in refused.json()["error"]


def test_a_waiting_run_polls_its_own_fragment_and_can_be_stopped(as_ada: Client, run: Run) -> None:
    fragment = as_ada.get(LAB_URL, {"run": run.pk}, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="result")
    assert "<html" not in fragment.text
    assert 'hx-trigger="every 2s, run-settled"' in fragment.text
    assert f"/runs/{run.pk}/stop" in fragment.text


def test_a_settled_run_shows_its_sentence_table_and_goals(as_ada: Client, run: Run) -> None:
    settle(run)
    page = as_ada.get(LAB_URL).text
    assert "order-4812 went to the dead-letter queue" in page
    assert "3 min 2 s of virtual time" in page
    assert "0:00.28" in page
    assert "1 of 2 goals met" in page
    assert 'hx-trigger="every' not in page


def test_figures_of_a_hidden_check_never_leave_the_server(as_ada: Client, run: Run) -> None:
    settle(run)
    page = as_ada.get(LAB_URL).text
    assert "Nobody is charged twice" in page
    assert "forty-one" not in page
    assert "forty-three" not in page


def test_a_refused_project_says_where_and_how_to_mend_it(as_ada: Client, run: Run) -> None:
    problem = {"path": "template.yaml", "line": 3, "column": 1, "message": "Unknown type", "fix": "Spell it right"}
    settle(run, player=None, problem=[problem])
    page = as_ada.get(LAB_URL).text
    assert "Nothing ran" in page
    assert "template.yaml, line 3" in page
    assert "Spell it right" in page


def test_a_failure_of_ours_is_not_blamed_on_the_code(as_ada: Client, run: Run) -> None:
    settle(run, state=State.FAILED, player=None, failure="The worker was lost.")
    assert "it was not your code" in as_ada.get(LAB_URL).text


def test_changes_after_a_run_mark_its_result(as_ada: Client, ada: User, lab: Lab, run: Run) -> None:
    settle(run)
    assert "before your changes" not in as_ada.get(LAB_URL).text
    services.draft_save(user=ada, lab=lab, files={"src/app.py": "later"})
    assert "From run 1, before your changes" in as_ada.get(LAB_URL).text


def test_somebody_elses_run_is_not_found(as_mallory: Client, run: Run) -> None:
    assert as_mallory.get(LAB_URL, {"run": run.pk}).status_code == 404
    assert as_mallory.get(LAB_URL, {"run": "no-uuid"}).status_code == 404


def test_an_instructor_sees_the_run_of_their_student(as_grace: Client, school_class: object, run: Run) -> None:
    settle(run)
    assert as_grace.get(LAB_URL, {"run": run.pk}).status_code == 200


def test_settings_go_into_the_template_and_keep_its_comments(as_ada: Client, ada: User, lab: Lab) -> None:
    settings = {"function": "Charge", "memory_mb": 1024, "timeout_s": 3, "retries": 2, "reserved": ""}
    changed = as_ada.post(f"{LAB_URL}settings/", settings, **JSON).json()
    assert "MemorySize: 1024" in changed["text"]
    assert "# the door" in changed["text"]
    assert draft_of(ada, lab).files["template.yaml"] == changed["text"]


def test_only_the_touched_setting_is_written(as_ada: Client, lab: Lab) -> None:
    typed = lab.files["template.yaml"].decode() + "      Timeout: 9\n"
    stale = {"function": "Charge", "memory_mb": 256, "timeout_s": 3, "only": "memory_mb", "file:template.yaml": typed}
    text = as_ada.post(f"{LAB_URL}settings/", stale, **JSON).json()["text"]
    assert "MemorySize: 256" in text
    assert "Timeout: 9" in text


def test_a_saved_template_tells_its_settings(as_ada: Client, lab: Lab) -> None:
    typed = lab.files["template.yaml"].decode().replace("512", "2048")
    saved = as_ada.post(f"{LAB_URL}save/", {"file:template.yaml": typed}, **JSON).json()
    assert saved["settings"][0]["memory_mb"] == 2048
    broken = as_ada.post(f"{LAB_URL}save/", {"file:template.yaml": "Resources: ["}, **JSON).json()
    assert broken["settings"] == []


def test_settings_out_of_lambdas_bounds_are_refused(as_ada: Client, ada: User, lab: Lab) -> None:
    settings = {"function": "Charge", "memory_mb": 64, "timeout_s": 3}
    refused = as_ada.post(f"{LAB_URL}settings/", settings, **JSON)
    assert refused.status_code == 422
    assert "Memory, MB" in refused.json()["error"]
    assert draft_of(ada, lab).files == {}


def test_reset_and_undo_go_back_to_the_lab(as_ada: Client, ada: User, lab: Lab) -> None:
    services.draft_save(user=ada, lab=lab, files={"src/app.py": "mine"})
    assert as_ada.post(f"{LAB_URL}reset/").url == LAB_URL
    assert 'name="undo"' in as_ada.get(LAB_URL).text
    as_ada.post(f"{LAB_URL}reset/", {"undo": "1"})
    assert draft_of(ada, lab).files == {"src/app.py": "mine"}


def test_the_download_is_an_archive_named_after_the_lab(as_ada: Client, lab: Lab) -> None:
    answer = as_ada.get(f"{LAB_URL}download/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="try-again.zip"'
    assert answer.content.startswith(b"PK")


def test_queries_do_not_grow_with_the_number_of_runs(
    as_ada: Client, ada: User, lab: Lab, settings: Settings, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    settings.RUNS_IN_FLIGHT = 99
    for _each in range(8):
        settle(services.lab_run(user=ada, lab=lab, files={}))
    with django_assert_max_num_queries(7):
        as_ada.get(LAB_URL)


def test_a_students_text_is_escaped(as_ada: Client, ada: User, lab: Lab) -> None:
    services.draft_save(user=ada, lab=lab, files={"src/app.py": "</textarea><script>alert(1)</script>"})
    assert "<script>alert(1)" not in as_ada.get(LAB_URL).text


def archive_of(**files: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("lab.zip", packed({f"src/{name}.py": text.encode() for name, text in files.items()}))


def test_what_was_downloaded_and_changed_can_be_brought_back(as_ada: Client, ada: User, lab: Lab) -> None:
    downloaded = io.BytesIO(as_ada.get(f"{LAB_URL}download/").content)
    with zipfile.ZipFile(downloaded) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["try-again/src/app.py"] = b"# better\n"
    files["try-again/scenario.yaml"] = b"checks: []\n"
    upload = SimpleUploadedFile("try-again.zip", packed(files))
    answer = as_ada.post(f"{LAB_URL}import/", {"archive": upload}, follow=True)
    assert "Imported: src/app.py" in answer.text
    assert draft_of(ada, lab).files == {"src/app.py": "# better\n"}


def test_an_import_can_be_undone(as_ada: Client, ada: User, lab: Lab) -> None:
    services.draft_save(user=ada, lab=lab, files={"src/app.py": "mine"})
    as_ada.post(f"{LAB_URL}import/", {"archive": archive_of(app="theirs")})
    assert draft_of(ada, lab).files == {"src/app.py": "theirs"}
    as_ada.post(f"{LAB_URL}reset/", {"undo": "1"})
    assert draft_of(ada, lab).files == {"src/app.py": "mine"}


@pytest.mark.parametrize(
    ("upload", "says"),
    [
        (archive_of(other="x = 1"), "holds none of the files"),
        (SimpleUploadedFile("a.zip", b"no zip at all"), "Could not unzip"),
        (SimpleUploadedFile("a.zip", packed({"src/app.py": b"\0" * (17 << 20)})), "smaller than"),
        (SimpleUploadedFile("a.zip", b"x" * ((4 << 20) + 1)), "larger than 4"),
        (archive_of(app="x" * 100_001), "longer than 100000 characters"),
    ],
    ids=["other files", "no zip", "a bomb", "too large", "a long file"],
)
def test_an_archive_that_cannot_be_used_changes_nothing_and_says_why(
    as_ada: Client, ada: User, lab: Lab, upload: SimpleUploadedFile, says: str
) -> None:
    upload.seek(0)
    answer = as_ada.post(f"{LAB_URL}import/", {"archive": upload}, follow=True)
    assert says in answer.text
    assert draft_of(ada, lab).files == {}


def test_an_import_needs_a_file_and_a_lab_and_somebody(as_ada: Client, client: Client, lab: Lab) -> None:
    assert "This field is required" in as_ada.post(f"{LAB_URL}import/", follow=True).text
    assert as_ada.get(f"{LAB_URL}import/").status_code == 405
    assert as_ada.post("/topics/first/labs/other/import/", {"archive": archive_of(app="x")}).status_code == 404
    assert client.post(f"{LAB_URL}import/", {"archive": archive_of(app="x")}).status_code == 302
