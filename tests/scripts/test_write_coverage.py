from pathlib import Path

import pytest

from lambdalab.simulator.vocabulary.left_out import RULES_LEFT_OUT
from scripts import write_assumptions, write_coverage
from scripts.write_coverage import Coverage, Index, Rule, marked_tests, read_index

INDEX = """
sources: {BC: botocore}
parts:
  A.1 Invoke:
  - {id: A.1-01, confidence: H, from: BC, rule: "One."}
  - {id: A.1-02, confidence: M, from: BC, rule: "Two."}
  - {id: A.1-03, confidence: H, from: BC, rule: "Three."}
"""
TESTS = '''
import pytest

@pytest.mark.rule("A.1-01", "A.1-02")
def test_one() -> None:
    """Not @pytest.mark.rule("A.1-03")."""

@pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.rule("A.1-01"))])
def test_two(n: int) -> None: ...

def helper() -> None: ...
'''


def covered(**said: object) -> Coverage:
    usual = {"tests": {"A.1-01": ["t"]}, "left_out": {"A.1-02": "Why."}, "awaiting": frozenset({"A.1-03"})}
    return Coverage(read_index(INDEX), **{**usual, **said})


def test_of_every_rule_one_thing_is_said_and_markers_name_rules_that_exist() -> None:
    assert write_coverage.coverage().problems() == []


def test_the_page_is_up_to_date() -> None:
    assert write_coverage.PAGE.read_text() == write_coverage.coverage().page()


def test_the_page_of_assumptions_is_up_to_date_and_has_the_reasons() -> None:
    page = write_assumptions.PAGE.read_text()
    assert page == write_assumptions.text()
    assert all(each.reason in page for each in RULES_LEFT_OUT)


def test_a_rule_of_which_nothing_is_said_is_a_problem() -> None:
    assert covered(awaiting=frozenset()).problems() == ["A.1-03: no test names it, and it is not left out."]


def test_a_rule_that_is_left_out_although_a_test_proves_it_is_a_problem() -> None:
    both = {"A.1-01": ["t"], "A.1-02": ["t"]}
    assert covered(tests=both).problems() == ["A.1-02: tested, left out, awaited: only one of these can be."]


@pytest.mark.parametrize("said", ["tests", "left_out"])
def test_a_name_that_is_no_rule_is_a_problem(said: str) -> None:
    usual: dict[str, dict[str, object]] = {"tests": {"A.1-01": ["t"]}, "left_out": {"A.1-02": "Why."}}
    made = covered(**{said: usual[said] | {"A.1-99": ["t"]}})
    assert made.problems() == ["A.1-99: no such rule in docs/rules.yaml."]


def test_the_page_names_tests_reasons_and_what_is_being_built() -> None:
    rows = [line for line in covered().page().splitlines() if line.startswith("| A.1")]
    assert rows == [
        "| A.1-01 | One. | H | BC | `t` |",
        "| A.1-02 | Two. | M | BC | Left out. Why. |",
        "| A.1-03 | Three. | H | BC | Being built. |",
    ]
    assert "1 rules proven, 1 left out, 1 being built." in covered().page()


def test_markers_are_read_from_decorators_only(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    assert marked_tests(tmp_path, tmp_path) == {
        "A.1-01": ["test_some.py::test_one", "test_some.py::test_two"],
        "A.1-02": ["test_some.py::test_one"],
    }


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("A.1-02", "A.1-01", "stands 2 times"),
        ("A.1-02", "B.1-02", "does not belong to"),
        ("confidence: M", "confidence: L", "has a confidence or a source that is none"),
        ("from: BC", "from: XY", "has a confidence or a source that is none"),
    ],
)
def test_an_index_that_contradicts_itself_is_refused(old: str, new: str, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        read_index(INDEX.replace(old, new))


def test_a_rule_keeps_what_the_index_says_of_it() -> None:
    assert read_index(INDEX) == Index(
        (
            Rule("A.1-01", "H", ("BC",), "One.", "A.1 Invoke"),
            Rule("A.1-02", "M", ("BC",), "Two.", "A.1 Invoke"),
            Rule("A.1-03", "H", ("BC",), "Three.", "A.1 Invoke"),
        ),
        {"BC": "botocore"},
    )
