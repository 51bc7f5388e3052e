from uuid import uuid4

import pytest
from django.test import Client

from lambdalab.accounts.models import SchoolClass, User
from quizzes import engine, services
from quizzes.models import AttemptItem, Grade, Quiz, QuizAttempt, Response
from tests.quizzes.bodies import SINGLE, TRUE_FALSE, body
from tests.quizzes.conftest import BODIES, item_of, posted, sync_course

pytestmark = pytest.mark.django_db


def url(attempt: QuizAttempt, position: int, action: str = "") -> str:
    return f"/attempts/{attempt.pk}/{position}/{action}"


def right(item: AttemptItem) -> dict[str, object]:
    question = item.version.typed
    return posted(item, question.answer, engine.key(question))


def check(client: Client, item: AttemptItem, fields: dict[str, object], **headers: str) -> object:
    return client.post(url(item.attempt, item.position, "check"), fields, headers=headers)


def answer_all_right(client: Client, attempt: QuizAttempt) -> None:
    for item in attempt.items.select_related("version", "attempt"):
        check(client, item, right(item))


# -- starting


def test_the_quiz_page_says_what_will_be_asked(as_ada: Client, quiz: Quiz) -> None:
    page = as_ada.get("/topics/first/quiz/")
    assert page.status_code == 200
    assert "7 questions" in page.content.decode()
    assert "None yet." in page.content.decode()


def test_beginning_fixes_seed_versions_and_order_at_once(as_ada: Client, quiz: Quiz) -> None:
    response = as_ada.post("/topics/first/quiz/start")
    attempt = QuizAttempt.objects.get()
    assert (response.status_code, response.headers["Location"]) == (303, f"/attempts/{attempt.pk}/")
    items = list(attempt.items.all())
    assert [item.position for item in items] == [1, 2, 3, 4, 5, 6, 7]
    assert all(Response.objects.filter(item=item).exists() for item in items)
    assert [item.version.question.slug for item in items] == list(BODIES)


def test_beginning_twice_goes_on_with_the_open_attempt(as_ada: Client, quiz: Quiz) -> None:
    places = {as_ada.post("/topics/first/quiz/start").headers["Location"] for _ in range(2)}
    assert len(places) == 1


def test_a_reload_never_changes_a_question(as_ada: Client, attempt: QuizAttempt) -> None:
    def options() -> bytes:
        page = as_ada.get(f"/attempts/{attempt.pk}/").content
        return page[page.index(b'<div class="options">') : page.index(b"</fieldset>")]

    assert options() == options()


def test_a_quiz_that_changes_meanwhile_leaves_an_attempt_as_it_was(as_ada: Client, attempt: QuizAttempt) -> None:
    sync_course({"single": body(TRUE_FALSE)})
    assert "after 1 minute" in as_ada.get(f"/attempts/{attempt.pk}/").content.decode()
    assert attempt.items.count() == 7


# -- checking


@pytest.mark.parametrize("slug", BODIES)
def test_the_right_answer_is_right_through_the_form(as_ada: Client, attempt: QuizAttempt, slug: str) -> None:
    item = item_of(attempt, slug)
    check(as_ada, item, right(item))
    assert Grade.objects.get(item=item).fraction == 1
    assert "That is right." in as_ada.get(url(attempt, item.position)).content.decode()


def test_a_wrong_answer_gets_its_reason_and_comes_back_once_at_the_end(as_ada: Client, attempt: QuizAttempt) -> None:
    item = item_of(attempt, "single")
    page = check(as_ada, item, posted(item, SINGLE, {"choice": 1}), HX_Request="true", HX_Target="question")
    text = page.content.decode()  # type: ignore[attr-defined]
    assert "Your answer. No." in text
    assert "It waits." in text
    assert "<html" not in text
    repeat = attempt.items.get(repeat_of=item)
    assert repeat.position == 8
    check(as_ada, repeat, posted(repeat, SINGLE, {"choice": 1}))
    assert attempt.items.count() == 8


def test_without_a_script_checking_leads_to_the_checked_question(as_ada: Client, attempt: QuizAttempt) -> None:
    item = item_of(attempt, "single")
    response = check(as_ada, item, right(item))
    assert (response.status_code, response.headers["Location"]) == (303, url(attempt, 1))  # type: ignore[attr-defined]


def test_nothing_answered_is_asked_for_again(as_ada: Client, attempt: QuizAttempt) -> None:
    response = as_ada.post(url(attempt, 1, "check"), {})
    assert response.status_code == 422
    assert "Choose or write an answer first." in response.content.decode()
    assert not Grade.objects.exists()


def test_what_was_checked_first_stands(as_ada: Client, attempt: QuizAttempt) -> None:
    item = item_of(attempt, "single")
    check(as_ada, item, posted(item, SINGLE, {"choice": 1}))
    check(as_ada, item, right(item))
    assert [grade.fraction for grade in Grade.objects.filter(item=item)] == [0]
    assert Response.objects.get(item=item).body == {"choice": 1}


