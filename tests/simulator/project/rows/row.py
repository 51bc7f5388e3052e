"""What a row of the table of resource types is, for the tests: a template, what is sent through it, what that shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lambdalab.simulator.lambda_.scripted import Act, Script

GLOBALS = """\
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.13, Handler: app.handler, CodeUri: src/}}
Resources:
"""
ANSWER = {"statusCode": 200, "body": "ok"}


def answer(function: Any, event: Any, count: int) -> Act:
    """Every proxy integration takes it, and every trigger that asks for nothing."""
    return Act(result=ANSWER)


@dataclass(frozen=True)
class Row:
    """``proofs``: for each resource type a query over the summary, and what it says only if the type has an effect."""

    resources: str
    steps: list[dict[str, Any]]
    proofs: Mapping[str, tuple[str, Any]]
    script: Script = answer
    scenario: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def template(self) -> str:
        return GLOBALS + self.resources
