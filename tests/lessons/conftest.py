from pathlib import Path

import pytest
from pytest_django import Settings

from lambdalab.curriculum import Topic
from lambdalab.runs import queries, services
from lambdalab.web import content_sync
from tests.curriculum.conftest import content

__all__ = ["content"]


@pytest.fixture
def topic(content: Path, settings: Settings) -> Topic:
    """The one written topic of the small course, which the pages then show."""
    settings.CONTENT_DIR = content
    return content_sync.course().topic("first")


@pytest.fixture(autouse=True)
def _some_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which engine plays is not what these tests are about, and loading it takes a second."""
    for module in (queries, services):
        monkeypatch.setattr(module, "engine_hash", lambda: "engine")
