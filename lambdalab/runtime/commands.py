"""What each subcommand of ``lambdalab`` does."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lambdalab.runtime.play import Outcome, play
from lambdalab.runtime.projects import read_project
from lambdalab.runtime.requirements import refused_requirements
from lambdalab.sandbox import CodeStore, Sandbox
from lambdalab.sandbox.offered import Offered
from lambdalab.sandbox.places import default_home
from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.resources.http import names as door_names
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.scenario.http_steps import unknown_doors
from lambdalab.simulator.scenario.load import load_scenario
from lambdalab.simulator.scenario.reader import parse_duration
from lambdalab.simulator.scenario.schema import Scenario, Step
from lambdalab.simulator.trace import decode_lines
from lambdalab.simulator.trace.explain import Explainer
from lambdalab.simulator.trace.facts import ApiCalled, CheckEvaluated, StepPlayed
from lambdalab.simulator.trace.platform_lines import with_platform_lines
from lambdalab.simulator.trace.words import clock
from lambdalab.simulator.views.player import COST_LABEL


def run(options: argparse.Namespace) -> int:
    """``lambdalab run``: 0 when all checks hold, 1 when some fail."""
    files = read_project(options.project, options.variant)
    scenario = _until(load_scenario(files, options.scenario), options.until)
    parameters = dict(_pair(text) for text in options.set)
    with options.sandbox or Sandbox.private() as sandbox:
        if options.seeds:
            return _many(options.seeds, files, scenario, parameters, sandbox)
        chunks: list[bytes] = []
        outcome = play(
            files, sandbox=sandbox, sink=chunks.append, scenario=scenario, parameters=parameters, seed=options.seed
        )
    if options.trace:
        options.trace.write_bytes(b"".join(chunks))
    if options.json:
        _write_json(options.json, outcome.summary)
    if options.json != "-":
        _tell(chunks, outcome, quiet=options.quiet)
    return 0 if outcome.passed else 1


def invoke(options: argparse.Namespace) -> int:
    """``lambdalab invoke``: 0 when the function answered, 1 when it failed."""
    files = read_project(options.project, options.variant)
    payload = _event(options.event)
    params = {"FunctionName": options.function, "InvocationType": options.type, "Payload": payload}
    scenario = Scenario(steps=(Step(Micros(0), "lambda", "Invoke", params),))
    chunks: list[bytes] = []
    with options.sandbox or Sandbox.private() as sandbox:
        outcome = play(files, sandbox=sandbox, sink=chunks.append, scenario=scenario)
    if "ResourceNotFoundException" in outcome.summary["calls"]["lambda.invoke"]["errors"]:
        known = ", ".join(outcome.summary["functions"]) or "none"
        text = f"there is no function {options.function}."
        raise ProjectError([Problem(str(options.project), 0, 0, text, f"Functions here: {known}.")])
    for function in outcome.summary["logs"].values():
        for line in function["lines"]:
            print(line["text"], file=sys.stderr)
    functions = outcome.summary["functions"].values()
    for row in functions:
        for result in row["results"]:
            print(json.dumps(result))
        if row["last_error"]:
            print(json.dumps(row["last_error"]))
    called = sum(row["invocations"] for row in functions)
    failed = any(row["errors"] for row in functions)
    for note in outcome.player["notes"] if failed else ():
        print(f"Note: {note}.", file=sys.stderr)
    if not called:
        errors = ", ".join(outcome.summary["calls"]["lambda.invoke"]["errors"]) or "the event was given up"
        print(f"nothing ran: {errors}", file=sys.stderr)
    return 0 if called and not failed else 1


def _event(path: Path | None) -> bytes:
    if path is None:
        return b"{}"
    try:
        content = path.read_bytes()
        json.loads(content)
    except OSError as error:
        raise ProjectError([Problem(str(path), 0, 0, f"cannot be read: {error.strerror}.")]) from None
    except ValueError as error:
        raise ProjectError([Problem(str(path), 0, 0, f"is not valid JSON: {error}.")]) from None
    return content


def check(options: argparse.Namespace) -> int:
    """``lambdalab check``: 0 when nothing stops a run, 2 when something does."""
    problems = list(problems_in(read_project(options.project, options.variant)))
    if options.json:
        print(json.dumps([_problem_json(problem) for problem in problems], indent=2))
    else:
        for problem in problems:
            print(problem)
        if not problems:
            print("Nothing is wrong with this project.")
    return 2 if any(problem.severity != "warning" for problem in problems) else 0


def tidy(options: argparse.Namespace) -> int:
    """``lambdalab tidy``: keep the jail's store of code within bounds. What was used within the last hour stays."""
    store = CodeStore(default_home().code)
    removed = store.remove_unused(unused_s=options.days * 86_400, bytes_max=options.megabytes << 20)
    print(f"Removed {removed} package{'' if removed == 1 else 's'} of code.")
    return 0


