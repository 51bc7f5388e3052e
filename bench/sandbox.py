"""What the jail costs: environments, invocations, a thousand environments at once; beside what others would pay.

``python -m bench.sandbox`` prints absolute figures and, in the same run, the same work by bare Python, by AWS's runtime
client over HTTP in bubblewrap, and by the physical limit (a fork and a pipe). Medians; the machine is noisy.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.sandbox_baselines import REQUEST_ID, RuntimeApi, bare_python_ms, fork_and_echo, forks
from lambdalab.sandbox import Environment, Policy, Sandbox, Status
from lambdalab.sandbox.broker import cgroups
from tests.sandbox.host import broker_pid

PLAIN = {"app.py": b"def handler(event, context):\n    return event\n"}
IMPORTS_BOTO3 = {"app.py": b"import boto3\ndef handler(event, context):\n    return event\n"}
WITH_CLIENT = {"app.py": b"import boto3\nqueue = boto3.client('sqs')\ndef handler(event, context):\n    return event\n"}
EVENT = json.dumps({"order": 17, "note": "x" * 980}).encode()  # 1 KB
ARN = "arn:aws:lambda:us-east-1:123456789012:function:bench"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    further: int
    warm: int
    seconds: float
    crowd: int


FULL, QUICK = Sizes(60, 4_000, 3.0, 1_000), Sizes(15, 500, 0.5, 50)


def main(argv: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller numbers, a few seconds")
    sizes = QUICK if parser.parse_args(argv).quick else FULL
    _command()
    started = time.perf_counter()
    with Sandbox.private(zygotes=2) as sandbox:
        sandbox.await_ready()
        row("a private broker, ready", _ms(started))
        _environments(sandbox, sizes)
        _invocations(sandbox, sizes)
        _crowd(sandbox, sizes)


def row(what: str, value_ms: float, *beside: tuple[str, float]) -> None:
    """One line: a figure in milliseconds and how it compares."""
    others = "".join(f"   {name} {other:.2f} ms ({other / value_ms:.1f} x)" for name, other in beside)
    print(f"{what:44} {value_ms:9.2f} ms{others}", flush=True)


def _command() -> None:
    """The whole command, with the self-test's result from its cache."""
    command = [str(Path(sys.executable).with_name("lambdalab")), "doctor"]
    subprocess.run(command, check=True, capture_output=True)  # the first one may have to test
    took = _median(5, lambda: subprocess.run(command, check=True, capture_output=True))
    row("lambdalab doctor, from start to end", took)


def _environments(sandbox: Sandbox, sizes: Sizes) -> None:
    """Made and through INIT."""
    for name, files in (("a plain handler", PLAIN), ("with a boto3 client", WITH_CLIENT)):
        task = sandbox.code_store.put(files)
        row(f"first environment, {name}", _median(1, lambda task=task: _ready(sandbox, task).shutdown()))  # type: ignore[misc]
        took = _median(sizes.further, lambda task=task: _ready(sandbox, task).shutdown())  # type: ignore[misc]
        script = "import boto3; boto3.client('sqs', region_name='us-east-1')" if files is WITH_CLIENT else "pass"
        bare = _median(5, lambda script=script: bare_python_ms(sandbox.home, script))  # type: ignore[misc]
        with RuntimeApi(sandbox.home, files) as api:
            over_http = api.ready_ms
        fork_ms, _ = fork_and_echo(EVENT, 1)
        others = (("bare python", bare), ("HTTP in bwrap", over_http), ("fork", fork_ms))
        row(f"further environment, {name}", took, *others)


def _invocations(sandbox: Sandbox, sizes: Sizes) -> None:
    """A kilobyte in, a kilobyte out, the environment warm."""
    environment = _ready(sandbox, sandbox.code_store.put(PLAIN))
    invoke = _invoker(environment)
    for _ in range(50):
        invoke()
    warm = [_timed(invoke) for _ in range(sizes.warm)]
    environment.shutdown()
    with RuntimeApi(sandbox.home, PLAIN) as api:
        over_http = statistics.median(_timed(lambda: api.invoke(EVENT)) for _ in range(min(500, sizes.warm)))
    _, echo_ms = fork_and_echo(EVENT, sizes.warm)
    row("warm invocation, 1 KB", statistics.median(warm), ("HTTP in bwrap", over_http), ("pipe echo", echo_ms))
    row("the same, 99th percentile", statistics.quantiles(warm, n=100)[98])
    _throughput(sandbox, sizes.seconds)


