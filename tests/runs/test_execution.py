from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from billiard.exceptions import SoftTimeLimitExceeded
from django.utils import timezone
from pytest_django import Settings

from lambdalab.runs import execution, lease, queries
from lambdalab.runs.execution import Play
from lambdalab.runs.models import Run, State, TraceChunk
from lambdalab.runtime import Outcome, Problem, Progress, ProjectError, RunLimits
from tests.runs.conftest import FILES, LINES, make_outcome, no_sandbox, played


def carry_out(run: Run, play: Play = played) -> Run:
    execution.carry_out(run.pk, play=play, sandbox=no_sandbox)
    return Run.objects.get(pk=run.pk)


def failing(problem: BaseException) -> Play:
    def play(files: Mapping[str, bytes], **_how: Any) -> Outcome:
        raise problem

    return play


def test_a_run_is_played_with_its_own_files_and_seed_and_stored(run: Run) -> None:
    Run.objects.update(seed=7)
    given: dict[str, Any] = {}

    def play(files: Mapping[str, bytes], **how: Any) -> Outcome:
        given.update(how, files=dict(files))
        return played(files, **how)

    ended = carry_out(run, play)
    assert (given["files"], given["seed"]) == (FILES, 7)
    assert (ended.state, ended.passed, ended.facts, ended.stopped) == (State.DONE, True, 2, "")
    assert queries.run_player(ended) == make_outcome().player
    assert b"".join(queries.run_trace(ended)) == LINES
    assert ended.ended_at
    assert ended.lease_until is None
    assert ended.wall_ms is not None


def test_a_second_delivery_does_nothing(run: Run) -> None:
    carry_out(run)
    carry_out(run, failing(AssertionError("played twice")))
    assert Run.objects.get().state == State.DONE


def test_a_run_that_is_being_played_is_not_claimed_again(run: Run) -> None:
    assert lease.claim(run.pk)
    assert lease.claim(run.pk) is None


def test_a_stopped_run_is_not_played(run: Run) -> None:
    Run.objects.update(state=State.STOPPED)
    assert carry_out(run, failing(AssertionError("played"))).state == State.STOPPED


def test_a_refused_project_names_file_line_and_fix(run: Run) -> None:
    ended = carry_out(
        run,
        failing(ProjectError([Problem("template.yaml", 3, 1, "Timeout must be at most 900.", "Write 900 or less.")])),
    )
    assert (ended.state, ended.passed, ended.failure) == (State.FAILED, False, "")
    assert ended.problem == [
        {
            "path": "template.yaml",
            "line": 3,
            "column": 1,
            "message": "Timeout must be at most 900.",
            "fix": "Write 900 or less.",
            "severity": "error",
        }
    ]


def test_a_failure_of_ours_is_told_without_its_inside(run: Run) -> None:
    ended = carry_out(run, failing(ValueError("secret path")))
    assert (ended.state, ended.passed) == (State.FAILED, None)
    assert "our side" in ended.failure
    assert "secret" not in ended.failure


def test_the_workers_soft_limit_fails_the_run_with_its_reason(run: Run, settings: Settings) -> None:
    settings.RUN_WALL_S = 60
    assert "longer than 60 s" in carry_out(run, failing(SoftTimeLimitExceeded())).failure


def stopping(reasons: list[str | None], before: Callable[[], object] = lambda: None) -> Play:
    """Asks once whether to stop, after `before`, and obeys."""

    def play(files: Mapping[str, bytes], *, should_stop: Callable[[], str | None], **_how: Any) -> Outcome:
        _how["sink"](LINES)
        before()
        reasons.append(should_stop())
        return make_outcome(stopped=reasons[-1], passed=False)

    return play


