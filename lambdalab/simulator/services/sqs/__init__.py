"""Amazon SQS in virtual time: standard and FIFO queues."""

from lambdalab.simulator.services.sqs.message import Message
from lambdalab.simulator.services.sqs.queue import Queue
from lambdalab.simulator.services.sqs.service import SqsService

__all__ = ["Message", "Queue", "SqsService"]
