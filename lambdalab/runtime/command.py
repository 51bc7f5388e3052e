"""The ``lambdalab`` command: run, invoke, check, tune, import, export, event, bill, jail, tidy, doctor.

Exit codes are a contract:
0 all checks hold, 1 some fail, 2 the project or scenario is refused, 3 our own failure, 130 interrupted (Ctrl-C)."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from lambdalab.runtime import bill_command, commands, event_command, transfer_commands, tune_command
from lambdalab.sandbox import Sandbox, SandboxError
from lambdalab.sandbox.command import main as jail
from lambdalab.sandbox.doctor import main as doctor
from lambdalab.simulator.billing.calculator import BillError
from lambdalab.simulator.lambda_.turns import HandlerFailure
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.vocabulary.events.catalogue import UnknownSource
from lambdalab.simulator.vocabulary.events.setting import UnknownField


def main(argv: Sequence[str] | None = None, sandbox: Sandbox | None = None) -> int:
    """Run one command and return its exit code. ``sandbox``: one that has been started already, if it is needed."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["jail"]:
        return jail(arguments[1:])
    options = _parser().parse_args(arguments)
    options.sandbox = sandbox
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except ProjectError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return 2
    except (BillError, UnknownField, UnknownSource) as error:
        print(error, file=sys.stderr)
        return 2
    except (HandlerFailure, SandboxError) as error:
        print(f"lambdalab itself failed: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130  # as a shell reports Ctrl-C
    except BrokenPipeError:  # whoever reads has seen enough; nothing may be written at the end either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 3


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lambdalab", description="Play AWS Lambda projects in virtual time.")
    several = parser.add_subparsers(required=True, metavar="COMMAND")

    run = several.add_parser("run", help="play a project's scenario and say what happened")
    _project(run)
    run.add_argument("--scenario", default="scenario.yaml", help="file in the project (default scenario.yaml)")
    run.add_argument("--set", action="append", default=[], metavar="PARAM=VALUE", help="a template parameter")
    run.add_argument("--seed", type=int, help="instead of the scenario's")
    run.add_argument("--seeds", type=int, metavar="N", help="play seeds 1 to N and show how often each check holds")
    run.add_argument("--until", metavar="TIME", help="virtual time, as 90s or 6h")
    run.add_argument("--json", metavar="FILE", help="write the summary (- for standard output)")
    run.add_argument("--trace", type=Path, metavar="FILE", help="write the trace as JSON lines")
    run.add_argument("--quiet", action="store_true", help="only the numbers and the checks")
    run.set_defaults(command=commands.run)

    invoke = several.add_parser("invoke", help="invoke one function once, without a scenario")
    _project(invoke)
    invoke.add_argument("function")
    invoke.add_argument("--event", type=Path, help="a JSON file (default {})")
    invoke.add_argument("--type", choices=("RequestResponse", "Event"), default="RequestResponse")
    invoke.set_defaults(command=commands.invoke)

    check = several.add_parser("check", help="list what is wrong with a project, with file and line")
    _project(check)
    check.add_argument("--json", action="store_true")
    check.set_defaults(command=commands.check)

    tune = several.add_parser("tune", help="play a scenario at several sizes of memory and compare time and cost")
    _project(tune)
    tune.add_argument("--set", required=True, metavar="PARAM=VALUE,VALUE", help="sizes for a template parameter")
    tune.add_argument("--scenario", default="scenario.yaml", help="file in the project (default scenario.yaml)")
    tune.add_argument("--seed", type=int, help="instead of the scenario's")
    tune.add_argument("--json", action="store_true")
    tune.set_defaults(command=tune_command.tune)

    transfer_commands.add_parsers(several)
    event_command.add_parser(several)
    bill_command.add_parser(several)

    several.add_parser("jail", help="what one execution environment does with a folder of Python (see jail --help)")

    tidy = several.add_parser("tidy", help="remove code that was not used for long from the jail's store")
    tidy.add_argument("--days", type=_count, default=30, help="unused for so many days (default 30)")
    tidy.add_argument("--megabytes", type=_count, default=4096, help="what may stay, the longest unused go first")
    tidy.set_defaults(command=commands.tidy)

    checkup = several.add_parser("doctor", help="say whether this machine can run students' code safely")
    checkup.set_defaults(command=lambda options: doctor())
    return parser


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number from 0, not {text}")
    return int(text)


def _project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, help="folder with a template.yaml, or a zip of it")
    parser.add_argument("--with", dest="variant", metavar="VARIANT", help="starter, exemplar, broken/NAME or a folder")
