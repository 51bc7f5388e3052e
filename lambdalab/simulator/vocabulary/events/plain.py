"""What AWS encodes stands plain in a sample until it is written, so that a field can be set through the encoding.

``Records[0].kinesis.data`` is base64 of a text, ``awslogs.data`` base64 of a gzipped JSON document, ``invokingEvent``
of AWS Config a JSON document inside a string.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus


@dataclass(slots=True)
class Encoded:
    """A value in plain, and how AWS writes it. ``value`` may hold more of its kind."""

    value: Any
    how: Callable[[Any], str]


def written(value: Any) -> Any:
    """The value as AWS sends it: plain JSON, everything encoded."""
    if isinstance(value, Encoded):
        return value.how(written(value.value))
    if isinstance(value, dict):
        return {name: written(item) for name, item in value.items()}
    if isinstance(value, list):
        return [written(item) for item in value]
    return value


def base64_of(text: str) -> Encoded:
    """A text in base64: stream records, bodies."""
    return Encoded(text, lambda plain: base64.b64encode(plain.encode()).decode())


def json_of(document: Any) -> Encoded:
    """A JSON document inside a string."""
    return Encoded(document, compact)


def url_encoded(text: str) -> Encoded:
    """A key as S3 writes it: :func:`quoted_key`."""
    return Encoded(text, quoted_key)


def gzip_of(document: Any) -> Encoded:
    """A JSON document, gzipped and in base64: CloudWatch Logs."""
    return Encoded(document, lambda plain: base64.b64encode(gzip.compress(compact(plain).encode(), mtime=0)).decode())


def quoted_key(key: str) -> str:
    """An object's key as S3 writes it into records: a space becomes a plus sign. Fact F.1."""
    return quote_plus(key, safe="/")


def compact(document: Any) -> str:
    """JSON without a space, as AWS writes most of its own."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)
