"""``pytest tests/golden --update-golden`` writes the golden traces anew. Review the diff: every line needs a reason."""

import pytest

from tests.runtime.conftest import played, sandbox

__all__ = ["played", "sandbox"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden traces anew")


@pytest.fixture
def update_golden(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("update_golden", default=False))  # unknown when tests/ is run as a whole
