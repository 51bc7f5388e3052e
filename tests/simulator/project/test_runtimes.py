"""Functions whose runtime is past one of its last days, in a template and while the stack serves. Fact B.8."""

import datetime as dt
import json
from typing import Any

import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import ApiCalled, FunctionUpdated, InvocationEnded, StackUpdateEnded
from tests.simulator.playing import CODE, Played, as_files, call, invoke, make_function, make_template, play, steps

NO_LONGER = "is no longer supported for creating or updating AWS Lambda functions."


def problems(runtime: str, today: str | None, created: str | None = None) -> list[Problem]:
    return problems_of(
        read_template({**CODE, **as_files(a_stack(runtime, created))}), dt.date.fromisoformat(today) if today else None
    )


def a_stack(runtime: str, created: str | None = None, **properties: Any) -> dict[str, Any]:
    template = make_template(make_function(Runtime=runtime, **properties))
    return template | ({"Metadata": {"lambdalab": {"created": created}}} if created else {})


def severities(found: list[Problem]) -> list[str]:
    return [problem.severity for problem in found]


def test_a_deprecated_runtime_is_a_warning_from_its_day_on() -> None:
    assert problems("python3.9", "2025-12-14") == []
    (problem,) = problems("python3.9", "2025-12-15")
    assert problem.severity == "warning"
    assert problem.message == (
        "Work: the runtime python3.9 is deprecated since 2025-12-15: no function is created with it from 2027-02-01 "
        "on, and none updated from 2027-03-03 on."
    )


@pytest.mark.rule("B.8-03", "X.3-01")
def test_a_blocked_runtime_is_refused_in_awss_words() -> None:
    (problem,) = problems("python3.9", "2027-02-01")
    assert problem.severity == "error"
    assert NO_LONGER in problem.message


def test_a_stack_that_was_created_in_time_may_have_it() -> None:
    assert severities(problems("python3.9", "2027-02-01", "2024-05-01")) == ["warning"]
    assert severities(problems("python3.9", "2027-02-01", "2027-02-01")) == ["error"]


def test_without_a_day_nobody_asks() -> None:
    assert problems("python3.7", None) == []


@pytest.mark.parametrize("given", ["yesterday", 7])
def test_a_day_of_creation_that_is_none_is_an_error_at_its_place(given: Any) -> None:
    with pytest.raises(ProjectError, match="is not a day"):
        problems("python3.9", None, given)


def test_other_languages_are_unsupported_and_what_never_was_an_error() -> None:
    assert severities(problems("nodejs24.x", "2026-11-23")) == ["unsupported"]
    (problem,) = problems("python9.9", "2026-11-23")
    assert (problem.severity, problem.message[:40]) == ("error", "Work: Value python9.9 at 'runtime' faile")


def run(day: str, *entries: dict[str, Any], runtime: str = "python3.9", new: Any = None) -> Played:
    files = {"new.json": json.dumps(new).encode()} if new else {}
    scenario = steps(*entries, clock=f"{day}T09:00:00Z")
    return play(a_stack(runtime, "2024-05-01"), scenario, files=files)


def test_a_run_on_a_day_of_creation_that_is_too_late_is_refused() -> None:
    with pytest.raises(ProjectError, match=NO_LONGER):
        play(a_stack("python3.9"), steps(invoke(), clock="2027-02-01T00:00:00Z"))
    assert play(a_stack("python3.9"), steps(invoke(), clock="2027-01-31T00:00:00Z")).of(InvocationEnded)


CONFIGURE = call("1s", "lambda.update_function_configuration", FunctionName="work", MemorySize=256)
NEW_CODE = call("1s", "lambda.update_function_code", FunctionName="work", S3Bucket="lambdalab-project", S3Key="src")


@pytest.mark.rule("B.8-02")
@pytest.mark.parametrize("update", [CONFIGURE, NEW_CODE])
def test_a_function_runs_on_after_the_last_day_and_cannot_be_updated_any_more(update: dict[str, Any]) -> None:
    played = run("2027-03-03", update, invoke("10s"))
    (answer,) = [fact for fact in played.of(ApiCalled) if fact.operation.startswith("Update")]
    assert (answer.status, answer.error) == (400, "InvalidParameterValueException")
    assert NO_LONGER in (answer.message or "")
    assert [fact.status for fact in played.of(InvocationEnded)] == ["ok"]
    assert len(run("2027-03-02", update).of(FunctionUpdated)) == 1


def test_an_update_to_a_newer_runtime_is_the_way_out() -> None:
    to_new = call("1s", "lambda.update_function_configuration", FunctionName="work", Runtime="python3.13")
    played = run("2027-03-03", to_new, CONFIGURE | {"at": "10s"})
    assert [fact.status for fact in played.of(ApiCalled)] == [200, 200]


@pytest.mark.parametrize(
    ("runtime", "error"), [("python3.9", "InvalidParameterValueException"), ("nodejs24.x", "NotSimulated")]
)
def test_an_update_to_another_runtime_may_be_refused(runtime: str, error: str) -> None:
    back = call("1s", "lambda.update_function_configuration", FunctionName="work", Runtime=runtime)
    assert [fact.error for fact in run("2027-03-03", back, runtime="python3.13").of(ApiCalled)] == [error]


def test_a_stack_update_that_leaves_it_is_rolled_back() -> None:
    new = a_stack("python3.9", "2024-05-01", MemorySize=256)
    played = run("2027-03-03", {"at": "1s", "deploy": {"template": "new.json"}}, new=new)
    (ended,) = played.of(StackUpdateEnded)
    assert ended.status == "UPDATE_ROLLBACK_COMPLETE"
    assert NO_LONGER in (ended.reason or "")
    assert played.of(FunctionUpdated) == []


def test_a_rollback_to_a_runtime_past_its_last_day_fails() -> None:
    """The function has moved on when another resource fails, and Lambda does not take it back."""
    new = a_stack("python3.13", "2024-05-01")
    new["Resources"]["Live"] = {
        "Type": "AWS::Lambda::Alias",
        "Properties": {"FunctionName": {"Ref": "Work"}, "Name": "live", "FunctionVersion": "9"},
    }
    played = run("2027-03-03", {"at": "1s", "deploy": {"template": "new.json"}}, new=new)
    (ended,) = played.of(StackUpdateEnded)
    assert ended.status == "UPDATE_ROLLBACK_FAILED"
    assert NO_LONGER in (ended.reason or "")
