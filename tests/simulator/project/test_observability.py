from typing import Any

import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import LoggingConfigured
from tests.simulator.playing import CODE, as_files, make_function, make_template, play, steps


def messages(**properties: Any) -> list[str]:
    template = make_template(make_function(**properties))
    return [problem.message for problem in problems_of(read_template({**CODE, **as_files(template)}))]


def test_a_logging_config_that_lambda_takes_has_no_problems() -> None:
    assert messages(LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "TRACE", "SystemLogLevel": "WARN"}) == []
    assert messages(LoggingConfig={"LogGroup": "/a-b_c.d#e/1"}) == []
    assert messages(LoggingConfig={}) == []


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"LogFormat": "XML"}, "Work: LogFormat must be Text or JSON, not 'XML'."),
        ({"LogFormat": ["JSON"]}, "Work: LogFormat must be Text or JSON, not ['JSON']."),
        (
            {"LogFormat": "JSON", "SystemLogLevel": "ERROR"},
            "Work: SystemLogLevel must be DEBUG, INFO or WARN, not 'ERROR'.",
        ),
        ({"ApplicationLogLevel": "INFO"}, "Work: log levels need LogFormat: JSON."),
        ({"LogGroup": "no spaces"}, "Work: LogGroup must be 1 to 512 letters, digits or . - _ / #, not 'no spaces'."),
        ({"LogGroup": 7}, "Work: LogGroup must be 1 to 512 letters, digits or . - _ / #, not 7."),
        ({"LogGroup": "aws/mine"}, "Work: LogGroup must not begin with aws/: Lambda could not create it."),
        ("JSON", "Work: LoggingConfig must be a mapping (key: value)."),
    ],
)
def test_a_logging_config_that_lambda_refuses_is_a_problem(config: Any, words: str) -> None:
    assert messages(LoggingConfig=config) == [words]


def test_a_log_group_of_the_template_may_be_referred_to() -> None:
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/shop/orders"}}
    template = make_template(make_function(LoggingConfig={"LogGroup": {"Ref": "Group"}}), Group=group)
    (fact,) = play(template, steps()).of(LoggingConfigured)
    assert (fact.function, fact.log_group, fact.log_format) == ("work", "/shop/orders", "Text")