def test_a_prediction_is_laid_beside_the_run(as_ada: Client, attempt: QuizAttempt) -> None:
    item = item_of(attempt, "number")
    before = as_ada.get(url(attempt, item.position)).content.decode()
    assert "src/app.py" in before
    assert "180" not in before.split("<main", 1)[1].split("question-foot")[0]
    check(as_ada, item, {"text": "2 min"})
    after = as_ada.get(url(attempt, item.position)).content.decode()
    assert "You predicted 2 min; the run says about 180 s." in after
    assert f'id="run-{item.position}"' in after


def test_the_run_is_not_shown_before_the_prediction_stands(as_ada: Client, attempt: QuizAttempt) -> None:
    item = item_of(attempt, "number")
    response = as_ada.get(url(attempt, item.position, "run/"))
    assert (response.status_code, response.headers["Location"]) == (303, f"/attempts/{attempt.pk}/")


def test_confidence_is_kept_when_it_is_said(as_ada: Client, attempt: QuizAttempt) -> None:
    item = item_of(attempt, "single")
    check(as_ada, item, {**right(item), "confidence": "certain"})
    assert Response.objects.get(item=item).confidence == "certain"


# -- saving


def save(client: Client, item: AttemptItem, sequence: int, **fields: object) -> object:
    return client.post(url(item.attempt, item.position, "save"), {"sequence": sequence, **fields})


def test_a_save_costs_four_statements_and_renders_nothing(
    as_ada: Client, attempt: QuizAttempt, django_assert_num_queries: object
) -> None:
    item = item_of(attempt, "words")
    with django_assert_num_queries(4):  # type: ignore[operator]
        response = save(as_ada, item, 1, text="dead")
    assert response.json()["sequence"] == 1  # type: ignore[attr-defined]
    assert not response.templates  # type: ignore[attr-defined]
    assert Response.objects.get(item=item).body == {"text": "dead"}


def test_the_last_write_wins_by_its_sequence(as_ada: Client, attempt: QuizAttempt) -> None:
    item = item_of(attempt, "words")
    save(as_ada, item, 5, text="newer")
    late = save(as_ada, item, 4, text="older")
    assert (late.status_code, late.json()) == (409, {"sequence": 5})  # type: ignore[attr-defined]
    assert Response.objects.get(item=item).body == {"text": "newer"}


def test_a_saved_answer_is_there_after_a_reload(as_ada: Client, attempt: QuizAttempt) -> None:
    item = item_of(attempt, "words")
    save(as_ada, item, 1, text="dead letters", confidence="fairly")
    page = as_ada.get(url(attempt, item.position)).content.decode()
    assert 'value="dead letters"' in page
    assert 'value="fairly" checked' in page
    assert 'data-sequence="1"' in page


def test_a_character_that_no_database_stores_is_left_out(as_ada: Client, attempt: QuizAttempt) -> None:
    item = item_of(attempt, "words")
    save(as_ada, item, 1, text="d\0lq")
    assert Response.objects.get(item=item).body == {"text": "dlq"}


def test_a_checked_answer_is_written_no_more(as_ada: Client, attempt: QuizAttempt) -> None:
    item = item_of(attempt, "words")
    check(as_ada, item, {"text": "DLQ"})
    late = save(as_ada, item, 99, text="other")
    assert late.status_code == 409  # type: ignore[attr-defined]
    assert late.json()["settled"]  # type: ignore[attr-defined]
    assert Response.objects.get(item=item).body == {"text": "DLQ"}


@pytest.mark.parametrize("sequence", ["", "-1", "1e9", "9" * 40, "٣"])
def test_a_wild_sequence_number_is_refused(as_ada: Client, attempt: QuizAttempt, sequence: str) -> None:
    item = item_of(attempt, "words")
    assert as_ada.post(url(attempt, item.position, "save"), {"sequence": sequence}).status_code == 400


def test_wild_fields_are_no_answer(as_ada: Client, attempt: QuizAttempt) -> None:
    for item in attempt.items.exclude(version__kind__in=("predict", "short_answer")):
        wild = {"choice": "99", "place-0": "x", "match-0": "-1", "text": "", "sequence": 7}
        assert as_ada.post(url(attempt, item.position, "save"), wild).status_code == 200
        assert Response.objects.get(item=item).body == {}


# -- finishing and reading again


def test_the_score_counts_first_answers_only(as_ada: Client, attempt: QuizAttempt) -> None:
    first = item_of(attempt, "single")
    check(as_ada, first, posted(first, SINGLE, {"choice": 1}))
    for item in attempt.items.filter(settled_at=None).select_related("version", "attempt"):
        check(as_ada, item, right(item))
    as_ada.post(f"/attempts/{attempt.pk}/submit")
    attempt.refresh_from_db()
    assert attempt.fraction == pytest.approx(6 / 7)
    text = as_ada.get(f"/attempts/{attempt.pk}/review/").content.decode()
    assert "6 of 7 right at first" in text
    assert "1 question came back. Right then: 1." in text


