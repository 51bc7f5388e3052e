"""What a run says beside its trace: the Python that really runs, and what to do about a beginner's first errors."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache

from lambdalab.sandbox.places import JAIL_PYTHON
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.trace import Stamped
from lambdalab.simulator.trace.facts import InvocationEnded

_MISSING = re.compile(r"No module named '([^'.]+)'")
_MODULE = re.compile(r"Syntax error in module '([^']+)'")


@cache
def jail_python() -> str:
    """The Python that students' code runs on, as Lambda names runtimes: ``python3.11``."""
    script = "import sys; print('python%d.%d' % sys.version_info[:2])"
    try:
        found = subprocess.run([str(JAIL_PYTHON), "-c", script], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):  # without it no environment can be made, which is told elsewhere
        return "python3"
    return found.stdout.strip()


def notes_of(template: Template) -> tuple[str, ...]:
    """What a run should say about itself before it begins: the Python that really runs (assumption A-11)."""
    named = sorted({str(each.properties.get("Runtime")) for each in template.of_type("AWS::Lambda::Function")})
    return tuple(f"{name} functions run here on the host's {jail_python()}" for name in named if name != jail_python())


class Hints:
    """Follows a run; :meth:`result` are sentences without a full stop, each once, in the order of their causes."""

    def __init__(self, template: Template) -> None:
        functions = template.of_type("AWS::Lambda::Function")
        self._functions = {template.name(each): (template.shown_as(each), each) for each in functions}
        self._found: dict[str, None] = {}

    def add(self, stamped: Stamped) -> None:
        """Take the next fact of the trace."""
        fact = stamped.fact
        if isinstance(fact, InvocationEnded) and fact.status == "init_error" and fact.function in self._functions:
            self._found.update(dict.fromkeys(_of_init_error(fact, *self._functions[fact.function])))

    def result(self) -> tuple[str, ...]:
        """The hints so far."""
        return tuple(self._found)


def _of_init_error(fact: InvocationEnded, name: str, resource: Resource) -> Iterator[str]:
    message = fact.error_message or ""
    if fact.error_type == "Runtime.ImportModuleError" and (missing := _MISSING.search(message)):
        yield _of_missing(missing[1], name, resource)
    runtime = str(resource.properties.get("Runtime"))
    if fact.error_type == "Runtime.UserCodeSyntaxError" and _minor(runtime) > _minor(jail_python()):
        module = _MODULE.search(message)
        yield (
            f"{name} names {runtime} and runs here on {jail_python()}: where {module[1] if module else 'its code'} "
            f"uses syntax that is newer than that, write it the older way"
        )


def _of_missing(module: str, name: str, resource: Resource) -> str:
    path = str(resource.properties.get("Handler")).rpartition(".")[0].replace(".", "/")
    code = resource.properties.get("Code")
    folder = str(code.get("S3Key", ".")) if isinstance(code, dict) else "."
    if module == path.split("/")[0]:
        return f"the Handler of {name} wants a file {path}.py in its code folder ({folder}), and there is none"
    return (
        f"{module} is not part of Lambda's Python: as on AWS, {name} has to bring it along, for instance by "
        f"pip install --target {folder} {module}"
    )


def _minor(runtime: str) -> int:
    """13 of ``python3.13``; 0 of anything else."""
    found = re.fullmatch(r"python3\.(\d+)", runtime)
    return int(found[1]) if found else 0
