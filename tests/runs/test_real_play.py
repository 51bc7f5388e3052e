"""One run through the whole machine: the real simulator, the real sandbox, a lab of the course."""

from pathlib import Path

from django.conf import settings

from lambdalab.runs import execution, queries
from lambdalab.runs.models import Run, State
from lambdalab.runs.packing import pack_files
from lambdalab.sandbox import Sandbox

LAB = Path(settings.CONTENT_DIR) / "topics/18-asynchronous-invocations/labs/retry-and-dead-letter-queue"


def lab_files() -> dict[str, bytes]:
    """The lab with its exemplar laid over it, as a student who has solved it would run it."""
    starter = {path.relative_to(LAB).as_posix(): path.read_bytes() for path in LAB.rglob("*") if path.is_file()}
    exemplar = {name.removeprefix("exemplar/"): data for name, data in starter.items() if name.startswith("exemplar/")}
    return {name: data for name, data in starter.items() if not name.startswith(("exemplar/", "broken/"))} | exemplar


def test_a_solved_lab_reaches_its_goal_and_leaves_player_summary_and_trace(run: Run) -> None:
    Run.objects.update(project=pack_files(lab_files()))
    execution.carry_out(run.pk, sandbox=Sandbox.private)
    done = Run.objects.get()
    assert (done.state, done.passed, done.failure, done.problem) == (State.DONE, True, "", [])
    player = queries.run_player(done)
    assert player
    assert "dead-letter queue" in player["sentence"]
    assert len(b"".join(queries.run_trace(done)).splitlines()) == done.facts
    assert done.summary is not None
    assert done.summary["run"]["reproducible"] is True


def test_a_template_that_cannot_be_read_is_the_students_to_mend(run: Run) -> None:
    Run.objects.update(project=pack_files({**lab_files(), "template.yaml": b"Resources: [\n"}))
    execution.carry_out(run.pk, sandbox=Sandbox.private)
    refused = Run.objects.get()
    assert (refused.state, refused.failure) == (State.FAILED, "")
    assert refused.problem[0]["path"] == "template.yaml"
    assert refused.problem[0]["line"] > 0
