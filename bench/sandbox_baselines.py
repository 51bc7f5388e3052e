"""What the jail is compared with: bare Python, AWS's runtime client over HTTP in bubblewrap, a fork with a pipe."""

from __future__ import annotations

import http.server
import os
import queue
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from lambdalab.sandbox.places import JAIL_PYTHON, Home

REQUEST_ID = "00000000-0000-4000-8000-000000000001"


def bare_python_ms(home: Home, script: str) -> float:
    """One interpreter from start to end, unconfined."""
    started = time.perf_counter()
    environ = {"PYTHONPATH": str(home.packages), "PATH": "/usr/bin:/bin"}
    subprocess.run([str(JAIL_PYTHON), "-c", script], check=True, env=environ)
    return (time.perf_counter() - started) * 1_000


def fork_and_echo(message: bytes, times: int) -> tuple[float, float]:
    """The physical limit: milliseconds until a forked child has answered, and of one more echo (median)."""
    started = time.perf_counter()
    ours, theirs = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        while data := os.read(ours[0], len(message)):
            os.write(theirs[1], data)
        os._exit(0)
    took = []
    for _ in range(times):
        began = time.perf_counter()
        os.write(ours[1], message)
        os.read(theirs[0], len(message))
        took.append((time.perf_counter() - began) * 1_000)
    ready = took[0] + (began - started) * 1_000 if times == 1 else 0.0
    for fd in (*theirs, ours[0], ours[1]):
        os.close(fd)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    return ready, statistics.median(took)


def forks(count: int) -> float:
    """Milliseconds to have so many forks of this process, each having said that it lives."""
    started, pids = time.perf_counter(), []
    for _ in range(count):
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.write(writing, b"!")
            time.sleep(600)
            os._exit(0)
        os.read(reading, 1)
        os.close(reading)
        os.close(writing)
        pids.append(pid)
    took = (time.perf_counter() - started) * 1_000
    for pid in pids:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
    return took


class _QuietServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """The client is killed when it is no longer needed: its broken connection is nobody's concern."""


class RuntimeApi:
    """AWS's unmodified runtime client in bubblewrap, served by Lambda's Runtime API over HTTP. A context manager."""

    def __init__(self, home: Home, files: Mapping[str, bytes]) -> None:
        self._folder = tempfile.TemporaryDirectory()
        Path(self._folder.name).chmod(0o755)
        for name, content in files.items():
            (Path(self._folder.name) / name).write_bytes(content)
        self._events: queue.Queue[bytes] = queue.Queue()
        self._results: queue.Queue[bytes] = queue.Queue()
        self._asked = threading.Event()
        self._server = _QuietServer(("127.0.0.1", 0), self._routes())
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        started = time.perf_counter()
        self._process = subprocess.Popen(self._command(home))
        if not self._asked.wait(30):
            raise RuntimeError("AWS's runtime client did not ask for an event")
        self.ready_ms = (time.perf_counter() - started) * 1_000

    def invoke(self, event: bytes) -> bytes:
        """One invocation, there and back."""
        self._events.put(event)
        return self._results.get(timeout=30)

    def __enter__(self) -> RuntimeApi:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._events.put(b"{}")  # for nobody: it lets the thread that serves the client go
        self._server.shutdown()
        self._server.server_close()
        self._folder.cleanup()

    def _command(self, home: Home) -> list[str]:
        environ = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_address[1]}", "_HANDLER": "app.handler",
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_LAMBDA_FUNCTION_NAME": "bench",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_LOG_GROUP_NAME": "g", "AWS_LAMBDA_LOG_STREAM_NAME": "s", "LAMBDA_TASK_ROOT": "/var/task",
            "PYTHONPATH": "/var/runtime:/var/task", "PATH": "/usr/bin:/bin",
        }  # fmt: skip
        settings = [part for name, value in environ.items() for part in ("--setenv", name, value)]
        return [
            "bwrap", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent",
            "--clearenv", *settings, "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib",
            "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/bin", "/bin", "--proc", "/proc", "--dev", "/dev",
            "--ro-bind", str(home.packages), "/var/runtime", "--ro-bind", self._folder.name, "/var/task",
            "--chdir", "/var/task", str(JAIL_PYTHON), "-m", "awslambdaric", "app.handler",
        ]  # fmt: skip

    def _routes(self) -> type[http.server.BaseHTTPRequestHandler]:
        api = self

        class Routes(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet, or the client waits 40 ms for the second

            def do_GET(self) -> None:
                api._asked.set()
                self._answer(200, api._events.get())

            def do_POST(self) -> None:
                api._results.put(self.rfile.read(int(self.headers["Content-Length"])))
                self._answer(202, b"")

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                for name, value in (
                    ("Lambda-Runtime-Aws-Request-Id", REQUEST_ID),
                    ("Lambda-Runtime-Deadline-Ms", "9999999999999"),
                    ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:bench"),
                    ("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000"),
                    ("Content-Type", "application/json"),
                    ("Content-Length", str(len(body))),
                ):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Routes
