"""Progress of runs on its way to the pages that wait, through Redis.

Theory of operation: a worker publishes to the run's channel. Each web process holds one pattern subscription, opened
by the first page that waits and shared by all; its reader task hands each message to the queues of the run's
watchers. Nothing depends on a message: a watcher reads the row first, and again whenever it heard nothing for a
while, so a lost message or a missing Redis costs time and nothing else.
"""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import redis
import redis.asyncio
from django.conf import settings

logger = logging.getLogger(__name__)

CHANNEL = "lambdalab:run:"
QUEUE_MAX = 32  # messages that one slow page may lag behind

Message = dict[str, Any]


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)


def publish(run_id: UUID, message: Message) -> None:
    """Tell the pages that wait. Failing to is no reason for a run to fail."""
    if not settings.REDIS_URL:
        return
    try:
        _client(settings.REDIS_URL).publish(f"{CHANNEL}{run_id}", json.dumps(message))
    except redis.RedisError as problem:
        logger.warning("run %s: progress was not published: %s", run_id, problem)


class Hub:
    """The one subscription of this process."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.watchers: dict[str, set[asyncio.Queue[Message]]] = defaultdict(set)
        self.lock = asyncio.Lock()
        self.reader: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def watch(self, run_id: UUID) -> AsyncIterator["asyncio.Queue[Message]"]:
        """A queue of the run's messages, from now on."""
        queue: asyncio.Queue[Message] = asyncio.Queue(QUEUE_MAX)
        self.watchers[str(run_id)].add(queue)
        try:
            await self._ensure_reader()
            yield queue
        finally:
            self._forget(str(run_id), queue)

    @property
    def is_listening(self) -> bool:
        """Whether messages arrive at all; if not, pages read the database more often."""
        return self.reader is not None and not self.reader.done()

    def deliver(self, run_id: str, message: Message) -> None:
        """Hand a message to the run's watchers; a full queue loses its oldest one."""
        for queue in self.watchers.get(run_id, ()):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(message)

    async def _ensure_reader(self) -> None:
        if not self.url:
            return
        async with self.lock:  # fifty pages opened at once make one subscription
            if not self.is_listening:
                subscribed = asyncio.Event()
                self.reader = asyncio.create_task(self._read(subscribed))
                waiting = asyncio.create_task(subscribed.wait())
                await asyncio.wait({self.reader, waiting}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()

    async def _read(self, subscribed: asyncio.Event) -> None:
        try:
            async with redis.asyncio.Redis.from_url(self.url) as client, client.pubsub() as subscription:
                await subscription.psubscribe(f"{CHANNEL}*")
                subscribed.set()
                async for message in subscription.listen():
                    if message["type"] == "pmessage":
                        run_id = message["channel"].decode().removeprefix(CHANNEL)
                        self.deliver(run_id, json.loads(message["data"]))
        except (redis.RedisError, OSError) as problem:
            logger.warning("live progress is away, pages read the database: %s", problem)

    def _forget(self, run_id: str, queue: "asyncio.Queue[Message]") -> None:
        self.watchers[run_id].discard(queue)
        if not self.watchers[run_id]:
            del self.watchers[run_id]
        if not self.watchers and self.reader:
            with suppress(RuntimeError):  # the loop is already closing
                self.reader.cancel()


_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running loop; a server process has one loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub(settings.REDIS_URL)
    return _hubs[loop]
