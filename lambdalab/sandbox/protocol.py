"""The frames between worker and environment. Lengths are checked before anything is allocated; never pickle.

A turn comes in over the control socket (packed little-endian, written by the clock shim); the answer goes out the same
way. The environment is hostile: a frame that is not exactly as expected ends it.
"""

from __future__ import annotations

import json
import math
import re
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lambdalab.sandbox.child.values import ANSWER_DEPTH_MAX, CALL_DEPTH_MAX, VALUES_MAX, count, decoded, encoded
from lambdalab.sandbox.report import Arrival, Call, Connect, ConnectKind, ConnectReply, Reply

HEAD = struct.Struct("<II")
TURN = struct.Struct("<IIqqQIIIiIIIII")
CALL = struct.Struct("<IIII")
CONNECT = struct.Struct("<IIIIIIHBx")
GO = struct.Struct("<IIqII")
REPLY = struct.Struct("<II")
DECISION = struct.Struct("<iI")
STREAM = struct.Struct("<IQ")
CLOSED = struct.Struct("<I")
ARRIVAL = struct.Struct("<Qixxxx")
MAGIC_TURN, MAGIC_GO = 0x4E525554, 0x20204F47
FRAME_MAX = 64 << 20
CALLS_MAX = 2_048
CALL_MAX = 12 << 20  # a part of s3transfer's has 8 MB, as base64 a third more
DOCUMENT_MAX = 8 << 20
CONNECTS_MAX = 1_024
NAME_MAX, DATAGRAM_MAX = 253, 65_507
NAME_OF_API = re.compile(r"[A-Za-z0-9_.-]{1,100}")  # of a service or an operation; botocore's longest has 63 letters
ERROR_FIELDS = {"errorMessage", "errorType", "requestId", "stackTrace"}  # awslambdaric, make_error
KINDS: dict[int, ConnectKind] = {1: "lookup", 2: "connect", 3: "datagram"}
ERRORS = {"answered": 0, "refused": 111, "unreachable": 101, "timed_out": 110, "no_such_host": -2}  # errno(3), netdb.h
HOST_NAME = re.compile(rb"[A-Za-z0-9._-]*")
PATIENCE_S_MAX = 86_400


class BadFrame(ValueError):
    """What came over the control socket is not a frame."""


@dataclass(frozen=True, slots=True)
class TurnFrame:
    """A turn as sent. Times in nanoseconds; ``finished`` is a kind, or -1; ``written``: connect to bytes so far;
    ``closed``: connects that are no more."""

    wake_ns: int
    now_ns: int
    cpu_ns: int
    reads: int
    memory_kb: int
    racing: bool
    finished: int
    finished_body: bytes
    calls: tuple[Call, ...]
    connects: tuple[Connect, ...]
    written: dict[int, int]
    closed: tuple[int, ...]


def turn_length(head: bytes) -> int:
    """The whole frame's length, from its first bytes. Raises :class:`BadFrame`."""
    if len(head) < HEAD.size:
        raise BadFrame("a turn cut short")
    magic, length = HEAD.unpack_from(head)
    if magic != MAGIC_TURN or not TURN.size <= length <= FRAME_MAX:
        raise BadFrame("not a turn")
    return int(length)


def read_turn(frame: bytes) -> TurnFrame:
    """Decode a whole turn. Raises :class:`BadFrame`."""
    if turn_length(frame) != len(frame):
        raise BadFrame("a turn whose lengths do not add up")
    fields = TURN.unpack_from(frame)
    _, length, wake, now, cpu, reads, memory, racing, finished, body_length, *counts = fields
    if TURN.size + body_length > length or finished not in range(-1, 4):
        raise BadFrame("a turn whose lengths do not add up")
    call_count, connect_count, stream_count, closed_count = counts
    if call_count > CALLS_MAX or max(connect_count, stream_count, closed_count) > CONNECTS_MAX:
        raise BadFrame("a turn with too much in it")
    at = TURN.size + body_length
    body = frame[TURN.size : at]
    if finished > 1:
        body = _document(body)
    calls, at = _read_calls(frame, at, call_count)
    connects = []
    for _ in range(connect_count):
        connect, at = _read_connect(frame, at)
        connects.append(connect)
    closings = at + STREAM.size * stream_count
    if closings + CLOSED.size * closed_count != length:
        raise BadFrame("a turn with something behind it, or too little")
    written = dict(STREAM.iter_unpack(frame[at:closings]))
    closed = tuple(number for (number,) in CLOSED.iter_unpack(frame[closings:]))
    calls.sort(key=lambda c: (c.thread, c.sequence))
    connects.sort(key=lambda c: (c.thread, c.sequence))
    asked = (tuple(calls), tuple(connects), written, closed)
    return TurnFrame(wake, now, cpu, reads, memory, bool(racing), finished, body, *asked)


