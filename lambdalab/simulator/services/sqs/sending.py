"""SendMessage and SendMessageBatch, and the deduplication of FIFO queues."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.kernel import SECOND, Micros
from lambdalab.simulator.services.sqs import refusals
from lambdalab.simulator.services.sqs.keeper import Keeper
from lambdalab.simulator.services.sqs.message import Message, md5, md5_of_attributes, sender_of
from lambdalab.simulator.services.sqs.queue import Queue, Sent
from lambdalab.simulator.trace.facts import MessageDeduplicated
from lambdalab.simulator.vocabulary import quotas
from lambdalab.simulator.vocabulary.errors import AwsError


class Sending:
    """Puts messages into queues."""

    def __init__(self, world: World, keeper: Keeper) -> None:
        self._world = world
        self._keeper = keeper

    def one(self, queue: Queue, request: Request) -> Answer | AwsError:
        """SendMessage."""
        return self._send(queue, request.params, request)

    def batch(self, queue: Queue, request: Request) -> Answer | AwsError:
        """SendMessageBatch: each entry succeeds or fails on its own."""
        entries = request.params["Entries"]
        refusal = refusals.batch("SendMessageBatch", entries) or refusals.batch_size(entries)
        if refusal:
            return refusal
        return each(entries, lambda entry: self._send(queue, entry, request))

    def _send(self, queue: Queue, params: Mapping[str, Any], request: Request) -> Answer | AwsError:
        refusal = refusals.message(queue, params)
        if refusal:
            return refusal
        body, attributes = params["MessageBody"], params.get("MessageAttributes", {})
        deduplication = params.get("MessageDeduplicationId")
        if queue.fifo and deduplication is None:
            deduplication = hashlib.sha256(body.encode()).hexdigest()  # of the body alone. BC SendMessage
        known = self._known(queue, params, deduplication)
        if known is None:
            message = self._make(queue, params, deduplication, request)
            self._keeper.enter(queue, message)
            known = self._remember(queue, message)
        output = {"MessageId": known.message_id, "MD5OfMessageBody": md5(body)}
        if known.sequence is not None:
            output["SequenceNumber"] = known.sequence
        if attributes:
            output["MD5OfMessageAttributes"] = md5_of_attributes(attributes)
        return Answer(output)

    def _make(
        self, queue: Queue, params: Mapping[str, Any], deduplication: str | None, request: Request
    ) -> Message:
        now = self._world.kernel.now
        delay = params.get("DelaySeconds", queue.delay_s)
        return Message(
            self._world.new_uuid("message"),
            params["MessageBody"],
            params.get("MessageAttributes", {}),
            now,
            Micros(now + delay * SECOND),
            group=params.get("MessageGroupId"),
            deduplication_id=deduplication if queue.fifo else None,
            sequence=queue.next_sequence() if queue.fifo else None,
            sender=sender_of(request.principal),
            trace_header=_trace_of(params, request.trace_header),
            lineage=request.lineage,
        )

    def _known(self, queue: Queue, params: Mapping[str, Any], deduplication: str | None) -> Sent | None:
        """The message of which this one is a copy: same deduplication id, within five minutes. BC SendMessage"""
        if deduplication is None or not queue.fifo:
            return None
        now = self._world.kernel.now
        while queue.deduplicated and next(iter(queue.deduplicated.values())).until <= now:
            queue.deduplicated.popitem(last=False)
        known = queue.deduplicated.get(_key(queue, params.get("MessageGroupId"), deduplication))
        if known is not None:
            self._world.trace.record(MessageDeduplicated(queue.name, known.message_id, deduplication))
        return known

    def _remember(self, queue: Queue, message: Message) -> Sent:
        sent = Sent(
            Micros(message.sent_at + quotas.QUEUE_DEDUPLICATION_WINDOW), message.id, message.sequence
        )
        if queue.fifo and message.deduplication_id is not None:
            queue.deduplicated[_key(queue, message.group, message.deduplication_id)] = sent
        return sent


def each(entries: list[dict[str, Any]], act: Any) -> Answer:
    """Act on each entry of a batch; those that fail are told apart. Both lists may be missing, never both."""
    done: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for entry in entries:
        answer = act(entry)
        if isinstance(answer, AwsError):
            code = answer.code.removeprefix(refusals.PREFIX)
            failed.append({"Id": entry["Id"], "SenderFault": True, "Code": code, "Message": answer.message})
        else:
            done.append({"Id": entry["Id"], **answer.output})
    return Answer({"Successful": done} | ({"Failed": failed} if failed else {}))


def _key(queue: Queue, group: str | None, deduplication: str) -> tuple[str, str]:
    """What must be the same: the id, and with DeduplicationScope messageGroup the group, too."""
    return (group or "" if queue.deduplication_scope == "messageGroup" else "", deduplication)


def _trace_of(params: Mapping[str, Any], header: str | None) -> str | None:
    """AWSTraceHeader: the system attribute that was given (BC SendMessage), else a sampled caller's own header."""
    given: str | None = params.get("MessageSystemAttributes", {}).get("AWSTraceHeader", {}).get("StringValue")
    return given or (header if header and header.endswith("Sampled=1") else None)
