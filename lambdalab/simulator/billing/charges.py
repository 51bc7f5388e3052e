"""The arithmetic of the price list, exact. Source: fact J.2 and the worked examples of J.3."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from lambdalab.simulator.vocabulary import prices
from lambdalab.simulator.vocabulary.quotas import EPHEMERAL_MB_DEFAULT

CENT = Decimal("0.01")
MICRO_DOLLAR = Decimal("0.000001")

DYNAMODB_WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")
FIFO_RATED = (  # of a FIFO queue; all its other calls cost what they cost elsewhere. SQS pricing, read 2026-11-29
    "SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage", "DeleteMessageBatch",
    "ChangeMessageVisibility", "ChangeMessageVisibilityBatch",
)  # fmt: skip
S3_FREE = ("DeleteObject", "DeleteObjects")
S3_READS = ("GetObject", "HeadObject", "HeadBucket")


def gb_seconds(memory_mb: int, milliseconds: Decimal | int) -> Decimal:
    """GB-seconds of ``memory_mb`` held for so long. Lambda's GB has 1,024 MB (fact 0.2)."""
    return Decimal(memory_mb) / 1024 * milliseconds / 1000


def by_tier(gb_s: Decimal, architecture: str) -> list[tuple[Decimal, Decimal]]:
    """A month's GB-seconds as (GB-seconds, USD each), a pair for every tier that they reach."""
    parts: list[tuple[Decimal, Decimal]] = []
    done = Decimal(0)
    for tier in prices.DURATION[architecture]:
        part = (gb_s if tier.up_to is None else min(gb_s, Decimal(tier.up_to))) - done
        if part > 0:
            parts.append((part, tier.usd))
            done += part
    return parts


def duration_usd(gb_s: Decimal, architecture: str) -> Decimal:
    """What a month's GB-seconds cost on demand, without the free tier."""
    return sum((part * usd for part, usd in by_tier(gb_s, architecture)), Decimal(0))


def ephemeral_gb_seconds(ephemeral_mb: int, milliseconds: Decimal | int) -> Decimal:
    """GB-seconds of ephemeral storage beyond the 512 MB that are included."""
    return gb_seconds(max(0, ephemeral_mb - EPHEMERAL_MB_DEFAULT), milliseconds)


def gb_seconds_for(usd: Decimal, architecture: str = "x86_64") -> Decimal:
    """How many GB-seconds of the first tier ``usd`` buys."""
    return usd / prices.DURATION[architecture][0].usd


def free_seconds(memory_mb: int) -> Decimal:
    """How many seconds a month are free at this memory."""
    return prices.FREE_GB_S / gb_seconds(memory_mb, 1000)


def neighbour_of(service: str, operation: str, target: str | None = None) -> str | None:
    """Under which of ``prices.NEIGHBOURS`` a service charges a call; None when it costs nothing, or is Lambda's own.

    ``target`` is what the call acts on, as the trace names it.
    """
    if service == "sqs":
        fifo = target is not None and target.endswith(".fifo") and operation in FIFO_RATED
        return "sqs_fifo_requests" if fifo else "sqs_requests"
    if service == "sns":
        return "sns_publishes"
    if service == "dynamodb":
        return "dynamodb_writes" if operation in DYNAMODB_WRITES else "dynamodb_reads"
    if service == "s3" and operation not in S3_FREE:
        return "s3_reads" if operation in S3_READS else "s3_writes"
    return None


def cents(usd: Decimal) -> Decimal:
    """To the cent, halves up, as an invoice does it."""
    return usd.quantize(CENT, ROUND_HALF_UP)


def money(usd: Decimal) -> str:
    """For people: ``$2.333338``, ``$0.40``; never more than a millionth of a dollar."""
    text = f"{usd.quantize(MICRO_DOLLAR, ROUND_HALF_UP):,f}".rstrip("0")
    whole, _, fraction = text.partition(".")
    return f"${whole}.{fraction:0<2}"


def number(value: Decimal | int) -> str:
    """For people: ``540,000``, ``0.12``; six decimals at most."""
    return f"{Decimal(value).quantize(MICRO_DOLLAR, ROUND_HALF_UP):,f}".rstrip("0").rstrip(".")
