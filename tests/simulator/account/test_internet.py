import pytest

from lambdalab.simulator.account.internet import Internet, Page, canonical, place_of

WEB = Internet(
    {
        "https://api.example.com/rates": Page(body=b"rates"),
        "https://api.example.com/rates?day=1": Page(body=b"first"),
        "http://shop.example.com:8080/": Page(body=b"shop"),
        "http://192.0.2.1/": Page(body=b"numbers"),
        "https://closed.example.com/": Page(fail="refused"),
    }
)


def test_hosts_have_addresses_that_nobody_has_in_the_order_of_the_alphabet() -> None:
    assert WEB.look_up("api.example.com") == "198.51.100.1"
    assert WEB.look_up("API.example.com.") == "198.51.100.1"
    assert WEB.look_up("closed.example.com") == "198.51.100.2"
    assert WEB.look_up("192.0.2.1") == "192.0.2.1"
    assert WEB.look_up("example.com") is None


def test_an_address_leads_back_to_its_host() -> None:
    assert WEB.name_of("198.51.100.1") == "api.example.com"
    assert WEB.name_of("203.0.113.9") == "203.0.113.9"


def test_a_host_may_be_written_as_an_address_and_no_other_host_gets_it() -> None:
    web = Internet({"http://198.51.100.1/": Page(), "http://a.example.com/": Page()})
    assert (web.look_up("198.51.100.1"), web.look_up("a.example.com")) == ("198.51.100.1", "198.51.100.2")


def test_a_url_without_a_query_answers_whatever_the_query_is() -> None:
    found = [WEB.page(f"https://api.example.com/rates{query}") for query in ("", "?day=1", "?day=2")]
    assert [page.body for page in found if page] == [b"rates", b"first", b"rates"]
    assert WEB.page("https://api.example.com/other") is None
    assert WEB.page("http://api.example.com/rates") is None


def test_only_the_ports_of_the_web_listen() -> None:
    assert WEB.fail_of("api.example.com", 443) is None
    assert WEB.fail_of("closed.example.com", 443) == "refused"
    with pytest.raises(KeyError):
        WEB.fail_of("api.example.com", 80)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://API.Example.com", "https://api.example.com/"),
        ("https://api.example.com:443/a#b", "https://api.example.com/a"),
        ("http://api.example.com:8080/a?b=1", "http://api.example.com:8080/a?b=1"),
    ],
)
def test_a_url_has_one_form(url: str, kept: str) -> None:
    assert canonical(url) == kept


@pytest.mark.parametrize("url", ["", "api.example.com", "ftp://api.example.com/", "https:///a", "http://a:99999/"])
def test_what_is_no_url_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        place_of(url)
