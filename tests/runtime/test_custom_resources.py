"""A custom resource whose function is real inline code and answers with AWS's module. Facts F.8 and K.2."""

from typing import Any

import pytest

from lambdalab.simulator.trace.facts import CustomResourceAnswered, InvocationEnded, LogLine, StackCreateEnded
from tests.runtime.conftest import Play
from tests.runtime.projects import invoke, make_project

CODE = """
import cfnresponse

def handler(event, context):
    wanted = event["ResourceProperties"]["Name"]
    if event["RequestType"] == "Create" and wanted == "bad":
        cfnresponse.send(event, context, cfnresponse.FAILED, {}, reason="no such name")
    else:
        cfnresponse.send(event, context, cfnresponse.SUCCESS, {"Upper": wanted.upper()}, "thing-" + wanted)
"""


def a_project(name: str, code: str = CODE) -> dict[str, bytes]:
    token = {"Fn::GetAtt": "Maker.Arn"}
    maker = {"FunctionName": "maker", "Runtime": "python3.13", "Handler": "index.handler", "Code": {"ZipFile": code},
             "Role": {"Fn::GetAtt": "Role.Arn"}, "Timeout": 30}  # fmt: skip
    resources: dict[str, Any] = {
        "Maker": {"Type": "AWS::Lambda::Function", "Properties": maker},
        "Thing": {"Type": "Custom::Thing", "Properties": {"ServiceToken": token, "Name": name}},
    }
    return make_project("def handler(event, context):\n    return 1\n", invoke("60s"), resources=resources)


def test_cfnresponse_answers_and_the_stack_is_complete(played: Play) -> None:
    run = played(a_project("good"))
    assert [(fact.status, fact.physical_id) for fact in run.of(CustomResourceAnswered)] == [("SUCCESS", "thing-good")]
    assert [fact.status for fact in run.of(StackCreateEnded)] == ["CREATE_COMPLETE"]
    assert "Status code: 200" in [line.text for line in run.of(LogLine)]
    assert run.result == 1


def test_a_failure_is_told_with_its_reason_and_nothing_stays(played: Play) -> None:
    run = played(a_project("bad"))
    (ended,) = run.of(StackCreateEnded)
    assert ended.status == "ROLLBACK_COMPLETE"
    assert "Message returned: no such name" in ended.reason
    assert [fact.request_type for fact in run.of(CustomResourceAnswered)] == ["Create", "Delete"]
    assert "work" not in [fact.function for fact in run.of(InvocationEnded)]


@pytest.mark.rule("K.2-04")
@pytest.mark.parametrize(("code", "has_it"), [(CODE, True), ("import os\ndef handler(e, c): pass", False)])
def test_only_inline_code_that_names_the_module_has_it(code: str, has_it: bool, played: Play) -> None:
    look = "\nimport os\nprint(sorted(os.listdir('/var/task')))\n"
    lines = [line.text for line in played(a_project("good", code + look)).of(LogLine)]
    assert (str(["cfnresponse.py", "index.py"]) in lines, str(["index.py"]) in lines) == (has_it, not has_it)


def test_code_in_a_folder_must_bring_the_module_along(played: Play) -> None:
    files = make_project("import cfnresponse\n\ndef handler(event, context):\n    pass\n")
    assert "No module named 'cfnresponse'" in str(played(files).summary["functions"]["work"]["last_error"])