def _document(body: bytes) -> bytes:
    """An error's document was made by AWS's runtime client: four texts and a list of texts, or the frame was forged.

    What a handler returns need not even be JSON: its bytes leave as they are. A document that is too large to leave is
    not looked at.
    """
    if len(body) > DOCUMENT_MAX:
        return body
    if count(body) > VALUES_MAX:
        raise BadFrame("an error with too much in it")
    try:
        document = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise BadFrame("an error that is not JSON") from None
    if not isinstance(document, dict) or document.keys() != ERROR_FIELDS:
        raise BadFrame("an error that is none of AWS's")
    stack = document["stackTrace"]
    texts = [*(document[name] for name in ERROR_FIELDS - {"stackTrace"}), *(stack if isinstance(stack, list) else [0])]
    if not all(isinstance(text, str) for text in texts):
        raise BadFrame("an error that is not made of texts")
    return body if all(map(_is_whole, texts)) else json.dumps(decoded(document, 2, _text)).encode()


def _is_whole(text: str) -> bool:
    return text.isascii() or _text(text) == text


def _read_calls(frame: bytes, at: int, how_many: int) -> tuple[list[Call], int]:
    """So many calls, and where they end. A few bytes of JSON are objects of a hundred: those are counted first."""
    calls, values = [], 0
    for _ in range(how_many):
        if at + CALL.size > len(frame):
            raise BadFrame("a call cut short")
        number, thread, sequence, length = CALL.unpack_from(frame, at)
        at += CALL.size
        if length > CALL_MAX or at + length > len(frame):
            raise BadFrame("a call cut short")
        text = frame[at : at + length]
        at += length
        values += count(text)
        if values > VALUES_MAX:
            raise BadFrame("calls with too much in them")
        calls.append(_read_call(number, thread, sequence, text))
    return calls, at


def _read_call(number: int, thread: int, sequence: int, text: bytes) -> Call:
    try:
        body = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
        service, operation, params = body["service"], body["operation"], decoded(body["params"], CALL_DEPTH_MAX, _text)
        host, patience_us = _host(body.get("host", "")), _patience_us(body.get("patience_s"))
        read_patience_us = _patience_us(body.get("read_patience_s"))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadFrame(f"not a call: {error}") from None
    if not (isinstance(service, str) and isinstance(operation, str) and isinstance(params, dict)):
        raise BadFrame("a call of the wrong types")
    if not (NAME_OF_API.fullmatch(service) and NAME_OF_API.fullmatch(operation)):
        raise BadFrame("a call of no operation")
    return Call(number, thread, sequence, service, operation, params, host, patience_us, read_patience_us)


def _host(name: Any) -> str:
    """A host's name; empty for what is none. A URL may have one that is longer than any in the name service."""
    good = isinstance(name, str) and len(name) <= NAME_MAX and name.isascii() and HOST_NAME.fullmatch(name.encode())
    return name if good else ""


def _patience_us(seconds: Any) -> int | None:
    """A timeout in microseconds; None for what is none."""
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not seconds >= 0:
        return None
    return round(min(seconds, PATIENCE_S_MAX) * 1_000_000)


def _read_connect(frame: bytes, at: int) -> tuple[Connect, int]:
    if at + CONNECT.size > len(frame):
        raise BadFrame("a connect cut short")
    number, thread, sequence, address, name_length, data_length, port, code = CONNECT.unpack_from(frame, at)
    at += CONNECT.size
    end = at + name_length + data_length
    if name_length > NAME_MAX or data_length > DATAGRAM_MAX or end > len(frame):
        raise BadFrame("a connect cut short")
    kind, name, data = KINDS.get(code), frame[at : at + name_length], frame[at + name_length : end]
    if kind is None or not HOST_NAME.fullmatch(name):
        raise BadFrame("not a connect")
    shown = socket.inet_ntoa(address.to_bytes(4, "big"))
    return Connect(number, thread, sequence, kind, name.decode("ascii"), shown, port, data), end


def write_go(now_us: int, replies: Sequence[Reply | ConnectReply | Arrival] = (), event: bytes = b"") -> bytes:
    """Encode the answer to a turn: the new time, replies, perhaps an event."""
    parts = [event]
    for reply in replies:
        number, body = _reply(reply)
        parts += [REPLY.pack(number, len(body)), body]
    length = GO.size + sum(map(len, parts))
    return b"".join([GO.pack(MAGIC_GO, length, now_us * 1_000, len(event), len(replies)), *parts])


def _reply(reply: Reply | ConnectReply | Arrival) -> tuple[int, bytes]:
    if isinstance(reply, Arrival):
        return reply.connect_id, ARRIVAL.pack(reply.said, reply.state)
    if isinstance(reply, ConnectReply):
        address = int.from_bytes(socket.inet_aton(reply.address), "big")
        return reply.connect_id, DECISION.pack(ERRORS[reply.outcome], address)
    answer = {"status_code": reply.status_code, "parsed": encoded(reply.parsed, ANSWER_DEPTH_MAX)}
    if reply.failure is not None:
        answer["failure"] = reply.failure
    return reply.call_id, json.dumps(answer, separators=(",", ":")).encode()


def _text(text: str) -> str:
    """Half a surrogate pair, which JSON can carry and UTF-8 cannot, becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):  # 1e999
        raise ValueError(f"{text} is too large")
    return number


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
