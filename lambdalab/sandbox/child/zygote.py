"""The zygote: imports once what every handler needs, then forks a keeper for each environment that is asked for.

Runs as uid 0 of an unprivileged user namespace, under bubblewrap. argv: the broker's socket, the seccomp program's
descriptor. One message of the socket is one request; its descriptors come with it.
"""

import gc
import json
import os
import signal
import socket
import sys
import threading
import time
import traceback
from typing import Any

sys.path[:0] = ["/lambdalab", "/var/runtime"]

import aws_calls
import keeper
import linux
import runtime  # noqa: F401 - imported here, before any fork, so that environments share its pages

MESSAGE_BYTES = 1 << 18


def _preload() -> None:
    """Import and warm what handlers use most: pages made here are shared by all environments."""
    import asyncio  # noqa: F401
    import concurrent.futures  # noqa: F401
    import decimal  # noqa: F401
    import uuid  # noqa: F401

    import boto3

    aws_calls.patch()
    session = boto3.session.Session(region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    for service in ("sqs", "dynamodb", "s3", "sns", "lambda"):
        session.client(service)
    boto3.DEFAULT_SESSION = None


def _show_the_clock_a_lock() -> None:
    """Let two threads want the interpreter lock, so that the clock shim learns where CPython waits for it."""
    stop = threading.Event()
    other = threading.Thread(target=lambda: [None for _ in iter(stop.is_set, True)])
    other.start()
    for _ in range(100):
        time.sleep(0.0005)
    stop.set()
    other.join()


def _spawn(request: "dict[str, Any]", fds: "list[int]", program: bytes, own_pid_namespace: int) -> None:
    linux.unshare(linux.CLONE_NEWPID)  # the next fork is pid 1 of a fresh pid namespace
    pid = os.fork()
    if pid == 0:
        try:
            keeper.main(request, fds, program)
        except BaseException:
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(70)
    linux.setns(own_pid_namespace, linux.CLONE_NEWPID)
    for fd in fds:
        os.close(fd)


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def main() -> None:
    """Serve requests until the broker goes away."""
    broker = socket.socket(fileno=int(sys.argv[1]))
    with os.fdopen(int(sys.argv[2]), "rb") as file:
        program = file.read()
    _preload()
    _show_the_clock_a_lock()
    own_pid_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY)
    linux.prctl(linux.PR_SET_THP_DISABLE, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    gc.disable()
    broker.send(json.dumps({"event": "ready"}).encode())
    while True:
        message, fds, _, _ = socket.recv_fds(broker, MESSAGE_BYTES, 8)
        if not message:
            os._exit(0)
        _reap()
        request = json.loads(message)
        try:
            _spawn(request, fds, program, own_pid_namespace)
            broker.send(json.dumps({"event": "spawned", "id": request["id"]}).encode())
        except OSError as error:
            broker.send(json.dumps({"event": "failed", "id": request["id"], "error": str(error)}).encode())


main()
