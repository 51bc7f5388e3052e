import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client
from pytest_django import Settings

from lambdalab.accounts.models import Role, SchoolClass, User
from tests.conftest import PASSWORD


def fields(school_class: SchoolClass, **changes: str) -> dict[str, str]:
    return {
        "join_code": school_class.spoken_code.lower(),
        "name": "Kofi Annan",
        "username": "kofi",
        "email": "",
        "password": PASSWORD,
        **changes,
    }


def test_a_join_code_opens_a_students_account_in_its_class(client: Client, school_class: SchoolClass) -> None:
    response = client.post("/sign-up/", fields(school_class))
    assert response["Location"] == "/"
    kofi = User.objects.get(username="kofi")
    assert (kofi.role, kofi.time_zone, kofi.email) == (Role.STUDENT, "Europe/Vienna", "")
    assert list(kofi.classes.all()) == [school_class]
    assert client.session[SESSION_KEY] == str(kofi.pk)


def test_nobody_chooses_their_own_role(client: Client, school_class: SchoolClass) -> None:
    client.post("/sign-up/", fields(school_class, role="administrator"))
    assert User.objects.get(username="kofi").role == Role.STUDENT


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"join_code": "WRONGONE"}, "No class has this join code"),
        ({"username": "ADA"}, "Somebody already has this user name."),
        ({"email": "Ada@example.org"}, "Somebody already uses this e-mail address."),
        ({"password": "short"}, "at least 10 characters"),
        ({"username": "a b"}, "Enter a valid username"),
        ({"name": ""}, "This field is required."),
    ],
)
def test_what_cannot_be_is_told_at_its_field(
    client: Client, school_class: SchoolClass, change: dict[str, str], says: str
) -> None:
    response = client.post("/sign-up/", fields(school_class, **change))
    assert response.status_code == 422
    assert says in " ".join(response.context["form"].errors[next(iter(change))])
    assert not User.objects.filter(username="kofi").exists()


def test_two_people_may_have_no_address(client: Client, school_class: SchoolClass) -> None:
    client.post("/sign-up/", fields(school_class))
    client.post("/sign-up/", fields(school_class, username="ama"))
    assert User.objects.filter(email="").count() == 2


def test_join_codes_cannot_be_guessed_at_speed(client: Client, school_class: SchoolClass, settings: Settings) -> None:
    settings.SIGN_IN_TRIES_PER_ADDRESS = 2
    for _each in range(2):
        client.post("/sign-up/", fields(school_class, join_code="WRONGONE"))
    response = client.post("/sign-up/", fields(school_class))
    assert response.status_code == 422
    assert b"Too many tries" in response.content


@pytest.mark.django_db
def test_a_link_fills_in_the_join_code(client: Client) -> None:
    assert b'value="ABCD2345"' in client.get("/sign-up/?code=ABCD2345").content
