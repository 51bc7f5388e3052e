"""``lambdalab event``: a sample event of every trigger, in AWS's own shape. The shapes are the simulator's."""

from __future__ import annotations

import argparse
import json
from typing import Any

from lambdalab.simulator.vocabulary.events.catalogue import ALIASES, SOURCES, Source, event_of, paths_of, source_named
from lambdalab.simulator.vocabulary.events.setting import UnknownField

ABOUT = """\
Print a sample event of a trigger, as AWS sends it: lambdalab event s3-put > events/upload.json

A field is set by its path, which --list shows with SOURCE: --set Records[0].s3.object.key="my cat.jpg".
Values are plain: what AWS encodes (base64, gzip, JSON in a string, a key in a URL) is encoded here. Where a
text stands, a value is a text; elsewhere it is JSON, so that a whole mapping or list can be set:
--set 'headers={"host": "example.org"}'. The same words print the same event, byte for byte.
"""
_VALUE_SHOWN = 60


def add_parser(several: Any) -> None:
    """Add the subcommand."""
    parser: argparse.ArgumentParser = several.add_parser(
        "event",
        help="print a sample event of a trigger, in AWS's shape (--list names them)",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", nargs="?", metavar="SOURCE", help="a trigger, as s3-put, sqs or apigateway")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help="set a field")
    parser.add_argument("--list", action="store_true", help="name every trigger; with SOURCE, every field of its event")
    parser.set_defaults(command=event)


def event(options: argparse.Namespace) -> int:
    """``lambdalab event``: 0, or an :class:`UnknownSource` or :class:`UnknownField` with one sentence."""
    if options.source is None:
        if options.set or not options.list:
            raise UnknownField("which event? lambdalab event --list names them all.")
        print("\n".join(_sources()))
        return 0
    source = source_named(options.source)
    if options.list:
        print("\n".join(_fields(source)))
    else:
        made = event_of(source, [_setting(text) for text in options.set])
        print(json.dumps(made, indent=2, ensure_ascii=False))
    return 0


def _sources() -> list[str]:
    width = max(map(len, SOURCES))
    lines = [f"{each.name:<{width}}  {each.invocation:<12}  {each.says}" for each in SOURCES.values()]
    others = ", ".join(f"{alias} is {name}" for alias, name in ALIASES.items())
    return [*lines, "", f"Shorter names: {others}."]


def _fields(source: Source) -> list[str]:
    lines = [f"{source.name}: {source.invocation}. {source.says}"]
    for path, value in paths_of(source):
        text = value if isinstance(value, str) else json.dumps(value)
        lines.append(f"  {path}={text[:_VALUE_SHOWN]}" + ("…" if len(text) > _VALUE_SHOWN else ""))
    return lines


def _setting(text: str) -> tuple[str, str]:
    """The path and the value; an equals sign between quotes is part of a name."""
    at, quoted = -1, False
    for place, sign in enumerate(text):
        quoted ^= sign == '"'
        if sign == "=" and not quoted:
            at = place
            break
    if at < 1:
        raise UnknownField(f"{text!r} is not PATH=VALUE. Write it like Records[0].s3.object.key=cat.jpg.")
    return text[:at], text[at + 1 :]
