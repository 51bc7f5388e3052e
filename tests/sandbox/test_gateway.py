"""Hosts that answer: the gateway ends connections that were let through, and the driver answers their requests."""

import gzip
import textwrap
from collections.abc import Callable

import pytest

from lambdalab.sandbox import Connect, ConnectReply, Policy, Status, WebReply, WebRequest
from tests.sandbox.driver import Driven, Report

Jail = Callable[..., Driven]

MS = 1_000
BIG = 5_000_000
CERTIFICATE = {"SSL_CERT_FILE": "/var/runtime/authority.pem"}
IMPORTS = """
import asyncio, concurrent.futures, gzip, http.client, socket, ssl, subprocess, sys, time, urllib.request
HOST = "api.example.com"
def get(url, data=None, timeout=5, **headers):
    request = urllib.request.Request(url, data, headers)
    with urllib.request.urlopen(request, timeout=timeout) as answer: return answer.read()
"""


def network(asked: Connect) -> tuple[ConnectReply, int]:
    """Every host exists and answers; port 444 has a certificate that nobody trusts."""
    if asked.kind == "lookup":
        return ConnectReply(asked.id, "answered", "198.51.100.7"), 4 * MS
    let_in = ConnectReply(asked.id, "answered", host="api.example.com", port=asked.port, trusted=asked.port != 444)
    return let_in, 20 * MS


def web(request: WebRequest) -> tuple[WebReply, int]:
    path = request.target.partition("?")[0]
    if path == "/reset":
        return WebReply(request.id, reset=True), 10 * MS
    if path == "/big":
        return WebReply(request.id, body=b"x" * BIG), 50 * MS
    if path == "/gzip":
        return WebReply(request.id, headers=(("Content-Encoding", "gzip"),), body=gzip.compress(b"small", mtime=0)), 0
    if path == "/redirect":
        return WebReply(request.id, 302, (("Location", "https://api.example.com/there"),)), 10 * MS
    if path == "/nothing":
        return WebReply(request.id, 204, body=b"never sent"), 0
    said = f"{request.method} {request.scheme}://{request.host}:{request.port}{request.target} {len(request.body)}"
    return WebReply(request.id, headers=(("Content-Type", "text/plain"),), body=said.encode()), 50 * MS


def body(jail: Jail, source: str, **how: object) -> Report:
    """Play ``source`` as the body of a handler, once."""
    inside = textwrap.indent(textwrap.dedent(source), "    ")
    given = {"network": network, "web": web, "environ": CERTIFICATE, "policy": Policy(memory_mb=256), **how}
    driven = jail(f"{IMPORTS}\ndef handler(event, context):\n{inside}\n", **given)
    begun = driven.init()
    assert begun.status is Status.READY, begun
    return driven.invoke()


CLIENTS = {
    "urllib": "return get(url).decode()",
    "urllib without a timeout": "return get(url, timeout=None).decode()",
    "http.client": """
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(HOST, timeout=5); connection.request("GET", "/a?b=1")
        return connection.getresponse().read().decode()
    """,
    "urllib3": "import urllib3\nreturn urllib3.PoolManager().request('GET', url).data.decode()",
    "asyncio": """
        async def fetch():
            reader, writer = await asyncio.open_connection(HOST, 443 if secure else 80, ssl=secure)
            writer.write(b"GET /a?b=1 HTTP/1.1\\r\\nHost: api.example.com\\r\\nConnection: close\\r\\n\\r\\n")
            await writer.drain()
            return (await reader.read()).decode().rpartition("\\n")[2]
        return asyncio.run(fetch())
    """,
    "a subprocess": """
        code = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode())"
        return subprocess.check_output([sys.executable, "-c", code, url], text=True).strip()
    """,
}


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("client", CLIENTS.values(), ids=CLIENTS.keys())
def test_every_kind_of_client_gets_the_answer_when_it_is_due(jail: Jail, client: str, secure: bool) -> None:
    scheme, port = ("https", 443) if secure else ("http", 80)
    given = f"secure, url = {secure}, '{scheme}://api.example.com/a?b=1'\n" + textwrap.dedent(client)
    report = body(jail, given)
    assert report.result == f"GET {scheme}://api.example.com:{port}/a?b=1 0"
    assert report.virtual_us == pytest.approx(74 * MS, abs=6 * MS)
    assert len(report.requests) == 1


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_large_bodies_go_both_ways(jail: Jail, scheme: str) -> None:
    report = body(
        jail,
        f"return [len(get('{scheme}://api.example.com/big')), get('{scheme}://api.example.com/p', b'y' * {BIG}).decode()]",
    )
    assert report.result[0] == BIG
    assert report.result[1].endswith(f"/p {BIG}")
    assert report.requests[1].body == b"y" * BIG


