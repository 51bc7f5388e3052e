from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from lambdalab.accounts.models import User
from lambdalab.runs import lapses, lease, queries
from lambdalab.runs.models import Purpose, Run, State, TraceChunk
from tests.runs.conftest import make_run

Sent = list[tuple[str, int]]


def lapse() -> None:
    Run.objects.update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_run_whose_worker_died_is_put_back_once_and_then_failed_with_a_reason(run: Run, sent: Sent) -> None:
    lease.claim(run.pk)
    lapse()
    lapses.settle_lapsed()
    run.refresh_from_db()
    assert (run.state, run.lapses, sent) == (State.QUEUED, 1, [(str(run.pk), 0)])

    lease.claim(run.pk)
    lapse()
    lapses.settle_lapsed()
    run.refresh_from_db()
    assert (run.state, len(sent)) == (State.FAILED, 1)
    assert "Two workers" in run.failure


def test_a_lease_that_holds_is_left_alone(run: Run, sent: Sent) -> None:
    lease.claim(run.pk)
    lapses.settle_lapsed()
    assert Run.objects.get().state == State.RUNNING
    assert sent == []


def test_the_silent_worker_cannot_write_when_it_wakes_up(run: Run, sent: Sent) -> None:
    held = lease.claim(run.pk)
    assert held
    lapse()
    lapses.settle_lapsed()
    second = lease.claim(run.pk)
    assert second
    assert second.fence > held.fence
    with pytest.raises(lease.LeaseLost):
        held.renew()
    held.look()
    assert held.lost
    second.renew()


def test_a_worker_that_renews_at_the_last_moment_keeps_its_run(
    run: Run, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = lease.claim(run.pk)
    assert held
    lapse()
    put_back = lapses._put_back

    def late(found: Run) -> None:
        held.renew()
        put_back(found)

    monkeypatch.setattr(lapses, "_put_back", late)
    lapses.settle_lapsed()
    assert Run.objects.get().state == State.RUNNING
    assert sent == []


def test_a_waiting_run_whose_message_was_lost_is_sent_again_once_a_minute(run: Run, sent: Sent) -> None:
    lapses.settle_lapsed()
    assert sent == []
    Run.objects.update(enqueued_at=timezone.now() - timedelta(seconds=61))
    for _each in range(3):
        lapses.settle_lapsed()
    assert sent == [(str(run.pk), 0)]


def test_messages_that_were_lost_are_sent_again_in_the_order_of_their_runs(ada: User, sent: Sent) -> None:
    now = timezone.now()
    runs = [make_run(owner=ada, created_at=now - timedelta(seconds=ago)) for ago in (70, 90, 80)]
    Run.objects.update(enqueued_at=now - timedelta(seconds=61))
    lapses.settle_lapsed()
    assert [run_id for run_id, _ in sent] == [str(runs[index].pk) for index in (1, 2, 0)]


def test_looking_costs_the_same_when_nothing_has_lapsed(
    ada: User, sent: Sent, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _each in range(20):
        make_run(owner=ada, state=State.RUNNING, lease_until=timezone.now() + timedelta(seconds=20))
    with django_assert_max_num_queries(2):
        lapses.settle_lapsed()


def test_old_traces_are_forgotten_and_grades_and_figures_are_kept(ada: User, settings: Settings) -> None:
    settings.RUN_RETENTION_DAYS = 10
    long_ago = timezone.now() - timedelta(days=11)
    old = {"state": State.DONE, "ended_at": long_ago, "player": b"x", "summary": {"run": {}}}
    play = make_run(owner=ada, **old)
    grade = make_run(owner=ada, purpose=Purpose.GRADE, **old)
    figure = make_run(purpose=Purpose.FIGURE, engine="engine-1", **old)
    stale = make_run(purpose=Purpose.FIGURE, engine="engine-0", **old)
    fresh = make_run(owner=ada, **{**old, "ended_at": timezone.now()})
    for each in (play, grade, figure, stale, fresh):
        TraceChunk.objects.create(run=each, fence=0, sequence=1, data=b"")

    lapses.forget_old()

    kept = {run.pk: run for run in Run.objects.all()}
    assert set(kept) == {play.pk, grade.pk, figure.pk, fresh.pk}
    assert queries.run_player(kept[play.pk]) is None
    assert kept[play.pk].summary == {"run": {}}
    assert set(TraceChunk.objects.values_list("run_id", flat=True)) == {grade.pk, figure.pk, fresh.pk}
