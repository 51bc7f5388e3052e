import pytest
from django.db import IntegrityError
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from lambdalab.accounts.models import User
from lambdalab.runs import queries, services
from lambdalab.runs.models import Purpose, Run, State
from tests.runs.conftest import FILES, make_run


def create(owner: User, **changes: object) -> Run:
    wish = {"owner": owner, "purpose": "play", "subject": "lab", "files": FILES, **changes}
    return services.run_create(**wish)  # type: ignore[arg-type]


def test_a_run_is_queued_with_its_files_and_sent_to_a_worker_on_commit(
    ada: User, sent: list[tuple[str, int]], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = create(ada, seed=7)
        assert sent == []
    assert sent == [(str(run.pk), 0)]
    run.refresh_from_db()
    assert (run.state, run.seed, run.number) == (State.QUEUED, 7, 1)
    assert queries.run_files(run) == FILES


def test_runs_are_numbered_for_each_person_and_subject(ada: User, mallory: User) -> None:
    numbers = [create(ada).number, create(ada).number, create(ada, subject="other").number, create(mallory).number]
    assert numbers == [1, 2, 1, 1]


def test_two_runs_of_one_number_cannot_exist(ada: User) -> None:
    make_run(owner=ada, number=1)
    with pytest.raises(IntegrityError):
        make_run(owner=ada, number=1)


def test_one_person_has_only_so_many_runs_in_flight(ada: User, mallory: User, settings: Settings) -> None:
    settings.RUNS_IN_FLIGHT = 2
    first, _second = create(ada), create(ada, purpose="predict")
    with pytest.raises(services.RunRefused, match="2 runs of yours are still going"):
        create(ada)
    create(mallory)
    Run.objects.filter(pk=first.pk).update(state=State.DONE)
    create(ada)


def test_graded_answers_are_never_held_back(ada: User, settings: Settings) -> None:
    settings.RUNS_IN_FLIGHT = 1
    create(ada)
    assert create(ada, purpose="grade").state == State.QUEUED


@pytest.mark.parametrize("files", [{f"{n}.py": b"" for n in range(201)}, {"big.bin": b"x" * (4 * 1024 * 1024 + 1)}])
def test_a_project_that_is_too_large_is_refused(ada: User, files: dict[str, bytes]) -> None:
    with pytest.raises(services.RunRefused, match="200 files and 4 MB"):
        create(ada, files=files)
    assert not Run.objects.exists()


def test_students_go_before_grades_and_grades_before_figures(ada: User) -> None:
    figure = make_run(purpose=Purpose.FIGURE)
    grade = make_run(purpose=Purpose.GRADE, owner=ada)
    play = make_run(owner=ada)
    assert [play.queue_position, grade.queue_position, figure.queue_position] == [1, 2, 3]
    play.state = State.RUNNING
    assert play.queue_position is None


def test_the_position_counts_down_as_others_are_played_or_stopped(ada: User) -> None:
    runs = [make_run(owner=ada) for _ in range(4)]
    assert [run.queue_position for run in runs] == [1, 2, 3, 4]
    services.run_stop(run=runs[0])
    Run.objects.filter(pk=runs[1].pk).update(state=State.RUNNING)
    assert [run.queue_position for run in runs[2:]] == [1, 2]


def test_a_run_that_was_put_back_waits_behind_those_that_were_sent_meanwhile(ada: User) -> None:
    back, waiting = make_run(owner=ada), make_run(owner=ada)
    back.lapses, back.enqueued_at = 1, timezone.now()
    back.save()
    late = make_run(owner=ada)
    assert [run.queue_position for run in (waiting, back, late)] == [1, 2, 3]


def test_a_waiting_run_is_stopped_at_once(run: Run) -> None:
    services.run_stop(run=run)
    run.refresh_from_db()
    assert (run.state, run.why_stopped) == (State.STOPPED, "You stopped it.")
    assert run.ended_at


def test_a_running_run_is_asked_to_stop_and_a_settled_one_stays(ada: User) -> None:
    running, done = make_run(owner=ada, state=State.RUNNING), make_run(owner=ada, state=State.DONE)
    services.run_stop(run=running)
    services.run_stop(run=done)
    running.refresh_from_db()
    done.refresh_from_db()
    assert (running.state, running.stop_requested) == (State.RUNNING, True)
    assert (done.state, done.stop_requested) == (State.DONE, False)


@pytest.mark.django_db
def test_a_figure_is_played_once_for_its_content_and_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    for _each in range(2):
        services.figure_ensure(key="figure", files=FILES)
    assert Run.objects.count() == 1
    services.figure_ensure(key="other", files=FILES)
    monkeypatch.setattr("lambdalab.runs.services.engine_hash", lambda: "engine-2")
    services.figure_ensure(key="figure", files=FILES)
    assert Run.objects.count() == 3


@pytest.mark.django_db
def test_a_figure_that_failed_is_played_again() -> None:
    make_run(purpose=Purpose.FIGURE, subject="figure", engine="engine-1", state=State.FAILED)
    services.figure_ensure(key="figure", files=FILES)
    assert Run.objects.filter(state=State.QUEUED).count() == 1


@pytest.mark.django_db
def test_two_processes_that_sync_at_once_make_one_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    make_run(purpose=Purpose.FIGURE, subject="figure", engine="engine-1")
    monkeypatch.setattr("django.db.models.query.QuerySet.exists", lambda self: False)
    services.figure_ensure(key="figure", files=FILES)
    assert Run.objects.count() == 1
