import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from lambdalab.accounts.models import SchoolClass, User
from lambdalab.runs import queries
from lambdalab.runs.models import Purpose, Run, State, TraceChunk
from lambdalab.runs.packing import pack_json, pack_lines
from tests.runs.conftest import make_run

HIDDEN = {
    "id": "h",
    "says": "Nothing is lost",
    "passed": False,
    "hidden": True,
    "query": "q",
    "actual": 1,
    "expected": 2,
}
PLAYER = {
    "version": 1,
    "sentence": "All went well",
    "verdict": "ok",
    "items": [],
    "lanes": [],
    "events": {},
    "logs": [],
    "checks": [HIDDEN],
}
TRACE = b'{"kind":"run.started"}\n{"hidden":true,"kind":"check.evaluated","actual":1}\n{"kind":"run.ended"}\n'
PATHS = ("", "player.json", "trace.jsonl", "events")


@pytest.fixture
def done(ada: User) -> Run:
    run = make_run(owner=ada, state=State.DONE, player=pack_json(PLAYER), summary={"checks": [HIDDEN]}, fence=1)
    TraceChunk.objects.create(run=run, fence=1, sequence=1, data=pack_lines(TRACE))
    return run


@pytest.mark.parametrize("path", PATHS)
def test_an_anonymous_reader_is_sent_to_sign_in(client: Client, done: Run, path: str) -> None:
    assert client.get(f"/runs/{done.pk}/{path}").status_code == 302


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_gets_the_same_404_as_for_a_missing_run(as_mallory: Client, done: Run, path: str) -> None:
    assert as_mallory.get(f"/runs/{done.pk}/{path}").status_code == 404
    assert as_mallory.get(f"/runs/{uuid4()}/{path}").status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_the_owner_and_their_instructor_may_look(
    as_ada: Client, as_grace: Client, school_class: SchoolClass, done: Run, path: str
) -> None:
    for client in (as_ada, as_grace):
        assert client.get(f"/runs/{done.pk}/{path}").status_code == 200


def test_an_instructor_of_another_class_may_not(as_grace: Client, done: Run) -> None:
    assert as_grace.get(f"/runs/{done.pk}/").status_code == 404


def test_everybody_may_look_at_a_figure(as_mallory: Client) -> None:
    figure = make_run(purpose=Purpose.FIGURE, state=State.DONE, player=pack_json(PLAYER))
    assert as_mallory.get(f"/runs/{figure.pk}/player.json").json()["sentence"] == "All went well"


def test_what_a_hidden_check_looks_at_never_reaches_a_student(
    as_ada: Client, as_grace: Client, school_class: SchoolClass, done: Run
) -> None:
    theirs = as_ada.get(f"/runs/{done.pk}/player.json").json()["checks"]
    assert theirs == [{"id": "h", "says": "Nothing is lost", "passed": False, "hidden": True}]
    assert as_grace.get(f"/runs/{done.pk}/player.json").json()["checks"] == [HIDDEN]
    assert '"expected"' not in as_ada.get(f"/runs/{done.pk}/").content.decode()


def test_the_trace_of_a_student_leaves_hidden_checks_out(
    as_ada: Client, as_grace: Client, school_class: SchoolClass, done: Run
) -> None:
    def kinds(client: Client) -> list[str]:
        response: Any = client.get(f"/runs/{done.pk}/trace.jsonl")
        return [json.loads(line)["kind"] for line in response.getvalue().splitlines()]

    assert kinds(as_ada) == ["run.started", "run.ended"]
    assert kinds(as_grace) == ["run.started", "check.evaluated", "run.ended"]


def test_a_waiting_run_tells_its_place_and_polls_itself(as_ada: Client, run: Run) -> None:
    page = as_ada.get(f"/runs/{run.pk}/").content.decode()
    assert "Number 1 in the queue" in page
    assert 'hx-trigger="every 2s"' in page
    response = as_ada.get(f"/runs/{run.pk}/player.json")
    assert (response.status_code, response.json()["queue_position"]) == (202, 1)


def test_the_panel_comes_alone_and_stops_polling_when_the_run_is_settled(as_ada: Client, done: Run) -> None:
    headers = {"HX-Request": "true", "HX-Target": "run-panel"}
    panel = as_ada.get(f"/runs/{done.pk}/", headers=headers).content.decode()
    assert panel.strip().startswith('<section id="run-panel"')
    assert "hx-trigger" not in panel
    assert "All went well" in panel


def test_a_refused_project_shows_file_line_and_fix(as_ada: Client, ada: User) -> None:
    problem = {"path": "<b>.yaml", "line": 3, "column": 1, "message": "Too long.", "fix": "Write 900."}
    run = make_run(owner=ada, state=State.FAILED, problem=[problem])
    page = as_ada.get(f"/runs/{run.pk}/").content.decode()
    assert "<code>&lt;b&gt;.yaml:3</code> Too long. Write 900." in page


def test_a_forgotten_run_says_so(as_ada: Client, ada: User) -> None:
    run = make_run(owner=ada, state=State.DONE)
    assert as_ada.get(f"/runs/{run.pk}/player.json").status_code == 410


def test_the_owner_stops_a_run_and_nobody_else_does(
    as_ada: Client, as_grace: Client, school_class: SchoolClass, run: Run
) -> None:
    path = f"/runs/{run.pk}/stop"
    assert as_ada.get(path).status_code == 405
    assert as_grace.post(path).status_code == 404
    assert as_ada.post(path, headers={"Accept": "application/json"}).json()["says"]
    run.refresh_from_db()
    assert run.state == State.STOPPED
    assert as_ada.post(path)["Location"] == f"/runs/{run.pk}/"


def test_the_latest_runs_are_read_in_one_query_without_their_heavy_columns(
    ada: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _each in range(10):
        make_run(owner=ada, player=b"x" * 1000)
    with django_assert_max_num_queries(1):
        latest = queries.latest_runs(ada, "lab", 3)
    assert [run.number for run in latest] == [10, 9, 8]
    assert "player" in latest[0].get_deferred_fields()


def test_the_player_of_a_figure_is_the_one_of_this_engine(db: None) -> None:
    make_run(purpose=Purpose.FIGURE, subject="f", engine="engine-0", state=State.DONE, player=pack_json(PLAYER))
    assert queries.figure_player("f") is None
    mine = make_run(purpose=Purpose.FIGURE, subject="f", engine="engine-1", state=State.RUNNING)
    assert queries.figure_player("f") is None
    Run.objects.filter(pk=mine.pk).update(state=State.DONE, player=pack_json({**PLAYER, "sentence": "New"}))
    assert queries.figure_player("f")["sentence"] == "New"  # type: ignore[index]


def test_a_person_takes_their_runs_with_them_and_they_go_with_the_person(
    as_ada: Client, ada: User, done: Run, signed_in: Callable[[User], Client]
) -> None:
    from lambdalab.runs.data import export

    (exported,) = export(ada)
    assert exported["files"]["src/app.py"].startswith("def handler")  # type: ignore[index]
    assert "expected" not in str(exported["summary"])
    ada.delete()
    assert not Run.objects.exists()
