"""``lambdalab jail DIR --handler app.handler``: what one execution environment does with a folder or zip of Python.

No model of AWS. As with ``sam local invoke``, the story goes to standard error and the result to standard output.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from lambdalab.sandbox.client import Sandbox
from lambdalab.sandbox.code_store import CodeStore
from lambdalab.sandbox.errors import SandboxError
from lambdalab.sandbox.packages import BadPackage, PackageFile, read_folder
from lambdalab.sandbox.places import default_home
from lambdalab.sandbox.report import Status
from lambdalab.sandbox.solo import Order, reports, request_id
from lambdalab.sandbox.zips import read_zip

MEMORY_MB = (128, 10_240)  # fact J.1
TIMEOUT_S = (1.0, 900.0)  # fact J.1
INVOCATIONS = (1, 100)
EVENT_BYTES_MAX = 6_291_456  # fact X.2, PAYLOAD_SYNC
HANDLER = re.compile(r"\S{1,128}")  # Lambda's own pattern and length. BC CreateFunction
INTERRUPTED = 130  # as a shell reports Ctrl-C
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
Tell = Callable[[int, dict[str, Any]], None]


def main(argv: Sequence[str]) -> int:
    """Returns 0 when every invocation answered, 1 when one failed, 2 for unusable arguments, 3 for our own failure."""
    options = _parser().parse_args(argv)
    tell = _print_json if options.json else _Story(options.memory_mb).tell
    try:
        order = _order(CodeStore(default_home().code), options)
        with Sandbox.private() as sandbox:
            sandbox.await_ready()
            return _play(sandbox, order, tell)
    except BadPackage as error:
        print(error, file=sys.stderr)
        return 2
    except SandboxError as error:
        print(f"lambdalab itself failed: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever reads has seen enough; nothing may be written at the end either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 3


def _play(sandbox: Sandbox, order: Order, tell: Tell) -> int:
    worst = 0
    for number, report in enumerate(reports(sandbox, order), 1):
        tell(number, report)
        worst = max(worst, {Status.OK.value: 0, Status.SANDBOX_ERROR.value: 3}.get(report["status"], 1))
    return worst


def _order(store: CodeStore, options: argparse.Namespace) -> Order:
    return Order(
        event=read_event(options.event),
        task=store.put_package(_some(options.code, package_at(options.code))),
        handler=options.handler,
        memory_mb=options.memory_mb,
        timeout_s=options.timeout_s,
        invocations=options.invocations,
        seed=options.seed,
    )


def package_at(path: Path) -> Iterator[PackageFile]:
    """The files of a folder or of a zip. Raises :class:`BadPackage` with one clear sentence."""
    if os.path.isdir(path):
        yield from read_folder(path)
    elif path.suffix == ".py":
        raise BadPackage(f"{path} is one file of code. Name the folder that holds it.")
    elif os.path.isfile(path):
        try:
            with path.open("rb") as file:
                yield from read_zip(file)
        except OSError as error:
            raise BadPackage(f"{path} cannot be read: {error.strerror}.") from None
    else:
        raise BadPackage(f"{path} is neither a folder nor a zip. Name what holds the code.")


def _some(path: Path, files: Iterator[PackageFile]) -> Iterator[PackageFile]:
    """The same files; at least one."""
    first = next(files, None)
    if first is None:
        raise BadPackage(f"{path} holds no files. A function needs code.")
    yield first
    yield from files


def read_event(path: Path | None) -> bytes:
    """The bytes of a JSON document; ``-`` is standard input, None is ``{}``. Raises :class:`BadPackage`."""
    if path is None:
        return b"{}"
    shown = "the event on standard input" if str(path) == "-" else str(path)
    try:
        if str(path) == "-":
            content = sys.stdin.buffer.read(EVENT_BYTES_MAX + 1)
        else:
            with path.open("rb") as file:
                content = file.read(EVENT_BYTES_MAX + 1)
        if len(content) > EVENT_BYTES_MAX:
            raise BadPackage(f"{shown}: an event has at most {EVENT_BYTES_MAX} bytes (6 MB).")
        json.loads(content.decode(), parse_constant=_refuse_constant)
    except OSError as error:
        raise BadPackage(f"{shown} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise BadPackage(f"{shown} is not UTF-8. Save it as UTF-8.") from None
    except RecursionError:
        raise BadPackage(f"{shown} is nested too deeply.") from None
    except BadPackage:
        raise
    except ValueError as error:
        raise BadPackage(f"{shown} is not valid JSON: {error}.") from None
    return content


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _print_json(number: int, report: dict[str, Any]) -> None:
    print(json.dumps(report, allow_nan=False), flush=True)


class _Story:
    """Tells reports as Lambda's log and the result."""

    def __init__(self, memory_mb: int) -> None:
        self._memory_mb = memory_mb

    def tell(self, number: int, report: dict[str, Any]) -> None:
        usage, error = report["usage"], report["error"]
        if usage["init_ms"] is not None:
            print(f"INIT_START (a new environment, {self._memory_mb} MB)", file=sys.stderr)
        print(f"START RequestId: {request_id(number)} Version: $LATEST", file=sys.stderr)
        for line in report["logs"]:
            print(printable(line.rstrip("\r")), file=sys.stderr)  # AWS's own warning ends with one
        print(f"END RequestId: {request_id(number)}", file=sys.stderr)
        print("\t".join(self._figures(number, report)), file=sys.stderr, flush=True)
        print(printable(json.dumps(report["result"] if error is None else error, ensure_ascii=False)), flush=True)

    def _figures(self, number: int, report: dict[str, Any]) -> Iterator[str]:
        usage, status = report["usage"], report["status"]
        yield f"REPORT RequestId: {request_id(number)}"
        yield f"Duration: {usage['virtual_ms']:.2f} ms"
        yield f"Memory Size: {self._memory_mb} MB"
        yield f"Max Memory Used: {usage['max_memory_mb']} MB"
        if usage["init_ms"] is not None:
            yield f"Init Duration: {usage['init_ms']:.2f} ms"
        yield f"CPU: {usage['cpu_ms']:.1f} ms"
        if status != Status.OK.value:
            yield f"Status: {status}"
            kind = report["error"].get("errorType") if isinstance(report["error"], dict) else None
            yield from (f"Error Type: {printable(str(kind))}",) if kind else ()


