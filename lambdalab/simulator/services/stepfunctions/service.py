"""AWS Step Functions behind the front door. Source: botocore's stepfunctions model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.account.constraints import violated
from lambdalab.simulator.kernel import Micros, Process
from lambdalab.simulator.services.stepfunctions import refusals
from lambdalab.simulator.services.stepfunctions.data import UNREADABLE, loaded
from lambdalab.simulator.services.stepfunctions.executions import Executions
from lambdalab.simulator.services.stepfunctions.language.errors import StateError
from lambdalab.simulator.services.stepfunctions.machine import Execution, StateMachine, machine_arn
from lambdalab.simulator.services.stepfunctions.states import Interpreter
from lambdalab.simulator.services.stepfunctions.tasks import Pending, Tasks
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError

PAGE_MAX = 1_000  # BC PageSize
PAGE_USUAL = 100
BILLED_STEP_MB = 64  # documented: memory of an Express execution is billed in steps of 64 MB
TOKEN_OPERATIONS = ("SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat")


class StepFunctions:
    """The state machines of the account."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.machines: dict[str, StateMachine] = {}
        self._tasks = Tasks(world)
        self._executions = Executions(world, Interpreter(world, self._tasks))
        self._operations: Mapping[str, Callable[[dict[str, Any]], Answer | AwsError]] = {
            "DescribeExecution": self._describe_execution,
            "DescribeStateMachine": self._describe_machine,
            "GetExecutionHistory": self._history,
            "ListExecutions": self._list_executions,
            "ListStateMachines": self._list_machines,
            "StopExecution": self._stop,
            "SendTaskSuccess": self._succeed,
            "SendTaskFailure": self._fail,
            "SendTaskHeartbeat": self._beat,
        }
        world.api.register("stepfunctions", self)

    def deploy(self, machine: StateMachine) -> None:
        """Add a state machine."""
        self.machines[machine.arn] = machine

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The state machine or execution that a call acts on. A token belongs to no resource that IAM knows."""
        target = params.get("stateMachineArn") or params.get("executionArn")
        if target is None:
            return (arn("states", "*"), "") if operation not in TOKEN_OPERATIONS else ("*", "")
        name = target.split(":", 6)[-1] if target.startswith("arn:") else target
        shown = str(target) if target.startswith("arn:") else machine_arn(str(target))
        return shown, str(name)

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        yield from ()
        wrong = violated("stepfunctions", request.operation, request.params)
        if wrong:
            return wrong
        if request.operation in ("StartExecution", "StartSyncExecution"):
            return (yield from self._start(request))
        operation = self._operations.get(request.operation)
        return operation(request.params) if operation else unsupported(request)

    def _machine(self, params: Mapping[str, Any]) -> StateMachine | None:
        given = str(params["stateMachineArn"])
        return self.machines.get(given if given.startswith("arn:") else machine_arn(given))

    def _start(self, request: Request) -> Process[Answer | AwsError]:
        params = request.params
        machine, sync = self._machine(params), request.operation == "StartSyncExecution"
        if machine is None:
            return refusals.no_machine(str(params["stateMachineArn"]))
        if sync and machine.kind != "EXPRESS":
            return refusals.wrong_kind(machine.arn)
        execution = self._executions.start(machine, params, request)
        if isinstance(execution, AwsError):
            return execution
        started = self._world.wall_clock(execution.started_at)
        if not sync:
            return Answer({"executionArn": execution.arn, "startDate": started})
        yield from self._world.kernel.wait(execution.done)
        return Answer(self._described(execution) | {"billingDetails": billed(execution)})

    def _execution(self, params: Mapping[str, Any]) -> Execution | AwsError:
        """A Standard execution: Express ones cannot be asked for."""
        found = self._executions.by_arn.get(str(params["executionArn"]))
        if found is None:
            return refusals.no_execution(str(params["executionArn"]))
        return found if found.machine.kind == "STANDARD" else refusals.wrong_kind(found.arn)

    def _described(self, execution: Execution) -> dict[str, Any]:
        told: dict[str, Any] = {
            "executionArn": execution.arn,
            "stateMachineArn": execution.machine.arn,
            "name": execution.name,
            "status": execution.status,
            "startDate": self._world.wall_clock(execution.started_at),
            "input": execution.input,
            "inputDetails": {"included": True},
        }
        if execution.ended_at is not None:
            told["stopDate"] = self._world.wall_clock(execution.ended_at)
        if execution.output is not None:
            told |= {"output": execution.output, "outputDetails": {"included": True}}
        failure = {"error": execution.error, "cause": execution.cause}
        return told | {name: value for name, value in failure.items() if value}

    def _describe_execution(self, params: dict[str, Any]) -> Answer | AwsError:
        execution = self._execution(params)
        if isinstance(execution, AwsError):
            return execution
        return Answer(self._described(execution) | {"redriveCount": 0})

    def _describe_machine(self, params: dict[str, Any]) -> Answer | AwsError:
        machine = self._machine(params)
        if machine is None:
            return refusals.no_machine(str(params["stateMachineArn"]))
        told = {"definition": machine.text, "roleArn": machine.role_arn, "status": "ACTIVE"}
        return Answer(self._listed(machine) | told)

    def _listed(self, machine: StateMachine) -> dict[str, Any]:
        created = self._world.wall_clock(Micros(0))
        return {"stateMachineArn": machine.arn, "name": machine.name, "type": machine.kind, "creationDate": created}

    def _history(self, params: dict[str, Any]) -> Answer | AwsError:
        execution = self._execution(params)
        if isinstance(execution, AwsError):
            return execution
        events = execution.history[::-1] if params.get("reverseOrder") else execution.history
        return _page("events", events, params)

    def _list_executions(self, params: dict[str, Any]) -> Answer | AwsError:
        machine = self._machine(params) if "stateMachineArn" in params else None
        if machine is None:
            return refusals.no_machine(str(params.get("stateMachineArn")))
        if machine.kind == "EXPRESS":
            return refusals.wrong_kind(machine.arn)
        wanted = params.get("statusFilter")
        names = ("executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate")
        found = [
            {key: value for key, value in self._described(each).items() if key in names}
            for each in reversed(machine.executions.values())
            if wanted is None or each.status == wanted
        ]
        return _page("executions", found, params)

    def _list_machines(self, params: dict[str, Any]) -> Answer | AwsError:
        return _page("stateMachines", [self._listed(each) for each in self.machines.values()], params)

    def _stop(self, params: dict[str, Any]) -> Answer | AwsError:
        execution = self._execution(params)
        if isinstance(execution, AwsError):
            return execution
        self._executions.end(execution, "ABORTED", error=params.get("error"), cause=params.get("cause", ""))
        assert execution.ended_at is not None
        return Answer({"stopDate": self._world.wall_clock(execution.ended_at)})

    def _pending(self, params: Mapping[str, Any]) -> Pending | AwsError:
        token = str(params["taskToken"])
        pending = self._tasks.tokens.get(token)
        if pending is not None and not pending.slot.signal.fired:
            return pending
        return refusals.no_task() if token.startswith("AQCA") else refusals.bad_token()

    def _succeed(self, params: dict[str, Any]) -> Answer | AwsError:
        pending, output = self._pending(params), loaded(params["output"])
        if isinstance(pending, AwsError):
            return pending
        if output is UNREADABLE:
            return refusals.bad_output()
        pending.slot.finish(output)
        return Answer()

    def _fail(self, params: dict[str, Any]) -> Answer | AwsError:
        pending = self._pending(params)
        if isinstance(pending, AwsError):
            return pending
        pending.slot.finish(StateError(params.get("error", ""), params.get("cause", "")))
        return Answer()

    def _beat(self, params: dict[str, Any]) -> Answer | AwsError:
        pending = self._pending(params)
        if isinstance(pending, AwsError):
            return pending
        pending.beat_at = self._world.kernel.now
        return Answer()


def billed(execution: Execution) -> dict[str, Any]:
    """What an Express execution is billed for: its duration, in steps of 100 ms, and its memory. BC BillingDetails"""
    took_ms = ((execution.ended_at or execution.started_at) - execution.started_at) // 1000
    return {"billedMemoryUsedInMB": BILLED_STEP_MB, "billedDurationInMilliseconds": -(-took_ms // 100) * 100}


def _page(member: str, rows: list[dict[str, Any]], params: Mapping[str, Any]) -> Answer:
    token = str(params.get("nextToken") or "0")
    start = int(token) if token.isdecimal() and len(token) < 10 else 0
    end = start + (min(params.get("maxResults") or 0, PAGE_MAX) or PAGE_USUAL)
    more = {"nextToken": str(end)} if end < len(rows) else {}
    return Answer({member: rows[start:end]} | more)
