"""The arrows of the house, checked: who may import whom, and what a bare import loads."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "lambdalab"
CHILD = PACKAGE / "sandbox" / "child"
WEB = ("django", "celery", "redis", "kombu")


def test_every_import_contract_of_pyproject_is_kept() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    found = subprocess.run([*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout[-4_000:] + found.stderr[-2_000:]
    assert "0 broken" in found.stdout


def test_the_package_itself_is_empty() -> None:
    assert (PACKAGE / "__init__.py").read_bytes() == b""


@pytest.mark.parametrize("name", ["simulator", "simulator.scenario.run", "sandbox", "runtime", "curriculum"])
def test_a_pure_package_loads_no_web(name: str) -> None:
    code = f"import sys, lambdalab.{name}; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    tops = {module.partition(".")[0] for module in loaded.stdout.split()}
    assert tops.isdisjoint(WEB)


def test_the_simulator_alone_loads_neither_sandbox_nor_runtime() -> None:
    code = "import sys, lambdalab.simulator.scenario.run; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    ours = {module for module in loaded.stdout.split() if module.startswith("lambdalab.")}
    assert {module.split(".")[1] for module in ours} == {"simulator"}


@pytest.mark.parametrize("path", sorted(CHILD.glob("*.py")), ids=lambda path: path.name)
def test_code_inside_the_jail_imports_nothing_of_ours_but_its_siblings(path: Path) -> None:
    siblings = {sibling.stem for sibling in CHILD.glob("*.py")} | {CHILD.name}
    for module in imported(path):
        if module.startswith("lambdalab."):
            assert module.startswith("lambdalab.sandbox.child"), f"{path.name} imports {module}"
        elif module.startswith("."):
            assert module.lstrip(".").partition(".")[0] in siblings | {""}, f"{path.name} imports {module}"


def test_only_the_kernel_imports_simpy() -> None:
    users = {
        path.relative_to(PACKAGE).parts[:2]
        for path in PACKAGE.rglob("*.py")
        if any(module.partition(".")[0] == "simpy" for module in imported(path))
    }
    assert users == {("simulator", "kernel")}


@pytest.mark.parametrize("path", sorted((PACKAGE / "simulator").rglob("*.py")), ids=lambda path: path.stem)
def test_the_simulator_reads_no_wall_clock_and_no_chance_but_its_own(path: Path) -> None:
    tree = ast.parse(path.read_text())
    read = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert read.isdisjoint({"time.time", "time.monotonic", "uuid.uuid4", "random.random", "dt.datetime.now", "hash"})
    assert "time" not in imported(path)


def imported(path: Path) -> set[str]:
    """The modules that a file imports anywhere; relative ones begin with a dot."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found
