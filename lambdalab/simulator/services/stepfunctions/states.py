"""What each type of state does with its input.

Source: Step Functions Developer Guide, "Workflow states", and the Amazon States Language specification, read 2026-11.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import MILLISECOND, SECOND, Micros, Process
from lambdalab.simulator.services.stepfunctions.data import DEPTH_MAX, too_deep, too_large
from lambdalab.simulator.services.stepfunctions.flow import Flow
from lambdalab.simulator.services.stepfunctions.language import choices, paths, templates
from lambdalab.simulator.services.stepfunctions.language.errors import (
    DATA_LIMIT,
    RUNTIME,
    StateError,
    TooLongError,
    data_limit,
    matches,
)
from lambdalab.simulator.services.stepfunctions.tasks import Tasks
from lambdalab.simulator.trace.facts import StateEntered, StateExited, StateFailed, StateRetried
from lambdalab.simulator.vocabulary.assumptions.workflows import TRANSITION_US

HISTORY_MAX = 25_000  # documented: events of a Standard execution
ITERATIONS_MAX = 40  # documented: of an inline Map at once. Guide, "Using Map state in Inline mode"
ENDS = ("Succeed", "Fail")


@dataclass(frozen=True, slots=True)
class _Done:
    """How a state ended: its output, and where to."""

    output: Any
    next: str | None


class Interpreter:
    """Runs definitions that have been checked."""

    def __init__(self, world: World, tasks: Tasks) -> None:
        self._world = world
        self._tasks = tasks

    def run(self, flow: Flow, definition: dict[str, Any], data: Any) -> Process[Any]:
        """Run a definition, or a branch, to its end; returns its output. Raises :class:`StateError`."""
        name: str | None = definition["StartAt"]
        while name is not None:
            done = yield from self._state(flow, name, definition["States"][name], data)
            data, name = done.output, done.next
        return data

    def _state(self, flow: Flow, name: str, state: dict[str, Any], data: Any) -> Process[_Done]:
        execution, kind = flow.execution, state["Type"]
        yield from flow.sleep(self._transition(flow))
        execution.transitions += 1
        if execution.machine.kind == "STANDARD" and execution.events >= HISTORY_MAX:
            text = f"The execution reached the maximum number of history events ({HISTORY_MAX})."
            raise StateError(RUNTIME, text)
        entered = flow.note(f"{kind}StateEntered", stateEnteredEventDetails={"name": name, "input": flow.text(data)})
        self._world.trace.record(StateEntered(execution.machine.name, execution.name, name, kind, flow.path))
        flow.context["State"] = {"EnteredTime": self._world.timestamp(), "Name": name, "RetryCount": 0}
        try:
            done = yield from self._attempts(flow, name, state, data)
        except StateError as error:
            if error.error == RUNTIME and not error.cause.startswith("An error occurred while"):
                where = f"An error occurred while executing the state '{name}' (entered at the event id #{entered})."
                error = StateError(RUNTIME, f"{where} {error.cause}".strip())
            self._tell_failure(flow, name, error, None)
            raise error from None
        if kind != "Fail":
            details = {"name": name, "output": flow.text(done.output)}
            flow.note(f"{kind}StateExited", stateExitedEventDetails=details)
        self._world.trace.record(StateExited(execution.machine.name, execution.name, name, flow.path))
        return done

    def _transition(self, flow: Flow) -> Micros:
        median = TRANSITION_US[flow.execution.machine.kind]
        return Micros(round(median * (0.7 + 0.6 * flow.chance.random())))

    def _attempts(self, flow: Flow, name: str, state: dict[str, Any], data: Any) -> Process[_Done]:
        """A state with its retries; where they are used up, with its catchers."""
        execution = flow.execution
        used: dict[int, int] = {}
        while True:
            try:
                return (yield from self._once(flow, name, state, data))
            except StateError as error:
                delay = self._retry(flow, state, error, used)
                if delay is None:
                    return self._caught(flow, name, state, data, error)
                count = sum(used.values())
                self._world.trace.record(
                    StateRetried(execution.machine.name, execution.name, name, flow.path, error.error, count, delay)
                )
            flow.context["State"]["RetryCount"] = count
            execution.transitions += 1  # a retry is a transition on the bill
            yield from flow.sleep(delay)

    def _retry(self, flow: Flow, state: dict[str, Any], error: StateError, used: dict[int, int]) -> Micros | None:
        """After what delay the state is tried again; None when no retrier is left for this error."""
        for number, retrier in enumerate(state.get("Retry", ())):
            if not matches(retrier["ErrorEquals"], error.error):
                continue
            attempt = used.get(number, 0)
            if attempt >= retrier.get("MaxAttempts", 3):
                return None
            used[number] = attempt + 1
            longest = retrier.get("MaxDelaySeconds", math.inf)
            rate = float(retrier.get("BackoffRate", 2.0))
            grown = math.exp(min(700.0, math.log(retrier.get("IntervalSeconds", 1)) + attempt * math.log(rate)))
            seconds = min(grown, longest, 99_999_999.0)
            if retrier.get("JitterStrategy") == "FULL":
                seconds *= flow.chance.random()
            return Micros(round(seconds * 1000) * MILLISECOND)
        return None

    def _caught(self, flow: Flow, name: str, state: dict[str, Any], data: Any, error: StateError) -> _Done:
        for catcher in state.get("Catch", ()):
            if matches(catcher["ErrorEquals"], error.error):
                self._tell_failure(flow, name, error, catcher["Next"])
                told = {"Error": error.error, "Cause": error.cause}
                return _Done(_placed(catcher.get("ResultPath", "$"), data, told), catcher["Next"])
        raise error

    def _tell_failure(self, flow: Flow, name: str, error: StateError, caught: str | None) -> None:
        machine, execution = flow.execution.machine.name, flow.execution.name
        fact = StateFailed(machine, execution, name, flow.path, error.error, error.cause, caught)
        self._world.trace.record(fact)

    def _once(self, flow: Flow, name: str, state: dict[str, Any], data: Any) -> Process[_Done]:
        given = self._input(flow, state, data)
        run: Callable[[Flow, str, dict[str, Any], Any], Process[Any]] = getattr(self, f"_{state['Type'].lower()}")
        if state["Type"] == "Choice":
            target = self._choose(flow, state, given)
            return _Done(_through(state, "OutputPath", given, flow.context), target)
        if state["Type"] in ENDS:
            yield from run(flow, name, state, given)
            return _Done(_through(state, "OutputPath", given, flow.context), None)
        if "Parameters" in state and state["Type"] not in ("Map", "Task"):
            given = self._filled(flow, name, state, "Parameters", given)
        result = yield from run(flow, name, state, given)
        if "ResultSelector" in state:
            result = self._filled(flow, name, state, "ResultSelector", result)
        output = given if state["Type"] == "Wait" else _placed(state.get("ResultPath", "$"), data, result)
        output = _through(state, "OutputPath", output, flow.context)
        if too_deep(output):
            text = f"The state/task '{name}' returned a result nested more than {DEPTH_MAX} deep."
            raise StateError(DATA_LIMIT, text)
        if too_large(output):
            raise data_limit(name)
        return _Done(output, None if state.get("End") else state["Next"])

    def _input(self, flow: Flow, state: dict[str, Any], data: Any) -> Any:
        return _through(state, "InputPath", data, flow.context)

    def _filled(self, flow: Flow, name: str, state: dict[str, Any], key: str, data: Any) -> Any:
        """After Parameters, too, a state's input has its bound. Source: Guide, "Handling errors", read 2026-11."""
        try:
            filled = templates.fill(state[key], data, flow.context, flow.chance)
        except TooLongError:
            raise data_limit(name) from None
        if too_large(filled):
            raise data_limit(name)
        return filled

    def _pass(self, flow: Flow, name: str, state: dict[str, Any], data: Any) -> Process[Any]:
        yield from ()
        return state.get("Result", data)

    def _succeed(self, flow: Flow, name: str, state: dict[str, Any], data: Any) -> Process[None]:
        yield from ()

    def _fail(self, flow: Flow, name: str, state: dict[str, Any], data: Any) -> Process[None]:
        yield from ()
        words = {}
        for key in ("Error", "Cause"):
            path = state.get(f"{key}Path")
            value = state.get(key, "") if path is None else templates.value_of(path, data, flow.context, flow.chance)
            words[key] = value if isinstance(value, str) else json.dumps(value)
        raise StateError(words["Error"], words["Cause"])

    def _choice(self, flow: Flow, name: str, state: dict[str, Any], data: Any) -> Process[None]:
        yield from ()

    def _choose(self, flow: Flow, state: dict[str, Any], data: Any) -> str:
        for rule in state["Choices"]:
            if choices.holds(rule, data, flow.context):
                return str(rule["Next"])
        if "Default" not in state:
            raise StateError("States.NoChoiceMatched", "No Choice rule matched, and there is no Default.")
        return str(state["Default"])

    def _wait(self, flow: Flow, name: str, state: dict[str, Any], data: Any) -> Process[None]:
        yield from flow.sleep(self._pause(flow, state, data))

    def _pause(self, flow: Flow, state: dict[str, Any], data: Any) -> Micros:
        if "Seconds" in state:
            return Micros(state["Seconds"] * SECOND)
        if "SecondsPath" in state:
            seconds = paths.select(state["SecondsPath"], data, flow.context)
            right = isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 <= seconds <= 99_999_999
            if not right:
                raise StateError(RUNTIME, "The SecondsPath parameter does not reference a valid number of seconds.")
            return Micros(round(seconds * SECOND))
        text = state.get("Timestamp") or paths.select(state["TimestampPath"], data, flow.context)
        until = choices.moment(text)
        if until is None:
            raise StateError(RUNTIME, "The TimestampPath parameter does not reference a valid ISO-8601 timestamp.")
        left = until - self._world.wall_clock()
        return Micros(max(0, left // dt.timedelta(microseconds=1)))

    def _task(self, flow: Flow, name: str, state: dict[str, Any], data: Any) -> Process[Any]:
        token = None
        if state["Resource"].endswith(".waitForTaskToken"):
            token = self._tasks.new_token()
            flow.context["Task"] = {"Token": token}
        given = self._filled(flow, name, state, "Parameters", data) if "Parameters" in state else data
        return (yield from self._tasks.run(flow, state, given, data, token))

    def _parallel(self, flow: Flow, name: str, state: dict[str, Any], data: Any) -> Process[Any]:
        branches = state["Branches"]
        flow.note("ParallelStateStarted")
        bodies = [self._body(branch, data) for branch in branches]
        places = [f"{_inside(flow, name)}[{number}]" for number in range(len(branches))]
        try:
            results = yield from flow.all_of(bodies, places, 0)
        except StateError:
            flow.note("ParallelStateFailed")
            raise
        flow.note("ParallelStateSucceeded")
        return results

    def _body(self, definition: dict[str, Any], data: Any) -> Callable[[Flow], Process[Any]]:
        return lambda child: self.run(child, definition, data)

    def _map(self, flow: Flow, name: str, state: dict[str, Any], data: Any) -> Process[Any]:
        items = paths.select(state.get("ItemsPath", "$"), data, flow.context)
        if not isinstance(items, list):
            raise StateError(RUNTIME, "Reference path must point to array.")
        limit = state.get("MaxConcurrency", 0)
        if "MaxConcurrencyPath" in state:
            limit = paths.select(state["MaxConcurrencyPath"], data, flow.context)
            if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
                raise StateError(RUNTIME, "The value of MaxConcurrencyPath must be a whole number of 0 or more.")
        flow.note("MapStateStarted", mapStateStartedEventDetails={"length": len(items)})
        bodies = [self._iteration(name, state, data, index, item) for index, item in enumerate(items)]
        places = [f"{_inside(flow, name)}[{number}]" for number in range(len(items))]
        try:
            results = yield from flow.all_of(bodies, places, min(limit or ITERATIONS_MAX, ITERATIONS_MAX))
        except StateError:
            flow.note("MapStateFailed")
            raise
        flow.note("MapStateSucceeded")
        return results

    def _iteration(
        self, name: str, state: dict[str, Any], data: Any, index: int, item: Any
    ) -> Callable[[Flow], Process[Any]]:
        definition = state.get("ItemProcessor") or state["Iterator"]

        def body(child: Flow) -> Process[Any]:
            child.context["Map"] = {"Item": {"Index": index, "Value": item}}
            details = {"name": name, "index": index}
            child.note("MapIterationStarted", mapIterationStartedEventDetails=details)
            key = "ItemSelector" if "ItemSelector" in state else "Parameters"
            given = self._filled(child, name, state, key, data) if key in state else item
            try:
                result = yield from self.run(child, definition, given)
            except StateError:
                child.note("MapIterationFailed", mapIterationFailedEventDetails=details)
                raise
            child.note("MapIterationSucceeded", mapIterationSucceededEventDetails=details)
            return result

        return body


def _through(state: dict[str, Any], key: str, data: Any, context: Any) -> Any:
    """InputPath or OutputPath; null stands for an empty object."""
    if key not in state:
        return data
    return {} if state[key] is None else paths.select(state[key], data, context)


def _placed(path: str | None, data: Any, result: Any) -> Any:
    """ResultPath puts the result into the state's input as it came; null throws the result away."""
    return data if path is None else paths.put(path, data, result)


def _inside(flow: Flow, name: str) -> str:
    return f"{flow.path}/{name}" if flow.path else name
