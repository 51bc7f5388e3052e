"""Batches of event source mappings are told as batches: nobody has requested them."""

from typing import Any

from lambdalab.simulator.lambda_.scripted import Act, Script
from tests.simulator.playing import FAIL, Played, arn_of, call, first, invoke, make_queue, make_template, play, steps


def run(script: Script | Act, *more: dict[str, Any]) -> Played:
    mapping = {"EventSourceArn": arn_of("sqs", "orders"), "FunctionName": "work", "BatchSize": 1}
    template = make_template(
        Orders=make_queue("orders", VisibilityTimeout=30),
        Mapping={"Type": "AWS::Lambda::EventSourceMapping", "Properties": mapping},
    )
    send = call("0s", "sqs.send_message", QueueUrl="orders", MessageBody="x") | {"repeat": {"count": 3, "every": "1s"}}
    return play(template, steps(send, *more), script)


def test_batches_that_succeed_are_no_requests() -> None:
    assert run(Act()).player["sentence"] == "All 3 batches succeeded"


def test_batches_that_fail_are_told_as_batches() -> None:
    played = run(first(1, FAIL))
    assert (played.player["sentence"], played.player["verdict"]) == ("1 of 4 batches failed", "error")


def test_requests_are_told_beside_them() -> None:
    played = run(first(1, FAIL), invoke("60s", kind="RequestResponse"))
    assert played.player["sentence"] == "The request succeeded; 1 of 4 batches failed"
    assert run(Act(), invoke("60s", kind="RequestResponse")).player["sentence"] == "The request succeeded"