def test_a_run_whose_owner_stopped_it_shows_what_there_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[lease.Lease] = []

    def claim(run_id: Any, claim: Any = lease.claim) -> lease.Lease | None:
        held.append(claim(run_id))
        return held[0]

    def stop() -> None:
        Run.objects.update(stop_requested=True)
        held[0].look()  # what the lease's thread does each second

    monkeypatch.setattr(execution, "claim", claim)
    ended = carry_out(run, stopping([], stop))
    assert (ended.state, ended.why_stopped) == (State.STOPPED, "You stopped it.")
    assert queries.run_player(ended)
    assert b"".join(queries.run_trace(ended)) == LINES


def test_the_limits_of_this_installation_hold_and_a_run_that_reached_one_says_which(
    run: Run, settings: Settings
) -> None:
    settings.RUN_TRACE_BYTES, settings.RUN_WALL_S = 1000, 7
    given: list[RunLimits] = []

    def play(files: Mapping[str, bytes], *, limits: RunLimits, **_how: Any) -> Outcome:
        given.append(limits)
        return make_outcome(stopped="trace bytes", passed=False)

    ended = carry_out(run, play)
    assert (given[0].trace_bytes, given[0].wall_s) == (1000, 7)
    assert (ended.state, ended.why_stopped) == (
        State.STOPPED,
        "It wrote more trace than a run may write. Log less, or send fewer and smaller events.",
    )


def test_a_scenario_that_lasts_until_its_end_is_done_and_not_stopped(run: Run) -> None:
    ended = carry_out(run, lambda files, **how: make_outcome(stopped="until"))
    assert (ended.state, ended.stopped) == (State.DONE, "")


def test_a_worker_that_lost_its_lease_writes_nothing_any_more(run: Run) -> None:
    def play(files: Mapping[str, bytes], **how: Any) -> Outcome:
        how["sink"](LINES)
        Run.objects.update(fence=99)  # beat gave the run to somebody else
        return make_outcome()

    carry_out(run, play)
    left = Run.objects.get()
    assert (left.state, left.player, left.summary) == (State.RUNNING, None, None)
    assert not TraceChunk.objects.exists()


def test_a_chunk_is_only_written_under_a_valid_lease(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdalab.runs.recording.CHUNK_BYTES", 1)

    def play(files: Mapping[str, bytes], **how: Any) -> Outcome:
        how["sink"](LINES)
        Run.objects.update(fence=99)
        with pytest.raises(lease.LeaseLost):
            how["sink"](LINES)
        return make_outcome()

    carry_out(run, play)
    assert TraceChunk.objects.count() == 1


def test_a_second_claim_starts_its_trace_afresh(run: Run) -> None:
    first = lease.claim(run.pk)
    assert first
    TraceChunk.objects.create(run=run, fence=first.fence, sequence=1, data=b"old")
    Run.objects.update(state=State.QUEUED)
    ended = carry_out(run)
    assert b"".join(queries.run_trace(ended)) == LINES


def test_renewing_moves_the_lease_and_tells_the_progress(run: Run, settings: Settings) -> None:
    settings.RUN_LEASE_S = 20
    held = lease.claim(run.pk)
    assert held
    Run.objects.update(lease_until=timezone.now())
    held.progress = {"virtual_s": 61.0}
    held.renew()
    left = Run.objects.get()
    assert left.lease_until is not None
    assert left.lease_until > timezone.now() + timedelta(seconds=15)
    assert queries.run_status(left)["virtual_s"] == 61.0


def test_progress_is_passed_on_but_not_more_often_than_a_page_can_show(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, object]] = []
    monkeypatch.setattr("lambdalab.runs.live.publish", lambda run_id, message: told.append(message))

    def play(files: Mapping[str, bytes], **how: Any) -> Outcome:
        for second in range(1000):
            how["progress"](Progress(float(second), second, "It goes on"))
        return make_outcome()

    carry_out(run, play)
    assert told[0] == {"state": "running"}
    assert told[1]["sentence"] == "It goes on"
    assert told[-1] == {"state": "done", "settled": True}
    assert len(told) < 50
