import ssl

import pytest

from lambdalab.sandbox.http_server import BODY_BYTES, Closed, HttpServer


def no_context() -> ssl.SSLContext:
    raise AssertionError("nobody speaks TLS here")


def server() -> HttpServer:
    return HttpServer(no_context)


def test_a_request_may_come_byte_by_byte() -> None:
    http, found = server(), []
    for byte in b"POST /a?b=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz":
        found += http.feed(bytes([byte]))
    (asked,) = found
    assert (asked.method, asked.target, asked.body) == ("POST", "/a?b=1", b"xyz")
    assert ("host", "h") in asked.headers


def test_a_chunked_body_is_put_together() -> None:
    (asked,) = server().feed(
        b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    )
    assert asked.body == b"abc"


def test_the_length_of_an_answer_is_ours_to_say() -> None:
    http = server()
    http.feed(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    http.answer(200, (("Content-Length", "99"), ("X-A", "b")), b"four")
    head, _, body = http.take_output().partition(b"\r\n\r\n")
    assert head.lower().split(b"\r\n")[1:] == [b"x-a: b", b"content-length: 4"]
    assert body == b"four"


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_some_answers_have_no_body(method: str, status: int) -> None:
    http = server()
    http.feed(f"{method} / HTTP/1.1\r\nHost: h\r\n\r\n".encode())
    http.answer(status, (), b"body")
    assert http.take_output().endswith(b"\r\n\r\n")


def test_a_client_that_waits_for_100_is_told_to_go_on() -> None:
    http = server()
    assert http.feed(b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n") == []
    assert http.take_output().startswith(b"HTTP/1.1 100")
    assert len(http.feed(b"x")) == 1


@pytest.mark.parametrize("head", [b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close", b"GET / HTTP/1.0\r\nHost: h"])
def test_a_connection_that_should_close_closes_behind_its_answer(head: bytes) -> None:
    http = server()
    http.feed(head + b"\r\n\r\n")
    with pytest.raises(Closed):
        http.answer(200, (), b"last")
    assert http.take_output().endswith(b"last")


def test_a_tunnel_is_never_made() -> None:
    http = server()
    http.feed(b"CONNECT other:443 HTTP/1.1\r\nHost: h\r\n\r\n")
    with pytest.raises(Closed):
        http.answer(200, (), b"come in")


def test_a_body_beyond_the_limit_is_refused_while_it_comes() -> None:
    http = server()
    http.feed(b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999\r\n\r\n")
    for _ in range(BODY_BYTES // 65_536):
        http.feed(bytes(65_536))
    with pytest.raises(Closed):
        http.feed(bytes(65_536))
    assert http.take_output().startswith(b"HTTP/1.1 413")
    assert http.held <= BODY_BYTES + 65_536
