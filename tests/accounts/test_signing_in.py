import pytest
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings
from redis import RedisError

from lambdalab.accounts.models import User
from tests.conftest import PASSWORD


def post(client: Client, username: str = "ada", password: str = PASSWORD, **extra: str):  # type: ignore[no-untyped-def]  # noqa: ANN201
    return client.post("/sign-in/", {"username": username, "password": password, **extra})


@pytest.mark.parametrize("name", ["ada", "ADA", "ada@example.org", "Ada@Example.org"])
def test_the_user_name_or_the_address_in_any_case_signs_in(client: Client, ada: User, name: str) -> None:
    response = post(client, name)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session[SESSION_KEY] == str(ada.pk)


def test_a_wrong_password_shows_the_form_again(client: Client, ada: User) -> None:
    response = post(client, password="wrong")
    assert response.status_code == 422
    assert b"do not match" in response.content
    assert SESSION_KEY not in client.session


def test_an_account_that_may_not_sign_in_gets_the_same_answer_as_a_wrong_password(client: Client, ada: User) -> None:
    User.objects.update(is_active=False)
    assert b"do not match" in post(client).content


def test_somebody_whose_user_name_is_anothers_address_does_not_get_in_their_way(client: Client, ada: User) -> None:
    other = User(username="ada@example.org", name="Impostor")
    other.set_password("something else entirely")
    other.save()
    post(client, "ada@example.org", "something else entirely")
    assert client.session[SESSION_KEY] == str(other.pk)


def test_the_reader_goes_where_they_wanted_to_go_but_never_to_another_site(client: Client, ada: User) -> None:
    assert post(client, next="/account/")["Location"] == "/account/"
    assert post(client, next="https://evil.example/")["Location"] == "/"


def test_guessing_one_account_is_stopped_even_from_many_addresses(client: Client, ada: User) -> None:
    for number in range(10):
        assert (
            client.post("/sign-in/", {"username": "Ada", "password": "x"}, REMOTE_ADDR=f"10.0.0.{number}").status_code
            == 422
        )
    response = post(client)
    assert response.status_code == 429
    assert b"Wait 15 minutes" in response.content


def test_guessing_from_one_address_is_stopped_over_many_accounts(client: Client, ada: User, settings: Settings) -> None:
    settings.SIGN_IN_TRIES_PER_ADDRESS = 3
    for number in range(3):
        post(client, f"somebody{number}")
    assert post(client).status_code == 429


def test_an_honest_sign_in_starts_the_count_of_its_account_again(client: Client, ada: User) -> None:
    for _each in range(3):
        for _wrong in range(9):
            post(client, password="wrong")
        assert post(client).status_code == 302


def test_sign_ins_go_on_while_the_cache_is_away(client: Client, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: object, **_more: object) -> None:
        raise RedisError

    for name in ("add", "incr", "delete", "decr"):
        monkeypatch.setattr(cache, name, away)
    assert post(client).status_code == 302


def test_signing_out_is_a_post(as_ada: Client) -> None:
    assert as_ada.get("/sign-out/").status_code == 405
    assert as_ada.post("/sign-out/")["Location"] == "/sign-in/"
    assert SESSION_KEY not in as_ada.session


@pytest.mark.django_db
def test_an_anonymous_reader_is_sent_to_sign_in_and_comes_back(client: Client) -> None:
    assert client.get("/account/")["Location"] == "/sign-in/?next=/account/"


@pytest.mark.django_db
def test_an_expired_sign_in_tells_htmx_to_load_the_page_and_a_script_the_reason(client: Client) -> None:
    response = client.get("/account/", headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == "/sign-in/?next=/account/"
    fetched = client.get("/account/", headers={"Accept": "application/json"})
    assert fetched.status_code == 401
    assert "Sign in again" in fetched.json()["error"]