def printable(text: str) -> str:
    r"""``text`` for a terminal: what would move its cursor or cannot be encoded is shown as ``\x1b``."""
    encoding = sys.stdout.encoding or "utf-8"
    shown = UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape", "surrogatepass").decode(), text)
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def _between(least: float, most: float, unit: str, kind: type[int] | type[float]) -> Callable[[str], float]:
    def parse(text: str) -> float:
        wish = f"must be from {least:g} to {most:g}{unit}, not {text}"
        try:
            number = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(wish) from None
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(wish)
        return number

    return parse


def _handler(text: str) -> str:
    if not HANDLER.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"Value {text!r} at 'handler' failed to satisfy constraint: Member must satisfy regular expression "
            r"pattern: [^\s]+ and have at most 128 characters"
        )
    return text


def _parser() -> argparse.ArgumentParser:
    about = "Run a folder or a zip of Python as one execution environment, without a model of AWS."
    parser = argparse.ArgumentParser(prog="lambdalab jail", description=about)
    parser.add_argument("code", type=Path, metavar="DIR", help="folder or .zip with the code")
    parser.add_argument("--handler", required=True, type=_handler, help="file.function, as in app.handler")
    parser.add_argument("--event", type=Path, help="a JSON file, or - (default {})")
    parser.add_argument("--memory-mb", type=_between(*MEMORY_MB, " (MB)", int), default=128, help="128 to 10240")
    parser.add_argument("--timeout-s", type=_between(*TIMEOUT_S, " (seconds)", float), default=3.0, help="1 to 900")
    parser.add_argument("--invocations", type=_between(*INVOCATIONS, "", int), default=1, help="1 to 100")
    parser.add_argument("--seed", type=int, default=1, help="of the environment's random numbers")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    return parser
