"""State machines of templates: SAM's and CloudFormation's, their definitions in three places, their roles."""

import json
from typing import Any

import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.template import read_template
from tests.simulator.playing import CODE, Act, as_files, call, make_template, play, steps
from tests.simulator.services.stepfunctions.machines import chain, machine, make_machine, role, task

SAM = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: orders
      Type: EXPRESS
      {definition}
      DefinitionSubstitutions:
        WorkArn: !GetAtt Work.Arn
        Seconds: 3
      Policies:
        - LambdaInvokePolicy: {{FunctionName: !Ref Work}}
  Work:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: work
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
"""
FILE_JSON = """{
  "StartAt": "Work",
  "States": {
    "Work": {"Type": "Task", "Resource": "${WorkArn}", "TimeoutSeconds": ${Seconds}, "End": true}
  }
}
"""
FILE_YAML = """\
StartAt: Work
States:
  Work:
    Type: Task
    Resource: ${WorkArn}
    TimeoutSeconds: ${Seconds}
    End: true
"""
INLINE = """Definition:
        StartAt: Work
        States:
          Work: {Type: Task, Resource: !GetAtt Work.Arn, End: true}"""


def problems(template: Any, **files: str) -> list[Problem]:
    extra = {name.replace("__", "."): text.encode() for name, text in files.items()}
    return problems_of(read_template({**CODE, **extra, **as_files(template)}))


@pytest.mark.parametrize(
    ("definition", "files"),
    [
        ("DefinitionUri: machine.asl.json", {"machine.asl.json": FILE_JSON}),
        ("DefinitionUri: ./machine.asl.yaml", {"machine.asl.yaml": FILE_YAML}),
        (INLINE, {}),
    ],
    ids=["json", "yaml", "inline"],
)
def test_sams_state_machine_is_deployed_and_invokes_its_function(definition: str, files: dict[str, str]) -> None:
    start = call("0s", "stepfunctions.start_sync_execution", stateMachineArn="Orders", input='{"n": 1}')
    content = {name: text.encode() for name, text in files.items()}
    played = play(SAM.format(definition=definition), steps(start), Act(result="done"), files=content)
    (ended,) = machine(played)["ended"]
    assert (ended["status"], ended["output"]) == ("SUCCEEDED", '"done"')
    assert machine(played)["type"] == "EXPRESS"


def test_an_error_in_a_definitions_file_stands_at_its_line_in_that_file() -> None:
    text = SAM.format(definition="DefinitionUri: machine.asl.json")
    wrong = FILE_JSON.replace('"End": true', '"Next": "Nowhere"')
    (problem,) = problems(text, machine__asl__json=wrong)
    assert (problem.path, problem.line) == ("machine.asl.json", 4)
    said = "MISSING_TRANSITION_TARGET: Missing 'Next' target: Nowhere at /States/Work/Next"
    assert problem.message == f"Orders: Invalid State Machine Definition: '{said}'."
    (problem,) = problems(text, machine__asl__json=FILE_JSON.replace("true}", "true"))
    assert (problem.path, problem.line) == ("machine.asl.json", 7)
    assert "not valid JSON" in problem.message


def test_an_error_in_a_definition_inside_the_template_stands_at_its_line_there() -> None:
    text = SAM.format(definition=INLINE.replace("End: true", "Retry: [{ErrorEquals: [], MaxAttempts: 2}], End: true"))
    (problem,) = problems(text)
    assert (problem.path, problem.line) == ("template.yaml", 11)


@pytest.mark.parametrize(
    ("definition", "text"),
    [
        ("DefinitionUri: nowhere.json", "there is no file nowhere.json"),
        ("DefinitionUri: ../../etc/passwd", "there is no file ../../etc/passwd"),
    ],
)
def test_a_definition_that_is_not_in_the_project_is_refused(definition: str, text: str) -> None:
    with pytest.raises(ProjectError, match=text):
        problems(SAM.format(definition=definition))


def one(**changes: Any) -> dict[str, Any]:
    changed = make_machine(chain(task()))
    changed["Properties"] |= changes
    return make_template(MachineRole=role(), Orders=changed)


@pytest.mark.parametrize(
    ("changes", "severity", "text"),
    [
        ({"StateMachineType": "FAST"}, "error", "must be STANDARD or EXPRESS"),
        ({"DefinitionString": "{}"}, "error", "one of Definition, DefinitionString"),
        ({"Definition": chain({"Type": "Pass", "Assign": {"a": 1}})}, "unsupported", "Assign (variables) has no"),
        ({"Definition": chain({"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask"})}, "unsupported",
         "the integration ecs:runTask has no effect"),
        ({"Definition": chain({"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:fly"})}, "unsupported",
         "sqs has no action fly"),
        ({"RoleArn": {"Fn::GetAtt": "Role.Arn"}}, "error", "is authorized to assume the provided role"),
        ({"Colour": "red"}, "unsupported", "the property Colour"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_state_machine_is_told(changes: dict[str, Any], severity: str, text: str) -> None:
    found = problems(one(**changes))
    assert [problem.severity for problem in found if text in problem.message] == [severity], found


def test_a_definition_may_be_a_text_that_names_other_resources() -> None:
    text = {"Fn::Sub": json.dumps(chain(task())).replace(task()["Resource"], "${Work.Arn}")}
    template = one(DefinitionString=text)
    del template["Resources"]["Orders"]["Properties"]["Definition"]
    played = play(template, steps(call("0s", "stepfunctions.start_execution", stateMachineArn="Orders")))
    assert machine(played)["succeeded"] == 1