def test_a_compressed_body_and_one_that_may_not_be_sent_arrive_as_they_are(jail: Jail) -> None:
    report = body(
        jail,
        "return [gzip.decompress(get('https://api.example.com/gzip')).decode(), len(get('http://api.example.com/nothing'))]",
    )
    assert report.result == ["small", 0]


def test_a_redirect_is_followed(jail: Jail) -> None:
    report = body(jail, "return get('http://api.example.com/redirect').decode()")
    assert report.result == "GET https://api.example.com:443/there 0"
    assert [request.scheme for request in report.requests] == ["http", "https"]


def test_a_pool_keeps_its_connection_alive_over_invocations(jail: Jail) -> None:
    driven = jail(
        "import urllib3\npool = urllib3.PoolManager()\ndef handler(event, context):\n"
        "    return [pool.request('GET', f'https://api.example.com/{n}').data.decode() for n in range(3)]",
        network=network, web=web, environ=CERTIFICATE,
    )  # fmt: skip
    driven.init()
    first, second = driven.invoke(), driven.invoke()
    assert len(first.result) == len(second.result) == 3
    assert [asked.kind for asked in first.connects] == ["lookup", "connect"]
    assert second.connects == ()
    assert second.virtual_us == pytest.approx(150 * MS, abs=500)


def test_a_certificate_that_nobody_trusts_is_refused_by_the_client(jail: Jail) -> None:
    report = body(jail, "return get('https://api.example.com:444/')")
    assert "CERTIFICATE_VERIFY_FAILED" in report.error["errorMessage"]
    assert report.requests == ()


def test_another_name_than_the_hosts_is_refused_by_the_client(jail: Jail) -> None:
    report = body(
        jail,
        "with socket.create_connection((HOST, 443)) as s: ssl.create_default_context().wrap_socket(s, server_hostname='other.example.com')",
    )
    assert "Hostname mismatch" in report.error["errorMessage"]


def test_a_reset_breaks_the_connection(jail: Jail) -> None:
    report = body(jail, "return get('http://api.example.com/reset')")
    assert report.error["errorType"] == "ConnectionResetError"


def test_an_answer_that_is_late_is_a_timeout_of_the_socket(jail: Jail) -> None:
    report = body(
        jail,
        "began = time.monotonic()\ntry: get('https://api.example.com/slow', timeout=2)\nexcept TimeoutError: return time.monotonic() - began",
        web=lambda request: (WebReply(request.id), 60_000 * MS),
    )
    assert report.result == pytest.approx(2.024, abs=0.01)


def test_a_peer_is_who_was_connected_to(jail: Jail) -> None:
    report = body(jail, "with socket.create_connection((HOST, 443)) as s: return s.getpeername()")
    assert report.result == ["198.51.100.7", 443]


TOGETHER = {
    "threads": """
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            bodies = list(pool.map(lambda n: get(f"https://api.example.com/{n}").decode(), range(8)))
        return [bodies, time.time()]
    """,
    "asyncio": """
        async def fetch(n):
            reader, writer = await asyncio.open_connection(HOST, 443, ssl=True)
            writer.write(b"GET /%d HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n" % n)
            text = (await reader.read()).decode(); writer.close()
            return [text, time.time()]
        async def many(): return await asyncio.gather(*(fetch(n) for n in range(6)))
        return asyncio.run(many())
    """,
    "a large body by small parts": """
        with urllib.request.urlopen("https://api.example.com/big", timeout=5) as answer:
            sizes = [len(part) for part in iter(lambda: answer.read1(70_000), b"")]
        return [sizes, time.time()]
    """,
}


@pytest.mark.parametrize("source", TOGETHER.values(), ids=TOGETHER.keys())
def test_plays_are_the_same_to_the_microsecond(jail: Jail, source: str) -> None:
    reports = [body(jail, source) for _ in range(5)]
    assert all(report.reproducible for report in reports)
    assert len({(report.payload, report.virtual_us) for report in reports}) == 1
    assert reports[0].status is Status.OK


# ---- hostile ----

