import pytest
from django.http import Http404

from lambdalab.accounts import access
from lambdalab.accounts.models import Membership, Role, SchoolClass, User


def test_an_instructor_teaches_the_members_of_their_class_and_nobody_else(
    ada: User, grace: User, mallory: User, school_class: SchoolClass
) -> None:
    assert access.teaches(grace, ada)
    assert not access.teaches(grace, mallory)
    assert not access.teaches(ada, grace)
    assert not access.teaches(mallory, ada)


def test_being_in_one_class_shows_nobody_the_others_work(ada: User, mallory: User, school_class: SchoolClass) -> None:
    Membership.objects.create(user=mallory, school_class=school_class)
    assert not access.may_see_work(mallory, ada)
    assert access.may_see_work(ada, ada)


def test_an_administrator_sees_everybodys_work(katherine: User, ada: User) -> None:
    assert access.teaches(katherine, ada)


def test_an_instructor_who_became_a_student_sees_nothing_any_more(
    ada: User, grace: User, school_class: SchoolClass
) -> None:
    grace.role = Role.STUDENT
    assert not access.teaches(grace, ada)


def test_instructors_do_not_see_each_others_work(grace: User, mallory: User, school_class: SchoolClass) -> None:
    mallory.role = Role.INSTRUCTOR
    mallory.save()
    Membership.objects.create(user=mallory, school_class=school_class, part=Membership.Part.INSTRUCTOR)
    assert not access.teaches(mallory, grace)


def test_a_class_of_somebody_else_does_not_exist(ada: User, mallory: User, school_class: SchoolClass) -> None:
    mallory.role = Role.INSTRUCTOR
    for stranger in (ada, mallory):
        with pytest.raises(Http404):
            access.class_for_instructor(stranger, school_class.pk)
