"""The pure modules of the timeline are tested in their own language."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
NODE = Path(sys.executable).parent / "node"


@pytest.mark.skipif(not (NODE.exists() or shutil.which("node")), reason="no Node")
def test_the_timelines_modules_hold_their_own_tests() -> None:
    files = sorted(map(str, (PROJECT / "static" / "tests").glob("*.test.js")))
    node = str(NODE) if NODE.exists() else "node"
    played = subprocess.run([node, "--test", *files], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert files
    assert played.returncode == 0, played.stdout
