"""Each assumption has one number, one subject, and everything that goes with it in the module of that subject."""

import re
from pathlib import Path

import pytest

import lambdalab
from lambdalab.simulator.vocabulary.assumptions import ASSUMPTIONS, SUBJECTS

CODE = Path(lambdalab.__file__).parent
NUMBER = re.compile(r"\bA-\d{2,3}\b")


def test_assumptions_are_listed_by_number_and_each_number_is_given_once() -> None:
    numbers = [each.number for each in ASSUMPTIONS]
    assert numbers == sorted(set(numbers))


def test_every_module_of_the_package_is_a_subject() -> None:
    files = {path.stem for path in (CODE / "simulator" / "vocabulary" / "assumptions").glob("*.py")}
    assert {module.__name__.rpartition(".")[2] for module in SUBJECTS.values()} == files - {"__init__", "assumption"}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_value_stands_beside_the_assumption_that_it_belongs_to(subject: str) -> None:
    module = SUBJECTS[subject]
    values = Path(str(module.__file__)).read_text().partition("ASSUMPTIONS: ")[0]
    assert set(NUMBER.findall(values)) <= {each.id for each in module.ASSUMPTIONS}


def test_a_number_in_the_code_is_that_of_an_assumption() -> None:
    known = {each.id for each in ASSUMPTIONS}
    cited = {(path.name, number) for path in CODE.rglob("*.py") for number in NUMBER.findall(path.read_text())}
    assert {(name, number) for name, number in cited if number not in known} == set()
