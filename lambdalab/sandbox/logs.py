"""The log pipe as log events. Two kinds are mixed in it: plain output, an event a line, and the frames of AWS's logging
protocol (awslambdaric), an event each, several lines included."""

from __future__ import annotations

import struct

from lambdalab.sandbox.report import LogLine

FRAME = struct.Struct(">IIQ")  # type, length, timestamp
FRAME_MARK = b"\xa5\x5a"
ERROR_LEVELS = (0x14, 0x18)  # bits 2 to 4 of the type: ERROR and FATAL
LINE_MAX = 262_144  # CloudWatch Logs' own limit of an event
EVENT_BYTES = 26  # what CloudWatch Logs counts for an event beside its text. API reference, PutLogEvents
LIMIT_TEXT = "[lambdalab] this invocation has logged {kept:,} bytes; the rest is not kept."


class LogSplitter:
    """Cuts the byte stream of one environment into log events and keeps at most ``limit`` bytes an invocation,
    counted as CloudWatch Logs counts them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept = 0
        self._closed = False
        self._buffer = bytearray()

    def renew(self) -> None:
        """Another invocation begins, with a limit of its own."""
        self._kept, self._closed = 0, False

    def feed(self, data: bytes) -> list[LogLine]:
        """Events completed by ``data``."""
        if self._closed:  # nothing more is kept, so nothing more is looked at
            return []
        self._buffer += data
        lines: list[LogLine] = []
        while (line := self._take()) is not None:
            self._keep(line, lines)
        return lines

    def flush(self) -> list[LogLine]:
        """What is left without a newline: an event, now that the invocation is over."""
        lines: list[LogLine] = []
        if self._buffer:
            self._keep(_text(bytes(self._buffer)), lines)
            self._buffer.clear()
        return lines

    def _take(self) -> LogLine | None:
        if not self._buffer:
            return None
        if self._buffer.startswith(FRAME_MARK):
            return self._take_frame()
        end = self._buffer.find(b"\n")
        mark = self._buffer.find(FRAME_MARK, 0, end if end >= 0 else len(self._buffer))  # not beyond: lines are many
        end = -1 if mark > 0 else end
        cut, skip = (end, 1) if end >= 0 else (mark, 0) if mark > 0 else (min(len(self._buffer), LINE_MAX), 0)
        if end < 0 and mark <= 0 and len(self._buffer) < LINE_MAX:
            return None
        text = bytes(self._buffer[:cut])
        del self._buffer[: cut + skip]
        return _text(text)

    def _take_frame(self) -> LogLine | None:
        if len(self._buffer) < FRAME.size:
            return None
        kind, length, _ = FRAME.unpack_from(self._buffer)
        length = min(length, LINE_MAX)
        if len(self._buffer) < FRAME.size + length:
            return None
        text = bytes(self._buffer[FRAME.size : FRAME.size + length])
        del self._buffer[: FRAME.size + length]
        shown = text.decode("utf-8", "replace").rstrip("\n")
        return LogLine(shown, "runtime", (kind & 0x1C) in ERROR_LEVELS or shown.startswith("[ERROR]"))

    def _keep(self, line: LogLine, lines: list[LogLine]) -> None:
        if self._closed:
            return
        self._kept += len(line.text.encode("utf-8", "replace")) + EVENT_BYTES
        if self._kept > self._limit:
            self._closed = True
            lines.append(LogLine(LIMIT_TEXT.format(kept=self._limit), "output"))
        elif line.text:  # CloudWatch Logs takes no empty event, but reading millions of them is work
            lines.append(line)


def _text(data: bytes) -> LogLine:
    return LogLine(data.decode("utf-8", "replace").rstrip("\r"), "output")
