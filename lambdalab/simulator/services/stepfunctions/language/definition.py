"""What a definition must be before it can run: every field known, every target there, every state reachable.

Source: Amazon States Language specification, and Step Functions Developer Guide, "Workflow states", read 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lambdalab.simulator.services.stepfunctions.data import DEPTH_MAX, too_deep
from lambdalab.simulator.services.stepfunctions.language import choices, paths, templates
from lambdalab.simulator.services.stepfunctions.language.errors import ALL, RUNTIME

Path = tuple[str | int, ...]
STATES_MAX = 1_000  # ours
NAME_MAX = 80  # documented
SECONDS_MAX = 99_999_999  # documented: TimeoutSeconds, HeartbeatSeconds, Seconds
_FLOW = {"InputPath", "OutputPath"}
_RESULT = {"ResultPath", "ResultSelector", "Parameters", "Retry", "Catch"}
FIELDS: Mapping[str, set[str]] = {
    "Pass": _FLOW | {"Result", "ResultPath", "Parameters", "Next", "End"},
    "Task": _FLOW | _RESULT | {"Resource", "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds",
                               "HeartbeatSecondsPath", "Next", "End"},
    "Choice": _FLOW | {"Choices", "Default"},
    "Wait": _FLOW | {"Seconds", "SecondsPath", "Timestamp", "TimestampPath", "Next", "End"},
    "Succeed": _FLOW,
    "Fail": {"Error", "ErrorPath", "Cause", "CausePath"},
    "Parallel": _FLOW | _RESULT | {"Branches", "Next", "End"},
    "Map": _FLOW | _RESULT | {"ItemsPath", "ItemProcessor", "Iterator", "ItemSelector", "MaxConcurrency",
                              "MaxConcurrencyPath", "Next", "End"},
}  # fmt: skip
LEFT_OUT = {
    "QueryLanguage": "JSONata", "Assign": "variables", "Arguments": "JSONata", "Output": "JSONata",
    "Items": "JSONata", "Condition": "JSONata", "Credentials": "other accounts' roles",
    "ItemReader": "distributed maps", "ItemBatcher": "distributed maps", "ResultWriter": "distributed maps",
    "ToleratedFailurePercentage": "distributed maps", "ToleratedFailureCount": "distributed maps",
    "Label": "distributed maps",
}  # fmt: skip
MAY_BE_NULL = ("InputPath", "OutputPath", "ResultPath")
MACHINE = {"Comment", "StartAt", "States", "TimeoutSeconds", "Version"}


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong in a definition, at ``path``. ``left_out`` where AWS knows it and lambdalab does not."""

    path: Path
    text: str
    fix: str = ""
    left_out: bool = False


def flaws_of(definition: Any, kind: Literal["STANDARD", "EXPRESS"] = "STANDARD") -> list[Flaw]:
    """Everything that keeps a definition from being created."""
    if not isinstance(definition, dict):
        return [Flaw((), "a definition is an object with StartAt and States.")]
    if too_deep(definition):
        return [Flaw((), f"a definition is nested at most {DEPTH_MAX} deep here.")]
    checker = _Checker(kind)
    checker.machine(definition, (), MACHINE)
    return checker.flaws


