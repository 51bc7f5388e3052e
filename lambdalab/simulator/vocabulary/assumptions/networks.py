"""The Internet, and networks of one's own (VPCs)."""

from __future__ import annotations

from lambdalab.simulator.kernel import MILLISECOND, Micros
from lambdalab.simulator.vocabulary.assumptions.assumption import Assumption

LOOKUP_LATENCY = Micros(4 * MILLISECOND)
CONNECT_LATENCY = Micros(20 * MILLISECOND)  # a round trip to a host on the Internet
PAGE_LATENCY = Micros(50 * MILLISECOND)  # from a request to its answer, unless web says otherwise
CONNECT_PATIENCE = Micros(127_000 * MILLISECOND)  # Linux repeats a SYN six times, after 1, 2, 4 … s (tcp(7))
INTERFACE_CREATION = (60_000_000, 90_000_000)  # microseconds, from an update to the moment its interfaces exist
VPC_CONNECT_LATENCY = Micros(1 * MILLISECOND)  # a round trip inside a VPC
CACHE_CONNECTIONS_MAX = 65_000  # a node's

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "A-15",
        "The Internet",
        "It has the hosts of the scenario's web and no other. A name look-up takes 4 ms (an unknown name does not "
        "exist), a connect 20 ms, an answer 50 ms unless web says otherwise; TLS takes no time of its own. A port of a "
        "known host that web does not name refuses; an address that nobody has stays silent, and Linux gives up after "
        "127 s. Names have IPv4 addresses only, and idle connections are kept.",
    ),
    Assumption(
        "A-16",
        "Who is trusted",
        "Hosts of web show certificates of an authority of this installation. Three environment variables that AWS "
        "does not set (SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE) make clients trust it, and nobody else.",
    ),
    Assumption(
        "A-40",
        "When a network interface is there",
        "A run begins when its stack is complete, so the interfaces of its functions exist and the functions are "
        "Active. An update that needs another interface takes 60 to 90 s, drawn evenly; the old configuration serves "
        "meanwhile; one whose interfaces exist takes as long as any other. AWS says only: often a minute or so.",
    ),
    Assumption(
        "A-41",
        "Which subnet an environment is in",
        "The subnets of a function take turns, by the number of the environment. AWS says only that it spreads them.",
    ),
    Assumption(
        "A-42",
        "Time inside a VPC",
        "A connect to a server or an interface endpoint takes 1 ms. A NAT gateway and endpoints add nothing to the "
        "latency of calls. What a route or a security group stops is never answered.",
    ),
    Assumption(
        "A-43",
        "How many connections a server takes",
        "RDS's own formulas over the nominal memory of the instance class (PostgreSQL: bytes / 9,531,392, at most "
        "5,000; MySQL and MariaDB: bytes / 12,582,880), or the parameter max_connections of its parameter group. On "
        "AWS the system keeps some of the memory, so the real figure is lower. A cache takes 65,000 a node.",
    ),
    Assumption(
        "A-44",
        "Servers speak no SQL",
        "Databases and caches accept, count and limit TCP connections; what is sent to them is taken and never "
        "answered. One that is full refuses the connect: a real one accepts it and then says so in its own protocol. A "
        "proxy takes as many as come, and none of them counts for the database behind it.",
    ),
    Assumption(
        "A-45",
        "What a VPC's template leaves open",
        "An interface endpoint without PrivateDnsEnabled has no private DNS. A subnet without a route table of its own "
        "has the VPC's main one, which leads nowhere else. A group with a SecurityGroupEgress of its own loses the "
        "rule that lets everything out.",
    ),
)
