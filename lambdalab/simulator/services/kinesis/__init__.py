"""Amazon Kinesis Data Streams in virtual time: shards, their limits, and how they are split and merged."""

from lambdalab.simulator.services.kinesis.service import KinesisService
from lambdalab.simulator.services.kinesis.stream import Mode, Stream

__all__ = ["KinesisService", "Mode", "Stream"]
