"""Task states: a call through the front door under the machine's role, with timeout, heartbeat and task token.

Source: Step Functions Developer Guide, "Task workflow state", "Wait for a callback with task token", read 2026-11.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.kernel import SECOND, Micros, Process
from lambdalab.simulator.services.stepfunctions.data import too_large
from lambdalab.simulator.services.stepfunctions.flow import Flow, Slot
from lambdalab.simulator.services.stepfunctions.integrations import (
    Integration,
    integration_of,
    parameters_of,
    result_of,
)
from lambdalab.simulator.services.stepfunctions.language import paths
from lambdalab.simulator.services.stepfunctions.language.errors import (
    HEARTBEAT,
    RUNTIME,
    TIMEOUT,
    StateError,
    data_limit,
)
from lambdalab.simulator.vocabulary.arns import REGION
from lambdalab.simulator.vocabulary.errors import AwsError


@dataclass(slots=True, eq=False)
class Pending:
    """A task that waits for its token to come back."""

    slot: Slot
    beat_at: Micros


class Tasks:
    """Carries tasks out. ``tokens`` are those that have been handed out and not come back."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.tokens: dict[str, Pending] = {}

    def new_token(self) -> str:
        """A token that nobody can guess, from the run's own chance."""
        return f"AQCAAAAAKgAAAAMAAAAAAAAAA{self._world.new_uuid('task-token').replace('-', '')}"

    def run(self, flow: Flow, state: dict[str, Any], given: Any, data: Any, token: str | None) -> Process[Any]:
        """Carry out one attempt; ``given`` are the filled Parameters. Raises :class:`StateError`."""
        task = integration_of(state["Resource"])
        assert isinstance(task, Integration)  # checked with the definition
        deadline = self._deadline(state, data, flow, "TimeoutSeconds")
        heartbeat = self._seconds(state, data, flow, "HeartbeatSeconds")
        params = parameters_of(task, given)
        self._note_scheduled(flow, task, given)
        try:
            if not task.by_token:
                answer = yield from self._call(flow, task, params, deadline)
                result = result_of(task, answer)
            else:
                result = yield from self._call_back(flow, task, params, deadline, heartbeat, str(token))
            if too_large(result):
                raise data_limit(task.function or _named(task)["resourceType"])
        except StateError as error:
            self._note_failed(flow, task, error)
            raise
        self._note_succeeded(flow, task, result)
        return result

    def _call(
        self, flow: Flow, task: Integration, params: dict[str, Any], deadline: Micros | None
    ) -> Process[Answer | AwsError]:
        """The call itself. One that takes too long goes on by itself, as Lambda's does."""
        execution, slot = flow.execution, flow.slot()
        request = Request(
            execution.machine.role,
            task.service,
            task.operation,
            params,
            f"stepfunctions/{execution.machine.name}",
            trace_header=execution.trace_header,
            lineage=execution.lineage,
        )

        def call() -> Process[None]:
            slot.finish((yield from self._world.api.call(request)))

        self._world.kernel.spawn(call())
        in_time = yield from flow.wait(slot, deadline)
        if not in_time:
            raise StateError(TIMEOUT)
        answer: Answer | AwsError = slot.value
        return answer

    def _call_back(
        self,
        flow: Flow,
        task: Integration,
        params: dict[str, Any],
        deadline: Micros | None,
        heartbeat: Micros | None,
        token: str,
    ) -> Process[Any]:
        pending = self.tokens[token] = Pending(flow.slot(), self._world.kernel.now)
        try:
            answer = yield from self._call(flow, task, params, deadline)
            result_of(task, answer)
            flow.note("TaskSubmitted", taskSubmittedEventDetails=_named(task))
            if deadline is None and heartbeat is None and not pending.slot.signal.fired:
                pending.slot.rest()
            yield from self._await(flow, pending, deadline, heartbeat)
        finally:
            self.tokens.pop(token, None)
        if isinstance(pending.slot.value, StateError):
            raise pending.slot.value
        return pending.slot.value

    def _await(self, flow: Flow, pending: Pending, deadline: Micros | None, heartbeat: Micros | None) -> Process[None]:
        while not pending.slot.signal.fired:
            beat = None if heartbeat is None else Micros(pending.beat_at + heartbeat)
            ends = [each for each in (deadline, beat) if each is not None]
            come = yield from flow.wait(pending.slot, min(ends) if ends else None)
            if come:
                return
            now = self._world.kernel.now
            if deadline is not None and now >= deadline:
                raise StateError(TIMEOUT)
            if heartbeat is not None and now >= pending.beat_at + heartbeat:
                raise StateError(HEARTBEAT)

    def _deadline(self, state: dict[str, Any], data: Any, flow: Flow, key: str) -> Micros | None:
        seconds = self._seconds(state, data, flow, key)
        return None if seconds is None else Micros(self._world.kernel.now + seconds)

    def _seconds(self, state: dict[str, Any], data: Any, flow: Flow, key: str) -> Micros | None:
        value = state.get(key)
        if f"{key}Path" in state:
            value = paths.select(state[f"{key}Path"], data, flow.context)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise StateError(RUNTIME, f"The value of {key}Path must be a whole number of 1 or more.")
        return None if value is None else Micros(value * SECOND)

    def _note_scheduled(self, flow: Flow, task: Integration, given: Any) -> None:
        if task.kind == "function":
            details = {"resource": task.function, "input": flow.text(given)}
            flow.note("LambdaFunctionScheduled", lambdaFunctionScheduledEventDetails=details)
            flow.note("LambdaFunctionStarted")
            return
        details = _named(task) | {"region": REGION, "parameters": flow.text(given)}
        flow.note("TaskScheduled", taskScheduledEventDetails=details)
        flow.note("TaskStarted", taskStartedEventDetails=_named(task))

    def _note_succeeded(self, flow: Flow, task: Integration, result: Any) -> None:
        details = {"output": flow.text(result)}
        if task.kind == "function":
            flow.note("LambdaFunctionSucceeded", lambdaFunctionSucceededEventDetails=details)
        else:
            flow.note("TaskSucceeded", taskSucceededEventDetails=_named(task) | details)

    def _note_failed(self, flow: Flow, task: Integration, error: StateError) -> None:
        what = "TimedOut" if error.error in (TIMEOUT, HEARTBEAT) else "Failed"
        details: dict[str, Any] = {"error": error.error, "cause": error.cause}
        if task.kind == "function":
            flow.note(f"LambdaFunction{what}", **{f"lambdaFunction{what}EventDetails": details})
        else:
            flow.note(f"Task{what}", **{f"task{what}EventDetails": _named(task) | details})


def _named(task: Integration) -> dict[str, Any]:
    kind = f"aws-sdk:{task.service}" if task.kind == "sdk" else task.service
    return {"resourceType": "states" if kind == "stepfunctions" else kind, "resource": task.resource}
