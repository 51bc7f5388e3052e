"""Amazon Data Firehose: records on their way to a bucket, transformed by a function."""

from lambdalab.simulator.services.firehose.service import Firehose
from lambdalab.simulator.services.firehose.stream import DeliveryStream, Hints, Place, Processor, Source

__all__ = ["DeliveryStream", "Firehose", "Hints", "Place", "Processor", "Source"]
