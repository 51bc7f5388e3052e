"""Frames from the child's side, mutated: nothing but `BadFrame` comes of it, and never more memory than a frame's worth."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdalab.sandbox import Policy, Status
from lambdalab.sandbox.child.values import CALL_DEPTH_MAX, VALUES_MAX, decoded, encoded
from lambdalab.sandbox.protocol import (
    CALL,
    CALLS_MAX,
    CLOSED,
    CONNECT,
    CONNECTS_MAX,
    HEAD,
    KINDS,
    MAGIC_TURN,
    STREAM,
    TURN,
    BadFrame,
    TurnFrame,
    read_turn,
    turn_length,
)  # fmt: skip
from tests.sandbox.conftest import KIT
from tests.sandbox.driver import Driven

AS_BOTH = True
MANY = settings(max_examples=400, deadline=None)
AMPLIFIED = 100  # bytes of Python objects for a byte of JSON such as [[],[],[]

texts = st.text(max_size=20)
values: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**200), 2**200) | st.floats(allow_nan=False)
    | texts | st.binary(max_size=20) | st.datetimes(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
names = st.from_regex(r"[A-Za-z0-9_.-]{1,100}", fullmatch=True)
calls = st.fixed_dictionaries({"service": names, "operation": names, "params": st.dictionaries(texts, values, max_size=4)})
errors = st.fixed_dictionaries(
    {"errorType": texts, "errorMessage": texts, "requestId": texts, "stackTrace": st.lists(texts, max_size=3)}
)


connects = st.tuples(
    st.sampled_from(sorted(KINDS)), st.from_regex(r"[A-Za-z0-9._-]{0,40}", fullmatch=True), st.integers(0, 2**32 - 1),
    st.integers(0, 2**16 - 1), st.binary(max_size=40),
)  # fmt: skip
streams = st.dictionaries(st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1), max_size=4)
Asked = tuple[int, str, int, int, bytes]


def packed(
    bodies: list[bytes], finished: int, body: bytes, figures: tuple[int, ...], asked: Sequence[Asked] = (),
    written: Mapping[int, int] | None = None, closed: Sequence[int] = (),
) -> bytes:  # fmt: skip
    """A valid turn."""
    tail = b"".join(CALL.pack(n + 1, n % 3, n, len(each)) + each for n, each in enumerate(bodies))
    for n, (kind, name, address, port, data) in enumerate(asked):
        tail += CONNECT.pack(n + 1, n % 3, n, address, len(name), len(data), port, kind) + name.encode() + data
    tail += b"".join(STREAM.pack(*each) for each in (written or {}).items())
    tail += b"".join(map(CLOSED.pack, closed))
    length = TURN.size + len(body) + len(tail)
    counts = (len(bodies), len(asked), len(written or {}), len(closed))
    return TURN.pack(MAGIC_TURN, length, *figures, finished, len(body), *counts) + body + tail


figures = st.tuples(
    st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1), st.integers(0, 2**64 - 1),
    st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 1),
)  # fmt: skip


Drawn = tuple[list[dict[str, Any]], list[Asked], dict[int, int], list[int], bytes]


@st.composite
def turns(draw: Any) -> Drawn:
    made = draw(st.lists(calls, max_size=4))
    bodies = [json.dumps(encoded(call, CALL_DEPTH_MAX)).encode() for call in made]
    finished = draw(st.integers(-1, 3))
    body = json.dumps(draw(errors) if finished > 1 else encoded(draw(values), CALL_DEPTH_MAX)).encode() if finished > 0 else b""
    asked, written = draw(st.lists(connects, max_size=4)), draw(streams)
    closed = draw(st.lists(st.integers(0, 2**32 - 1), max_size=4))
    return made, asked, written, closed, packed(bodies, finished, body, draw(figures), asked, written, closed)


@st.composite
def mutated(draw: Any) -> bytes:
    frame = bytearray(draw(turns())[-1])
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(frame)))
        match draw(st.sampled_from(["byte", "cut", "insert", "word", "repeat"])):
            case "byte" if at < len(frame):
                frame[at] = draw(st.integers(0, 255))
            case "cut":
                del frame[at : at + draw(st.integers(1, 40))]
            case "insert":
                frame[at:at] = draw(st.binary(max_size=40))
            case "word":
                at = at & ~3
                frame[at : at + 4] = draw(st.sampled_from([b"\0" * 4, b"\xff" * 4, b"\1\0\0\0", b"\0\0\0\x80"]))
            case _:
                frame += frame[at:]
    if draw(st.booleans()) and len(frame) >= HEAD.size:  # with the right length it gets further in
        HEAD.pack_into(frame, 0, MAGIC_TURN, len(frame))
    return bytes(frame)


def read_or_refused(frame: bytes) -> TurnFrame | None:
    with contextlib.suppress(BadFrame):
        return read_turn(frame)
    return None


@MANY
@given(turns())
def test_every_valid_turn_comes_through_as_it_was_meant(made: Drawn) -> None:
    meant, asked, written, closed, frame = made
    read = read_turn(frame)
    assert turn_length(frame[:8]) == len(frame)
    assert {call.id: (call.service, call.operation, call.params) for call in read.calls} == {
        n + 1: (each["service"], each["operation"], each["params"]) for n, each in enumerate(meant)
    }
    assert {c.id: (c.kind, c.host, socket.inet_aton(c.address), c.port, c.data) for c in read.connects} == {
        n + 1: (KINDS[kind], name, address.to_bytes(4, "big"), port, data)
        for n, (kind, name, address, port, data) in enumerate(asked)
    }
    assert read.written == written
    assert read.closed == tuple(closed)
    assert sorted(read.calls, key=lambda call: (call.thread, call.sequence)) == list(read.calls)


@MANY
@given(mutated())
def test_a_mutated_turn_is_read_or_refused(frame: bytes) -> None:
    read = read_or_refused(frame)
    if read is not None:
        assert len(read.calls) <= CALLS_MAX
        assert max(len(read.connects), len(read.written), len(read.closed)) <= CONNECTS_MAX
        json.dumps([encoded(call.params, CALL_DEPTH_MAX) for call in read.calls], allow_nan=False).encode()  # can be carried on


@MANY
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(frame: bytes) -> None:
    read_or_refused(frame)
    with contextlib.suppress(BadFrame):
        assert TURN.size <= turn_length(frame) <= 64 << 20


@MANY
@given(st.recursive(st.none() | st.floats() | st.text(max_size=9) | st.integers(),
                    lambda i: st.lists(i, max_size=3) | st.dictionaries(st.sampled_from(["$bytes", "$time", "$float", "$map", "a"]), i, max_size=2)))  # fmt: skip
def test_tagged_values_are_decoded_or_refused(value: Any) -> None:
    with contextlib.suppress(ValueError, TypeError):
        decoded(value, CALL_DEPTH_MAX)


NESTED = {
    "lists": b"[" + b"[]," * 300_000 + b"[]]",
    "objects": b"[" + b"{}," * 300_000 + b"{}]",
    "keys": b'{"a":' * 90 + b"[" + b'"",' * 300_000 + b'""]' + b"}" * 90,
    "depth": b"[" * 1_000_000,
    "digits": b"9" * 1_000_000,
    "zeros": b"0." + b"0" * 1_000_000,
    "escapes": b'"' + b"\\ud800" * 150_000 + b'"',
}


@pytest.mark.parametrize("params", NESTED.values(), ids=NESTED.keys())
def test_what_a_frame_unfolds_to_is_bounded_by_its_length(params: bytes) -> None:
    body = b'{"service":"s","operation":"o","params":{"a":' + params + b"}}"
    frame = packed([body], -1, b"", (0,) * 6)
    tracemalloc.start()
    try:
        read_or_refused(frame)
        assert tracemalloc.get_traced_memory()[1] < AMPLIFIED * len(frame)
    finally:
        tracemalloc.stop()


FULL = 11 << 20  # bytes of a call; five fit into a frame
UNITS = {"lists": b"[],", "maps": b"{},", "keys": b'{"":0},', "numbers": b"1,", "strings": b'"",', "escapes": b'"\\"",'}


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS.keys())
def test_calls_that_would_unfold_to_millions_of_values_are_refused_at_once(unit: bytes) -> None:
    body = b'{"service":"s","operation":"o","params":{"a":[' + unit * (FULL // len(unit)) + b"0]}}"
    frame = packed([body] * 5, -1, b"", (0,) * 6)
    began = time.process_time()
    with pytest.raises(BadFrame, match="calls with too much in them"):
        read_turn(frame)
    assert time.process_time() - began < 4  # unfolding them takes a minute


def test_many_calls_share_what_a_turn_may_hold() -> None:
    few = b'{"service":"s","operation":"o","params":{"a":[' + b"1," * (VALUES_MAX // 8) + b"0]}}"
    assert len(read_turn(packed([few] * 7, -1, b"", (0,) * 6)).calls) == 7
    with pytest.raises(BadFrame):
        read_turn(packed([few] * 8, -1, b"", (0,) * 6))


def test_an_errors_document_that_is_too_large_to_leave_is_not_unfolded() -> None:
    assert len(read_turn(packed([], 2, b"[" * (9 << 20), (0,) * 6)).finished_body) == 9 << 20
    with pytest.raises(BadFrame, match="an error with too much in it"):
        read_turn(packed([], 2, b"[" + b"[]," * (2 << 20) + b"0]", (0,) * 6))


FUZZER = """
    import os, random
    from kit import sockets
    (control,) = sockets()
    def handler(event, context):
        frame = bytes.fromhex(event["frame"])
        while frame: frame = frame[os.write(control, frame):]
        while event["silent"]: pass
        os._exit(0)
