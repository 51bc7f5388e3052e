"""Prices in USD, us-east-1. Source: fact J.2 (requests and duration tiers agree across many copies of the price list,
one of 2026-09-19; the SQS, SNS and DynamoDB rates are list prices, medium confidence)."""

from __future__ import annotations

REQUEST = 0.20 / 1_000_000
DURATION_GB_S = {"x86_64": 0.0000166667, "arm64": 0.0000133334}  # first tier
EPHEMERAL_GB_S = 0.0000000309  # above 512 MB
FREE_REQUESTS = 1_000_000
FREE_GB_S = 400_000

SQS_REQUEST = 0.40 / 1_000_000
SNS_PUBLISH = 0.50 / 1_000_000
DYNAMODB_WRITE = 0.625 / 1_000_000
DYNAMODB_READ = 0.125 / 1_000_000


def function_cost(invocations: int, billed_ms: int, memory_mb: int, architecture: str) -> tuple[float, float]:
    """Requests and compute of a function, in USD, without the free tier. GB-second = memory / 1,024 x seconds."""
    gb_s = memory_mb / 1024 * billed_ms / 1000
    return invocations * REQUEST, gb_s * DURATION_GB_S.get(architecture, DURATION_GB_S["x86_64"])