def test_finishing_early_grades_what_was_saved(as_ada: Client, attempt: QuizAttempt) -> None:
    item = item_of(attempt, "words")
    save(as_ada, item, 1, text="dlq")
    as_ada.post(f"/attempts/{attempt.pk}/submit")
    attempt.refresh_from_db()
    assert attempt.fraction == pytest.approx(1 / 7)
    assert set(Grade.objects.exclude(item=item).values_list("verdict", flat=True)) == {"empty"}


def test_submitting_twice_changes_nothing(as_ada: Client, attempt: QuizAttempt) -> None:
    answer_all_right(as_ada, attempt)
    for _ in range(2):
        response = as_ada.post(f"/attempts/{attempt.pk}/submit")
        assert response.headers["Location"] == f"/attempts/{attempt.pk}/review/"
    assert Grade.objects.count() == 7


def test_a_review_stays_the_same_byte_for_byte_when_the_questions_change(as_ada: Client, attempt: QuizAttempt) -> None:
    answer_all_right(as_ada, attempt)
    as_ada.post(f"/attempts/{attempt.pk}/submit")

    def answers() -> bytes:
        page = as_ada.get(f"/attempts/{attempt.pk}/review/").content
        return page[page.index(b'id="answers"') : page.index(b"All attempts")]

    before = answers()
    sync_course({slug: body(TRUE_FALSE) for slug in BODIES})
    assert answers() == before


def test_a_finished_attempt_is_listed_on_the_quiz_page(as_ada: Client, attempt: QuizAttempt) -> None:
    answer_all_right(as_ada, attempt)
    as_ada.post(f"/attempts/{attempt.pk}/submit")
    page = as_ada.get("/topics/first/quiz/").content.decode()
    assert "100 %" in page
    assert "Take it again" in page
    assert services.attempt_start(quiz=attempt.quiz, user=attempt.user).number == 2


def test_a_review_costs_the_same_however_many_questions_there_are(
    as_ada: Client, attempt: QuizAttempt, django_assert_max_num_queries: object
) -> None:
    as_ada.post(f"/attempts/{attempt.pk}/submit")
    with django_assert_max_num_queries(7):  # type: ignore[operator]
        as_ada.get(f"/attempts/{attempt.pk}/review/")


# -- who may see it


@pytest.mark.parametrize("path", ["", "1/", "review/", "1/run/"])
def test_an_attempt_does_not_exist_for_a_stranger(as_mallory: Client, attempt: QuizAttempt, path: str) -> None:
    assert as_mallory.get(f"/attempts/{attempt.pk}/{path}").status_code == 404
    assert as_mallory.get(f"/attempts/{uuid4()}/{path}").status_code == 404


@pytest.mark.parametrize("path", ["1/check", "1/save", "submit"])
def test_a_stranger_writes_nothing(as_mallory: Client, attempt: QuizAttempt, path: str) -> None:
    assert as_mallory.post(f"/attempts/{attempt.pk}/{path}", {"sequence": 1, "choice": 0}).status_code == 404
    attempt.refresh_from_db()
    assert attempt.is_open


def test_a_teacher_reads_a_finished_attempt_of_her_class_and_no_open_one(
    as_grace: Client, as_ada: Client, school_class: SchoolClass, attempt: QuizAttempt
) -> None:
    assert as_grace.get(f"/attempts/{attempt.pk}/review/").status_code == 404
    as_ada.post(f"/attempts/{attempt.pk}/submit")
    page = as_grace.get(f"/attempts/{attempt.pk}/review/")
    assert page.status_code == 200
    assert "Ada Lovelace" in page.content.decode()
    assert as_grace.get(f"/attempts/{attempt.pk}/").status_code == 404


def test_anonymous_people_are_sent_to_sign_in(client: Client, attempt: QuizAttempt) -> None:
    for path in ("/topics/first/quiz/", f"/attempts/{attempt.pk}/", "/banks/"):
        assert client.get(path).status_code == 302


def test_a_students_answers_leave_with_the_student(ada: User, attempt: QuizAttempt) -> None:
    ada.delete()
    assert not QuizAttempt.objects.exists()


def test_two_tabs_that_begin_at_once_share_one_attempt(
    attempt: QuizAttempt, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = iter([None, attempt])
    monkeypatch.setattr("quizzes.queries.open_attempt", lambda _quiz, _user: next(found))
    assert services.attempt_start(quiz=attempt.quiz, user=ada) == attempt
    assert QuizAttempt.objects.count() == 1
