"""Reads the environment. No other module looks at a LAMBDALAB_* variable.

Every field of `Environment` is one variable: the field `run_lease_s` is `LAMBDALAB_RUN_LEASE_S`. A value may
also come from the file `.env` in the project's folder, or from the file that `LAMBDALAB_…_FILE` names (a
container's secret). Nonsense stops the program with one sentence for each mistake, misspelt names included.
"""

import difflib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

PREFIX = "LAMBDALAB_"
PROJECT = Path(__file__).resolve().parent.parent.parent

T = TypeVar("T")


class EnvironmentProblem(ImproperlyConfigured):
    """One or more variables cannot be used; the message has a sentence for each."""


def _setting(default: T, unit: str, parse: Callable[[str], T]) -> T:
    return field(default=default, metadata={"unit": unit, "parse": parse})


def text(default: str, unit: str) -> str:
    """Any text."""
    return _setting(default, unit, str)


def words(default: tuple[str, ...], unit: str) -> tuple[str, ...]:
    """Several words, separated by commas."""
    return _setting(default, unit, lambda raw: tuple(word.strip() for word in raw.split(",") if word.strip()))


def path(unit: str) -> Path | None:
    """An absolute path, or one relative to the project's folder."""
    return _setting(None, unit, lambda raw: PROJECT / raw)


def whole(default: int, unit: str, *, least: int, most: int) -> int:
    """A whole number within bounds."""

    def parse(raw: str) -> int:
        wish = f"must be a whole number from {least} to {most} ({unit})"
        try:
            number = int(raw)
        except ValueError:
            raise ValueError(wish) from None
        if not least <= number <= most:
            raise ValueError(wish)
        return number

    return _setting(default, unit, parse)


def flag(default: bool, unit: str) -> bool:
    """Yes or no."""

    def parse(raw: str) -> bool:
        known = {"1": True, "yes": True, "true": True, "0": False, "no": False, "false": False}
        if raw.lower() not in known:
            raise ValueError("must be yes or no")
        return known[raw.lower()]

    return _setting(default, unit, parse)


def choice(default: str, unit: str, *choices: str) -> str:
    """One of a few words."""

    def parse(raw: str) -> str:
        if raw not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return raw

    return _setting(default, unit, parse)


def zone(default: str) -> str:
    """A time zone by its name in the IANA database."""

    def parse(raw: str) -> str:
        try:
            return ZoneInfo(raw).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("must be a time zone such as Europe/Vienna") from None

    return _setting(default, "time zone", parse)


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What the environment says, typed. `.env.example` explains each line."""

    env: str = choice("development", "kind of installation", "development", "production")
    part: str = choice("site", "what this process is for", "site", "runs", "build")
    debug: bool = flag(False, "yes or no")
    secret_key: str = text("", "at least 50 random characters")
    hosts: tuple[str, ...] = words((), "host names")
    origins: tuple[str, ...] = words((), "https://… addresses")
    address: str = text("127.0.0.1", "IP address")
    port: int = whole(8000, "TCP port", least=1, most=65535)
    web_workers: int = whole(2, "processes", least=1, most=64)
    run_workers: int = whole(2, "processes", least=1, most=64)
    https: bool = flag(True, "yes or no")
    proxies: int = whole(0, "reverse proxies", least=0, most=5)

    database_url: str = text("", "URL")
    redis_url: str = text("", "URL")
    runs_password: str = text("", "password")
    var: Path | None = path("folder")  # noqa: RUF009
    home: Path | None = path("folder")  # noqa: RUF009
    sandbox_socket: Path | None = path("Unix socket")  # noqa: RUF009
    log_level: str = choice("INFO", "level", "DEBUG", "INFO", "WARNING", "ERROR")
    time_zone: str = zone("UTC")

    email_host: str = text("", "host name")
    email_port: int = whole(587, "TCP port", least=1, most=65535)
    email_user: str = text("", "user name")
    email_password: str = text("", "password")
    email_security: str = choice("starttls", "protocol", "starttls", "tls", "none")
    email_from: str = text("lambdalab@localhost", "e-mail address")

    sign_in_tries: int = whole(10, "failures per account and window", least=1, most=1000)
    sign_in_tries_per_address: int = whole(100, "failures per address and window", least=1, most=100_000)
    sign_in_window_s: int = whole(900, "seconds", least=1, most=86_400)
    session_days: int = whole(30, "days", least=1, most=366)

    runs_in_flight: int = whole(3, "runs per person", least=1, most=100)
    run_wall_s: int = whole(60, "seconds", least=1, most=600)
    run_cpu_s: int = whole(40, "seconds", least=1, most=600)
    run_environments: int = whole(250, "execution environments", least=1, most=1000)
    run_held_mb: int = whole(1024, "megabytes", least=64, most=65_536)
    run_trace_mb: int = whole(32, "megabytes", least=1, most=512)
    run_lease_s: int = whole(20, "seconds", least=6, most=600)
    run_renew_s: int = whole(5, "seconds", least=1, most=60)
    run_retention_days: int = whole(180, "days", least=1, most=3660)
    code_days: int = whole(30, "days", least=1, most=3660)
    code_mb: int = whole(4096, "megabytes", least=300, most=1_048_576)

    test_database_url: str = text("", "URL")


def variable(of: Field[Any]) -> str:
    """The variable's name of a field of `Environment`."""
    return PREFIX + of.name.upper()


def read(environ: Mapping[str, str]) -> Environment:
    """Type the variables of `environ`; all mistakes are told at once."""
    values: dict[str, object] = {}
    problems = list(_unknown(environ))
    for each in fields(Environment):
        try:
            raw = _raw(environ, variable(each))
            if raw:
                values[each.name] = each.metadata["parse"](raw)
        except (ValueError, OSError) as mistake:
            problems.append(f"{variable(each)} {mistake}.")
    if problems:
        raise EnvironmentProblem(" ".join(problems))
    return Environment(**values)  # type: ignore[arg-type]


def _raw(environ: Mapping[str, str], name: str) -> str:
    file = environ.get(f"{name}_FILE")
    if file and environ.get(name):
        raise ValueError(f"is given twice: remove it or {name}_FILE")
    try:
        return Path(file).read_text().strip() if file else environ.get(name, "").strip()
    except OSError as problem:
        raise ValueError(f"cannot be read from {file}: {problem.strerror}") from None


def _unknown(environ: Mapping[str, str]) -> Iterator[str]:
    known = [variable(each) for each in fields(Environment)]
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known and name.removesuffix("_FILE") not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else "see .env.example."
            yield f"{name} is not a setting of lambdalab; {hint}"


def file_values(file: Path) -> dict[str, str]:
    """The NAME=value lines of a `.env` file; an absent file has none."""
    if not file.exists():
        return {}
    lines = (line.strip() for line in file.read_text().splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): _unquoted(value.strip()) for name, value in pairs}


def _unquoted(value: str) -> str:
    if value[:1] in ("'", '"'):
        return value[1:].partition(value[0])[0]
    return re.split(r"(?:^|\s+)#", value, maxsplit=1)[0]


def current() -> Environment:
    """The environment of this process over the project's `.env` file."""
    return read({**file_values(PROJECT / ".env"), **os.environ})


def settings_module() -> str:
    """Which settings `LAMBDALAB_ENV` asks for."""
    return "lambdalab.settings.prod" if current().env == "production" else "lambdalab.settings.dev"
