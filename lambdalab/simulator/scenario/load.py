"""Loading ``scenario.yaml``: file, line and column of everything that is wrong, all at once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, get_args

from lambdalab.simulator.account import Fault, models
from lambdalab.simulator.account.faults import FaultKind
from lambdalab.simulator.kernel import SECOND, Micros
from lambdalab.simulator.lambda_.compute import Compute, Cost
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.yaml_source import Path, read_yaml
from lambdalab.simulator.scenario import checks, values
from lambdalab.simulator.scenario.callers import read_caller
from lambdalab.simulator.scenario.deploying import read_revision
from lambdalab.simulator.scenario.http_steps import read_http
from lambdalab.simulator.scenario.reader import Reader
from lambdalab.simulator.scenario.schema import DEFAULT_EPOCH_US, Check, Comparison, Goal, Repeat, Scenario, Step
from lambdalab.simulator.scenario.uploading import read_upload
from lambdalab.simulator.scenario.web import read_web
from lambdalab.simulator.vocabulary.quotas import ACCOUNT_CONCURRENCY, RUN_UNTIL_MAX

KEYS = (
    "seed", "until", "account", "web", "parameters", "client", "steps", "faults", "compute", "clock", "checks", "goal",
)  # fmt: skip
STEP_KEYS = ("at", "call", "with", "as", "expect", "repeat", "rate", "label", "http", "upload", "deploy", "advance")
ACTIONS = ("call", "http", "upload", "deploy", "advance")
DUPLICATES = ("async", "dynamodb", "eventbridge", "kinesis", "s3", "sqs")
S3_FAULTS = ("collapse", "delay", "reorder")
REPEAT_MAX = 100_000
STEPS_MAX = 500
ATTEMPTS_DEFAULT = 3  # botocore 1.44.8, standard mode
ATTEMPTS_MAX = 20
COMPARISONS: tuple[str, ...] = get_args(Comparison)


def load_scenario(files: Mapping[str, bytes], path: str = "scenario.yaml") -> Scenario:
    """Read a scenario. Raises :class:`ProjectError`."""
    if path not in files:
        raise ProjectError([Problem(path, 0, 0, "there is no such scenario.", "Add it, or name another one.")])
    source = read_yaml(path, files[path])
    reader = Reader(source, DEFAULT_EPOCH_US)
    top = reader.mapping(source.value, (), KEYS)
    epoch_us = _clock(reader, top.get("clock"))
    reader.epoch_us = epoch_us
    account = reader.mapping(top.get("account"), ("account",), ("concurrency", "new_account"))
    usual = 10 if account.get("new_account") is True else ACCOUNT_CONCURRENCY
    scenario = Scenario(
        path=path,
        seed=reader.integer(top.get("seed"), ("seed",), 0, 2**63 - 1, 1),
        until=_until(reader, top.get("until")),
        epoch_us=epoch_us,
        concurrency=reader.integer(account.get("concurrency"), ("account", "concurrency"), 1, 100_000, usual),
        max_attempts=_max_attempts(reader, top.get("client")),
        parameters=reader.mapping(top.get("parameters"), ("parameters",), top.get("parameters") or ()),
        web=read_web(reader, top.get("web"), files),
        steps=_steps(reader, top.get("steps"), files),
        faults=_faults(reader, top.get("faults")),
        compute=_compute(reader, top.get("compute")),
        checks=_checks(reader, top.get("checks")),
        goal=_goal(reader, top.get("goal")),
    )
    if reader.problems:
        raise ProjectError(reader.problems)
    return scenario


def _clock(reader: Reader, value: Any) -> int:
    if value is None:
        return DEFAULT_EPOCH_US
    try:
        moment = dt.datetime.fromisoformat(str(value))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return round(moment.timestamp()) * 1_000_000
    except ValueError:
        reader.note(("clock",), f"{value!r} is not a moment.", "Write it like 2026-11-23T09:00:00Z.")
        return DEFAULT_EPOCH_US


def _until(reader: Reader, value: Any) -> Micros | None:
    if value is None:
        return None
    until = reader.duration(value, ("until",))
    if until > RUN_UNTIL_MAX:
        reader.note(("until",), "a run lasts at most 24 hours of virtual time.", "Write 24h or less.")
    return until


def _max_attempts(reader: Reader, value: Any) -> int:
    """What the scenario's client does with a throttle: nothing, or what an SDK does in botocore's standard mode."""
    client = reader.mapping(value, ("client",), ("retry_mode", "max_attempts"))
    if client.get("retry_mode") not in (None, "standard"):
        reader.note(("client", "retry_mode"), f"the mode {client['retry_mode']!r} is not simulated.", "Write standard.")
    usual = ATTEMPTS_DEFAULT if client.get("retry_mode") == "standard" else 1
    return reader.integer(client.get("max_attempts"), ("client", "max_attempts"), 1, ATTEMPTS_MAX, usual)


def _steps(reader: Reader, value: Any, files: Mapping[str, bytes]) -> tuple[Step, ...]:
    entries = reader.listing(value, ("steps",))
    if len(entries) > STEPS_MAX:
        reader.note(("steps",), f"more than {STEPS_MAX} steps.", "Use repeat.")
        return ()
    steps = [_step(reader, entry, ("steps", index), files) for index, entry in enumerate(entries)]
    return tuple(step for step in steps if step is not None)


def _step(reader: Reader, value: Any, path: Path, files: Mapping[str, bytes]) -> Step | None:
    entry = reader.mapping(value, path, STEP_KEYS)
    actions = [key for key in ACTIONS if key in entry]
    if len(actions) > 1:
        reader.note(path, f"a step does one thing, not {' and '.join(actions)}.", "Write a step for each.")
        return None
    at = reader.duration(entry.get("at"), (*path, "at"))
    repeat = _repeat(reader, entry, path)
    label = entry.get("label")
    if label is not None:
        label = reader.text(label, (*path, "label"), "a label")
    if "advance" in entry:
        return Step(Micros(at + reader.duration(entry["advance"], (*path, "advance"))), None, None, {}, repeat, label)
    if "deploy" in entry:
        if "as" in entry:
            reader.note((*path, "as"), "as has no effect on a deployment.", "Leave it out.")
        revision = read_revision(reader, entry["deploy"], (*path, "deploy"), files)
        return Step(at, None, None, {}, repeat, label, entry.get("expect"), deploy=revision)
    if "http" in entry:
        action, expect = read_http(reader, entry["http"], (*path, "http"), files), entry.get("expect")
        signer = read_caller(reader, entry.get("as"), (*path, "as"))
        wanted = None if expect is None else str(expect)
        return Step(at, None, None, {}, repeat, label, wanted, signer, http=action)
    if "upload" in entry:
        called, ready = ("s3", "PutObject"), read_upload(reader, entry["upload"], (*path, "upload"), files)
    else:
        found = _operation(reader, entry.get("call"), (*path, "call"))
        if found is None:
            return None
        params = reader.mapping(entry.get("with"), (*path, "with"), entry.get("with") or ())
        called, ready = found, values.prepare(reader, params, (*path, "with"), files)
    caller = read_caller(reader, entry.get("as"), (*path, "as"))
    return Step(at, *called, ready, repeat, label, entry.get("expect"), caller)


def _operation(reader: Reader, value: Any, path: Path) -> tuple[str, str] | None:
    """``lambda.invoke`` as service and API operation, checked against botocore's models."""
    name = reader.text(value, path, "call")
    service, _, method = name.partition(".")
    if not method:
        if name:
            reader.note(path, f"{name} is not service.operation.", "Write it like lambda.invoke.")
        return None
    try:
        operation = models.operations(service).get(method)
    except KeyError:
        reader.note(path, f"AWS has no service {service} in boto3.", "Use boto3's client name.")
        return None
    if operation is None:
        reader.note(path, f"{service} has no operation {method} in boto3.", "Use boto3's method name.")
        return None
    return service, operation


