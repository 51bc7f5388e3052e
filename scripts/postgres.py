"""`python -m scripts.postgres COMMAND …`: runs a command with a PostgreSQL of its own, and removes it again."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from scripts.problems import Problem, told

SPEED = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=60"]


def main() -> int:
    """Serve, run, clean up; the exit code is the command's."""
    with server() as url:
        environment = {**os.environ, "LAMBDALAB_TEST_DATABASE_URL": url}
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


@contextmanager
def server() -> Iterator[str]:
    """A throw-away cluster that listens on a Unix socket alone; gives its URL."""
    folder = Path(tempfile.mkdtemp(prefix="lambdalab-pg-"))
    data = folder / "data"
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        _pg(
            "initdb",
            "--pgdata",
            str(data),
            "--username",
            "lambdalab",
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--no-sync",
        )
        options = " ".join(f"-c {each}" for each in [*SPEED, f"unix_socket_directories={folder}"])
        _pg("pg_ctl", "--pgdata", str(data), "--wait", "--log", str(folder / "log"), "--options", options, "start")
        try:
            yield f"postgres://lambdalab@{quote(str(folder), safe='')}/postgres"
        finally:
            _pg("pg_ctl", "--pgdata", str(data), "--wait", "--mode", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pg(name: str, *words: str) -> None:
    """PostgreSQL refuses to run as root; there it runs as Debian's `postgres`."""
    command = [*_as_postgres(), str(_binaries() / name), *words]
    done = subprocess.run(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Problem(f"{name} failed: {last}.", "sudo apt-get install -y postgresql")


def _as_postgres() -> Sequence[str]:
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        raise Problem("PostgreSQL is missing.", "sudo apt-get install -y postgresql")
    return found[-1]


if __name__ == "__main__":
    sys.exit(told(main))
