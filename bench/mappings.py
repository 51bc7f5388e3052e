"""How fast a long queue drains through a function, and what the bare parts below it take in the same run.

Scripted handlers, so nothing but the model is timed: messages are sent in batches of ten, polled, handed over and
deleted. The whole trace is encoded, hashed and folded into the summary.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

from bench.simulator import BOUNDLESS, TEMPLATE
from lambdalab.simulator.lambda_.scripted import Act, ScriptedHandlers, always
from lambdalab.simulator.scenario.load import load_scenario
from lambdalab.simulator.scenario.run import simulate
from lambdalab.simulator.trace import decode_lines, encode_fact

STEP = 100_000  # the most repetitions of one step
BATCH = 10


def main() -> None:
    """Print seconds of processor and wall time, and the rate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000, help="in the queue (default: %(default)s)")
    for fifo in (False, True):
        _drain(parser.parse_args().messages, fifo=fifo)


def _drain(count: int, *, fifo: bool) -> None:
    files = {"src/app.py": b"", "template.json": json.dumps(_template(fifo=fifo)).encode()}
    scenario = load_scenario({"scenario.yaml": json.dumps(_scenario(count, fifo=fifo)).encode()})
    chunks: list[bytes] = []
    wall, cpu = time.perf_counter(), time.process_time()
    outcome = simulate(files, scenario, ScriptedHandlers(always(Act())), sink=chunks.append, limits=BOUNDLESS)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    queue = next(iter(outcome.summary["queues"].values()))
    assert (queue["sent"], queue["deleted"], queue["message_count"]) == (count, count, 0), queue
    kind = "FIFO" if fifo else "standard"
    print(f"{count:,} messages of a {kind} queue: {cpu:.2f} s of processor, {wall:.2f} s of wall time")
    virtual_s = outcome.summary["run"]["virtual_s"]
    print(f"    {count / cpu:,.0f} a second; {outcome.facts:,} facts; {virtual_s:,.0f} s of virtual time")
    bare = _encoding(chunks)
    print(f"    baseline, as many facts encoded by msgspec, no more: {bare:.2f} s (ratio {cpu / bare:.1f})")


def _encoding(chunks: list[bytes]) -> float:
    facts = list(decode_lines(b"".join(chunks).splitlines()))
    started = time.process_time()
    for stamped in facts:
        encode_fact(*stamped)
    return time.process_time() - started


def _template(*, fifo: bool) -> dict[str, Any]:
    resources: dict[str, Any] = json.loads(json.dumps(TEMPLATE["Resources"]))
    allowed = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
    policy = {"PolicyName": "poll", "PolicyDocument": {"Statement": [allowed]}}
    resources["Role"]["Properties"]["Policies"] = [policy]
    queue: dict[str, Any] = {"QueueName": "orders.fifo", "FifoQueue": True} if fifo else {"QueueName": "orders"}
    resources["Queue"] = {"Type": "AWS::SQS::Queue", "Properties": queue}
    mapping = {"EventSourceArn": {"Fn::GetAtt": "Queue.Arn"}, "FunctionName": "work", "Enabled": False}
    resources["Poll"] = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping}
    return {"Resources": resources}


def _scenario(count: int, *, fifo: bool) -> dict[str, Any]:
    """All messages are there before the first poll."""
    entries = [{"Id": str(n), "MessageBody": f'{{"order": {n}}}'} for n in range(BATCH)]
    if fifo:
        entries = [
            entry | {"MessageGroupId": f"g{{{{ n }}}}-{n}", "MessageDeduplicationId": f"{{{{ n }}}}-{n}"}
            for n, entry in enumerate(entries)
        ]
    params = {"QueueUrl": "orders.fifo" if fifo else "orders", "Entries": entries}
    send = {"at": "0s", "call": "sqs.send_message_batch", "with": params}
    steps: list[dict[str, Any]] = [
        send | {"repeat": {"count": min(STEP, count // BATCH - begin), "every": "1ms"}}
        for begin in range(0, count // BATCH, STEP)
    ]
    poll = {"UUID": "Poll", "Enabled": True}
    steps.append({"at": f"{count // BATCH // 1_000 + 1}s", "call": "lambda.update_event_source_mapping", "with": poll})
    return {"steps": steps}


if __name__ == "__main__":
    main()
