"""``lambdalab bill``: the pricing calculator of the lessons. The arithmetic is the simulator's."""

from __future__ import annotations

import argparse
import json
from decimal import Decimal, InvalidOperation
from typing import Any

from lambdalab.simulator.billing.calculator import Bill, BillError, Usage, bill_of
from lambdalab.simulator.billing.charges import cents, free_seconds, gb_seconds_for, money, number
from lambdalab.simulator.billing.servers import Servers, break_even, in_flight
from lambdalab.simulator.vocabulary import prices

WHOLE = {  # option, what it means; each is a whole number
    "requests": "requests a month",
    "memory-mb": "memory of the function (default 128)",
    "ephemeral-mb": "size of /tmp (default 512)",
    "cold-starts": "how many of the requests are cold starts",
    "provisioned": "environments of provisioned concurrency, which serve all requests",
    "rounding-ms": "what durations are rounded up to (default 1; 100 until December 2020)",
    "idle-queues": "SQS queues that an event source mapping polls all month",
    **{name.replace("_", "-"): f"{unit.item} a month" for name, unit in prices.NEIGHBOURS.items()},
}
DECIMAL = {
    "duration-ms": "duration of one request, INIT apart",
    "init-ms": "duration of one cold start's INIT",
    "provisioned-hours": "for how many hours of the month (default 720)",
}


def add_parser(several: Any) -> None:
    """Add the subcommand. Numbers stay text here, so that a bad one gets a sentence instead of a page of usage."""
    parser: argparse.ArgumentParser = several.add_parser("bill", help="what a month of one function costs, sum by sum")
    for name, words in (WHOLE | DECIMAL).items():
        parser.add_argument(f"--{name}", metavar="N", required=name in ("requests", "duration-ms"), help=words)
    parser.add_argument("--architecture", default="x86_64", metavar="NAME", help="x86_64 (default) or arm64")
    parser.add_argument("--no-free-tier", action="store_true", help="as if other functions had used it up")
    parser.add_argument("--servers", metavar="N", help="compare with so many servers that run all month")
    parser.add_argument("--server-usd-per-hour", metavar="USD", help=f"price of one (default {prices.SERVER_HOUR})")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(command=bill)


def bill(options: argparse.Namespace) -> int:
    """``lambdalab bill``. Raises :class:`BillError` with one sentence for figures that make no bill."""
    given = {name: _whole(options, name) for name in WHOLE} | {name: _decimal(options, name) for name in DECIMAL}
    fields: dict[str, Any] = {name.replace("-", "_"): value for name, value in given.items() if value is not None}
    neighbours = {name: fields.pop(name) for name in prices.NEIGHBOURS if name in fields}
    usage = Usage(
        architecture=options.architecture, free_tier=not options.no_free_tier, neighbours=neighbours, **fields
    )
    servers = _servers(options)
    made = bill_of(usage)
    if options.json:
        print(json.dumps(_as_json(usage, made, servers), indent=2))
    else:
        print("\n".join(_as_text(usage, made, servers)))
    return 0


def _as_text(usage: Usage, made: Bill, servers: Servers | None) -> list[str]:
    lines = [(line.item, line.arithmetic) for line in made.lines]
    lines.append(("total", f"{money(made.total)} a month" + _rounded(made.total)))
    if servers is not None:
        lines.append(("the servers", f"{servers.arithmetic()} a month, busy or not"))
    width = max(len(item) for item, _ in lines)
    table = [f"{item:<{width}}  {arithmetic}" for item, arithmetic in lines]
    return [*table, "", *_remarks(usage, servers)]


def _rounded(usd: Decimal) -> str:
    return "" if money(usd) == f"${cents(usd):,}" else f", rounded ${cents(usd):,}"


def _remarks(usage: Usage, servers: Servers | None) -> list[str]:
    price = prices.DURATION[usage.architecture][0].usd
    free = f"{number(free_seconds(usage.memory_mb))} s at {usage.memory_mb:,} MB"
    remarks = [
        f"$1 buys {cents(gb_seconds_for(Decimal(1), usage.architecture)):,} GB-s at ${price} each.",
        f"A month's free tier is {prices.FREE_REQUESTS:,} requests and {prices.FREE_GB_S:,} GB-s: {free}.",
    ]
    if servers is not None:
        turn = break_even(usage, servers)
        never = "Lambda is cheaper than the servers at any number of requests."
        remarks.append(f"On average {number(in_flight(usage))} requests are in flight.")
        remarks.append(never if turn is None else f"The servers are cheaper from {turn:,} requests a month.")
    return remarks


def _as_json(usage: Usage, made: Bill, servers: Servers | None) -> dict[str, Any]:
    result: dict[str, Any] = {
        "lines": [
            {
                "item": line.item,
                "arithmetic": line.arithmetic,
                "usd": None if line.usd is None else float(line.usd),
            }
            for line in made.lines
        ],
        "billed_ms": usage.billed_ms,
        "total_usd": float(made.total),
        "total_usd_rounded": float(cents(made.total)),
    }
    if servers is not None:
        result["servers_usd"] = float(servers.usd)
        result["break_even_requests"] = break_even(usage, servers)
    return result


def _servers(options: argparse.Namespace) -> Servers | None:
    count, price = _whole(options, "servers"), _decimal(options, "server-usd-per-hour")
    if count is None:
        if price is not None:
            raise BillError("server-usd-per-hour needs servers to go with it.")
        return None
    return Servers(count) if price is None else Servers(count, price)


def _whole(options: argparse.Namespace, name: str) -> int | None:
    value = _decimal(options, name)
    if value is not None and value != value.to_integral_value():
        raise BillError(f"{name} must be a whole number, not {value}.")
    return None if value is None else int(value)


def _decimal(options: argparse.Namespace, name: str) -> Decimal | None:
    text: str | None = getattr(options, name.replace("-", "_"))
    if text is None:
        return None
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise BillError(f"{name} must be a number, not {text!r}.") from None
    if not value.is_finite() or abs(value) > 10**12 or value != round(value, 6):
        raise BillError(f"{name} must be at most a trillion, with at most six decimals, not {text!r}.")
    return value
