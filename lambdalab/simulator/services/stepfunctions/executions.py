"""Starting executions, seeing them through, and ending them.

Source: Step Functions Developer Guide, "Starting state machine executions" and "Choosing workflow type", read 2026-11.
"""

from __future__ import annotations

import re
from typing import Any

from lambdalab.simulator.account import Request, World
from lambdalab.simulator.kernel import MINUTE, SECOND, Micros, Process
from lambdalab.simulator.services.stepfunctions import refusals
from lambdalab.simulator.services.stepfunctions.data import DATA_BYTES_MAX, UNREADABLE, loaded, written
from lambdalab.simulator.services.stepfunctions.flow import Cancelled, Flow
from lambdalab.simulator.services.stepfunctions.language.errors import TIMEOUT, StateError
from lambdalab.simulator.services.stepfunctions.machine import Execution, StateMachine, Status
from lambdalab.simulator.services.stepfunctions.states import Interpreter
from lambdalab.simulator.trace.facts import MachineExecutionEnded, MachineExecutionStarted
from lambdalab.simulator.vocabulary.errors import AwsError

EXPRESS_MAX = Micros(5 * MINUTE)  # documented: the longest Express execution
_BAD_NAME = re.compile(r"[\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]")  # BC StartExecution, name


class Executions:
    """The executions of the account, by ARN."""

    def __init__(self, world: World, interpreter: Interpreter) -> None:
        self._world = world
        self._interpreter = interpreter
        self.by_arn: dict[str, Execution] = {}
        self._flows: dict[str, Flow] = {}

    def start(self, machine: StateMachine, params: dict[str, Any], request: Request) -> Execution | AwsError:
        """Start one, or answer with the one that has been started by the same call. BC StartExecution"""
        text = params.get("input", "{}")
        if len(text.encode()) > DATA_BYTES_MAX:
            return refusals.bad_input(f"Length must be less than or equal to {DATA_BYTES_MAX} bytes")
        data = loaded(text)
        if data is UNREADABLE:
            return refusals.bad_input("Invalid JSON")
        name = params.get("name") or self._world.new_uuid("execution")
        if _BAD_NAME.search(name):
            return refusals.bad_name(name)
        arn = machine.execution_arn(name, self._world.new_uuid("express") if machine.kind == "EXPRESS" else "")
        before = self.by_arn.get(arn)
        if before is not None:
            same = before.status == "RUNNING" and before.input == text
            return before if same else refusals.exists(arn)
        kernel = self._world.kernel
        execution = Execution(machine, name, arn, text, kernel.now, kernel.signal())
        execution.trace_header, execution.lineage = request.trace_header, request.lineage
        self.by_arn[arn] = execution
        machine.executions[name] = execution
        self._world.trace.record(MachineExecutionStarted(machine.name, name, text, request.source))
        flow = self._flows[arn] = Flow(self._world, execution)
        flow.context = self._context(execution, data)
        details = {"input": text, "roleArn": machine.role_arn}
        execution.note(self._world.wall_clock(), "ExecutionStarted", 0, executionStartedEventDetails=details)
        kernel.spawn(self._run(flow, data))
        limit = self._limit(machine)
        if limit is not None:
            kernel.spawn(self._watch(flow, Micros(kernel.now + limit)), background=True)
        return execution

    def _context(self, execution: Execution, data: Any) -> dict[str, Any]:
        machine = execution.machine
        return {
            "Execution": {
                "Id": execution.arn,
                "Input": data,
                "Name": execution.name,
                "RoleArn": machine.role_arn,
                "StartTime": self._world.timestamp(),
                "RedriveCount": 0,
            },
            "StateMachine": {"Id": machine.arn, "Name": machine.name},
        }

    def _limit(self, machine: StateMachine) -> Micros | None:
        seconds = machine.definition.get("TimeoutSeconds")
        given = None if seconds is None else Micros(seconds * SECOND)
        if machine.kind == "EXPRESS":
            return min(given or EXPRESS_MAX, EXPRESS_MAX)
        return given

    def _run(self, flow: Flow, data: Any) -> Process[None]:
        try:
            output = yield from self._interpreter.run(flow, dict(flow.execution.machine.definition), data)
        except Cancelled:
            return
        except StateError as error:
            self.end(flow.execution, "FAILED", error=error.error, cause=error.cause)
            return
        self.end(flow.execution, "SUCCEEDED", output=written(output))

    def _watch(self, flow: Flow, moment: Micros) -> Process[None]:
        in_time = yield from self._world.kernel.wait_until(flow.execution.done, moment)
        if not in_time:
            self.end(flow.execution, "TIMED_OUT", error=TIMEOUT)

    def end(
        self,
        execution: Execution,
        status: Status,
        *,
        output: str | None = None,
        error: str | None = None,
        cause: str = "",
    ) -> None:
        """It has ended, one way or the other; what is under way in it does not count any more."""
        if execution.status != "RUNNING":
            return
        flow = self._flows.pop(execution.arn)
        execution.status, execution.ended_at = status, self._world.kernel.now
        execution.output, execution.error, execution.cause = output, error, cause or None
        told = {"FAILED": "Failed", "TIMED_OUT": "TimedOut", "ABORTED": "Aborted", "SUCCEEDED": "Succeeded"}[status]
        failure = {"error": error, "cause": cause} if error is not None else {}
        details = {"output": output} if status == "SUCCEEDED" else {k: v for k, v in failure.items() if v}
        flow.note(f"Execution{told}", **{f"execution{told}EventDetails": details})
        took = Micros(execution.ended_at - execution.started_at)
        self._world.trace.record(
            MachineExecutionEnded(
                execution.machine.name, execution.name, status, output, error, cause, took, execution.transitions
            )
        )
        execution.done.fire()
        flow.cancel()
