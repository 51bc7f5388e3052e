from types import SimpleNamespace

import pytest
from django.test import Client

from lambdalab.accounts.models import User
from lambdalab.web import health


@pytest.mark.django_db
def test_anybody_may_ask_for_the_health_of_the_site(client: Client) -> None:
    response = client.get("/health/")
    assert response.status_code == 200
    assert response.json() == {"ok": True, "database": "ok", "redis": "ok", "sandbox": "unknown"}


@pytest.mark.django_db
def test_a_part_that_does_not_answer_makes_the_site_unhealthy(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ConnectionError

    monkeypatch.setattr(health, "_redis", broken)
    response = client.get("/health/")
    assert response.status_code == 503
    assert response.json() == {"ok": False, "database": "ok", "redis": "down", "sandbox": "unknown"}


LAYER = {"name": "the system call filter", "active": True, "required": True, "detail": ""}


@pytest.fixture
def noted() -> None:
    """A worker has spoken with sandboxd."""
    health.note_layers([LAYER])


@pytest.mark.django_db
@pytest.mark.usefixtures("noted")
def test_strangers_see_no_more_than_a_word_of_the_sandbox(client: Client) -> None:
    assert client.get("/health/").json() == {"ok": True, "database": "ok", "redis": "ok", "sandbox": "ok"}


@pytest.mark.django_db
@pytest.mark.usefixtures("noted")
def test_students_and_instructors_see_no_more_than_strangers(ada: User, grace: User, client: Client) -> None:
    for person in (ada, grace):
        client.force_login(person)
        assert "layers" not in client.get("/health/").json()


@pytest.mark.django_db
@pytest.mark.usefixtures("noted")
def test_an_administrator_sees_what_confines_students_code(katherine: User, client: Client) -> None:
    client.force_login(katherine)
    assert client.get("/health/").json()["layers"] == [LAYER]


@pytest.mark.django_db
def test_a_cache_that_does_not_answer_tells_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(health, "cache", SimpleNamespace(get=broken))
    assert health.layers() == []


@pytest.mark.django_db
def test_the_content_security_policy_allows_no_inline_script(client: Client) -> None:
    policy = client.get("/health/")["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'self'"
    assert "unsafe" not in directives["script-src"]
    assert directives["style-src-attr"] == "'unsafe-inline'"
    assert directives["frame-ancestors"] == "'none'"
