import pytest
from django.test import Client

from lambdalab.web import health


@pytest.mark.django_db
def test_anybody_may_ask_for_the_health_of_the_site(client: Client) -> None:
    response = client.get("/health/")
    assert response.status_code == 200
    assert response.json() == {"ok": True, "database": "ok", "redis": "ok"}


@pytest.mark.django_db
def test_a_part_that_does_not_answer_makes_the_site_unhealthy(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ConnectionError

    monkeypatch.setattr(health, "_redis", broken)
    response = client.get("/health/")
    assert response.status_code == 503
    assert response.json() == {"ok": False, "database": "ok", "redis": "down"}


@pytest.mark.django_db
def test_the_content_security_policy_allows_no_inline_script(client: Client) -> None:
    policy = client.get("/health/")["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'self'"
    assert "unsafe" not in directives["script-src"]
    assert directives["style-src-attr"] == "'unsafe-inline'"
    assert directives["frame-ancestors"] == "'none'"
