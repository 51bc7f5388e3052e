import pytest

from lambdalab.runtime.handlers import environ_of
from lambdalab.simulator.account import ADMINISTRATOR
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.lambda_.provisioned import provided

FUNCTION = Function("work", "python3.13", "app.handler", {}, ADMINISTRATOR, version="3")


def test_code_can_tell_its_version() -> None:
    assert environ_of(FUNCTION, "stream")["AWS_LAMBDA_FUNCTION_VERSION"] == "3"


@pytest.mark.rule("B.5-07", "C.4-11")
def test_code_can_tell_that_it_was_provisioned() -> None:
    """B.5"""
    kinds = [environ_of(each, "stream")["AWS_LAMBDA_INITIALIZATION_TYPE"] for each in (FUNCTION, provided(FUNCTION))]
    assert kinds == ["on-demand", "provisioned-concurrency"]
