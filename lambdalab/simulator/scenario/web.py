"""The scenario's ``web``: what hosts on the Internet answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, get_args

from lambdalab.simulator.account.internet import CONNECTION_FAILS, Fail, Page, canonical, place_of
from lambdalab.simulator.project.yaml_source import Path
from lambdalab.simulator.scenario.reader import Reader
from lambdalab.simulator.vocabulary.assumptions.networks import PAGE_LATENCY

PAGES_MAX = 500
BODY_BYTES_MAX = 6 << 20
HEADERS_MAX = 50
KEYS = ("status", "body", "headers", "latency", "fail")
FAILS: tuple[str, ...] = get_args(Fail)
OURS = ("content-length", "transfer-encoding", "connection")  # the connection's own business
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_VALUE = re.compile(r"[\t\x20-\x7e]*")


def read_web(reader: Reader, value: Any, files: Mapping[str, bytes]) -> dict[str, Page]:
    """URLs in their one form, and their pages."""
    listed = reader.mapping(value, ("web",), value if isinstance(value, dict) else ())
    if len(listed) > PAGES_MAX:
        reader.note(("web",), f"more than {PAGES_MAX} URLs.", "Leave some out.")
        return {}
    pages: dict[str, Page] = {}
    for url, entry in listed.items():
        path: Path = ("web", url)
        page = _page(reader, entry, path, files)
        if _is_url(reader, str(url), path):
            kept = canonical(str(url))
            if kept in pages:
                reader.note(path, f"{kept} is there twice.", "Write it once.")
            pages[kept] = page
            _check_agreement(reader, pages, kept, path)
    return pages


def _is_url(reader: Reader, url: str, path: Path) -> bool:
    try:
        place = place_of(url)
    except ValueError:
        place = None
    if place is None or not re.fullmatch(r"[a-z0-9._-]{1,253}", place.host) or not url.isascii() or " " in url:
        reader.note(path, f"{url!r} is not a URL.", "Write it like https://api.example.com/rates.")
        return False
    return True


def _check_agreement(reader: Reader, pages: Mapping[str, Page], url: str, path: Path) -> None:
    """What happens before a request is sent cannot depend on its path; and one port speaks one protocol."""
    place = place_of(url)
    for other, page in pages.items():
        there = place_of(other)
        if (there.host, there.port) != (place.host, place.port):
            continue
        if there.scheme != place.scheme:
            reader.note(path, f"port {place.port} of {place.host} is there for http and for https.", "Choose one.")
        if _of_connection(page) != _of_connection(pages[url]):
            fix = f"Give all URLs of {place.host} the same fail: {', '.join(CONNECTION_FAILS)}, or none of these."
            reader.note(path, f"{place.host} cannot fail to connect for one URL only.", fix)
            return


def _of_connection(page: Page) -> str | None:
    return page.fail if page.fail in CONNECTION_FAILS else None


def _page(reader: Reader, value: Any, path: Path, files: Mapping[str, bytes]) -> Page:
    entry = reader.mapping(value, path, KEYS)
    fail = entry.get("fail")
    status = reader.integer(entry.get("status"), (*path, "status"), 200, 599, 200)
    if isinstance(fail, int) and not isinstance(fail, bool):
        status, fail = reader.integer(fail, (*path, "fail"), 400, 599, 500), None
    elif fail is not None and fail not in FAILS:
        reader.note((*path, "fail"), f"{fail!r} is not a failure.", f"One of: {', '.join(FAILS)}, or a status.")
        fail = None
    body, kind = _body(reader, entry.get("body"), (*path, "body"), files)
    headers = _headers(reader, entry.get("headers"), (*path, "headers"))
    if kind and not any(name.lower() == "content-type" for name, _ in headers):
        headers = (("Content-Type", kind), *headers)
    latency = reader.duration(entry.get("latency"), (*path, "latency"), PAGE_LATENCY)
    return Page(status, body, headers, latency, fail)


def _body(reader: Reader, value: Any, path: Path, files: Mapping[str, bytes]) -> tuple[bytes, str | None]:
    """A text, ``{file: …}``, or anything else as JSON; and its usual content type."""
    if value is None:
        return b"", None
    if isinstance(value, str):
        return _bounded(reader, value.encode(), path), "text/plain; charset=utf-8"
    if isinstance(value, dict) and set(value) == {"file"}:
        name = str(value["file"])
        if name not in files:
            reader.note((*path, "file"), f"there is no file {name}.", "Add it to the project, or name another one.")
        return _bounded(reader, files.get(name, b""), path), None
    try:
        return _bounded(reader, json.dumps(value).encode(), path), "application/json"
    except TypeError:
        reader.note(path, "this cannot be written as JSON.", "Put dates and the like into quotes.")
        return b"", None


def _bounded(reader: Reader, body: bytes, path: Path) -> bytes:
    if len(body) > BODY_BYTES_MAX:
        reader.note(path, f"a body has at most {BODY_BYTES_MAX:,} bytes; this one has {len(body):,}.")
    return body


def _headers(reader: Reader, value: Any, path: Path) -> tuple[tuple[str, str], ...]:
    found = []
    listed = reader.mapping(value, path, value if isinstance(value, dict) else ())
    if len(listed) > HEADERS_MAX:
        reader.note(path, f"more than {HEADERS_MAX} headers.")
    for name, text in listed.items():
        if not _TOKEN.fullmatch(str(name)) or str(name).lower() in OURS:
            reader.note((*path, name), f"{name} cannot be a header here.", f"These are set for you: {', '.join(OURS)}.")
        elif not isinstance(text, str | int) or not _VALUE.fullmatch(str(text)):
            reader.note((*path, name), f"{name} must be a text of printable ASCII characters.")
        else:
            found.append((str(name), str(text).strip()))
    return tuple(found)