def problems_in(files: Mapping[str, bytes]) -> tuple[Problem, ...]:
    """Everything that ``lambdalab check`` tells of a project."""
    found: list[Problem] = list(refused_requirements(files, Offered(default_home().offered)))
    scenario = Scenario()
    try:
        if "scenario.yaml" in files:
            scenario = load_scenario(files)
    except ProjectError as error:
        found += error.problems
    try:
        template = read_template(files, scenario.parameters)
        found += [*problems_of(template, scenario.first_day), *unknown_doors(scenario, door_names(template))]
    except ProjectError as error:
        found += error.problems
    return tuple(found)


def _problem_json(problem: Problem) -> dict[str, Any]:
    names = ("severity", "path", "line", "column", "message", "fix")
    return {name: getattr(problem, name) for name in names}


def _until(scenario: Scenario, text: str | None) -> Scenario:
    if text is None:
        return scenario
    until = parse_duration(text)
    if until is None:
        raise ProjectError([Problem("--until", 0, 0, f"{text!r} is not a time.", "Write it like 90s or 6h.")])
    return replace(scenario, until=until)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ProjectError([Problem("--set", 0, 0, f"{text!r} is not PARAM=VALUE.")])
    return name, value


def _write_json(target: str, summary: Mapping[str, Any]) -> None:
    text = json.dumps(summary, indent=2, sort_keys=True, ensure_ascii=False)
    if target == "-":
        print(text)
    else:
        Path(target).write_text(text + "\n")


def _tell(chunks: list[bytes], outcome: Outcome, *, quiet: bool) -> None:
    """The story in sentences, the numbers, the checks."""
    if not quiet:
        explainer = Explainer()
        for stamped in with_platform_lines(decode_lines(b"".join(chunks).splitlines())):
            sentence = explainer.explain(stamped)
            if not isinstance(stamped.fact, CheckEvaluated) and not _is_said_twice(stamped.fact):
                print(f"{clock(stamped.at):>12}  {sentence}")
        print()
    print(f"{outcome.player['sentence']}.")
    if outcome.player["because"]:
        print(f"{outcome.player['because']}.")
    for note in outcome.player["notes"]:
        print(f"Note: {note}.")
    if outcome.stopped:
        print(f"Stopped: {outcome.stopped}.")
    print(_numbers(outcome))
    for result in outcome.checks:
        mark = "holds " if result.passed else "FAILED"
        print(f"  {mark}  {result.id}: {result.says}")
        if not result.passed:
            comparison = result.comparison.replace("_", " ")
            print(f"          expected {comparison} {result.expected!r}, got {result.actual!r}")


def _is_said_twice(fact: object) -> bool:
    """The scenario's own calls are told by what they cause."""
    return isinstance(fact, StepPlayed) or (
        isinstance(fact, ApiCalled) and fact.source == "scenario" and not fact.error
    )


def _numbers(outcome: Outcome) -> str:
    stats = {row["label"]: row["value"] for row in outcome.player["stats"]}
    cost = stats.pop(COST_LABEL, None)
    words = ", ".join(f"{label} {value}" for label, value in stats.items())
    virtual = outcome.summary["run"]["virtual_s"]
    price = "" if cost is None else f" ${cost:.2f} per million invocations."
    return f"{words}. {virtual:.3f} s of virtual time.{price} Trace {outcome.sha256[:16]}."


def _many(
    seeds: int, files: Mapping[str, bytes], scenario: Scenario, parameters: Mapping[str, Any], sandbox: Sandbox
) -> int:
    """The same over many seeds: how often each check holds, and the spread of the main figures."""
    held: Counter[str] = Counter()
    figures: dict[str, list[float]] = {}
    for seed in range(1, seeds + 1):
        outcome = play(files, sandbox=sandbox, sink=_nowhere, scenario=scenario, parameters=parameters, seed=seed)
        held.update(result.id for result in outcome.checks if result.passed)
        for row in outcome.player["stats"]:
            figures.setdefault(row["label"], []).append(row["value"])
    for label, values in figures.items():
        ordered = sorted(values)
        middle = ordered[len(ordered) // 2]
        print(f"{label:>18}: least {ordered[0]:g}, median {middle:g}, most {ordered[-1]:g}")
    for wanted in scenario.checks:
        print(f"  {held[wanted.id]:>4} of {seeds}  {wanted.id}: {wanted.says}")
    return 0 if all(held[wanted.id] == seeds for wanted in scenario.checks) else 1


_nowhere: Callable[[bytes], None] = lambda chunk: None  # noqa: E731 - a sink that keeps nothing