"""


@pytest.mark.parametrize("batch", range(4))
@pytest.mark.usefixtures("canary")
def test_fuzz_on_the_control_socket_ends_its_own_environment_only(jail: Callable[..., Driven], batch: int) -> None:
    """Fifty frames a batch, and both users: four hundred."""
    chance = random.Random(batch)
    bystander = jail("def handler(event, context): return 'well'")
    bystander.init()
    driven = jail(FUZZER, files={"kit.py": KIT}, policy=Policy(wall_s=2))
    for number in range(50):
        assert driven.init().status is Status.READY
        report = driven.invoke({"frame": fuzzed(chance).hex(), "silent": number == 25})
        assert report.status in (Status.EXIT, Status.TIMEOUT, Status.OK, Status.ERROR, Status.OUT_OF_MEMORY, Status.INIT_ERROR, Status.READY)
        driven.environment.reset()
        if number % 10 == 0:
            assert bystander.invoke().result == "well"
    assert bystander.invoke().result == "well"


def fuzzed(chance: random.Random) -> bytes:
    """A turn that is nearly right."""
    call = b'{"service": "s3", "operation": "ListBuckets", "params": {"a": 1}}'
    asked = [(chance.choice((1, 2, 3)), "example.com", 0xC6336401, 443, b"{}")] * chance.randrange(3)
    written = {1: 9} if chance.random() < 0.3 else {}
    body = b"{}" * chance.randrange(2)
    frame = bytearray(packed([call] * chance.randrange(3), chance.randrange(-1, 4), body, (0,) * 6, asked, written))
    for _ in range(chance.randrange(5)):
        frame[chance.randrange(len(frame))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
    if chance.random() < 0.3:
        frame = frame[: chance.randrange(1, len(frame))]
    if chance.random() < 0.2:
        frame += chance.randbytes(chance.randrange(1, 4_000))
    return bytes(frame)
