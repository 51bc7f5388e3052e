"""What a consumer does with a message it holds: deletes it, or changes how long it stays hidden."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.account import Answer, World
from lambdalab.simulator.kernel import SECOND, Micros
from lambdalab.simulator.services.sqs import refusals
from lambdalab.simulator.services.sqs.keeper import Keeper
from lambdalab.simulator.services.sqs.queue import Queue
from lambdalab.simulator.services.sqs.sending import each
from lambdalab.simulator.trace.facts import MessageVisibilityChanged
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.errors import AwsError

_RECEIPT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Handling:
    """DeleteMessage, ChangeMessageVisibility, their batches, and PurgeQueue."""

    def __init__(self, world: World, keeper: Keeper) -> None:
        self._world = world
        self._keeper = keeper

    def delete(self, queue: Queue, params: Mapping[str, Any]) -> Answer | AwsError:
        """DeleteMessage. Deleting twice, or with an old receipt, is no error. BC DeleteMessage"""
        handle = params["ReceiptHandle"]
        message = queue.receipts.get(handle)
        if message is None:
            return Answer() if _RECEIPT.fullmatch(handle) else refusals.receipt(handle)
        self._keeper.settle(queue)
        if queue.fifo and message.state == "ready":
            return refusals.receipt_expired(handle)
        if message.state != "gone":
            self._keeper.remove(queue, message, "deleted")
        return Answer()

    def delete_batch(self, queue: Queue, params: Mapping[str, Any]) -> Answer | AwsError:
        """DeleteMessageBatch."""
        entries = params["Entries"]
        refusal = refusals.batch("DeleteMessageBatch", entries)
        return refusal or each(entries, lambda entry: self.delete(queue, entry))

    def change_visibility(self, queue: Queue, params: Mapping[str, Any]) -> Answer | AwsError:
        """ChangeMessageVisibility: counted from now, up to 12 hours after the message was received."""
        handle, timeout = params["ReceiptHandle"], params["VisibilityTimeout"]
        refusal = refusals.out_of_range({"VisibilityTimeout": timeout})
        if refusal:
            return refusal
        if not _RECEIPT.fullmatch(handle):
            return refusals.receipt(handle)
        self._keeper.settle(queue)
        message = queue.receipts.get(handle)
        if message is None or message.state != "in_flight":
            return refusals.not_in_flight(handle)
        now = self._world.kernel.now
        until = Micros(now + timeout * SECOND)
        if until - message.received_at > quotas.QUEUE_VISIBILITY_S_MAX * SECOND:
            return refusals.too_long(timeout)
        queue.postpone(message, until, now)
        self._world.trace.record(MessageVisibilityChanged(queue.name, message.id, Micros(until - now)))
        if until <= now:
            self._keeper.wake(queue, 1)
        self._keeper.tend(queue)
        return Answer()

    def change_batch(self, queue: Queue, params: Mapping[str, Any]) -> Answer | AwsError:
        """ChangeMessageVisibilityBatch."""
        entries = params["Entries"]
        refusal = refusals.batch("ChangeMessageVisibilityBatch", entries)
        usual = {"VisibilityTimeout": queue.visibility_timeout_s}
        return refusal or each(entries, lambda entry: self.change_visibility(queue, usual | entry))

    def purge(self, queue: Queue) -> Answer | AwsError:
        """PurgeQueue: everything goes, also what a consumer holds. On AWS it takes up to a minute; here no time."""
        now = self._world.kernel.now
        if queue.purged_at is not None and now < queue.purged_at + quotas.QUEUE_PURGE_INTERVAL:
            return refusals.purge_in_progress(queue)
        queue.purged_at = now
        for message in list(queue.messages.values()):
            self._keeper.remove(queue, message, "purged")
        return Answer()
