"""What a run says to a beginner, beside AWS's own words."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from lambdalab.runtime import ProjectError
from lambdalab.runtime.command import main
from lambdalab.runtime.hints import jail_python
from lambdalab.sandbox.places import JAIL_PYTHON
from tests.runtime.conftest import Play, Played
from tests.runtime.projects import invoke, make_project
from tests.runtime.test_command import Output, write

OWN = jail_python()
NODE = b"""\
Transform: AWS::Serverless-2016-10-31
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: index.handler
      Runtime: nodejs22.x
"""


def notes(run: Played) -> list[str]:
    """The notes, the same in player and summary."""
    told: list[str] = run.outcome.player["notes"]
    assert run.summary["run"]["notes"] == told
    return told


def on(runtime: str, **more: Any) -> dict[str, Any]:
    return {"function": {"Runtime": runtime, **more}}


def test_the_python_that_is_told_is_the_one_that_runs(played: Play) -> None:
    code = "import sys\ndef handler(event, context): return 'python%d.%d' % sys.version_info[:2]\n"
    assert played(make_project(code, **on("python3.13"))).result == OWN
    version = subprocess.run([JAIL_PYTHON, "--version"], capture_output=True, text=True, check=True).stdout
    assert version.lower().replace(" ", "").startswith(OWN)


def test_a_function_of_that_python_needs_no_note(played: Play) -> None:
    assert notes(played(make_project("def handler(event, context): ...", **on(OWN)))) == []


def test_syntax_that_a_newer_python_may_know_is_explained_once(played: Play) -> None:
    code = "type\tX = int\ndef handler(event, context) ...\n"
    run = played(make_project(code, invoke("0s"), invoke("1m"), **on("python3.14")))
    first, hint = notes(run)
    assert first == f"python3.14 functions run here on the host's {OWN}"
    assert hint == (
        f"work names python3.14 and runs here on {OWN}: where app uses syntax that is newer than that, "
        f"write it the older way"
    )
    assert run.summary["functions"]["work"]["last_error"]["type"] == "Runtime.UserCodeSyntaxError"


def test_a_plain_syntax_error_is_left_to_awss_words(played: Play) -> None:
    assert notes(played(make_project("def handler(event, context) ...\n", **on(OWN)))) == []


def test_a_package_that_is_not_there_is_named_with_the_way_to_bring_it(played: Play) -> None:
    run = played(make_project("import requests.sessions\ndef handler(event, context): ...\n", **on(OWN)))
    (hint,) = notes(run)
    assert hint == (
        "requests is not part of Lambda's Python: as on AWS, work has to bring it along, for instance by "
        "pip install --target src requests"
    )
    message = "Unable to import module 'app': No module named 'requests'"
    assert run.summary["functions"]["work"]["last_error"]["message"] == message


@pytest.mark.parametrize(("handler", "file"), [("main.handler", "main.py"), ("pkg/app.handler", "pkg/app.py")])
def test_a_handler_without_its_file_is_told_where_it_belongs(played: Play, handler: str, file: str) -> None:
    run = played(make_project("def handler(event, context): ...\n", **on(OWN, Handler=handler)))
    assert notes(run) == [f"the Handler of work wants a file {file} in its code folder (src), and there is none"]


def test_a_run_without_errors_has_no_hints(played: Play) -> None:
    run = played(make_project("def handler(event, context): raise ImportError('No module named me')\n", **on(OWN)))
    assert notes(run) == []


def test_invoke_tells_the_hint_after_a_failure(tmp_path: Path, capsys: Output) -> None:
    folder = write(tmp_path, make_project("import requests\n", **on(OWN)))
    assert main(["invoke", str(folder), "work"]) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("Note: requests is not part of Lambda's Python")


@pytest.mark.parametrize("command", [["run"], ["check"], ["invoke"]])
def test_another_runtime_is_named_with_line_and_fix(tmp_path: Path, capsys: Output, command: list[str]) -> None:
    scenario = b"steps: [{at: 0s, call: lambda.invoke, with: {FunctionName: Hello}}]\n"
    folder = write(tmp_path, {"template.yaml": NODE, "scenario.yaml": scenario, "src/index.mjs": b""})
    assert main([*command, str(folder), *(["Hello"] if command == ["invoke"] else [])]) == 2
    output = capsys.readouterr()
    assert output.out + output.err == (
        "template.yaml:8: unsupported: Hello: the runtime nodejs22.x is not available in lambdalab: "
        "only python3.x functions run here. Choose python3.13.\n"
    )


@pytest.mark.parametrize("path", ["src/a\\b.py", "../x.py", "src/" + "n" * 256, "src/app.py/x.py"])
def test_a_path_that_no_package_may_have_is_the_authors_mistake(played: Play, path: str) -> None:
    with pytest.raises(ProjectError):
        played({**make_project("def handler(event, context): ...\n"), path: b""})
