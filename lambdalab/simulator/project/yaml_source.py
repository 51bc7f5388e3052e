"""YAML with places: plain Python values, and for every value the line and column where it stands.

Bounded against hostile files: size, depth, number of nodes (aliases count each time they are used). Short forms of
intrinsic functions (``!Ref``, ``!GetAtt``) become their long forms.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import yaml
from ruamel.yaml.resolver import implicit_resolvers
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from lambdalab.simulator.project.nearest import did_you_mean
from lambdalab.simulator.project.problems import Problem, ProjectError

WRITTEN_MAX = 20_000  # values in a file, aliases unexpanded: more than any template of 500 resources is likely to have
BYTES_MAX = 1_048_576  # CloudFormation's own limit for a template in S3
NODES_MAX = 50_000
DEPTH_MAX = 60
MEANT_MAX = 50  # unknown words for which the nearest known one is looked for

Path = tuple[str | int, ...]

_PAIRS = re.compile(r"((?<!\\)(?:\\\\)*)((?:\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})+)")
"""Characters beyond 16 bits as JSON escapes them, which YAML does not know: a pair of surrogates each."""


class _Loader(yaml.CSafeLoader):  # libyaml, in C: thirty times as fast as a composer in Python
    """libyaml's composer, in which plain values mean what YAML 1.2 says: ``yes`` is a text."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  # PyYAML's stubs call it an instance's


for _versions, _tag, _pattern, _first in implicit_resolvers:  # ruamel.yaml's table; libyaml's own is that of YAML 1.1
    if (1, 2) in _versions and not _tag.endswith(("timestamp", "merge")):
        _Loader.add_implicit_resolver(_tag, _pattern, _first)


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed file: ``value`` in plain Python, and the place of each value by its path."""

    path: str
    value: Any
    places: dict[Path, tuple[int, int]]
    _asked: list[str] = field(default_factory=list, repr=False, compare=False)

    def place(self, path: Path) -> tuple[int, int]:
        """Line and column of the value at ``path``, or of its nearest ancestor."""
        return self.places.get(self.written(path)[0], (1, 1))

    def written(self, path: Path) -> tuple[Path, bool]:
        """``path`` as far as the file has it, and whether that is all of it.

        Where the file writes ``!Sub`` for ``Fn::Sub``, what is inside stands one step higher.
        """
        found: Path = ()
        for step in path:
            if (*found, step) in self.places:
                found = (*found, step)
            elif not str(step).startswith("Fn::"):
                return found, False
        return found, True

    def meant(self, word: str, known: Iterable[str]) -> str:
        """``Did you mean …?`` for an unknown word, of the first few: comparing takes time, and a file may have
        thousands."""
        self._asked.append(word)
        return did_you_mean(word, known) if len(self._asked) <= MEANT_MAX else ""

    def problem(self, path: Path, message: str, fix: str = "", severity: Any = "error") -> Problem:
        """A problem with the value at ``path``."""
        line, column = self.place(path)
        return Problem(self.path, line, column, message, fix, severity)


def read_yaml(path: str, content: bytes) -> Source:
    """Parse YAML or JSON. Raises :class:`ProjectError` with file, line and column."""
    if len(content) > BYTES_MAX:
        text = f"the file has {len(content):,} bytes, the limit is {BYTES_MAX:,}."
        raise ProjectError([Problem(path, 0, 0, text, "Split it, or remove what is generated.")])
    try:
        text = content.decode("utf-8")
        text = _json(path, text) if path.endswith(".json") else text
        _count(path, text)
        node = yaml.compose(text, Loader=_Loader)
    except UnicodeDecodeError:
        raise ProjectError([Problem(path, 0, 0, "the file is not UTF-8 text.", "Save it as UTF-8.")]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise ProjectError(
            [Problem(path, line, column, f"not valid YAML: {error.problem or error.context}.")]
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ProjectError([Problem(path, 1, 1, f"not valid YAML: {str(error)[:200]}.")]) from None
    places: dict[Path, tuple[int, int]] = {}
    value = None if node is None else _Builder(path, places).build(node, ())
    return Source(path, value, places)


def _json(path: str, text: str) -> str:
    """JSON, which a reader of YAML understands, once it is valid; errors of JSON are told in its own words."""
    try:
        json.loads(text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        raise ProjectError([Problem(path, error.lineno, error.colno, f"not valid JSON: {error.msg}.")]) from None
    except RecursionError:
        return text  # how deep that is, and where, is told below
    return _PAIRS.sub(lambda found: found[1] + json.loads(f'"{found[2]}"'), text)


def _count(path: str, text: str) -> None:
    """Refuse what holds too much, before the reader, which is slow, takes it up. Raises libyaml's errors, too."""
    values = depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        values += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if values > WRITTEN_MAX or depth > DEPTH_MAX:
            mark = event.start_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            deep = f"values are nested more than {DEPTH_MAX} deep."
            told = deep if depth > DEPTH_MAX else f"the file holds more than {WRITTEN_MAX:,} values."
            raise ProjectError([Problem(path, line, column, told, "Split it, or remove what is generated.")])


class _Builder:
    def __init__(self, path: str, places: dict[Path, tuple[int, int]]) -> None:
        self._path = path
        self._places = places
        self._nodes = 0

    def build(self, node: Node, at: Path) -> Any:
        mark = node.start_mark
        self._places[at] = (mark.line + 1, mark.column + 1)
        self._nodes += 1
        if self._nodes > NODES_MAX or len(at) > DEPTH_MAX:
            text = "too deeply nested, or too many values once its aliases are expanded."
            raise ProjectError([Problem(self._path, mark.line + 1, mark.column + 1, text, "Remove the aliases.")])
        value = self._plain(node, at)
        tag = str(node.tag or "")
        return _long_form(tag[1:], value) if tag.startswith("!") and tag != "!" else value

    def _plain(self, node: Node, at: Path) -> Any:
        if isinstance(node, MappingNode):
            return self._mapping(node, at)
        if isinstance(node, SequenceNode):
            return [self.build(child, (*at, index)) for index, child in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        return _scalar(node)

    def _mapping(self, node: MappingNode, at: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else ""  # 012345678901 keeps its zero
            mark = key_node.start_mark
            if not isinstance(key_node, ScalarNode) or key == "<<":
                text = "only plain text may be a key."
                raise ProjectError([Problem(self._path, mark.line + 1, mark.column + 1, text)])
            if key in result:
                text = f"the key {key} stands here a second time."
                raise ProjectError([Problem(self._path, mark.line + 1, mark.column + 1, text, "Keep one of them.")])
            result[key] = self.build(value_node, (*at, key))
            self._places[(*at, key)] = (mark.line + 1, mark.column + 1)
        return result


def _scalar(node: ScalarNode) -> Any:
    kind, text = str(node.tag).rsplit(":", 1)[-1], node.value
    if kind == "int":
        return _integer(text)
    if kind == "float":
        return float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
    if kind == "bool":
        return text.lower() == "true"
    return None if kind == "null" else text


def _integer(text: str) -> int | str:
    try:
        based = text.lower().startswith(("0x", "0o"))
        return int(text.replace("_", ""), 0 if based else 10)
    except ValueError:
        return str(text)


def _long_form(tag: str, value: Any) -> Any:
    if tag == "Ref" or tag == "Condition":
        return {tag: value}
    if tag == "GetAtt" and isinstance(value, str):
        return {"Fn::GetAtt": value.split(".", 1)}
    return {f"Fn::{tag}": value}
