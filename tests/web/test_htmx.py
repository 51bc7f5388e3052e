from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from lambdalab.web import htmx


def asked(**headers: str) -> HttpRequest:
    request = RequestFactory().get("/", headers=headers)
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    return request


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []

    def render(request: HttpRequest, name: str, context: dict[str, Any], status: int) -> Any:
        names.append(name)
        return HttpResponse(name, status=status)

    monkeypatch.setattr(htmx, "render", render)
    return names


def test_a_browser_gets_the_page(rendered: list[str]) -> None:
    response = htmx.render_page(asked(), "runs/run.html", {}, fragments={"trace-panel"})
    assert rendered == ["runs/run.html"]
    assert response["Vary"] == "HX-Request, HX-Target"


def test_htmx_gets_the_fragment_that_it_wants_to_replace(rendered: list[str]) -> None:
    htmx.render_page(
        asked(**{"HX-Request": "true", "HX-Target": "trace-panel"}),
        "runs/run.html",
        {},
        fragments={"trace-panel"},
    )
    assert rendered == ["runs/run.html#trace-panel"]


@pytest.mark.parametrize(
    "more",
    [
        {"HX-Target": "another"},
        {"HX-Target": "trace-panel", "HX-Boosted": "true"},
        {"HX-Target": "trace-panel", "HX-History-Restore-Request": "true"},
    ],
)
def test_an_unknown_target_a_boosted_link_and_a_restored_page_get_the_page(
    rendered: list[str], more: dict[str, str]
) -> None:
    htmx.render_page(asked(**{"HX-Request": "true", **more}), "runs/run.html", {}, fragments={"trace-panel"})
    assert rendered == ["runs/run.html"]


def test_see_other_is_a_303_for_browsers_and_a_header_for_htmx() -> None:
    plain = htmx.see_other(asked(), "/classes/")
    assert (plain.status_code, plain["Location"]) == (303, "/classes/")
    fetched = htmx.see_other(asked(**{"HX-Request": "true"}), "/classes/")
    assert (fetched.status_code, fetched["HX-Redirect"]) == (200, "/classes/")


def test_the_site_has_its_own_page_for_each_error() -> None:
    for name in ("403.html", "404.html", "500.html"):
        assert get_template(name)
    assert "lambdalab" in render_to_string("500.html")  # without a request
