"""Where code is: folders, zips, text in the template. Facts J.4, K.1 and K.2."""

import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.code import files_of
from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import FunctionDeployed, FunctionUpdated, InvocationEnded, StepPlayed
from lambdalab.simulator.vocabulary.errors import AwsError
from tests.simulator.lambda_.test_layers import zipped
from tests.simulator.playing import CODE, as_files, invoke, make_function, make_template, play, steps

BUCKET = {"S3Bucket": "lambdalab-project"}
ZIP = {"build/work.zip": zipped(app__py=b"in a zip")}


def problems(files: dict[str, bytes] | None = None, **function: Any) -> list[Problem]:
    return problems_of(read_template({**CODE, **(files or {}), **as_files(make_template(make_function(**function)))}))


def text_of(function: Any, event: Any, count: int) -> Act:
    return Act(result=next(iter(function.code.values())).decode())


def test_code_may_be_a_zip_of_the_project() -> None:
    template = make_template(make_function(Code="build/work.zip"))
    played = play(template, steps(invoke(kind="RequestResponse")), text_of, files=ZIP)
    assert [fact.payload for fact in played.of(InvocationEnded)] == ['"in a zip"']
    assert [fact.code_folder for fact in played.of(FunctionDeployed)] == ["build/work.zip"]


def test_code_that_is_not_there_is_told_as_s3_tells_it() -> None:
    for key in ("nothing", "src/app"):
        found = files_of({**BUCKET, "S3Key": key}, CODE)
        assert isinstance(found, AwsError)
        assert found.message == (
            "Error occurred while GetObject. S3 Error Code: NoSuchKey. "
            "S3 Error Message: The specified key does not exist."
        )


def test_inline_code_is_saved_as_index() -> None:
    template = make_template(make_function(Code={"ZipFile": "x = 1"}, Handler="index.handler"))
    played = play(template, steps(invoke()), lambda function, event, count: Act(result=sorted(function.code)))
    assert [fact.payload for fact in played.of(InvocationEnded)] == ['["index.py"]']


def test_a_handler_of_inline_code_elsewhere_is_a_warning() -> None:
    (problem,) = problems(Code={"ZipFile": "x = 1"}, Handler="app.main")
    assert problem.severity == "warning"
    assert problem.message == "Work: inline code is saved as index.py, where Lambda will not find the handler app.main."
    assert problem.fix == "Write Handler: index.main."


@pytest.mark.parametrize("text", ["", {"text": "x"}])
def test_inline_code_is_text(text: Any) -> None:
    (problem,) = problems(Code={"ZipFile": text}, Handler="index.handler")
    assert problem.message == "Work: ZipFile must be the text of the function's code."


def test_environment_variables_are_measured_as_json() -> None:
    """LS: the string that is measured has braces, quotes and commas, too."""
    most = "x" * (4_096 - len('{"AB":""}'))
    assert problems(Environment={"Variables": {"AB": most}}) == []
    (problem,) = problems(Environment={"Variables": {"AB": most + "x"}})
    assert problem.message.endswith('exceeded the 4KB limit. String measured: {"AB":"%s"}' % (most + "x"))


@pytest.mark.parametrize(
    ("code", "outcome", "updates"),
    [
        ({**BUCKET, "S3Key": "src"}, "No updates are to be performed.", 0),
        ({**BUCKET, "S3Key": "src", "S3ObjectVersion": "2"}, "UPDATE_COMPLETE", 1),
        ({**BUCKET, "S3Key": "next"}, "UPDATE_COMPLETE", 1),
    ],
)
def test_cloudformation_sees_new_code_by_its_key_or_version_only(
    code: dict[str, str], outcome: str, updates: int
) -> None:
    new = make_template(make_function(Code=code))
    files = {"new.json": json.dumps(new).encode(), "next/app.py": b""}
    played = play(make_template(), steps({"at": "1s", "deploy": {"template": "new.json"}}), files=files)
    assert [fact.outcome for fact in played.of(StepPlayed)] == [outcome]
    assert len(played.of(FunctionUpdated)) == updates
