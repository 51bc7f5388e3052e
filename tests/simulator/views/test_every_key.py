"""Every key of the summary that docs/labs.md promises: it is there, and in some run it says something."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.project.rows.table import ROWS
from tests.simulator.project.test_every_row import played
from tests.simulator.views.bad_days import BAD_DAYS

LABS = Path(__file__).parents[3] / "docs" / "labs.md"
# Words between the keys, and notes, which are added when a run is over (docs/labs.md): a fold does not know them.
NO_KEYS = {"answers", "by", "first", "minute", "n", "notes", "of", "per", "sentence", "the", "to"}


def promised() -> dict[str, set[str]]:
    """The keys below each key of the summary, as the contract lists them."""
    block = LABS.read_text().split("## 3. The summary")[1].split("```")[1]
    found: dict[str, str] = {}
    for line in block.splitlines():
        named = re.match(r"[a-z_]+(?= *[\[{])", line)
        if named:
            found[named[0]] = ""
        if found:
            found[list(found)[-1]] += line.removeprefix(named[0] if named else "") + " "
    return {name: _words(text) for name, text in found.items()}


def _words(text: str) -> set[str]:
    bare = re.sub(r'"[^"]*"|\([^)]*\)', "", text)
    return set(re.findall(r"\b[a-z][a-z0-9_]*\b", bare)) - NO_KEYS


KEYS = [(top, key) for top, keys in promised().items() for key in sorted(keys)]


@cache
def summaries() -> list[dict[str, Any]]:
    return [*(played(row).summary for row in ROWS), *(play().summary for play in BAD_DAYS)]


def values_of(node: Any, key: str) -> Iterator[Any]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from values_of(value, key)
    elif isinstance(node, list):
        for each in node:
            yield from values_of(each, key)


def test_the_contract_is_read() -> None:
    assert len(KEYS) > 150
    assert {"moved_to_dlq", "receive_count"} <= promised()["queues"]


@pytest.mark.parametrize(("top", "key"), KEYS)
def test_a_key_of_the_summary_says_something(top: str, key: str) -> None:
    found = [value for summary in summaries() for value in values_of(summary[top], key)]
    assert found
    assert any(value not in (0, None, "", [], {}, False) for value in found)
