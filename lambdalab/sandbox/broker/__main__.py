"""``python -m lambdalab.sandbox.broker SOCKET``: sandboxd."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from lambdalab.sandbox import seccomp
from lambdalab.sandbox.broker import cgroups
from lambdalab.sandbox.broker.self_test import tested_layers
from lambdalab.sandbox.broker.server import Broker
from lambdalab.sandbox.errors import SandboxError
from lambdalab.sandbox.places import Home, default_home
from lambdalab.sandbox.setup import require

AGAIN_S = 1


def main(argv: list[str]) -> int:
    """Serve on a Unix socket, or on one given descriptor. Returns 0, or 1 when the jail cannot be made."""
    parser = argparse.ArgumentParser(prog="sandboxd", description="Makes execution environments for workers.")
    parser.add_argument("socket", nargs="?", type=Path, help="Unix socket to listen on")
    parser.add_argument("--fd", type=int, help="serve the one worker at this descriptor instead")
    parser.add_argument("--zygotes", type=int, default=min(2, os.cpu_count() or 1), help="how many fork environments")
    parser.add_argument("--home", type=Path, default=default_home().root, help="where the jail's packages and code lie")
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="sandboxd: %(message)s")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end_once)
    if options.fd is not None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the worker decides when this ends
    if options.fd is None and options.socket is None:
        parser.error("name a socket")
    try:
        _serve(Home(options.home), options)
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _end_once(number: int, frame: object) -> None:
    """The first signal ends the program wherever it is; another must not disturb it in that.

    An exception that comes in a finalizer is lost: then it comes again.
    """
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, _end_once)
    signal.alarm(AGAIN_S)
    sys.exit(0)


def _serve(home: Home, options: argparse.Namespace) -> None:
    require(home)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # several a blank; and see limit_runtime in world.c
    found = cgroups.find(home.brokers)
    with _in_the_end(found.close if found is not None else None):
        broker = Broker(home, seccomp.compile_filter(), zygotes=max(1, options.zygotes), cgroups=found)
        with _in_the_end(broker.close):
            greeting = {"layers": [asdict(layer) for layer in tested_layers(broker, home, found)]}
            if options.fd is not None:
                broker.serve(None, socket.socket(fileno=options.fd), greeting)
            else:
                broker.serve(_listener(options.socket), None, greeting)


@contextlib.contextmanager
def _in_the_end(close: Callable[[], None] | None) -> Iterator[None]:
    """Closes what there is, twice: the signal that ends the program may come in the middle of it, and comes once."""
    try:
        yield
    finally:
        signal.alarm(0)
        if close is not None:
            try:
                close()
            finally:
                close()


def _listener(path: Path) -> socket.socket:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(str(path))
    os.chmod(path, 0o660)
    listener.listen(64)
    logging.getLogger("lambdalab.sandboxd").info("listening on %s", path)
    return listener


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