def _throughput(sandbox: Sandbox, seconds: float) -> None:
    """One worker, eight warm environments in turn."""
    several = [_ready(sandbox, sandbox.code_store.put(PLAIN)) for _ in range(8)]
    invokers = [_invoker(environment) for environment in several]
    count, until = 0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        for invoke in invokers:
            invoke()
        count += len(invokers)
    print(f"{'through one worker':44} {count / seconds:9,.0f} invocations/s")
    for environment in several:
        environment.shutdown()


def _crowd(sandbox: Sandbox, sizes: Sizes) -> None:
    """Many environments with boto3 imported, all alive at once, each invoked once."""
    task = sandbox.code_store.put(IMPORTS_BOTO3)
    free, started = _available_mb(), time.perf_counter()
    crowd = [_ready(sandbox, task) for _ in range(sizes.crowd)]
    up = _ms(started)
    used = free - _available_mb()
    started = time.perf_counter()
    for environment in crowd:
        _invoker(environment)()
    once = _ms(started) / len(crowd)
    used_after, charged = free - _available_mb(), _charged_mb(sandbox)
    standing = _keepers(sandbox) - len(crowd)
    started = time.perf_counter()
    for environment in crowd:
        environment.shutdown()
    _until_gone(sandbox, standing)
    gone = _ms(started)
    fork_ms = forks(sizes.crowd)
    row(f"{sizes.crowd:,} environments with boto3 imported, up", up, ("bare forks", fork_ms))
    print(f"{'  their memory (all of the machine)':44} {used:9,.0f} MB, {used_after:,.0f} MB once each was invoked")
    print(f"{'  as charged to their control groups':44} {charged:9,.0f} MB")
    row("  one invocation each, apiece", once)
    row("  all gone", gone)


def _ready(sandbox: Sandbox, task: str) -> Environment:
    environment = sandbox.environment(
        Policy(memory_mb=256), task=task, handler="app.handler", environ={"_HANDLER": "app.handler"}, epoch_us=0, seed=1
    )
    turn = environment.start(0)
    assert turn.finished is not None, turn
    assert turn.finished.status is Status.READY, turn
    return environment


def _invoker(environment: Environment) -> Callable[[], None]:
    def invoke() -> None:
        turn = environment.invoke(
            request_id=REQUEST_ID, event=EVENT, deadline_us=3_000_000, function_arn=ARN, now_us=0
        )
        assert turn.finished is not None, turn
        assert turn.finished.status is Status.OK, turn

    return invoke


def _until_gone(sandbox: Sandbox, standing: int) -> None:
    """Only so many keepers are left, each of which goes when all of its environment has gone."""
    until = time.perf_counter() + 30
    while _keepers(sandbox) > standing and time.perf_counter() < until:
        time.sleep(0.01)


def _keepers(sandbox: Sandbox) -> int:
    """How many there are, blanks' included. Looking at each process would cost more than its end, which is measured."""
    generation = [str(broker_pid(sandbox))]
    for _ in range(4):  # bubblewrap, its own pid 1, the zygote, its keepers
        generation = [child for pid in generation for child in _children(pid)]
    return len(generation)


def _children(pid: str) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def _charged_mb(sandbox: Sandbox) -> float:
    """What the kernel charges to the control groups of all environments, its own structures included; 0 without any."""
    groups = [Path(parent, name) for parent, below, _ in os.walk(cgroups.MOUNT) for name in below
              if name.startswith(f"{cgroups.PREFIX}{broker_pid(sandbox)}-")]  # fmt: skip
    files = [group / name for group in groups for name in ("memory.current", "memory.usage_in_bytes")]
    return sum(int(file.read_text()) for file in files if file.exists()) / (1 << 20)


def _available_mb() -> float:
    with open("/proc/meminfo") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("MemAvailable")) / 1024


def _median(times: int, work: Callable[[], object]) -> float:
    return statistics.median(_timed(work) for _ in range(times))


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return _ms(started)


def _ms(started: float) -> float:
    return (time.perf_counter() - started) * 1_000


if __name__ == "__main__":
    main(sys.argv[1:])
