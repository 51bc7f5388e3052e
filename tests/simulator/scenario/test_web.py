import pytest

from lambdalab.simulator.account.internet import Page
from lambdalab.simulator.kernel import MILLISECOND, SECOND, Micros
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.scenario.load import load_scenario

FILES = {"pages/rates.json": b'{"eur": 1}'}


def web_of(text: str) -> dict[str, Page]:
    return dict(load_scenario({"scenario.yaml": f"web:\n{text}".encode(), **FILES}).web)


def test_a_page_has_a_status_a_body_headers_and_a_latency() -> None:
    pages = web_of("  https://api.example.com/a: {status: 201, body: hello, headers: {X-Id: 7}, latency: 2s}\n")
    headers = (("Content-Type", "text/plain; charset=utf-8"), ("X-Id", "7"))
    assert pages == {"https://api.example.com/a": Page(201, b"hello", headers, Micros(2 * SECOND))}


def test_a_page_without_anything_answers_200_after_50_ms() -> None:
    pages = web_of("  https://api.example.com: {}\n")
    assert pages == {"https://api.example.com/": Page(latency=Micros(50 * MILLISECOND))}


@pytest.mark.parametrize(
    ("body", "sent", "kind"),
    [
        ("{rates: [1, 2]}", b'{"rates": [1, 2]}', "application/json"),
        ("[1]", b"[1]", "application/json"),
        ("12", b"12", "application/json"),
        ("{file: pages/rates.json}", b'{"eur": 1}', None),
        ("''", b"", "text/plain; charset=utf-8"),
    ],
)
def test_a_body_is_a_text_a_file_or_json(body: str, sent: bytes, kind: str | None) -> None:
    (page,) = web_of(f"  https://api.example.com: {{body: {body}}}\n").values()
    assert page.body == sent
    assert dict(page.headers).get("Content-Type") == kind


def test_a_content_type_of_ones_own_is_kept() -> None:
    (page,) = web_of("  https://a.example.com: {body: x, headers: {content-type: text/html}}\n").values()
    assert page.headers == (("content-type", "text/html"),)


@pytest.mark.parametrize("fail", ["refused", "timeout", "tls", "reset"])
def test_a_page_may_fail(fail: str) -> None:
    (page,) = web_of(f"  https://a.example.com: {{fail: {fail}}}\n").values()
    assert page.fail == fail


def test_a_fail_may_be_a_status() -> None:
    (page,) = web_of("  https://a.example.com: {fail: 503, body: sorry}\n").values()
    assert (page.fail, page.status, page.body) == (None, 503, b"sorry")


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("  - a\n", 1, "must be a mapping"),
        ("  api.example.com: {}\n", 2, "is not a URL"),
        ("  ftp://api.example.com/: {}\n", 2, "is not a URL"),
        ("  https://api.example.com:99999/: {}\n", 2, "is not a URL"),
        ("  https://a_b!c/: {}\n", 2, "is not a URL"),
        ("  https://a.example.com: {}\n  https://a.example.com/: {}\n", 3, "is there twice"),
        ("  https://a.example.com: {}\n  1: {}\n", 3, "is not a URL"),
        ("  https://a.example.com: {stauts: 200}\n", 2, "unknown key stauts"),
        ("  https://a.example.com: {status: 99}\n", 2, "from 200 to 599"),
        ("  https://a.example.com: {latency: soon}\n", 2, "is not a time"),
        ("  https://a.example.com: {fail: slowly}\n", 2, "is not a failure"),
        ("  https://a.example.com: {fail: 200}\n", 2, "from 400 to 599"),
        ("  https://a.example.com: {body: {file: none.json}}\n", 2, "no file none.json"),
        ("  https://a.example.com: {headers: {Content-Length: 1}}\n", 2, "cannot be a header"),
        ("  https://a.example.com: {headers: {'a b': 1}}\n", 2, "cannot be a header"),
        ('  https://a.example.com: {headers: {a: "b\\r\\nc"}}\n', 2, "printable ASCII"),
        ("  https://a.example.com/1: {fail: refused}\n  https://a.example.com/2: {}\n", 3, "for one URL only"),
        ("  https://a.example.com/1: {}\n  http://a.example.com:443/2: {}\n", 3, "for http and for https"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, line: int, problem: str) -> None:
    with pytest.raises(ProjectError) as caught:
        web_of(text)
    assert [found for found in caught.value.problems if found.line == line and problem in found.message]


def test_a_body_that_is_too_large_is_refused() -> None:
    files = {"scenario.yaml": b"web: {'https://a.example.com': {body: {file: big}}}", "big": bytes(7 << 20)}
    with pytest.raises(ProjectError, match="at most 6,291,456 bytes"):
        load_scenario(files)


def test_too_many_pages_are_refused() -> None:
    with pytest.raises(ProjectError, match="more than 500"):
        web_of("".join(f"  https://a.example.com/{n}: {{}}\n" for n in range(501)))
