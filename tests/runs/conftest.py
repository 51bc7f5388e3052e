"""A play that is told what to do, instead of the simulator: these tests are about the life of a run."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from lambdalab.accounts.models import User
from lambdalab.runs import engine, queue
from lambdalab.runs.models import PRIORITY, Purpose, Run
from lambdalab.runs.packing import pack_files
from lambdalab.runtime import Outcome

FILES = {"template.yaml": b"Resources: {}\n", "src/app.py": b"def handler(event, context): ...\n"}
LINES = b'{"kind":"run.started"}\n{"kind":"run.ended"}\n'


def make_outcome(**changes: Any) -> Outcome:
    fields: dict[str, Any] = {
        "summary": {"run": {"virtual_s": 3}, "checks": []},
        "player": {"version": 1, "sentence": "All went well", "checks": []},
        "stopped": None,
        "passed": True,
        "facts": 2,
        "sha256": "0" * 64,
        "checks": (),
    }
    return Outcome(**{**fields, **changes})


def played(files: Mapping[str, bytes], *, sink: Callable[[bytes], None], **_how: Any) -> Outcome:
    """Plays anything: two facts, all went well."""
    sink(LINES)
    return make_outcome()


@contextmanager
def no_sandbox() -> Iterator[None]:
    yield None


def make_run(**changes: Any) -> Run:
    purpose = changes.get("purpose", Purpose.PLAY)
    number = Run.objects.count() + 1
    fields = {"subject": "lab", "purpose": purpose, "number": number, "priority": PRIORITY[purpose]}
    return Run.objects.create(**{**fields, "project": pack_files(FILES), **changes})


@pytest.fixture
def run(ada: User) -> Run:
    return make_run(owner=ada)


@pytest.fixture(autouse=True)
def _engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "engine_hash", lambda: "engine-1")
    for module in ("services", "queries", "lapses"):
        monkeypatch.setattr(f"lambdalab.runs.{module}.engine_hash", lambda: "engine-1")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The messages for the workers."""
    messages: list[tuple[str, int]] = []
    monkeypatch.setattr(queue, "enqueue", lambda run_id, priority: messages.append((str(run_id), priority)))
    return messages
