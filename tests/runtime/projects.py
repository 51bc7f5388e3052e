"""The labs of the course as folders, and small projects made on the spot."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

CONTENT = Path(__file__).resolve().parents[2] / "lambdalab" / "content"
LABS = sorted(path.parent for path in CONTENT.glob("topics/*/labs/*/lab.md"))
RETRY = next(lab for lab in LABS if lab.name == "retry-and-dead-letter-queue")
BROKEN = [(lab, path.name) for lab in LABS for path in sorted((lab / "broken").iterdir()) if path.is_dir()]


def missed_check(lab: Path, variant: str) -> str:
    """The check that a broken variant misses, as the lab's front matter says."""
    front = (lab / "lab.md").read_text().split("---\n")[1]
    return str(YAML(typ="safe").load(front)["broken"][variant]["misses"])


def make_project(
    code: str,
    *steps: Mapping[str, Any],
    function: Mapping[str, Any] | None = None,
    resources: Mapping[str, Any] | None = None,
    **scenario: Any,
) -> dict[str, bytes]:
    """A project with one function ``work`` that may do everything, a queue ``q``, ``resources``, and these steps."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = {"PolicyName": "all", "PolicyDocument": {"Statement": [statement]}}
    lambda_ = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = {"Statement": [lambda_]}
    properties = {
        "FunctionName": "work",
        "Runtime": "python3.13",
        "Handler": "app.handler",
        "Code": "src/",
        "Role": {"Fn::GetAtt": "Role.Arn"},
        **(function or {}),
    }
    template = {
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, "Policies": [policy]}},
            "Work": {"Type": "AWS::Lambda::Function", "Properties": properties},
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}},
            **(resources or {}),
        }
    }
    played = {"steps": list(steps) or [invoke()], **scenario}
    return {
        "template.json": json.dumps(template).encode(),
        "scenario.yaml": json.dumps(played).encode(),
        "src/app.py": code.encode(),
    }


def invoke(at: str = "0s", payload: Any = None, kind: str = "RequestResponse", **more: Any) -> dict[str, Any]:
    called = {"FunctionName": "work", "InvocationType": kind, "Payload": {} if payload is None else payload}
    return {"at": at, "call": "lambda.invoke", "with": called, **more}
