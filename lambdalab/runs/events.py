"""A run's progress as server-sent events."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connection

from lambdalab.runs.access import HEAVY
from lambdalab.runs.live import hub
from lambdalab.runs.models import Run
from lambdalab.runs.queries import run_status

SILENCE_S = 10  # without a message the row is read again
POLL_S = 1  # the same where there is no Redis
CONNECTION_S = 300  # the browser comes back by itself; a page left open over night does not hold a connection


def event(name: str, data: dict[str, Any]) -> bytes:
    """One event in the format of the HTML standard."""
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


async def run_events(run_id: UUID) -> AsyncIterator[bytes]:
    """`progress` events while the run waits and plays, then one `settled` event."""
    until = time.monotonic() + CONNECTION_S
    async with hub().watch(run_id) as messages:
        while time.monotonic() < until:
            status = await _status(run_id)  # after subscribing: nothing can fall between the two
            yield event("settled" if status["settled"] else "progress", status)
            if status["settled"]:
                return
            async for message in _until_silence(messages):
                if message.get("settled"):
                    break
                yield event("progress", message)


async def _until_silence(messages: "asyncio.Queue[dict[str, Any]]") -> AsyncIterator[dict[str, Any]]:
    patience = SILENCE_S if hub().is_listening else POLL_S
    while True:
        try:
            yield await asyncio.wait_for(messages.get(), patience)
        except TimeoutError:
            return


@sync_to_async
def _status(run_id: UUID) -> dict[str, Any]:
    run = Run.objects.defer(*HEAVY).filter(pk=run_id).first()
    status = run_status(run) if run else {"state": "failed", "settled": True}
    if not connection.in_atomic_block:
        connection.close()  # a page that waits holds no connection to the database
    return status
