import hashlib
import json
from pathlib import Path

import pytest

from lambdalab.runtime.projects import read_project
from tests.runtime.conftest import Play
from tests.runtime.projects import BROKEN, LABS, missed_check


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_the_starter_fails_and_the_exemplar_passes(lab: Path, played: Play) -> None:
    assert not played(read_project(lab, "starter")).outcome.passed
    assert played(read_project(lab, "exemplar")).outcome.passed


@pytest.mark.parametrize(("lab", "variant"), BROKEN, ids=lambda value: getattr(value, "name", value))
def test_a_broken_variant_fails_the_check_it_names(lab: Path, variant: str, played: Play) -> None:
    outcome = played(read_project(lab, f"broken/{variant}")).outcome
    assert missed_check(lab, variant) in [check.id for check in outcome.checks if not check.passed]


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_two_plays_give_the_same_bytes(lab: Path, played: Play) -> None:
    one, two = (played(read_project(lab, "exemplar")) for _ in range(2))
    assert one.trace == two.trace
    assert one.outcome.sha256 == two.outcome.sha256 == hashlib.sha256(one.trace).hexdigest()
    assert json.dumps(one.outcome.player, sort_keys=True) == json.dumps(two.outcome.player, sort_keys=True)
    assert one.outcome.summary["run"]["reproducible"]


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_summary_and_player_can_be_stored_as_json(lab: Path, played: Play) -> None:
    outcome = played(read_project(lab, "exemplar")).outcome
    assert json.loads(json.dumps(outcome.summary)) == outcome.summary
    assert json.loads(json.dumps(outcome.player)) == outcome.player


def test_another_seed_plays_otherwise(played: Play) -> None:
    files = read_project(LABS[0], "exemplar")
    assert played(files, seed=11).trace != played(files, seed=12).trace
