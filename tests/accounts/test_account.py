import io
import json
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from lambdalab.accounts import services
from lambdalab.accounts.models import Membership, Role, SchoolClass, User
from lambdalab.web import personal_data
from tests.conftest import PASSWORD, make_user

PROFILE = {"name": "Ada", "email": "ada@example.org", "time_zone": "Asia/Tokyo", "theme": "dark"}


def test_the_account_page_shows_name_role_and_classes(as_ada: Client, school_class: SchoolClass) -> None:
    page = as_ada.get("/account/").content.decode()
    assert "Ada Lovelace" in page
    assert "Class 3B" in page


def test_people_change_their_name_zone_and_theme(as_ada: Client, ada: User) -> None:
    assert as_ada.post("/account/", PROFILE).status_code == 303
    ada.refresh_from_db()
    assert (ada.name, ada.time_zone, ada.theme) == ("Ada", "Asia/Tokyo", "dark")


def test_a_theme_or_zone_that_does_not_exist_is_refused(as_ada: Client, ada: User) -> None:
    response = as_ada.post("/account/", {**PROFILE, "time_zone": "Mars/Olympus", "theme": "neon"})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"time_zone", "theme"}


def test_an_address_of_somebody_else_is_refused_at_its_field(as_ada: Client, mallory: User) -> None:
    response = as_ada.post("/account/", {**PROFILE, "email": "MALLORY@example.org"})
    assert "email" in response.context["form"].errors


def test_nobody_makes_themselves_an_instructor(as_ada: Client, ada: User) -> None:
    as_ada.post("/account/", {**PROFILE, "role": "instructor"})
    ada.refresh_from_db()
    assert ada.role == Role.STUDENT


def test_a_join_code_adds_another_class_once(as_mallory: Client, mallory: User, school_class: SchoolClass) -> None:
    for _each in range(2):
        assert as_mallory.post("/account/join/", {"join_code": school_class.join_code}).status_code == 303
    assert Membership.objects.filter(user=mallory, school_class=school_class).count() == 1
    assert as_mallory.post("/account/join/", {"join_code": "NOPE"}).status_code == 422


def test_an_instructor_who_joins_their_own_class_stays_its_instructor(grace: User, school_class: SchoolClass) -> None:
    services.user_join(user=grace, join_code=school_class.join_code)
    assert Membership.objects.get(user=grace).part == Membership.Part.INSTRUCTOR


def test_a_new_password_keeps_this_browser_signed_in_and_ends_the_others(as_ada: Client, ada: User) -> None:
    other = Client()
    other.force_login(ada)
    new = {"old_password": PASSWORD, "new_password1": "a new sentence", "new_password2": "a new sentence"}
    assert as_ada.post("/account/password/", new).status_code == 303
    assert as_ada.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302


def test_a_wrong_old_password_changes_nothing(as_ada: Client, ada: User) -> None:
    new = {"old_password": "wrong", "new_password1": "a new sentence", "new_password2": "a new sentence"}
    assert as_ada.post("/account/password/", new).status_code == 422
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_the_export_holds_every_apps_part_but_no_password(as_ada: Client, school_class: SchoolClass) -> None:
    response = as_ada.get("/account/export/")
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    account = json.loads(archive.read("account.json"))
    assert account["username"] == "ada"
    assert account["classes"][0]["class"] == "Class 3B"
    assert "password" not in json.dumps(account)
    assert {f"{name}.json" for name in personal_data._parts} == set(archive.namelist())


def test_deletion_asks_for_the_password(as_ada: Client, ada: User) -> None:
    assert as_ada.post("/account/delete/", {"password": "wrong"}).status_code == 422
    assert User.objects.filter(pk=ada.pk).exists()


def test_deletion_removes_the_person_and_signs_out(as_ada: Client, ada: User, school_class: SchoolClass) -> None:
    response = as_ada.post("/account/delete/", {"password": PASSWORD})
    assert (response.status_code, response["Location"]) == (303, "/sign-in/")
    assert not User.objects.filter(pk=ada.pk).exists()
    assert school_class.memberships.count() == 1
    assert as_ada.get("/account/").status_code == 302


def test_deletion_lets_each_app_erase_what_a_cascade_would_leave(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    erased: list[str] = []
    monkeypatch.setattr(personal_data, "_parts", dict(personal_data._parts))
    personal_data.register("notes", export=lambda user: [], erase=lambda user: erased.append(user.username))
    services.account_delete(user=ada)
    assert erased == ["ada"]


def test_the_last_administrator_stays(katherine: User) -> None:
    with pytest.raises(ValidationError, match="only administrator"):
        services.account_delete(user=katherine)
    make_user("second", role=Role.ADMINISTRATOR)
    services.account_delete(user=katherine)
    assert User.objects.filter(role=Role.ADMINISTRATOR).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "join/", "password/", "export/", "delete/"])
def test_the_account_is_for_people_who_signed_in(client: Client, path: str) -> None:
    assert client.get(f"/account/{path}").status_code == 302
