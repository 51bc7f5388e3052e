"""Write docs/coverage.md: which tests prove each rule of AWS, or why it is left out.

``--check`` only says whether it is up to date.

The rules stand in docs/rules.yaml: they are what AWS says, in a form that reads and merges line by line, and nothing
needs them while lambdalab runs. What the model leaves out of them, with the reasons, is a decision of the model and
stands beside its assumptions. Tests name the rules that they prove (``@pytest.mark.rule("A.3-07")``); their files are
read, not run.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from lambdalab.simulator.vocabulary.left_out import AWAITING, RULES_LEFT_OUT

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "docs" / "rules.yaml"
PAGE = ROOT / "docs" / "coverage.md"
TESTS = ROOT / "tests"
HEAD = """# Which rules of AWS Lambda are proven by tests

Made by `scripts/write_coverage.py` from [rules.yaml](rules.yaml), the markers of the tests and
`lambdalab/simulator/vocabulary/left_out.py`. H: AWS documents the rule, or it was recorded so; M: it is likely so.
A test stands here only if it would fail without the rule.

"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of AWS. ``sources`` are keys of the index; ``part`` is the heading under which it stands."""

    id: str
    confidence: str
    sources: tuple[str, ...]
    text: str
    part: str


@dataclass(frozen=True, slots=True)
class Index:
    """All rules in order, and what the keys of their sources mean."""

    rules: tuple[Rule, ...]
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is said of each rule: the tests that prove it, why it is left out, or that its part is being built."""

    index: Index
    tests: Mapping[str, Sequence[str]]
    left_out: Mapping[str, str]
    awaiting: frozenset[str]

    def problems(self) -> list[str]:
        """A sentence for each rule that is not said exactly one thing of, and each name of a rule that is none."""
        said = (self.tests, self.left_out, self.awaiting)
        found = [f"{rule}: no such rule in docs/rules.yaml." for rule in sorted(set().union(*said) - self._known())]
        for rule in sorted(self._known()):
            times = sum(rule in each for each in said)
            if times == 0:
                found.append(f"{rule}: no test names it, and it is not left out.")
            elif times > 1:
                found.append(f"{rule}: tested, left out, awaited: only one of these can be.")
        return found

    def page(self) -> str:
        """docs/coverage.md."""
        counts = ", ".join(f"{number} {what}" for what, number in self._counts().items())
        parts: dict[str, list[str]] = defaultdict(list)
        for rule in self.index.rules:
            row = (rule.id, rule.text, rule.confidence, ", ".join(rule.sources), self._says(rule.id))
            parts[rule.part].append("| " + " | ".join(row) + " |")
        tables = [
            "\n".join([f"## {part}\n", "| rule | what | | from | |", "| --- | --- | --- | --- | --- |", *rows])
            for part, rows in parts.items()
        ]
        sources = [f"- **{key}**: {meaning}" for key, meaning in self.index.sources.items()]
        return f"{HEAD}{counts}.\n\n" + "\n\n".join([*tables, "\n".join(["## Sources\n", *sources])]) + "\n"

    def _known(self) -> set[str]:
        return {rule.id for rule in self.index.rules}

    def _counts(self) -> dict[str, int]:
        counts = Counter(self._kind(rule.id) for rule in self.index.rules)
        return {what: counts[what] for what in ("rules proven", "left out", "being built") if counts[what]}

    def _kind(self, rule: str) -> str:
        return "rules proven" if rule in self.tests else "left out" if rule in self.left_out else "being built"

    def _says(self, rule: str) -> str:
        if rule in self.tests:
            return "<br>".join(f"`{test}`" for test in self.tests[rule])
        return f"Left out. {self.left_out[rule]}" if rule in self.left_out else "Being built."


def read_index(text: str) -> Index:
    """The rules. Raises ``ValueError`` for one that stands twice, in a wrong part, or names an unknown source."""
    document: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    sources: dict[str, str] = document["sources"]
    rules = [
        Rule(each["id"], each["confidence"], tuple(each["from"].split(", ")), each["rule"], part)
        for part, entries in document["parts"].items()
        for each in entries
    ]
    for rule, number in Counter(rule.id for rule in rules).items():
        if number > 1:
            raise ValueError(f"{rule} stands {number} times")
    for each in rules:
        if each.id.split("-")[0] != each.part.split()[0]:
            raise ValueError(f"{each.id} does not belong to {each.part}")
        if each.confidence not in ("H", "M") or not set(each.sources) <= set(sources):
            raise ValueError(f"{each.id} has a confidence or a source that is none")
    return Index(tuple(rules), sources)


def marked_tests(root: Path, folder: Path) -> dict[str, list[str]]:
    """The tests below ``folder`` by the rules that they name, as ``tests/…/test_x.py::test_y``."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in sorted(folder.rglob("test_*.py")):
        text = file.read_text()
        if "mark.rule" not in text:
            continue
        for name, rule in _marks(ast.parse(text)):
            found[rule].append(f"{file.relative_to(root)}::{name}")
    return dict(found)


def _marks(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Each test's name with each rule that its decorators name."""
    for node in ast.walk(module):
        if not isinstance(node, ast.FunctionDef):
            continue
        for part in (part for decorator in node.decorator_list for part in ast.walk(decorator)):
            if isinstance(part, ast.Call) and ast.unparse(part.func) == "pytest.mark.rule":
                for argument in part.args:
                    yield node.name, ast.literal_eval(argument)


def left_out() -> dict[str, str]:
    """The reason for each rule that is left out. Raises ``ValueError`` where a rule has two."""
    reasons: dict[str, str] = {}
    for each in RULES_LEFT_OUT:
        for rule in each.rules:
            if rule in reasons:
                raise ValueError(f"{rule} is left out twice")
            reasons[rule] = each.reason
    return reasons


def coverage() -> Coverage:
    """As the repository stands."""
    return Coverage(read_index(RULES.read_text()), marked_tests(ROOT, TESTS), left_out(), AWAITING)


def main() -> int:
    """Returns 0, or 1 with the problems when there are any, or when ``--check`` finds an old page."""
    found = coverage()
    problems = found.problems()
    if "--check" not in sys.argv:
        PAGE.write_text(found.page()) if not problems else None
    elif not PAGE.exists() or PAGE.read_text() != found.page():
        problems.append("docs/coverage.md is old: run scripts/write_coverage.py.")
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
