import pytest

from lambdalab.accounts.models import User
from lambdalab.curriculum import Topic
from lambdalab.lessons import services
from lambdalab.lessons.progress import columns

pytestmark = pytest.mark.django_db


def test_a_class_sees_how_many_lessons_each_has_read(ada: User, mallory: User, topic: Topic) -> None:
    services.lesson_mark_read(user=ada, lesson=topic.lessons[0])
    (column,) = columns([ada.pk, mallory.pk])
    assert column.marks[ada.pk].words == "1 of 1 read"
    assert column.marks[ada.pk].tone == "ok"
    assert mallory.pk not in column.marks
