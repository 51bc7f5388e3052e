"""What several tests of Firehose look at."""

import pytest

from tests.simulator.services.firehose.streams import Objects


@pytest.fixture
def objects(monkeypatch: pytest.MonkeyPatch) -> Objects:
    return Objects(monkeypatch)
