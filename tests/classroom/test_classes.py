from collections.abc import Callable, Sequence

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from lambdalab.accounts.models import Membership, Role, SchoolClass, User
from lambdalab.web import progress
from lambdalab.web.progress import Column, Mark
from tests.conftest import make_user


@pytest.fixture
def _one_column(monkeypatch: pytest.MonkeyPatch) -> None:
    def source(members: Sequence[int]) -> list[Column]:
        return [Column("topic-18", "=Topic 18", {pk: Mark("3 of 3", 1, "ok") for pk in members[:1]})]

    monkeypatch.setattr(progress, "_sources", {"test": source})


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "new/", "1/", "1/settings/", "1/progress.csv"])
def test_an_anonymous_reader_is_sent_to_sign_in(client: Client, path: str) -> None:
    assert client.get(f"/classes/{path}").status_code == 302


def test_students_find_their_classes_on_the_account_page_and_open_none(as_ada: Client) -> None:
    assert as_ada.get("/classes/")["Location"] == "/account/"
    assert as_ada.post("/classes/new/", {"name": "Mine", "time_zone": "UTC"}).status_code == 403
    assert not SchoolClass.objects.exists()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("get", "settings/"),
        ("post", "settings/"),
        ("get", "progress.csv"),
        ("post", "code/"),
        ("post", "instructors/"),
    ],
)
def test_a_strangers_class_does_not_exist(
    as_ada: Client, signed_in: Callable[[User], Client], school_class: SchoolClass, method: str, path: str
) -> None:
    stranger = signed_in(make_user("eve", role=Role.INSTRUCTOR))
    for client in (as_ada, stranger):
        assert getattr(client, method)(f"/classes/{school_class.pk}/{path}").status_code == 404


def test_a_stranger_removes_nobody(as_mallory: Client, school_class: SchoolClass, ada: User) -> None:
    assert as_mallory.post(f"/classes/{school_class.pk}/members/{ada.pk}/remove/").status_code == 404
    assert school_class.memberships.filter(user=ada).exists()


def test_an_instructor_opens_a_class_and_teaches_it(as_grace: Client, grace: User) -> None:
    response = as_grace.post("/classes/new/", {"name": "Class 4A", "time_zone": "Europe/Vienna"})
    made = SchoolClass.objects.get()
    assert response["Location"] == f"/classes/{made.pk}/"
    assert made.memberships.get().part == Membership.Part.INSTRUCTOR
    assert b"Nobody is here yet" in as_grace.get(response["Location"]).content


def test_a_class_without_a_name_is_refused(as_grace: Client) -> None:
    assert as_grace.post("/classes/new/", {"name": "", "time_zone": "UTC"}).status_code == 422


def test_an_empty_list_says_what_to_do(as_grace: Client) -> None:
    assert b"No class yet" in as_grace.get("/classes/").content


@pytest.mark.usefixtures("_one_column")
def test_the_class_page_shows_members_and_their_progress(as_grace: Client, school_class: SchoolClass) -> None:
    page = as_grace.get(f"/classes/{school_class.pk}/").content.decode()
    assert "Ada Lovelace" in page
    assert "3 of 3" in page
    assert "1 has begun" in page


@pytest.mark.usefixtures("_one_column")
def test_the_progress_is_fetched_again_as_a_fragment(as_grace: Client, school_class: SchoolClass) -> None:
    headers = {"HX-Request": "true", "HX-Target": "progress"}
    part = as_grace.get(f"/classes/{school_class.pk}/", headers=headers).content.decode()
    assert part.strip().startswith('<section id="progress"')
    assert "<html" not in part


def test_queries_do_not_grow_with_members_or_classes(
    as_grace: Client,
    grace: User,
    school_class: SchoolClass,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(20):
        Membership.objects.create(user=make_user(f"student{number}"), school_class=school_class)
        other = SchoolClass.objects.create(name=f"Class {number}")
        Membership.objects.create(user=grace, school_class=other, part=Membership.Part.INSTRUCTOR)
    with django_assert_max_num_queries(12):
        as_grace.get(f"/classes/{school_class.pk}/")
    with django_assert_max_num_queries(6):
        as_grace.get("/classes/")


def test_the_count_of_members_leaves_instructors_out(as_grace: Client, school_class: SchoolClass) -> None:
    assert [each.member_count for each in as_grace.get("/classes/").context["classes"]] == [1]


def test_a_new_join_code_closes_the_old_one(as_grace: Client, school_class: SchoolClass) -> None:
    old = school_class.join_code
    as_grace.post(f"/classes/{school_class.pk}/code/")
    school_class.refresh_from_db()
    assert school_class.join_code != old


def test_an_instructor_removes_a_member_whose_account_stays(
    as_grace: Client, school_class: SchoolClass, ada: User
) -> None:
    as_grace.post(f"/classes/{school_class.pk}/members/{ada.pk}/remove/")
    assert not school_class.memberships.filter(user=ada).exists()
    assert User.objects.filter(pk=ada.pk).exists()


def test_the_last_instructor_stays(as_grace: Client, school_class: SchoolClass, grace: User) -> None:
    page = as_grace.post(f"/classes/{school_class.pk}/members/{grace.pk}/remove/", follow=True)
    assert b"A class needs an instructor" in page.content
    assert school_class.memberships.filter(user=grace).exists()


def test_only_instructors_can_be_added_as_instructors(as_grace: Client, school_class: SchoolClass, ada: User) -> None:
    path = f"/classes/{school_class.pk}/instructors/"
    assert as_grace.post(path, {"username": "ada"}).status_code == 422
    eve = make_user("eve", role=Role.INSTRUCTOR)
    assert as_grace.post(path, {"username": "EVE"}).status_code == 303
    assert school_class.memberships.get(user=eve).part == Membership.Part.INSTRUCTOR


def test_settings_change_the_name_and_refuse_nonsense(as_grace: Client, school_class: SchoolClass) -> None:
    path = f"/classes/{school_class.pk}/settings/"
    assert as_grace.post(path, {"name": "3C", "time_zone": "UTC"}).status_code == 303
    assert as_grace.post(path, {"name": "3D", "time_zone": "Nowhere"}).status_code == 422
    school_class.refresh_from_db()
    assert (school_class.name, school_class.time_zone) == ("3C", "UTC")


@pytest.mark.usefixtures("_one_column")
def test_the_csv_holds_progress_and_no_formula(as_grace: Client, school_class: SchoolClass, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(name='=HYPERLINK("https://evil.example")')
    text = as_grace.get(f"/classes/{school_class.pk}/progress.csv").content.decode()
    assert text.splitlines()[0] == "Name,User name,'=Topic 18"
    assert text.splitlines()[1].startswith("\"'=HYPERLINK(")
    assert text.splitlines()[1].endswith(",ada,3 of 3")


def test_an_administrator_sees_every_class(
    katherine: User, signed_in: Callable[[User], Client], school_class: SchoolClass
) -> None:
    assert signed_in(katherine).get(f"/classes/{school_class.pk}/").status_code == 200