def _repeat(reader: Reader, entry: dict[str, Any], path: Path) -> Repeat:
    if "rate" in entry:
        at = (*path, "rate")
        rate = reader.mapping(entry["rate"], at, ("per_second", "for"))
        per_second = reader.number(rate.get("per_second"), (*at, "per_second"), 1.0) or 1.0
        length = reader.duration(rate.get("for"), (*at, "for"), Micros(SECOND))
        count = max(1, min(REPEAT_MAX, round(length / SECOND * per_second)))
        return Repeat(count, Micros(round(SECOND / per_second)))
    at = (*path, "repeat")
    repeat = reader.mapping(entry.get("repeat"), at, ("count", "every", "jitter"))
    return Repeat(
        reader.integer(repeat.get("count"), (*at, "count"), 1, REPEAT_MAX, 1),
        reader.duration(repeat.get("every"), (*at, "every")),
        reader.duration(repeat.get("jitter"), (*at, "jitter")),
    )


def _faults(reader: Reader, value: Any) -> tuple[Fault, ...]:
    faults = [_fault(reader, entry, ("faults", i)) for i, entry in enumerate(reader.listing(value, ("faults",)))]
    return tuple(fault for fault in faults if fault is not None)


def _fault(reader: Reader, value: Any, path: Path) -> Fault | None:
    kinds: tuple[FaultKind, ...] = get_args(FaultKind)
    entry = reader.mapping(value, path, ("from", "until", "with", "by", "probability", *kinds))
    kind = next((k for k in kinds if k in entry), None)
    if kind is None:
        reader.note(path, "a fault names what it does.", f"One of: {', '.join(kinds)}.")
        return None
    target = reader.text(entry[kind], (*path, kind), kind)
    if kind in ("fail", "latency") and _operation(reader, target, (*path, kind)) is None:
        return None
    if kind == "duplicate" and target not in DUPLICATES:
        fix = f"One of: {', '.join(DUPLICATES)}."
        reader.note((*path, kind), f"duplicates of {target} are not simulated yet.", fix)
    if kind == "s3" and target not in S3_FAULTS:
        reader.note((*path, kind), f"{target} is nothing that befalls S3.", f"One of: {', '.join(S3_FAULTS)}.")
    probability = reader.number(entry.get("probability"), (*path, "probability"), 1.0)
    return Fault(
        kind,
        "all" if kind == "cold" else target,
        reader.duration(entry.get("from"), (*path, "from")),
        reader.duration(entry["until"], (*path, "until")) if "until" in entry else None,
        error=reader.text(entry.get("with"), (*path, "with"), "with (an error code)") if kind == "fail" else "",
        by=reader.duration(entry.get("by"), (*path, "by")) if kind == "latency" else Micros(0),
        probability=min(1.0, probability),
    )


