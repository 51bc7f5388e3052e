"""How runs are kept: files, players and trace chunks, compressed."""

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any


def pack_json(value: object) -> bytes:
    """JSON, compressed."""
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 6)


def unpack_json(data: bytes | memoryview) -> Any:  # JSON
    """What `pack_json` was given."""
    return json.loads(zlib.decompress(data))


def pack_files(files: Mapping[str, bytes]) -> bytes:
    """A project's files by path; any bytes are allowed."""
    return pack_json({path: base64.b64encode(data).decode() for path, data in sorted(files.items())})


def unpack_files(data: bytes | memoryview) -> dict[str, bytes]:
    """What `pack_files` was given."""
    return {path: base64.b64decode(text) for path, text in unpack_json(data).items()}


def pack_lines(lines: bytes) -> bytes:
    """A chunk of a trace: it is written often and read seldom."""
    return zlib.compress(lines, 3)


def unpack_lines(data: bytes | memoryview) -> bytes:
    """What `pack_lines` was given."""
    return zlib.decompress(data)
