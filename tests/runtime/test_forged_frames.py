"""Handlers that speak the frames themselves, in a whole run: whatever they say, the run comes to its end and tells."""

import json
from typing import Any

import pytest

from lambdalab.sandbox.protocol import CALL, CONNECT, MAGIC_TURN, TURN
from tests.runtime.conftest import Play, Played
from tests.runtime.projects import invoke, make_project
from tests.sandbox.conftest import KIT

HEAD = """
import os
from kit import sockets
(control,) = sockets()
def say(frame):
    while frame: frame = frame[os.write(control, frame):]
    os.read(control, 1 << 20)
def handler(event, context):
"""
EXIT = "Runtime.ExitError"
QUEUES = json.dumps({"service": "sqs", "operation": "ListQueues", "params": {}}).encode()


def turn(
    finished: int = -1, body: bytes = b"", *calls: bytes, connects: bytes = b"", reads: int = 0, wake: int = 0
) -> bytes:
    tail = b"".join(CALL.pack(n + 1, 0, n, len(each)) + each for n, each in enumerate(calls)) + connects
    counts = (len(calls), len(connects) // CONNECT.size, 0, 0)
    length = TURN.size + len(body) + len(tail)
    return TURN.pack(MAGIC_TURN, length, wake, 0, 0, reads, 0, 0, finished, len(body), *counts) + body + tail


def call(service: str, operation: str) -> bytes:
    return json.dumps({"service": service, "operation": operation, "params": {}}).encode()


def document(**changes: Any) -> bytes:
    return json.dumps({"errorType": "E", "errorMessage": "m", "requestId": "r", "stackTrace": []} | changes).encode()


def run(played: Play, body: str) -> Played:
    files = make_project(f"{HEAD}    {body}", invoke(), function={"Timeout": 5}) | {"src/kit.py": KIT}
    return played(files)


def last_error(made: Played) -> Any:
    error = made.summary["functions"]["work"]["last_error"]
    return error and error["type"]


@pytest.mark.parametrize(
    "frame",
    [turn(), turn(wake=-5), turn(reads=2**32 - 1), turn(wake=2**63 - 1), turn(wake=-(2**63))],
    ids=["now", "past", "reads", "never", "long-past"],
)
def test_turns_without_end_come_to_an_end(played: Play, frame: bytes) -> None:
    # The shim speaks, too, when it finds everybody blocked; if the handler takes its answer, the runtime is lost.
    assert last_error(run(played, f"while True: say({frame!r})")) in ("Sandbox.Timedout", EXIT)


@pytest.mark.parametrize(
    "body",
    [document(errorType=float("nan")), document(errorMessage=[1]), document(requestId=None), document(stackTrace="x"),
     document(stackTrace=[1]), document(more=1), b"{}", b"[]", b"5", b"null", b"[" * 900 + b"]" * 900],
)  # fmt: skip
@pytest.mark.parametrize("kind", [2, 3])
def test_an_error_that_awss_client_would_not_make_is_none(played: Play, kind: int, body: bytes) -> None:
    assert last_error(run(played, f"say({turn(kind, body)!r})")) == EXIT


def test_half_a_surrogate_pair_in_an_error_becomes_a_question_mark(played: Play) -> None:
    made = run(played, f"say({turn(2, document(errorType=chr(0xD800), errorMessage=chr(0xDC00) + chr(0)))!r})")
    assert last_error(made) == "?"


def test_so_does_one_that_awss_own_client_wrote(played: Play) -> None:
    code = "def handler(event, context): raise type('Odd', (Exception,), {})('a\\ud800b')"
    function = {"Runtime": "python3.11", "LoggingConfig": {"LogFormat": "JSON"}}  # this one escapes what is not ASCII
    made = played(make_project(code, invoke(), function=function))
    assert made.summary["functions"]["work"]["last_error"]["message"] == "a?b"


@pytest.mark.parametrize("depth", [190, 210, 900, 995, 2_000, 100_000])
def test_a_result_may_be_nested_as_deeply_as_it_likes(played: Play, depth: int) -> None:
    payload = "[" * depth + "]" * depth
    made = run(played, f"say({turn(1, payload.encode())!r})")
    shown = made.result
    if depth < 200:
        assert json.dumps(shown) == payload
    else:
        assert payload.startswith(shown[:1_000])


@pytest.mark.parametrize(
    ("service", "operation"),
    [("sqs", "__init__"), ("sqs", "list_queues"), ("lambda", "invoke"), ("nobody", "ListQueues"), ("ec2", "None"),
     ("sqs", "A" * 100), ("..", "ListQueues")],
)  # fmt: skip
def test_an_operation_that_does_not_exist_is_not_simulated(played: Play, service: str, operation: str) -> None:
    made = run(played, f"say({turn(-1, b'', call(service, operation), QUEUES)!r}); say({turn(1, b'5')!r})")
    assert made.result == 5
    assert "NotSimulated" in made.trace.decode()


@pytest.mark.parametrize(
    ("service", "operation"), [("../sqs", "ListQueues"), ("sqs", "A" * 101), ("", ""), ("sqs", "ä")]
)
def test_what_cannot_be_an_operations_name_is_no_call(played: Play, service: str, operation: str) -> None:
    assert last_error(run(played, f"say({turn(-1, b'', call(service, operation))!r})")) == EXIT


@pytest.mark.parametrize(
    "frame",
    [
        turn(-1, b"", *[QUEUES] * 2_048),
        TURN.pack(MAGIC_TURN, TURN.size + 2 * (CALL.size + len(QUEUES)), 0, 0, 0, 0, 0, 0, -1, 0, 2, 0, 0, 0)
        + (CALL.pack(1, 0, 0, len(QUEUES)) + QUEUES) * 2,
        turn(connects=CONNECT.pack(1, 0, 0, 0, 0, 0, 0, 2) + CONNECT.pack(2, 0, 1, 2**32 - 1, 0, 0, 65_535, 2)),
        turn(connects=CONNECT.pack(1, 0, 0, 0, 0, 0, 0, 1) * 500),
    ],
    ids=["many", "twice", "nowhere", "no-name"],
)
def test_odd_questions_get_their_answers(played: Play, frame: bytes) -> None:
    made = run(played, f"say({frame!r}); say({turn(1, b'5')!r})")
    answered = made.summary["functions"]["work"]["results"] == [5]
    assert answered or last_error(made) in ("Sandbox.Timedout", EXIT)  # who speaks before having heard all is cut off


def test_an_invocation_that_has_finished_makes_no_more_calls(played: Play) -> None:
    made = run(played, f"say({turn(1, b'5', QUEUES)!r})")
    assert made.result == 5
