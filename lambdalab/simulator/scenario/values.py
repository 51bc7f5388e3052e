"""Values in a scenario: files, JSON payloads, and ``{{ … }}`` in strings, a closed grammar drawn from the seed.

``{{ n }}`` counts a step's repetitions from 1; ``{{ uuid }}``, ``{{ now }}``, ``{{ choice(a, b) }}`` and
``{{ integer(1, 9) }}`` are drawn. A string that is nothing but one expression keeps its type.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.account import World
from lambdalab.simulator.project.yaml_source import Path
from lambdalab.simulator.scenario.reader import Reader
from lambdalab.simulator.vocabulary import ids

_EXPRESSION = re.compile(r"\{\{\s*(.*?)\s*\}\}")
_CALL = re.compile(r"(choice|integer)\((.*)\)")
BLOBS = ("Payload", "Body", "Data")


def prepare(reader: Reader, value: Any, path: Path, files: Mapping[str, bytes]) -> Any:
    """Replace ``{file: …}`` by the file's content and check every expression; places are known only now."""
    if isinstance(value, dict):
        if set(value) == {"file"}:
            return _file(reader, str(value["file"]), path, files)
        return {key: prepare(reader, item, (*path, key), files) for key, item in value.items()}
    if isinstance(value, list):
        return [prepare(reader, item, (*path, index), files) for index, item in enumerate(value)]
    if isinstance(value, str):
        for expression in _EXPRESSION.findall(value):
            if not _known(expression):
                fix = "Known: n, uuid, now, choice(a, b), integer(low, high)."
                reader.note(path, f"{{{{ {expression} }}}} is not an expression.", fix)
    return value


def _file(reader: Reader, name: str, path: Path, files: Mapping[str, bytes]) -> Any:
    place = posixpath.normpath(name)
    content = files.get(place)
    if content is None:
        reader.note(path, f"there is no file {name} in the project.", "Create it, or fix the path.")
        return ""
    try:
        return json.loads(content) if place.endswith(".json") else _text_or_bytes(content)
    except ValueError as error:
        reader.note(path, f"{name} is not valid: {error}.")
        return ""


def _text_or_bytes(content: bytes) -> str | bytes:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content


def render(world: World, value: Any, n: int, stream: str) -> Any:
    """``value`` with its expressions drawn for repetition ``n``."""
    if isinstance(value, dict):
        return {key: render(world, item, n, stream) for key, item in value.items()}
    if isinstance(value, list):
        return [render(world, item, n, stream) for item in value]
    if not isinstance(value, str) or "{{" not in value:
        return value
    whole = _EXPRESSION.fullmatch(value)
    if whole:
        return _draw(world, whole[1], n, stream)
    return _EXPRESSION.sub(lambda match: str(_draw(world, match[1], n, stream)), value)


def is_fixed(value: Any) -> bool:
    """Whether nothing in ``value`` is drawn: every repetition of a step gets the same."""
    if isinstance(value, dict):
        return all(is_fixed(item) for item in value.values())
    if isinstance(value, list):
        return all(is_fixed(item) for item in value)
    return not isinstance(value, str) or "{{" not in value


def as_parameters(params: dict[str, Any]) -> dict[str, Any]:
    """Parameters as botocore wants them: a mapping given for a blob becomes JSON, text becomes bytes."""
    return {key: _parameter(key, value) for key, value in params.items()}


def _parameter(key: str, value: Any) -> Any:
    if key in BLOBS:
        return _blob(value)
    if key == "Records" and isinstance(value, list):  # of PutRecords
        return [as_parameters(each) if isinstance(each, dict) else each for each in value]
    return value


def _blob(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


def _known(expression: str) -> bool:
    if expression in ("n", "uuid", "now"):
        return True
    call = _CALL.fullmatch(expression)
    if not call:
        return False
    arguments = [a.strip() for a in call[2].split(",")]
    if call[1] == "choice":
        return all(arguments)
    return len(arguments) == 2 and all(re.fullmatch(r"-?\d{1,15}", a) for a in arguments)


def _draw(world: World, expression: str, n: int, stream: str) -> Any:
    if expression == "n":
        return n
    if expression == "now":
        return world.timestamp()
    random = world.kernel.random_for(stream)
    if expression == "uuid":
        return ids.uuid4_from(random)
    call = _CALL.fullmatch(expression)
    if call is None or not _known(expression):  # a file's own braces: only what the scenario says is ours
        return f"{{{{ {expression} }}}}"
    arguments = [a.strip().strip("'\"") for a in call[2].split(",")]
    if call[1] == "choice":
        return random.choice(arguments)
    low, high = sorted(int(a) for a in arguments)
    return random.randint(low, high)
