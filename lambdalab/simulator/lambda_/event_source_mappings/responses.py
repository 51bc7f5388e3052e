"""ReportBatchItemFailures: which records of a batch have failed, by what the function returned. Fact D.3 (DG22, LS)"""

from __future__ import annotations

import json
from collections.abc import Iterable


def failed_items(payload: str, identifiers: Iterable[str], *, stream: bool = False) -> frozenset[str] | None:
    """The identifiers of the records that failed; None when the response is malformed: then all of them did.

    An empty or missing list means that everything went well; of a stream, an empty text or list as response, too (LS,
    2025-11-25). One item that is not a known identifier spoils the whole
    response, so that nothing is lost.
    """
    known = frozenset(identifiers)
    try:
        response = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if response is None or (stream and response in ("", [])):
        return frozenset()
    if not isinstance(response, dict):
        return None
    failures = response.get("batchItemFailures")
    if failures is None:
        return frozenset()
    if not isinstance(failures, list):
        return None
    named = {item.get("itemIdentifier") if isinstance(item, dict) else None for item in map(_hashable, failures)}
    return frozenset(named) if named <= known else None  # type: ignore[arg-type]


def _hashable(item: object) -> object:
    """The item, unless its identifier is something that no identifier can be."""
    if isinstance(item, dict) and isinstance(item.get("itemIdentifier"), str):
        return item
    return None
