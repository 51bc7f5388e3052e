from pathlib import Path

import pytest
from pytest_django import Settings

from lambdalab.curriculum import Lab, Topic
from lambdalab.web import content_sync
from tests.curriculum.conftest import content, spoil

__all__ = ["content"]

TEMPLATE = """\
Resources:
  Charge:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler  # the door
      MemorySize: 512
"""
HIDDEN = "  - {id: secret, says: Nobody is charged twice, query: async.f.secret, equals: 41, hidden: true}\n"
LAB_URL = "/topics/first/labs/try-again/"


@pytest.fixture
def topic(content: Path, settings: Settings) -> Topic:
    """The small course with one lab that has settings to change and a hidden check."""
    folder = "topics/01-first/labs/try-again"
    spoil(content, f"{folder}/template.yaml", "Resources: {}\n", TEMPLATE)
    spoil(content, f"{folder}/lab.md", "editable: [src/app.py]", "editable: [src/app.py, template.yaml]")
    scenario = content / folder / "scenario.yaml"
    scenario.write_text(scenario.read_text() + HIDDEN)
    settings.CONTENT_DIR = content
    return content_sync.course().topic("first")


@pytest.fixture
def lab(topic: Topic) -> Lab:
    return topic.lab("try-again")
