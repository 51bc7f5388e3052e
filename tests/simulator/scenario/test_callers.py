from typing import Any

import pytest

from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.scenario.load import load_scenario
from lambdalab.simulator.trace.facts import AccessDenied, ApiCalled, StepPlayed
from tests.simulator.playing import TRUST, Played, as_scenario, invoke, make_function, make_template, play, steps

ACCOUNT, OTHER = "123456789012", "999999999999"
PARTNER = f"arn:aws:iam::{OTHER}:user/partner"
CLERK = {"Type": "AWS::IAM::User", "Properties": {"UserName": "clerk"}}
AUDITOR = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "RoleName": "auditor",
        "AssumeRolePolicyDocument": TRUST,
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSLambdaRole"],
    },
}


def permission(principal: str) -> dict[str, Any]:
    properties = {"Action": "lambda:InvokeFunction", "FunctionName": "work", "Principal": principal}
    return {"Type": "AWS::Lambda::Permission", "Properties": properties}


def as_(caller: str, for_whom: str | None = None) -> Played:
    more = {"P": permission(for_whom)} if for_whom else {}
    template = make_template(make_function(), Clerk=CLERK, Auditor=AUDITOR, **more)
    return play(template, steps(invoke(kind="RequestResponse", **{"as": caller})))


@pytest.mark.parametrize(
    ("caller", "arn", "outcome"),
    [
        ("Auditor", f"arn:aws:sts::{ACCOUNT}:assumed-role/auditor/scenario", "200"),
        (f"arn:aws:iam::{ACCOUNT}:role/auditor", f"arn:aws:sts::{ACCOUNT}:assumed-role/auditor/scenario", "200"),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/auditor/me", f"arn:aws:sts::{ACCOUNT}:assumed-role/auditor/me", "200"),
        (f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{ACCOUNT}:root", "200"),
        ("Clerk", f"arn:aws:iam::{ACCOUNT}:user/clerk", "403 AccessDeniedException"),
        (f"arn:aws:iam::{ACCOUNT}:user/clerk", f"arn:aws:iam::{ACCOUNT}:user/clerk", "403 AccessDeniedException"),
        (PARTNER, PARTNER, "403 AccessDeniedException"),
    ],
)
def test_a_step_calls_as_whom_it_names(caller: str, arn: str, outcome: str) -> None:
    played = as_(caller)
    assert played.of(ApiCalled)[0].principal == arn
    assert played.of(StepPlayed)[0].outcome == outcome


@pytest.mark.parametrize(
    ("caller", "for_whom", "outcome"),
    [
        ("Clerk", f"arn:aws:iam::{ACCOUNT}:user/clerk", "200"),
        ("Clerk", ACCOUNT, "403 AccessDeniedException"),  # leaves it to the account, whose policies give clerk nothing
        (PARTNER, PARTNER, "200"),
        (PARTNER, OTHER, "200"),
        (PARTNER, f"arn:aws:iam::{OTHER}:user/somebody", "403 AccessDeniedException"),
        (f"arn:aws:iam::{OTHER}:role/batch", f"arn:aws:iam::{OTHER}:role/batch", "200"),
        (f"arn:aws:sts::{OTHER}:assumed-role/batch/1", f"arn:aws:iam::{OTHER}:role/batch", "200"),
        (PARTNER, "s3.amazonaws.com", "403 AccessDeniedException"),
    ],
)
def test_a_function_s_policy_lets_callers_in(caller: str, for_whom: str, outcome: str) -> None:
    """G.3, G.5, rules 3 and 4."""
    assert as_(caller, for_whom).of(StepPlayed)[0].outcome == outcome


def test_a_denied_step_says_why() -> None:
    (denied,) = as_("Clerk").of(AccessDenied)
    assert denied.why.startswith("denied: the user clerk has no statement that allows lambda:InvokeFunction on arn:")
    assert denied.source == "scenario"


def test_a_caller_that_is_not_there_is_reported_with_its_line() -> None:
    text = "steps:\n  - at: 0s\n    as: Nobody\n    call: lambda.invoke\n    with: {FunctionName: work}\n"
    scenario = load_scenario({"scenario.yaml": text.encode()})
    with pytest.raises(ProjectError) as caught:
        play(make_template(), scenario)
    (problem,) = caught.value.problems
    assert str(problem) == (
        "scenario.yaml:3: there is no role or user Nobody in the template. Roles and users here: Role."
    )


@pytest.mark.parametrize("name", ["not a name", "arn:aws:s3:::bucket", "arn:aws:iam::1:user/x", 7, "", "a.com"])
def test_a_caller_that_is_no_principal_is_refused(name: Any) -> None:
    with pytest.raises(ProjectError, match=r"no IAM principal|as must be a text"):
        load_scenario(as_scenario({"steps": [invoke(**{"as": name})]}))
