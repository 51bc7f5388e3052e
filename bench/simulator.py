"""How fast the simulator plays, how much it remembers, and what the bare parts below it take in the same run.

Scripted handlers, so nothing but the model is timed: synchronous invocations, and events that are throttled for six
hours. The whole trace is encoded, hashed and folded into the summary; the sink only counts its bytes. Each figure comes
from a process of its own, so that its peak of memory is its own, too.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from typing import Any

import msgspec
import simpy

from lambdalab.simulator.lambda_.scripted import Act, ScriptedHandlers, always
from lambdalab.simulator.scenario.load import load_scenario
from lambdalab.simulator.scenario.run import Limits, Outcome, simulate
from lambdalab.simulator.trace.facts import InvocationEnded

STEP = 100_000  # the most repetitions of one step
EVERY_MS = 10
BOUNDLESS = Limits(facts=1_000_000_000, trace_bytes=1 << 50)
LAMBDA = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
LOGS = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
TEMPLATE = {
    "Resources": {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": {"Statement": [LAMBDA]}, "ManagedPolicyArns": [LOGS]},
        },
        "Work": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "work",
                "Runtime": "python3.13",
                "Handler": "app.handler",
                "Code": "src/",
                "Role": {"Fn::GetAtt": "Role.Arn"},
            },
        },
    }
}


def main() -> None:
    """Print seconds of processor and wall time, rates, and peaks of memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invocations", type=int, default=1_000_000, help="synchronous ones (default: %(default)s)")
    parser.add_argument("--events", type=int, default=10_000, help="throttled for six hours (default: %(default)s)")
    parser.add_argument("--only", nargs=2, metavar=("FIGURE", "COUNT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        figure, count = options.only
        print(json.dumps(FIGURES[figure](int(count))))
        return
    for figure, what, count in (
        ("invocations", "invocations", max(1, options.invocations // 10)),
        ("invocations", "invocations", options.invocations),
        ("throttled", "events throttled for six hours", max(1, options.events // 100)),
        ("throttled", "events throttled for six hours", options.events),
    ):
        _compare(figure, what, count)


def _compare(figure: str, what: str, count: int) -> None:
    played = _measured(figure, count)
    cpu, facts = played["cpu_s"], played["facts"]
    print(f"{count:,} {what}: {cpu:.2f} s of processor, {played['wall_s']:.2f} s of wall time")
    print(f"    {count / cpu:,.0f} a second; {facts:,} facts, {facts / cpu:,.0f} a second")
    print(f"    {played['rss_mb']} MB of memory at most, {played['bytes'] / 1e6:,.0f} MB of trace")
    for baseline, words in (("timeouts", "bare SimPy timeouts"), ("encoding", "facts encoded by msgspec, no more")):
        bare = _measured(baseline, facts)["cpu_s"]
        print(f"    baseline, as many {words}: {bare:.2f} s (ratio {cpu / bare:.1f})")


def _measured(figure: str, count: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.simulator", "--only", figure, str(count)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def _invocations(count: int) -> dict[str, Any]:
    steps = [
        _invoke("RequestResponse", begin * EVERY_MS, min(STEP, count - begin), EVERY_MS)
        for begin in range(0, count, STEP)
    ]
    return _play({"steps": steps})


def _throttled(count: int) -> dict[str, Any]:
    steps = [_invoke("Event", begin, min(STEP, count - begin), 1) for begin in range(0, count, STEP)]
    return _play({"steps": steps, "faults": [{"from": "0s", "until": "6h20m", "throttle": "work"}]})


def _invoke(kind: str, at_ms: int, count: int, every_ms: int) -> dict[str, Any]:
    called = {"FunctionName": "work", "InvocationType": kind, "Payload": {"order": 1}}
    repeat = {"count": count, "every": f"{every_ms}ms"}
    return {"at": f"{at_ms}ms", "call": "lambda.invoke", "with": called, "repeat": repeat}


def _play(scenario: dict[str, Any]) -> dict[str, Any]:
    files = {"src/app.py": b"", "template.json": json.dumps(TEMPLATE).encode()}
    loaded = load_scenario({"scenario.yaml": json.dumps(scenario).encode()})
    written = [0]

    def count(chunk: bytes) -> None:
        written[0] += len(chunk)

    def play() -> Outcome:
        return simulate(files, loaded, ScriptedHandlers(always(Act())), sink=count, limits=BOUNDLESS)

    outcome, figures = _timed(play)
    return figures | {"facts": outcome.facts, "bytes": written[0]}


def _timeouts(count: int) -> dict[str, Any]:
    environment = simpy.Environment()

    def wait() -> Generator[Any, Any, None]:
        for _ in range(count):
            yield environment.timeout(1)

    environment.process(wait())
    return _timed(environment.run)[1]


def _encoding(count: int) -> dict[str, Any]:
    fact = InvocationEnded(
        request_id="d7e6c0f0-6f1e-4f7b-9d0c-6c1f1f3c2b1a",
        function="work",
        version="$LATEST",
        environment="env/work/1",
        attempt=1,
        status="ok",
        duration_us=13_801,
        init_us=None,
        billed_ms=14,
        memory_mb=128,
        max_memory_mb=48,
        payload="null",
        error_type=None,
        error_message=None,
        file=None,
        line=None,
        concurrency=0,
        logged=True,
    )
    encode = msgspec.json.Encoder().encode

    def work() -> None:
        for _ in range(count):
            encode(fact)

    return _timed(work)[1]


def _timed(work: Callable[[], Any]) -> tuple[Any, dict[str, Any]]:
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return result, {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu, "rss_mb": peak}


FIGURES: dict[str, Callable[[int], dict[str, Any]]] = {
    "invocations": _invocations,
    "throttled": _throttled,
    "timeouts": _timeouts,
    "encoding": _encoding,
}


if __name__ == "__main__":
    main()
