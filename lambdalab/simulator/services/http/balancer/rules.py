"""Which rule of a listener a request meets, and the answers that need no function.

Source: Elastic Load Balancing, "Listener rules for your Application Load Balancer": a condition holds when one of its
values matches, a rule when all of its conditions hold; patterns know ``*`` and ``?``. Paths are compared as they are
written, methods exactly, everything else without looking at capitals.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal

from lambdalab.simulator.account.iam.wildcards import like
from lambdalab.simulator.services.http.messages import HttpRequest, HttpResponse
from lambdalab.simulator.vocabulary.events.arrivals import as_sent

Field = Literal["path-pattern", "host-header", "http-header", "http-request-method", "query-string", "source-ip"]
FIELDS: tuple[Field, ...] = (
    "path-pattern", "host-header", "http-header", "http-request-method", "query-string", "source-ip",
)  # fmt: skip


_KEYWORD = re.compile(r"#\{(protocol|host|port|path|query)\}")


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition. ``values`` are patterns; of a query string ``key=value`` or a value alone. ``header`` is the name
    of the header that an http-header condition looks at."""

    field: Field
    values: tuple[str, ...]
    header: str = ""
    pairs: tuple[tuple[str | None, str], ...] = ()  # of a query string: key (None: any) and value

    def holds(self, request: HttpRequest) -> bool:
        """Whether one of the values matches the request."""
        match self.field:
            case "path-pattern":
                return any(like(pattern, request.path) for pattern in self.values)
            case "host-header":
                host = request.header("host").partition(":")[0]
                return any(like(pattern, host, ignore_case=True) for pattern in self.values)
            case "http-header":
                held = [value for name, value in request.headers if name.lower() == self.header.lower()]
                return any(like(pattern, value, ignore_case=True) for pattern in self.values for value in held)
            case "http-request-method":
                return request.method in self.values
            case "query-string":
                return any(self._in_query(key, value, request) for key, value in self.pairs)
            case "source-ip":
                return any(_is_in(request.source_ip, block) for block in self.values)

    def _in_query(self, key: str | None, value: str, request: HttpRequest) -> bool:
        return any(
            (key is None or like(key, given, ignore_case=True)) and like(value, held, ignore_case=True)
            for given, held in as_sent(request.query)
        )


def _is_in(address: str, block: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(block, strict=False)
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Forward:
    """To target groups by their ARN, each with its weight."""

    groups: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class FixedResponse:
    """An answer that stands in the rule."""

    status: int
    content_type: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Elsewhere. Parts may name those of the request: ``#{protocol}``, ``#{host}``, ``#{port}``, ``#{path}``,
    ``#{query}``."""

    status: Literal[301, 302]
    protocol: str = "#{protocol}"
    host: str = "#{host}"
    port: str = "#{port}"
    path: str = "/#{path}"
    query: str = "#{query}"

    def location(self, request: HttpRequest, protocol: str, port: int) -> str:
        """The URL that a client is sent to."""
        known = {
            "protocol": protocol,
            "host": request.header("host").partition(":")[0],
            "port": str(port),
            "path": request.path.removeprefix("/"),
            "query": request.query,
        }
        scheme, host, to_port, path, query = (
            _KEYWORD.sub(lambda found: known[found[1]], part)  # once: what a client sends names nothing
            for part in (self.protocol, self.host, self.port, self.path, self.query)
        )
        usual = {"HTTP": "80", "HTTPS": "443"}.get(scheme.upper())
        where = host if to_port == usual else f"{host}:{to_port}"
        return f"{scheme.lower()}://{where}{path}" + (f"?{query}" if query else "")


Action = Forward | FixedResponse | Redirect


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens to the requests that meet all conditions. ``priority`` None: the listener's default."""

    name: str
    priority: int | None
    conditions: tuple[Condition, ...]
    action: Action


@dataclass(frozen=True, slots=True)
class Listener:
    """A port of a load balancer with its rules, the lowest priority first, the default last."""

    port: int
    protocol: Literal["HTTP", "HTTPS"]
    rules: tuple[Rule, ...]

    def rule_for(self, request: HttpRequest) -> Rule:
        """The first rule that a request meets."""
        return next(rule for rule in self.rules if all(each.holds(request) for each in rule.conditions))


def fixed(action: FixedResponse) -> HttpResponse:
    """The answer of a fixed-response action."""
    headers = (("Content-Type", action.content_type or "text/plain; charset=utf-8"),) if action.body else ()
    return HttpResponse(action.status, headers, action.body.encode(), "a fixed response of the rule")


def error_page(status: int, reason: str, why: str) -> HttpResponse:
    """A load balancer's own page about an error."""
    title = f"{status} {reason}"
    text = f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
    return HttpResponse(status, (("Content-Type", "text/html"),), f"{text}</body>\r\n</html>\r\n".encode(), why)