def _compute(reader: Reader, value: Any) -> Compute:
    entry = reader.mapping(value, ("compute",), ("mode", "functions"))
    mode = entry.get("mode", "declared")
    if mode not in ("declared", "measured"):
        reader.note(("compute", "mode"), f"{mode!r} is not a mode.", "Write declared or measured.")
        mode = "declared"
    functions = {}
    listed = entry.get("functions")
    for name, body in reader.mapping(listed, ("compute", "functions"), listed or ()).items():
        path: Path = ("compute", "functions", name)
        cost = reader.mapping(body, path, ("init_ms", "cpu_ms", "per_kb_ms"))
        usual = Cost()
        functions[name] = Cost(
            reader.number(cost.get("init_ms"), (*path, "init_ms"), usual.init_ms),
            reader.number(cost.get("cpu_ms"), (*path, "cpu_ms"), usual.cpu_ms),
            reader.number(cost.get("per_kb_ms"), (*path, "per_kb_ms"), usual.per_kb_ms),
        )
    return Compute(mode, functions)


def _checks(reader: Reader, value: Any) -> tuple[Check, ...]:
    found: list[Check] = []
    for index, raw in enumerate(reader.listing(value, ("checks",))):
        path: Path = ("checks", index)
        entry = reader.mapping(raw, path, ("id", "says", "query", "hidden", "points", *COMPARISONS))
        used = [c for c in COMPARISONS if c in entry]
        if len(used) != 1:
            reader.note(path, "a check compares in exactly one way.", f"One of: {', '.join(COMPARISONS)}.")
            continue
        check_id = reader.text(entry.get("id"), (*path, "id"), "id")
        query = reader.text(entry.get("query"), (*path, "query"), "query")
        error = checks.query_error(query) if query else None
        if error:
            reader.note((*path, "query"), error)
        wrong = _wrong_expectation(used[0], entry[used[0]])
        if wrong:
            reader.note((*path, used[0]), wrong)
        if any(check_id == other.id for other in found):
            reader.note((*path, "id"), f"a second check is called {check_id}.")
        found.append(
            Check(
                check_id,
                reader.text(entry.get("says"), (*path, "says"), "says"),
                query,
                used[0],  # type: ignore[arg-type]
                entry[used[0]],
                entry.get("hidden") is True,
                reader.number(entry.get("points"), (*path, "points"), 1.0),
            )
        )
    return tuple(found)


def _wrong_expectation(comparison: str, expected: Any) -> str | None:
    if comparison in ("at_most", "at_least") and not _is_number(expected):
        return f"{comparison} takes a number, not {expected!r}."
    if comparison == "between":
        two = isinstance(expected, list) and len(expected) == 2 and all(map(_is_number, expected))
        return None if two else f"between takes two numbers, not {expected!r}."
    if comparison == "matches" and not _compiles(str(expected)):
        return "this is not a regular expression."
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _goal(reader: Reader, value: Any) -> Goal | None:
    if value is None:
        return None
    entry = reader.mapping(value, ("goal",), ("query", "best"))
    query = reader.text(entry.get("query"), ("goal", "query"), "query")
    return Goal(query, reader.number(entry.get("best"), ("goal", "best"), 0.0) if "best" in entry else None)