RAW = """
def raw(data, port=80):
    with socket.create_connection((HOST, port), timeout=5) as s:
        s.sendall(data)
        answer = b""
        while part := s.recv(65_536): answer += part
        return answer.decode("latin-1").partition("\\r\\n")[0]
"""


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        ("b'nonsense\\r\\n\\r\\n'", "HTTP/1.1 400"),
        ("b'GET / HTTP/1.1\\r\\nHost: a\\r\\nX: ' + b'x' * 200_000", "HTTP/1.1 431"),
        ("b'POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 9000000\\r\\n\\r\\n' + bytes(9_000_000)", "HTTP/1.1 413"),
        ("b'POST / HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nzzz\\r\\n'", "HTTP/1.1 400"),
        ("b'\\x16\\x03\\x01' + bytes(500)", ""),
        ("b'\\x16' * 100_000", ""),
    ],
)
def test_what_is_no_request_is_refused_and_the_connection_closed(jail: Jail, data: str, answer: str) -> None:
    report = body(jail, f"{RAW}\ntry: return raw({data})\nexcept ConnectionError: return ''")
    assert report.result.startswith(answer) or report.result == ""
    assert report.requests == ()


def test_the_gateway_lets_nobody_in_who_was_not_let_through(jail: Jail) -> None:
    report = body(
        jail,
        """
        import struct
        get("http://api.example.com/")
        outcomes = []
        for hello in (b"", b"GET / HTTP/1.1\\r\\n\\r\\n", struct.pack("<II", 0x3154454E, 2), struct.pack("<II", 0x3154454E, 99)):
            with socket.create_connection(("127.0.0.1", 4), timeout=1) as s:
                s.sendall(hello + b"GET /forged HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n")
                time.sleep(0.01)
                try: outcomes.append(len(s.recv(100)))
                except OSError: outcomes.append("error")
        return outcomes
    """,
    )
    assert set(report.result) <= {0, "error"}
    assert [request.target for request in report.requests] == ["/"]


def test_more_connections_than_there_may_be_harm_their_environment_only(jail: Jail) -> None:
    bystander = jail("def handler(event, context): return 'well'")
    bystander.init()
    report = body(
        jail,
        """
        held, failed = [], 0
        for _ in range(450):
            try: held.append(socket.create_connection((HOST, 80), timeout=1))
            except OSError: failed += 1
        for s in held: s.close()
        time.sleep(1)
        return get("http://api.example.com/after").decode()
    """,
        timeout_s=800,
    )
    assert report.status in (Status.OK, Status.ERROR, Status.TIMEOUT)
    assert bystander.invoke().result == "well"


def test_pipelined_requests_are_answered_one_after_the_other(jail: Jail) -> None:
    report = body(
        jail,
        f"""
        {RAW.strip().replace(chr(10), chr(10) + "        ")}
        two = b"GET /one HTTP/1.1\\r\\nHost: a\\r\\n\\r\\nGET /two HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n"
        return raw(two)
    """,
    )
    assert report.result == "HTTP/1.1 200 "
    assert [request.target for request in report.requests] == ["/one", "/two"]


def test_a_scribbled_count_of_written_bytes_costs_a_second_at_most(jail: Jail) -> None:
    report = body(
        jail,
        """
        s = socket.create_connection((HOST, 80), timeout=5)
        size = __import__("os").path.getsize("/run/clock/page")
        with open("/run/clock/page", "r+b") as page:
            table = page.read()
            at = table.rfind((80).to_bytes(4, "little"))
            page.seek(at + 16); page.write(b"\\xff" * 16)
        time.sleep(1); time.sleep(1)
        return "slept"
    """,
        policy=Policy(memory_mb=256, wall_s=8),
    )
    assert report.status in (Status.OK, Status.ERROR, Status.EXIT, Status.TIMEOUT)


def test_a_reset_environment_forgets_its_connections(jail: Jail) -> None:
    driven = jail(
        "import os, urllib.request\ndef handler(event, context):\n"
        "    text = urllib.request.urlopen('http://api.example.com/a').read().decode()\n"
        "    if event.get('die'): os._exit(1)\n    return text",
        network=network, web=web,
    )  # fmt: skip
    driven.init()
    assert driven.invoke({"die": True}).status is Status.EXIT
    driven.environment.reset()
    driven.init()
    assert driven.invoke().result == "GET http://api.example.com:80/a 0"


def test_bodies_that_would_fill_the_workers_memory_are_broken_off(jail: Jail) -> None:
    report = body(
        jail,
        """
        held, broken = [], 0
        for _ in range(12):
            s = socket.create_connection((HOST, 80), timeout=5); held.append(s)
            try:
                s.sendall(b"PUT / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 8000000\\r\\n\\r\\n" + bytes(7_900_000))
                s.settimeout(0.1); s.recv(1)
            except TimeoutError: pass
            except OSError: broken += 1
        return broken
    """,
        policy=Policy(memory_mb=256),
    )
    assert report.result > 0
    assert report.requests == ()
