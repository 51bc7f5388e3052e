"""YAML with positions and bounds.

A content file becomes plain values (dict, list, str, int, float, bool, None) and, beside them, the
line and column of every key and value, so that a schema error can be shown where it is. Nothing else
is constructed: tags, merge keys and dates are texts. Size, depth and aliases are bounded, because a
file of a few lines can otherwise grow to gigabytes.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from lambdalab.curriculum.errors import Problems

BYTES_MAX = 512 * 1024
DEPTH_MAX = 24
ALIASES_MAX = 50
VALUES_MAX = 50_000

T = TypeVar("T")
Path = tuple[str | int, ...]


@dataclass(slots=True)
class Document:
    """One YAML file: its plain value and where each part of it stands (line and column from 1)."""

    path: str
    data: Any = None
    first_line: int = 1
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def at(self, path: Path) -> tuple[int, int]:
        """Where ``path`` stands: its key if it has one, else its value, else its nearest ancestor."""
        while True:
            found = self.keys.get(path) or self.values.get(path)
            if found or not path:
                return found or (self.first_line, 1)
            path = path[:-1]

    def part(self, path: Path) -> Any:
        """The value that stands at ``path``."""
        value = self.data
        for step in path:
            value = value[step]
        return value

    def line(self, *path: str | int) -> int:
        """The line of ``path``."""
        return self.at(path)[0]


class _Bound(Exception):
    def __init__(self, line: int, message: str) -> None:
        self.line = line
        super().__init__(message)


class _BoundedComposer(Composer):
    """Composes nodes while counting depth and aliases, so that a bomb never unfolds."""

    depth = 0
    aliases = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.parser.check_event(AliasEvent):
            self.aliases += 1
        event = self.parser.peek_event()
        if self.aliases > ALIASES_MAX:
            raise _Bound(event.start_mark.line, f"more than {ALIASES_MAX} aliases")
        if self.depth >= DEPTH_MAX:
            raise _Bound(event.start_mark.line, f"nested deeper than {DEPTH_MAX} levels")
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


class _Builder:
    def __init__(self, document: Document, yaml: YAML, problems: Problems) -> None:
        self.document, self.yaml, self.problems = document, yaml, problems
        self.count = 0

    def build(self, node: Node, path: Path) -> Any:
        self.count += 1
        if self.count > VALUES_MAX:
            raise _Bound(node.start_mark.line, f"more than {VALUES_MAX} values")
        self.document.values[path] = self._mark(node)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else "?"
            if key in result:
                self.problems.add(self.document.path, self._mark(key_node), f"`{key}` stands twice", "Keep one of them")
            self.document.keys[(*path, key)] = self._mark(key_node)
            result[key] = self.build(value_node, (*path, key))
        return result

    def _scalar(self, node: Node) -> Any:
        kind = str(node.tag).rsplit(":", 1)[-1]
        if kind == "null":
            return None
        if kind in ("int", "float", "bool"):
            return getattr(self.yaml.constructor, f"construct_yaml_{kind}")(node)
        return str(node.value)

    def _mark(self, node: Node) -> tuple[int, int]:
        mark = node.start_mark
        return mark.line + self.document.first_line, mark.column + 1


def read(text: str, path: str, problems: Problems, first_line: int = 1) -> Document | None:
    """Read YAML ``text``; ``None``, and a problem noted, when it is not YAML or beyond the bounds.

    ``first_line`` is the line of the file at which the text begins (front matter, a check in a lesson).
    """
    document = Document(path, first_line=first_line)
    if len(text.encode()) > BYTES_MAX:
        problems.add(path, first_line, f"The file is larger than {BYTES_MAX // 1024} KB", "Split it")
        return None
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _BoundedComposer
    try:
        node = yaml.compose(text)
        document.data = None if node is None else _Builder(document, yaml, problems).build(node, ())
    except _Bound as bound:
        problems.add(path, bound.line + first_line, f"The YAML is {bound}", "Write it out flatter")
        return None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = (mark.line + first_line, mark.column + 1) if mark else (first_line, 1)
        problems.add(path, where, f"This is not YAML: {error.problem or error.context}", "Check the indent and quotes")
        return None
    except (YAMLError, ValueError, RecursionError) as error:
        problems.add(path, first_line, f"This is not YAML: {error}", "Check the indent and quotes")
        return None
    return document


_WHOLE = object()


def decode(document: Document, type_: type[T], problems: Problems, at: Path = (), value: object = _WHOLE) -> T | None:
    """The part of ``document`` at ``at`` as ``type_``; ``None``, and a problem noted, when it does not fit.

    ``value`` may stand in for that part, for instance without some of its keys.
    """
    if value is _WHOLE:
        value = document.part(at)
    try:
        return msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        _explain(document, str(error), type_, at, problems)
        return None


_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?:key in )?\$(?P<path>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


def _explain(document: Document, error: str, type_: object, at: Path, problems: Problems) -> None:
    match = _AT.match(error)
    what, steps = (match["what"], match["path"] or "") if match else (error, "")
    path: Path = at + tuple(
        int(number) if number.isdigit() else name for name, number in _STEP.findall(steps) if name or number != "..."
    )
    unknown = re.search(r"unknown field `(.+?)`", what)
    missing = re.search(r"missing required field `(.+?)`", what)
    if unknown:
        known = sorted(_fields(type_))
        near = difflib.get_close_matches(unknown[1], known, 1)
        fix = (
            f"Did you mean `{near[0]}`?" if near else "Remove it, or see the format in lambdalab/curriculum/schemas.py"
        )
        problems.add(document.path, document.at((*path, unknown[1])), f"Nobody knows the key `{unknown[1]}` here", fix)
    elif missing:
        problems.add(document.path, document.at(path), f"`{missing[1]}` is missing", f"Add `{missing[1]}:`")
    else:
        problems.add(document.path, document.at(path), _plain(what), "Correct this value")


def _fields(type_: object, depth: int = 0) -> set[str]:
    """Every key that ``type_`` or a part of it knows, to guess what a misspelt one meant."""
    names: set[str] = set()
    for part in (type_, *getattr(type_, "__args__", ())):
        if isinstance(part, type) and issubclass(part, msgspec.Struct) and depth < 4:
            for known in msgspec.structs.fields(part):
                names |= {known.encode_name} | _fields(known.type, depth + 1)
    return names


def _plain(what: str) -> str:
    return what.replace("Expected `", "This should be `").replace("got `", "but is `").replace("Object", "This")
