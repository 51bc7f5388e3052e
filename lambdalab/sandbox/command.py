"""``lambdalab jail DIR --handler app.handler``: what one execution environment does with a folder of Python.

No model of AWS: a driver that jumps to the earliest deadline, and answers every AWS call with a clear error.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lambdalab.sandbox.client import Sandbox
from lambdalab.sandbox.environment import Environment
from lambdalab.sandbox.errors import SandboxError
from lambdalab.sandbox.packages import FILES_MAX, UNZIPPED_BYTES_MAX
from lambdalab.sandbox.policy import Policy
from lambdalab.sandbox.report import Finished, Reply, Status, Turn

EPOCH_US = 1_764_579_600_000_000  # Monday 2025-12-01 09:00 UTC, as in a scenario without a clock
SECOND_US = 1_000_000
TURNS_MAX = 100_000
FUNCTION = "jail"
ARN = f"arn:aws:lambda:us-east-1:123456789012:function:{FUNCTION}"


@dataclass(slots=True)
class _Stage:
    """What one INIT or invocation did."""

    status: str
    payload: bytes = b""
    logs: list[str] = field(default_factory=list)
    virtual_us: int = 0
    cpu_us: int = 0
    wall_ms: float = 0.0
    memory_kb: int = 0


class _Driver:
    """Drives an environment by itself: time jumps to the earliest deadline, calls are answered with an error."""

    def __init__(self, environment: Environment, timeout_s: float) -> None:
        self._environment = environment
        self._timeout_us = round(timeout_s * SECOND_US)
        self.now_us = 0

    def init(self) -> _Stage:
        """Run INIT."""
        started = time.perf_counter()
        return self._play(self._environment.start(self.now_us), self.now_us + 10 * SECOND_US, started)

    def invoke(self, number: int, event: bytes) -> _Stage:
        """Run one invocation."""
        started, deadline = time.perf_counter(), self.now_us + self._timeout_us
        turn = self._environment.invoke(
            request_id=f"00000000-0000-4000-8000-{number:012d}",
            event=event,
            deadline_us=deadline,
            function_arn=ARN,
            now_us=self.now_us,
        )
        return self._play(turn, deadline, started)

    def _play(self, turn: Turn, deadline: int, started: float) -> _Stage:
        stage, began = _Stage(""), self.now_us
        for _ in range(TURNS_MAX):
            self._note(stage, turn)
            if turn.finished is not None:
                break
            self.now_us = max(self.now_us, turn.wake_at_us or self.now_us) if not turn.calls else self.now_us
            if self.now_us >= deadline or (not turn.calls and turn.wake_at_us is None):
                self.now_us = deadline
                turn = Turn(finished=Finished(Status.TIMEOUT))
                self._environment.reset()
                continue
            turn = self._environment.resume([_refusal(call.id) for call in turn.calls], self.now_us)
        assert turn.finished is not None
        stage.status, stage.payload = turn.finished.status.value, turn.finished.payload
        stage.virtual_us, stage.wall_ms = self.now_us - began, (time.perf_counter() - started) * 1_000
        return stage

    def _note(self, stage: _Stage, turn: Turn) -> None:
        self.now_us += turn.clock_reads
        stage.logs += [line.text for line in turn.logs]
        stage.cpu_us += turn.cpu_us
        stage.memory_kb = max(stage.memory_kb, turn.max_memory_kb)


def _refusal(call_id: int) -> Reply:
    message = "There is no AWS in the jail alone; play a scenario with lambdalab run."
    error = {"Code": "NotSimulated", "Message": message}
    return Reply(call_id, 400, {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 400, "HTTPHeaders": {}}})


def main(argv: Sequence[str]) -> int:
    """Returns 0 when every invocation answered, 1 when one failed, 2 for unusable arguments, 3 for our own failure."""
    options = _parser().parse_args(argv)
    try:
        event = options.event.read_bytes() if options.event else b"{}"
        json.loads(event)
        files = read_folder(options.folder)
        with Sandbox.private() as sandbox:
            reports = list(_reports(sandbox, files, event, options))
    except SandboxError as error:
        print(f"lambdalab itself failed: {error}", file=sys.stderr)
        return 3
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    for report in reports:
        print(json.dumps(report) if options.json else _told(report))
    return 0 if all(report["status"] == "ok" for report in reports) else 1


def read_folder(folder: Path) -> dict[str, bytes]:
    """The files of a folder of code. Raises ``ValueError`` with one clear sentence."""
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder. Name the folder that holds the code.")
    files: dict[str, bytes] = {}
    total = 0
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise ValueError(f"{path} is a link; a function's package holds files only. Copy the file instead.")
        if path.is_file() and "__pycache__" not in path.parts:
            total += path.stat().st_size
            if total >= UNZIPPED_BYTES_MAX or len(files) >= FILES_MAX:
                raise ValueError(f"Unzipped size must be smaller than {UNZIPPED_BYTES_MAX} bytes")
            files[path.relative_to(folder).as_posix()] = path.read_bytes()
    if not files:
        raise ValueError(f"{folder} holds no files. A function needs code.")
    return files


def _reports(sandbox: Sandbox, files: dict[str, bytes], event: bytes, options: argparse.Namespace) -> Any:
    environ = {
        "_HANDLER": options.handler,
        "AWS_LAMBDA_FUNCTION_NAME": FUNCTION,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(options.memory_mb),
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{FUNCTION}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "jail",
    }
    environment = sandbox.environment(
        Policy(memory_mb=options.memory_mb),
        task=sandbox.code_store.put(files),
        handler=options.handler,
        environ=environ,
        epoch_us=EPOCH_US,
        seed=options.seed,
    )
    driver = _Driver(environment, options.timeout_s)
    try:
        started = False
        for number in range(1, options.invocations + 1):
            init = None
            if not started:
                init = driver.init()
                started = init.status == Status.READY.value
                if not started:
                    environment.reset()
                    yield _report(init, init)
                    continue
            stage = driver.invoke(number, event)
            yield _report(stage, init)
            if stage.status not in (Status.OK.value, Status.ERROR.value, Status.OUTPUT_LIMIT.value):
                environment.reset()
                started = False
    finally:
        environment.shutdown()


def _report(stage: _Stage, init: _Stage | None) -> dict[str, Any]:
    ok = stage.status == Status.OK.value
    logs = [*(init.logs if init and init is not stage else ()), *stage.logs]
    return {
        "status": stage.status,
        "result": json.loads(stage.payload or b"null") if ok else None,
        "error": None if ok else _error(stage),
        "logs": logs,
        "usage": {
            "init_ms": round(init.wall_ms, 3) if init else None,
            "wall_ms": round(stage.wall_ms, 3),
            "cpu_ms": stage.cpu_us / 1_000,
            "virtual_ms": stage.virtual_us / 1_000,
            "max_memory_mb": -(-stage.memory_kb // 1024),
        },
    }


def _error(stage: _Stage) -> Any:
    try:
        return json.loads(stage.payload)
    except ValueError:
        return {"errorMessage": stage.payload.decode("utf-8", "replace") or stage.status}


def _told(report: dict[str, Any]) -> str:
    lines = [f"| {line}" for line in report["logs"]]
    end = json.dumps(report["result"] if report["status"] == "ok" else report["error"])
    usage = report["usage"]
    figures = f"{usage['virtual_ms']:.2f} ms virtual, {usage['cpu_ms']:.1f} ms CPU, {usage['max_memory_mb']} MB"
    return "\n".join([*lines, f"{report['status']}: {end}", f"({figures})"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lambdalab jail", description="Run a folder of Python as one environment.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--handler", required=True, help="file.function, as in app.handler")
    parser.add_argument("--event", type=Path, help="a JSON file (default {})")
    parser.add_argument("--memory-mb", type=int, default=128)
    parser.add_argument("--timeout-s", type=float, default=3.0)
    parser.add_argument("--invocations", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    return parser
