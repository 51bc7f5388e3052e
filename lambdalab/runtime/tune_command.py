"""``lambdalab tune``: the same scenario at several sizes of memory, and what each of them takes and costs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

from lambdalab.runtime.play import play
from lambdalab.runtime.projects import read_project
from lambdalab.sandbox import Sandbox
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.scenario.load import load_scenario
from lambdalab.simulator.trace import decode_lines
from lambdalab.simulator.views.power_tuning import Setting, TuningFold, power_tuning

SIZES_MAX = 20


def tune(options: argparse.Namespace) -> int:
    """``lambdalab tune``: 0, or ``ProjectError`` when project, scenario or parameter are refused."""
    name, values = _sizes(options.set)
    files = read_project(options.project, options.variant)
    found: dict[str, list[Setting]] = {}
    with Sandbox.private() as sandbox:
        for value in values:
            for function, setting in _settings(files, options, {name: value}, sandbox).items():
                found.setdefault(function, []).append(setting)
    tables = {function: power_tuning(settings) for function, settings in found.items()}
    if options.json:
        print(json.dumps(tables, indent=2))
    else:
        print("\n\n".join(_as_text(function, table) for function, table in tables.items()) or "Nothing was invoked.")
    return 0


def _settings(
    files: Mapping[str, bytes], options: argparse.Namespace, parameters: Mapping[str, Any], sandbox: Sandbox
) -> dict[str, Setting]:
    chunks: list[bytes] = []
    scenario = load_scenario(files, options.scenario)
    play(files, sandbox=sandbox, sink=chunks.append, scenario=scenario, parameters=parameters, seed=options.seed)
    fold = TuningFold()
    for stamped in decode_lines(b"".join(chunks).splitlines()):
        fold.add(stamped)
    return fold.result()


def _as_text(function: str, table: Mapping[str, Any]) -> str:
    lines = [f"{function}", f"{'memory':>10}  {'duration':>14}  {'billed':>12}  {'a million':>12}"]
    for row in table["settings"]:
        marks = [word for word in ("fastest", "cheapest") if table[word] == row["memory_mb"]]
        failed = [f"{row['errors']} of {row['invocations']} failed"] if row["errors"] else []
        size, took = f"{row['memory_mb']:,} MB", f"{row['duration_ms']:,.2f} ms"
        billed, usd = f"{row['billed_ms']:,.1f} ms", f"${row['usd_per_million']:,.2f}"
        lines.append(f"{size:>10}  {took:>14}  {billed:>12}  {usd:>12}  {', '.join([*marks, *failed])}".rstrip())
    return "\n".join(lines)


def _sizes(text: str) -> tuple[str, list[str]]:
    name, equals, values = text.partition("=")
    sizes = [value.strip() for value in values.split(",")]
    if not equals or not name or not all(sizes):
        raise ProjectError([Problem("--set", 0, 0, f"{text!r} is not PARAM=VALUE,VALUE,….")])
    if len(sizes) > SIZES_MAX:
        raise ProjectError([Problem("--set", 0, 0, f"{len(sizes)} values are too many: {SIZES_MAX} at most.")])
    return name, sizes
