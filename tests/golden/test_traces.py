import sys
from pathlib import Path

import pytest

from lambdalab.runtime.projects import read_project
from lambdalab.simulator.trace import decode_lines, encode_fact
from tests.runtime.conftest import Play
from tests.runtime.projects import LABS

HERE = Path(__file__).parent
HOST = f"host's python{sys.version_info.major}.{sys.version_info.minor}".encode()


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_the_exemplars_trace_is_the_golden_one(lab: Path, played: Play, update_golden: bool) -> None:
    trace = played(read_project(lab, "exemplar")).trace.replace(HOST, b"host's python3.x")
    golden = HERE / f"{lab.name}.jsonl"
    if update_golden:
        golden.write_bytes(trace)
    assert trace.splitlines() == golden.read_bytes().splitlines()


@pytest.mark.parametrize("golden", sorted(HERE.glob("*.jsonl")), ids=lambda path: path.stem)
def test_a_golden_trace_belongs_to_a_lab_and_can_be_read(golden: Path) -> None:
    assert golden.stem in {lab.name for lab in LABS}
    lines = golden.read_bytes().splitlines(keepends=True)
    assert [encode_fact(*stamped) for stamped in decode_lines(lines)] == lines
