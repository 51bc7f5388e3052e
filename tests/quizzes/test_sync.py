import pytest

from lambdalab.accounts.models import SchoolClass, User
from lambdalab.curriculum.questions import Option, SingleChoice
from lambdalab.web import personal_data, progress
from quizzes import services, sync
from quizzes.models import Bank, Question, QuestionVersion, Quiz
from tests.quizzes.bodies import SINGLE, TRUE_FALSE, body
from tests.quizzes.conftest import BODIES, make_course, sync_course

pytestmark = pytest.mark.django_db


def states(slug: str) -> list[tuple[int, str]]:
    return list(QuestionVersion.objects.filter(question__slug=slug).values_list("number", "status"))


def test_a_quiz_file_becomes_a_bank_and_a_quiz() -> None:
    report = sync_course(BODIES)
    assert report.counts["question versions made"] == 7
    bank = Bank.objects.get()
    assert (bank.topic, bank.origin, bank.owner) == ("first", "file", None)
    assert [slot.question.slug for slot in Quiz.objects.get().slots.all()] == list(BODIES)


def test_syncing_again_changes_nothing() -> None:
    sync_course(BODIES)
    assert sync_course(BODIES).counts["question versions made"] == 0
    assert QuestionVersion.objects.count() == 7


def test_a_changed_question_gets_a_new_version() -> None:
    sync_course({"single": body(SINGLE)})
    sync_course({"single": body(SINGLE, hint="Think.")})
    assert states("single") == [(2, "ready"), (1, "retired")]


def test_a_question_that_left_its_file_is_retired_and_comes_back() -> None:
    sync_course({"single": body(SINGLE), "statement": body(TRUE_FALSE)})
    sync_course({"statement": body(TRUE_FALSE)})
    assert states("single") == [(1, "retired")]
    assert Question.objects.filter(slug="single").exists()
    sync_course({"single": body(SINGLE), "statement": body(TRUE_FALSE)})
    assert states("single") == [(1, "ready")]


def test_a_defect_is_found_without_a_database() -> None:
    broken = SingleChoice((Option("a", "r", right=True), Option("b")))
    (error,) = sync.check(make_course({"single": body(broken)}))
    assert str(error) == (
        "quiz.yaml:1:1: single: Option 2 does not say why it is wrong. Write its reason: feedback teaches."
    )


def test_a_class_sees_the_best_score_of_each_member(ada: User, school_class: SchoolClass, quiz: Quiz) -> None:
    attempt = services.attempt_start(quiz=quiz, user=ada)
    (column,) = [column for column in progress.columns([ada.pk]) if column.slug == "quiz-first"]
    assert column.marks[ada.pk].words == "begun"
    services.attempt_submit(attempt=attempt)
    (column,) = [column for column in progress.columns([ada.pk]) if column.slug == "quiz-first"]
    assert (column.marks[ada.pk].words, column.marks[ada.pk].tone) == ("0 %", "thr")


def test_a_person_takes_all_answers_along(ada: User, quiz: Quiz) -> None:
    attempt = services.attempt_start(quiz=quiz, user=ada)
    services.attempt_submit(attempt=attempt)
    exported = personal_data.export(ada)["quizzes"]
    assert isinstance(exported, dict)
    assert [answer["question"] for answer in exported["attempts"][0]["answers"]] == list(BODIES)