class _Checker:
    def __init__(self, kind: str) -> None:
        self.flaws: list[Flaw] = []
        self._kind = kind
        self._names: set[str] = set()

    def _note(self, path: Path, text: str, fix: str = "") -> None:
        self.flaws.append(Flaw(path, text, fix))

    def machine(self, value: dict[str, Any], path: Path, known: set[str]) -> None:
        """A whole definition, or a branch of one."""
        self._fields(value, path, known)
        states = value.get("States")
        if not isinstance(states, dict) or not states:
            return self._note((*path, "States"), "States must be an object with at least one state.")
        if len(states) > STATES_MAX:
            return self._note((*path, "States"), f"a definition has at most {STATES_MAX:,} states here.")
        self._seconds(value, path, "TimeoutSeconds")
        start = value.get("StartAt")
        if not isinstance(start, str) or start not in states:
            self._note((*path, "StartAt"), f"MISSING_TRANSITION_TARGET: Missing 'StartAt' target: {start}.")
        for name, state in states.items():
            self._state(name, state, (*path, "States", name), states)
        if not self.flaws:
            self._reachable(states, str(start), path)
        return None

    def _state(self, name: str, state: Any, path: Path, states: dict[str, Any]) -> None:
        if len(name) > NAME_MAX:
            self._note(path, f"a state's name has at most {NAME_MAX} characters.")
        if name in self._names:
            text = f"DUPLICATE_STATE_NAME: there is another state {name}."
            self._note(path, text, "Names are unique in all branches.")
        self._names.add(name)
        kind = state.get("Type") if isinstance(state, dict) else None
        if not isinstance(kind, str) or kind not in FIELDS:
            listed = ", ".join(FIELDS)
            return self._note((*path, "Type"), f"the state {name} needs a Type.", f"One of {listed}.")
        self._fields(state, path, FIELDS[kind] | {"Type", "Comment"})
        self._targets(kind, state, path, states)
        for key in ("InputPath", "OutputPath", "ResultPath", "ItemsPath"):
            self._path(state, path, key, reference=key == "ResultPath")
        for key in ("Parameters", "ResultSelector", "ItemSelector"):
            self._template(state.get(key), (*path, key))
        check: Callable[[dict[str, Any], Path], None] | None = {
            "Task": self._task, "Choice": self._choice, "Wait": self._wait, "Parallel": self._parallel,
            "Map": self._map, "Fail": self._fail,
        }.get(kind)  # fmt: skip
        if check is not None:
            check(state, path)
        self._retries(state.get("Retry", []), (*path, "Retry"))
        self._catchers(state.get("Catch", []), (*path, "Catch"), states)
        return None

    def _fields(self, value: dict[str, Any], path: Path, known: set[str]) -> None:
        for key, given in value.items():
            if key in known or (key == "QueryLanguage" and given == "JSONPath"):
                continue
            if key in LEFT_OUT:
                text = f"{key} ({LEFT_OUT[key]}) has no effect in lambdalab yet."
                self.flaws.append(Flaw((*path, key), text, "Write the state with JSONPath.", left_out=True))
            else:
                self._note((*path, key), f"SCHEMA_VALIDATION_FAILED: Field '{key}' is not supported here.")

    def _targets(self, kind: str, state: dict[str, Any], path: Path, states: dict[str, Any]) -> None:
        if "Next" in FIELDS[kind]:
            if ("Next" in state) == (state.get("End") is True):
                text = "SCHEMA_VALIDATION_FAILED: a state has either Next or End: true."
                self._note(path, text)
            self._target(state, path, "Next", states)
        self._target(state, path, "Default", states)
        rules = state.get("Choices")
        for index, rule in enumerate(rules if isinstance(rules, list) else []):
            if isinstance(rule, dict):
                self._target(rule, (*path, "Choices", index), "Next", states)

    def _target(self, value: dict[str, Any], path: Path, key: str, states: dict[str, Any]) -> None:
        if key in value and (not isinstance(value[key], str) or value[key] not in states):
            self._note((*path, key), f"MISSING_TRANSITION_TARGET: Missing '{key}' target: {value[key]}.")

    def _reachable(self, states: dict[str, Any], start: str, path: Path) -> None:
        left, seen = [start], set[str]()
        while left:
            name = left.pop()
            if name not in seen:
                seen.add(name)
                left += _next_of(states[name])
        for name in states:
            if name not in seen:
                self._note((*path, "States", name), f'MISSING_TRANSITION_TARGET: State "{name}" is not reachable.')

    def _path(self, state: dict[str, Any], path: Path, key: str, *, reference: bool = False) -> None:
        value = state.get(key)
        if key not in state or (value is None and key in MAY_BE_NULL):
            return None
        here = (*path, key)
        try:
            steps_of = value.removeprefix("$") if isinstance(value, str) and value.startswith("$$") else value
            paths.parsed(steps_of) if isinstance(value, str) else _no_path(value)
        except paths.PathError as error:
            return self._note(here, f"INVALID_PATH: {key}: {error}.")
        if reference and (str(value).startswith("$$") or not paths.is_reference(str(value))):
            self._note(here, f"INVALID_PATH: {key} must be a reference path, which names one place.")
        return None

    def _template(self, template: Any, path: Path) -> None:
        if isinstance(template, list):
            for index, each in enumerate(template):
                self._template(each, (*path, index))
        if not isinstance(template, dict):
            return
        for key, value in template.items():
            if key.endswith(".$"):
                problem = templates.problem_of(key, value)
                if problem:
                    self._note((*path, key), f"INVALID_PATH: {problem}.")
            else:
                self._template(value, (*path, key))

    def _seconds(self, value: dict[str, Any], path: Path, key: str, least: int = 1) -> None:
        given = value.get(key)
        right = isinstance(given, int) and not isinstance(given, bool) and least <= given <= SECONDS_MAX
        if key in value and not right:
            text = f"{key} must be a whole number from {least} to {SECONDS_MAX}."
            self._note((*path, key), f"SCHEMA_VALIDATION_FAILED: {text}")

    def _task(self, state: dict[str, Any], path: Path) -> None:
        resource = state.get("Resource")
        if not isinstance(resource, str) or not resource.startswith("arn:"):
            return self._note((*path, "Resource"), "a Task needs a Resource, an ARN.", "Write !GetAtt MyFunction.Arn.")
        for key in ("TimeoutSeconds", "HeartbeatSeconds"):
            self._seconds(state, path, key)
            self._path(state, path, f"{key}Path", reference=True)
        if self._kind == "EXPRESS" and resource.endswith((".waitForTaskToken", ".sync", ".sync:2")):
            text = f"Express state machine does not support '{resource.rsplit('.', 1)[-1]}' service integration."
            self._note((*path, "Resource"), text, "Use a Standard state machine.")
        timeout, heartbeat = state.get("TimeoutSeconds"), state.get("HeartbeatSeconds")
        if isinstance(timeout, int) and isinstance(heartbeat, int) and heartbeat >= timeout:
            self._note((*path, "HeartbeatSeconds"), "HeartbeatSeconds must be smaller than TimeoutSeconds.")
        return None

    def _choice(self, state: dict[str, Any], path: Path) -> None:
        rules = state.get("Choices")
        if not isinstance(rules, list) or not rules:
            return self._note((*path, "Choices"), "a Choice needs Choices, a list of rules.")
        for index, rule in enumerate(rules):
            here = (*path, "Choices", index)
            if isinstance(rule, dict) and "Next" not in rule:
                self._note(here, "SCHEMA_VALIDATION_FAILED: a rule of Choices needs Next.")
            self._rule(rule, here, top=True)
        return None

    def _rule(self, rule: Any, path: Path, *, top: bool = False) -> None:
        if not isinstance(rule, dict):
            return self._note(path, "a rule is an object.")
        rest = rule.keys() - ({"Next", "Comment"} if top else {"Comment"})
        whole = [key for key in choices.BOOLEAN if key in rule]
        if whole and rest == set(whole) and len(whole) == 1:
            inner = rule[whole[0]]
            rules = [inner] if whole[0] == "Not" else inner
            if not isinstance(rules, list) or not rules:
                return self._note((*path, whole[0]), f"{whole[0]} takes a list of rules.")
            for index, each in enumerate(rules):
                self._rule(each, (*path, whole[0]) if whole[0] == "Not" else (*path, whole[0], index))
            return None
        operators = choices.OPERATORS & rest
        if len(operators) != 1 or rest - operators != {"Variable"}:
            text = "a rule has a Variable and one comparison, or And, Or or Not."
            return self._note(path, f"SCHEMA_VALIDATION_FAILED: {text}")
        (operator,) = operators
        if not choices.fits(operator, rule[operator]):
            text = f"SCHEMA_VALIDATION_FAILED: {operator} cannot compare with {rule[operator]!r}."
            self._note((*path, operator), text)
        self._path(rule, path, "Variable")
        if operator.endswith("Path"):
            self._path(rule, path, operator)
        return None

    def _wait(self, state: dict[str, Any], path: Path) -> None:
        given = {"Seconds", "SecondsPath", "Timestamp", "TimestampPath"} & state.keys()
        if len(given) != 1:
            return self._note(path, "a Wait has one of Seconds, SecondsPath, Timestamp and TimestampPath.")
        self._seconds(state, path, "Seconds", 0)
        for key in ("SecondsPath", "TimestampPath"):
            self._path(state, path, key, reference=True)
        if "Timestamp" in state and choices.moment(state["Timestamp"]) is None:
            self._note((*path, "Timestamp"), "Timestamp must be like 2026-11-23T09:00:00Z.")
        return None

    def _fail(self, state: dict[str, Any], path: Path) -> None:
        for key in ("Error", "Cause"):
            if not isinstance(state.get(key, ""), str):
                self._note((*path, key), f"{key} must be a text.")
            if f"{key}Path" in state:
                problem = templates.problem_of(f"{key}Path", state[f"{key}Path"])
                if problem:
                    self._note((*path, f"{key}Path"), f"INVALID_PATH: {problem}.")

    def _parallel(self, state: dict[str, Any], path: Path) -> None:
        branches = state.get("Branches")
        if not isinstance(branches, list) or not branches:
            return self._note((*path, "Branches"), "a Parallel needs Branches, a list of definitions.")
        for index, branch in enumerate(branches):
            self._inner(branch, (*path, "Branches", index))
        return None

    def _map(self, state: dict[str, Any], path: Path) -> None:
        key = "ItemProcessor" if "ItemProcessor" in state else "Iterator"
        processor = state.get(key)
        if isinstance(processor, dict) and isinstance(processor.get("ProcessorConfig"), dict):
            if processor["ProcessorConfig"].get("Mode", "INLINE") != "INLINE":
                text = "a distributed Map has no effect in lambdalab yet."
                here = (*path, key, "ProcessorConfig", "Mode")
                self.flaws.append(Flaw(here, text, "Write Mode: INLINE.", left_out=True))
            processor = {name: value for name, value in processor.items() if name != "ProcessorConfig"}
        self._inner(processor, (*path, key))
        limit = state.get("MaxConcurrency", 0)
        if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
            self._note((*path, "MaxConcurrency"), "MaxConcurrency must be a whole number of 0 or more.")
        self._path(state, path, "MaxConcurrencyPath", reference=True)
        if "ItemSelector" in state and "Parameters" in state:
            self._note((*path, "Parameters"), "a Map has ItemSelector or Parameters, its old name, not both.")

    def _inner(self, branch: Any, path: Path) -> None:
        if not isinstance(branch, dict):
            return self._note(path, "a branch is an object with StartAt and States.")
        return self.machine(branch, path, {"StartAt", "States", "Comment"})

    def _retries(self, retries: Any, path: Path) -> None:
        for index, each in self._entries(retries, path):
            here = (*path, index)
            known = {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds",
                     "JitterStrategy", "Comment"}  # fmt: skip
            self._fields(each, here, known)
            self._seconds(each, here, "IntervalSeconds")
            self._seconds(each, here, "MaxAttempts", 0)
            self._seconds(each, here, "MaxDelaySeconds")
            rate = each.get("BackoffRate", 2.0)
            if not isinstance(rate, int | float) or isinstance(rate, bool) or rate < 1:
                self._note((*here, "BackoffRate"), "SCHEMA_VALIDATION_FAILED: BackoffRate must be 1.0 or more.")
            if each.get("JitterStrategy", "NONE") not in ("FULL", "NONE"):
                self._note((*here, "JitterStrategy"), "SCHEMA_VALIDATION_FAILED: JitterStrategy is FULL or NONE.")
            self._errors(each, here, last=index == len(retries) - 1)

    def _catchers(self, catchers: Any, path: Path, states: dict[str, Any]) -> None:
        for index, each in self._entries(catchers, path):
            here = (*path, index)
            self._fields(each, here, {"ErrorEquals", "Next", "ResultPath", "Comment"})
            if "Next" not in each:
                self._note(here, "SCHEMA_VALIDATION_FAILED: a catcher needs Next.")
            self._target(each, here, "Next", states)
            self._path(each, here, "ResultPath", reference=True)
            self._errors(each, here, last=index == len(catchers) - 1)

    def _entries(self, entries: Any, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
        if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
            self._note(path, f"{path[-1]} is a list of objects.")
            return
        yield from enumerate(entries)

    def _errors(self, entry: dict[str, Any], path: Path, *, last: bool) -> None:
        names = entry.get("ErrorEquals")
        here = (*path, "ErrorEquals")
        if not isinstance(names, list) or not names or not all(isinstance(each, str) for each in names):
            return self._note(here, "ErrorEquals is a list of error names.")
        if ALL in names and (len(names) > 1 or not last):
            self._note(here, f"SCHEMA_VALIDATION_FAILED: {ALL} must stand alone, and in the last entry.")
        if RUNTIME in names:
            self._note(here, f"{RUNTIME} cannot be retried or caught.", "Leave it out.")
        return None


def _no_path(value: Any) -> None:
    raise paths.PathError(f"{value!r} is no path")


def _next_of(state: dict[str, Any]) -> Iterator[str]:
    rules = [*state.get("Choices", []), *state.get("Catch", [])]
    yield from (each["Next"] for each in rules if "Next" in each)
    yield from (state[key] for key in ("Next", "Default") if key in state)
