"""The runtime: AWS's own bootstrap (awslambdaric) with our transport in place of its HTTP client.

Four functions carry events in and results out through the clock shim, which also hands over the turns. Error payloads,
tracebacks, the context object and the handler-loading errors are AWS's own.
"""

import ctypes
import gc
import importlib
import json
import os
import random
import signal
import sys
import threading
import types
from typing import Any

import aws_calls
import names
from awslambdaric import bootstrap, lambda_runtime_client, lambda_runtime_marshaller

READY, OK, ERROR, INIT_ERROR = 0, 1, 2, 3
BODY_MAX = 8 << 20  # above every limit of a response: how much more it was does not matter, so it is not sent

_said_last: "list[int]" = []

clock = ctypes.CDLL("/var/runtime/libclock.so")  # preloaded already: this only names it
clock.clock_open.argtypes = [ctypes.c_int64, ctypes.c_int64, ctypes.c_uint64, ctypes.c_int, ctypes.c_int]
clock.clock_call.argtypes = [ctypes.c_char_p, ctypes.c_uint32, ctypes.POINTER(ctypes.c_void_p)]
clock.clock_call.restype = ctypes.c_int64
clock.clock_next.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32, ctypes.POINTER(ctypes.c_void_p)]
clock.clock_next.restype = ctypes.c_int64
clock.clock_last.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32]
clock.clock_free.argtypes = [ctypes.c_void_p]
clock.clock_stay_on.argtypes = [ctypes.c_int]


def call(body: bytes) -> bytes:
    """Send one AWS call with the turn and wait, in virtual time, for its answer."""
    reply = ctypes.c_void_p()
    length = clock.clock_call(body, len(body), ctypes.byref(reply))
    if length < 0:
        why = "are made by the function's own process only" if length == -2 else "wait for an answer, too many at once"
        raise RuntimeError(f"AWS calls {why}")
    return _taken(reply, length)


def _next(kind: int, body: bytes) -> bytes:
    event = ctypes.c_void_p()
    length = clock.clock_next(kind, body, len(body), ctypes.byref(event))
    return _taken(event, length)


def _taken(pointer: ctypes.c_void_p, length: int) -> bytes:
    data = ctypes.string_at(pointer, length)
    clock.clock_free(pointer)
    return data


class _Transport:
    """What awslambdaric calls: ``next``, ``post_invocation_result``, ``post_error``."""

    def __init__(self) -> None:
        self._finished = (READY, b"")
        self.processor: int | None = None  # where to stay from the first event on

    def initialize_client(self, user_agent: str) -> None:
        """Nothing to set up."""

    def next(self) -> "tuple[bytes, dict[str, Any]]":
        """Report how the last thing ended, and wait for the next event."""
        kind, body = self._finished
        frame = _next(kind, body)
        if self.processor is not None:
            clock.clock_stay_on(self.processor)
            self.processor = None
        head, _, event = frame.partition(b"\n")
        return event, json.loads(head)

    def post_invocation_result(self, request_id: str, data: object, content_type: str = "", *rest: object) -> None:
        """The handler returned."""
        body = data if isinstance(data, bytes) else str(data).encode()
        self._finished = (OK, body if len(body) <= BODY_MAX else b'"%s"' % (b"x" * BODY_MAX))

    def post_error(self, request_id: str, error: str, xray_fault: str, *rest: object) -> None:
        """The handler raised."""
        self._finished = (ERROR, error.encode())


class _Client(lambda_runtime_client.LambdaRuntimeClient):
    def call_rapid(
        self, http_method: str, endpoint: str, expected_code: int, payload: object = None, headers: object = None
    ) -> None:
        """The other calls of the Runtime API. INIT errors end the process; restore hooks do not occur."""
        if endpoint.endswith("/init/error"):
            body = lambda_runtime_client.to_json(payload).encode()
            clock.clock_last(INIT_ERROR, body, len(body))
            _said_last.append(INIT_ERROR)


def has_said_its_last() -> bool:
    """Whether INIT's error was handed over: nobody answers to anything else."""
    return bool(_said_last)


def new_client() -> Any:
    """AWS's client of the Runtime API, on our transport. Its marshaller heeds AWS_EXECUTION_ENV as it is now."""
    client = _Client("127.0.0.1:9001")
    client.marshaller = lambda_runtime_marshaller.LambdaMarshaller()
    return client


def open_output() -> None:
    """Standard output and error, line by line. The descriptors behind them become the log when a runtime begins."""
    sys.stdout = open(1, "w", buffering=1, closefd=False, encoding="utf-8", errors="replace")  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False, encoding="utf-8", errors="replace")  # noqa: SIM115


def _layer_paths() -> "list[str]":
    """Where layers bring Python packages, for the Python that the function names. Source: fact K.3."""
    named = os.environ.get("AWS_EXECUTION_ENV", "").removeprefix("AWS_Lambda_")
    version = named if named.startswith("python3.") else "python{}.{}".format(*sys.version_info)
    return [f"/opt/python/lib/{version}/site-packages", "/opt/python"]


def prepare() -> None:
    """In the zygote: what is the same for all functions, so that no environment copies the pages it touches."""
    os.environ.clear()
    sys.argv = ["/var/runtime/bootstrap.py"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    aws_calls.install(call)
    lambda_runtime_client.runtime_client = _Transport()


def main(order: "dict[str, Any]", control_fd: int, log_fd: int) -> None:
    """Become the runtime of one function. Runs until the process is killed or exits."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the zygote's own is to be deaf
    os.dup2(log_fd, 1)
    os.dup2(log_fd, 2)
    for name, value in order["environ"].items():
        os.environ[name] = value
    os.environ["_LAMBDA_TELEMETRY_LOG_FD"] = str(os.dup(log_fd))
    os.chdir("/var/task")
    own = ["/var/task", *_layer_paths()]
    names.give_back(own)
    sys.path[:] = [*own, *(p for p in sys.path if p not in ("/lambdalab", "/var/task"))]
    now_ns, epoch_ns = order["now_us"] * 1000, order["epoch_us"] * 1000
    if clock.clock_open(now_ns, epoch_ns, order["seed"], order["processors"], control_fd) != 0:
        raise OSError("the clock page cannot be opened")
    random.seed(order["seed"])
    threading.main_thread()._set_native_id()  # type: ignore[attr-defined]  # the zygote's, until now
    gc.enable()
    if "AWS_LAMBDA_LOG_FORMAT" in order["environ"] or "AWS_LAMBDA_LOG_LEVEL" in order["environ"]:
        importlib.reload(bootstrap)  # it reads these two when it is imported
    lambda_runtime_client.runtime_client.processor = order["processor"]
    bootstrap.run(order["handler"], new_client())
