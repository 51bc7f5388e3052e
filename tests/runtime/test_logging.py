"""Real code that logs: AWS's own runtime client writes JSON where the function's LoggingConfig says so."""

import json

import pytest

from lambdalab.simulator.trace.facts import LogLine
from tests.runtime.conftest import Play
from tests.runtime.projects import invoke, make_project

CODE = """
import json, logging, os
log = logging.getLogger()
WATCHED = ("AWS_LAMBDA_LOG_FORMAT", "AWS_LAMBDA_LOG_LEVEL", "AWS_LAMBDA_LOG_GROUP_NAME")

def handler(event, context):
    print("printed")
    log.debug("small")
    log.info("sold %s", 3)
    log.warning("late")
    return {name: value for name, value in os.environ.items() if name in WATCHED}
"""
TAILED = """
import base64, boto3, json

def handler(event, context):
    if event.get("inner"):
        for n in range(300):
            print(f"line {n} of the inner one")
        return "inner"
    answer = boto3.client("lambda").invoke(FunctionName="work", LogType="Tail", Payload=json.dumps({"inner": True}))
    told = base64.b64decode(answer["LogResult"])
    return {"bytes": len(told), "end": told[-300:].decode(), "first": b"line 0 of" in told}
"""


def lines(played: Play, **config: str) -> tuple[list[str], dict[str, str]]:
    run = played(make_project(CODE, function={"LoggingConfig": {"LogFormat": "JSON", **config}}))
    return [fact.text for fact in run.of(LogLine) if fact.source == "function"], run.result


@pytest.mark.rule("B.4-24", "B.4-25")
def test_records_of_the_logging_module_are_json_and_filtered_by_level(played: Play) -> None:
    told, variables = lines(played)
    assert told[0] == "printed"
    assert [json.loads(line)["message"] for line in told[1:]] == ["sold 3", "late"]
    assert [json.loads(line)["level"] for line in told[1:]] == ["INFO", "WARNING"]
    assert variables == {
        "AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "INFO", "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/work"
    }  # fmt: skip


def test_at_warn_neither_prints_nor_information_remain(played: Play) -> None:
    told, variables = lines(played, ApplicationLogLevel="WARN", LogGroup="/shop")
    assert [json.loads(line)["message"] for line in told] == ["late"]
    assert variables["AWS_LAMBDA_LOG_GROUP_NAME"] == "/shop"


def test_an_exception_is_json_too_and_an_error(played: Play) -> None:
    code = "def handler(event, context):\n    raise ValueError('boom')\n"
    run = played(make_project(code, function={"LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "ERROR"}}))
    (line,) = (fact for fact in run.of(LogLine) if fact.source == "function")
    assert json.loads(line.text)["errorMessage"] == "boom"
    assert line.level == "error"


def test_the_end_of_the_log_comes_with_the_answer_where_it_is_asked_for(played: Play) -> None:
    run = played(make_project(TAILED, invoke(), function={"Timeout": 30}))
    told = run.summary["functions"]["work"]["results"][-1]
    assert (told["bytes"], told["first"]) == (4096, False)
    assert "line 299 of the inner one\nEND RequestId: " in told["end"]
    assert told["end"].endswith((" MB\t\n", " ms\t\n"))
