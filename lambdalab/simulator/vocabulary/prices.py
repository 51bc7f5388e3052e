"""Prices in USD, us-east-1, as exact decimals.

Source: fact J.2, compiled 2026-11-23. Requests and duration tiers agree across many copies of the price list, one of
2026-09-19; the rows for provisioned concurrency and ephemeral storage are of medium confidence. What neighbouring
services and a server charge is assumption A-19.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

MILLION = 1_000_000
BILLION = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Tier:
    """A GB-second costs ``usd`` until a month has seen ``up_to`` of them in all; None: from there on for ever."""

    up_to: int | None
    usd: Decimal


REQUEST: Final = Decimal("0.20") / MILLION
DURATION: Final[Mapping[str, tuple[Tier, ...]]] = {
    "x86_64": (
        Tier(6 * BILLION, Decimal("0.0000166667")),
        Tier(15 * BILLION, Decimal("0.0000150000")),
        Tier(None, Decimal("0.0000133334")),
    ),
    "arm64": (
        Tier(7_500_000_000, Decimal("0.0000133334")),
        Tier(18_750_000_000, Decimal("0.0000120001")),
        Tier(None, Decimal("0.0000106667")),
    ),
}
PROVISIONED_ALLOCATION: Final = {"x86_64": Decimal("0.0000041667"), "arm64": Decimal("0.0000033334")}
PROVISIONED_DURATION: Final = {"x86_64": Decimal("0.0000097222"), "arm64": Decimal("0.0000077778")}
EPHEMERAL_GB_S: Final = Decimal("0.0000000309")  # above 512 MB, while the function runs
STATE_TRANSITION: Final = Decimal("0.025") / 1_000
EXPRESS_REQUEST: Final = Decimal("1.00") / MILLION
EXPRESS_GB_S: Final = Decimal("0.00001667")
EXPRESS_STEP_MB = 64  # the memory of an Express execution is billed in steps of so much
FREE_REQUESTS = 1_000_000  # a month, x86 and arm together; not for provisioned concurrency
FREE_GB_S = 400_000


@dataclass(frozen=True, slots=True)
class Unit:
    """What a neighbouring service charges one of: ``item`` is its name on a bill."""

    item: str
    usd: Decimal


NEIGHBOURS: Final[Mapping[str, Unit]] = {
    "sqs_requests": Unit("SQS requests", Decimal("0.40") / MILLION),
    "sqs_fifo_requests": Unit("SQS requests of FIFO queues", Decimal("0.50") / MILLION),
    "sns_publishes": Unit("SNS publishes", Decimal("0.50") / MILLION),
    "dynamodb_writes": Unit("DynamoDB writes", Decimal("0.625") / MILLION),
    "dynamodb_reads": Unit("DynamoDB reads", Decimal("0.125") / MILLION),
    "s3_writes": Unit("S3 PUT and LIST requests", Decimal("5.00") / MILLION),
    "s3_reads": Unit("S3 GET requests", Decimal("0.40") / MILLION),
    "schedules_due": Unit("EventBridge Scheduler invocations", Decimal("1.00") / MILLION),
    "events_put": Unit("EventBridge custom events", Decimal("1.00") / MILLION),
}
SHARD_HOUR: Final = Decimal("0.015")
PUT_UNIT_BYTES: Final = 25 * 1024  # a PUT payload unit is a started 25 KB of one record. A-94
PUT_UNIT: Final = Decimal("0.014") / MILLION
STREAM_HOUR: Final = Decimal("0.040")  # a stream on demand. A-94
GB_BYTES: Final = 1024**3
STREAM_KB: Final = 1024  # to which a record that a stream on demand takes in is rounded up. Kinesis pricing
STREAM_GB: Final = Decimal("0.080")  # taken in by a stream on demand. A-94
API_REQUESTS: Final = {"http_api": Decimal("1.00") / MILLION, "rest_api": Decimal("3.50") / MILLION}
HTTP_API_METER_BYTES = 512 * 1024  # an HTTP API counts a request for each begun 512 KB. API Gateway pricing
BALANCER_HOUR: Final = Decimal("0.0225")
CAPACITY_UNIT_HOUR: Final = Decimal("0.008")
CAPACITY_CONNECTIONS_HOUR = 25 * 3_600  # new connections that one LCU holds in an hour. ELB pricing
CAPACITY_LAMBDA_GB_HOUR: Final = Decimal("0.4")  # the same for bytes to and from functions
DATA_OUT_GB: Final = Decimal("0.09")  # A-109; the first 100 GB of a month are free
GIGABYTE = 1_000_000_000
BATCH_JOB: Final = Decimal("0.25")
BATCH_OBJECT: Final = Decimal("1.00") / MILLION
FIREHOSE_GB: Final = Decimal("0.029")  # taken in, of the first 500 TB of a month. A-147
FIREHOSE_UNIT_BYTES: Final = 5 * 1024  # each record is rounded up to so much. Firehose pricing
EDGE_REQUEST: Final = Decimal("0.60") / MILLION  # Lambda@Edge, A-135: no free tier
EDGE_GB_S: Final = Decimal("0.00005001")  # by the millisecond since April 2021. AWS What's New, 2021-03-31; A-135
DISTRIBUTION_REQUEST: Final = Decimal("0.0100") / 10_000  # over HTTPS, as nearly all are. A-135
DISTRIBUTION_OUT_GB: Final = Decimal("0.085")  # to viewers, A-135; the first 1 TB of a month is free
METRIC_HOUR: Final = Decimal("0.30") / 730  # a custom metric with data in an hour. A-143
METRIC_REQUEST: Final = Decimal("0.01") / 1_000
METRIC_QUERIED: Final = Decimal("0.01") / 1_000  # each metric of a GetMetricData. A-143
SERVER_HOUR: Final = Decimal("0.0416")  # an EC2 t3.medium, 2 vCPU and 4 GB
