import json
from uuid import uuid4

import pytest
from django.test import Client

from lambdalab.accounts.models import User
from lambdalab.curriculum.questions import Answer, Computed
from quizzes import authoring
from quizzes.authoring_forms import initial_of
from quizzes.models import Bank, Question, QuestionVersion, Quiz, QuizAttempt
from tests.quizzes.bodies import ANSWERS, NUMERIC, ORDERING, SINGLE, TRUE_FALSE, body

pytestmark = pytest.mark.django_db
PLAIN = tuple(answer for answer in ANSWERS if answer not in (SINGLE, ORDERING))  # their values belong to runs
PREDICTED = (SINGLE, TRUE_FALSE, NUMERIC, ORDERING)
RUN = Computed(project="labs/x", query="v")
GOOD = {
    "slug": "waits",
    "prompt": "How long does it wait?",
    "explanation": "One minute, then two.",
    "hint": "",
    "tags": "async, retries",
    "difficulty": "2",
    "marks": "1",
    "rows": "3",
    "options-0-text": "a minute",
    "options-0-right": "on",
    "options-0-reason": "The first wait.",
    "options-1-text": "not at all",
    "options-1-reason": "It waits.",
}


@pytest.fixture
def bank(grace: User) -> Bank:
    return authoring.bank_create(owner=grace, title="Grace's questions")


@pytest.fixture
def question(bank: Bank, grace: User) -> Question:
    head = {"slug": "first", "difficulty": 2, "tags": []}
    return authoring.question_create(bank=bank, author=grace, body=body(SINGLE), head=head, marks=1, status="ready")


def new_url(bank: Bank, kind: str = "single_choice") -> str:
    return f"/banks/{bank.pk}/new/{kind}/"


def post_new(client: Client, bank: Bank, do: str, **changes: str) -> object:
    return client.post(new_url(bank), {**GOOD, **changes, "do": do})


# -- writing


def test_a_written_question_is_ready_to_be_asked(as_grace: Client, bank: Bank) -> None:
    response = post_new(as_grace, bank, "ready")
    version = QuestionVersion.objects.get()
    assert response.status_code == 303  # type: ignore[attr-defined]
    assert (version.number, version.status, version.kind) == (1, "ready", "single_choice")
    assert version.question.tags == ["async", "retries"]
    assert version.shown["parts"] == ["a minute", "not at all"]


@pytest.mark.parametrize("answer", PLAIN, ids=lambda answer: type(answer).__name__)
def test_every_kind_survives_its_own_form(as_grace: Client, bank: Bank, grace: User, answer: Answer) -> None:
    head = {"slug": "any", "difficulty": 2, "tags": []}
    made = authoring.question_create(bank=bank, author=grace, body=body(answer), head=head, marks=1, status="ready")
    response = as_grace.post(f"/questions/{made.pk}/", fields_of(made, hint="Think."))
    assert response.status_code == 303, response.content.decode()
    after = made.versions.get(number=2)
    assert after.typed == body(answer, hint="Think.")
    assert after.status == "ready"


@pytest.mark.parametrize("answer", PREDICTED, ids=lambda answer: type(answer).__name__)
def test_a_prediction_survives_its_own_form(as_grace: Client, bank: Bank, grace: User, answer: Answer) -> None:
    head = {"slug": "any", "difficulty": 2, "tags": []}
    made = authoring.question_create(
        bank=bank, author=grace, body=body(answer, computed=RUN), head=head, marks=1, status="ready"
    )
    response = as_grace.post(f"/questions/{made.pk}/", fields_of(made, hint="Think."))
    assert response.status_code == 303, response.content.decode()
    after = made.versions.get(number=2)
    assert after.typed == body(answer, hint="Think.", computed=RUN)
    assert after.status == "ready"


def fields_of(question: Question, **changes: str) -> dict[str, object]:
    """What a browser posts when it opens the editor and saves."""
    version = question.versions.first()
    assert version is not None
    fields: dict[str, object] = {"rows": 9, "do": "ready"}
    for name, value in initial_of(question, version.typed, 1).items():
        if name.endswith("-value") and name.startswith(("options", "items")):
            fields[name] = json.dumps(value)
        elif value not in (None, False):
            fields[name] = "on" if value is True else value
    return {**fields, **changes}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"options-0-right": ""}, "0 options are right"),
        ({"options-1-right": "on"}, "2 options are right"),
        ({"options-1-text": "A  minute"}, "Options 1 and 2 are the same"),
        ({"options-1-reason": ""}, "Option 2 does not say why it is wrong"),
    ],
)
def test_a_question_with_a_defect_is_not_ready_and_says_why(
    as_grace: Client, bank: Bank, changes: dict[str, str], message: str
) -> None:
    response = post_new(as_grace, bank, "ready", **changes)
    assert response.status_code == 422  # type: ignore[attr-defined]
    assert message in response.content.decode()  # type: ignore[attr-defined]
    assert not QuestionVersion.objects.exists()


def test_a_defect_stands_at_its_field(as_grace: Client, bank: Bank) -> None:
    changes = {"options-1-text": "", "options-1-reason": "", "options-2-text": "never", "options-2-reason": ""}
    page = post_new(as_grace, bank, "ready", **changes).content.decode()  # type: ignore[attr-defined]
    assert 'id="id_options-2-text_error"' in page or "error_id_options-2-text" in page
    assert 'aria-invalid="true"' in page


def test_a_draft_may_have_defects(as_grace: Client, bank: Bank) -> None:
    assert post_new(as_grace, bank, "draft", **{"options-0-right": ""}).status_code == 303  # type: ignore[attr-defined]
    assert QuestionVersion.objects.get().status == "draft"


def test_what_is_missing_is_said_at_once(as_grace: Client, bank: Bank) -> None:
    response = post_new(as_grace, bank, "draft", prompt="")
    assert response.status_code == 422  # type: ignore[attr-defined]
    assert "This field is required." in response.content.decode()  # type: ignore[attr-defined]


def test_more_rows_keep_what_was_written(as_grace: Client, bank: Bank) -> None:
    page = post_new(as_grace, bank, "more").content.decode()  # type: ignore[attr-defined]
    assert 'name="options-4-text"' in page
    assert "The first wait." in page
    assert not QuestionVersion.objects.exists()


# -- versions


def test_editing_makes_a_new_version_and_retires_the_ready_one(as_grace: Client, question: Question) -> None:
    as_grace.post(f"/questions/{question.pk}/", {**GOOD, "do": "ready"})
    states = list(question.versions.values_list("number", "status"))
    assert states == [(2, "ready"), (1, "retired")]


def test_a_draft_leaves_the_ready_version_in_use(as_grace: Client, question: Question) -> None:
    as_grace.post(f"/questions/{question.pk}/", {**GOOD, "do": "draft"})
    assert list(question.versions.values_list("number", "status")) == [(2, "draft"), (1, "ready")]


def test_saving_the_same_again_makes_no_version(as_grace: Client, question: Question) -> None:
    as_grace.post(f"/questions/{question.pk}/", {**GOOD, "do": "draft"})
    as_grace.post(f"/questions/{question.pk}/", {**GOOD, "do": "ready"})
    assert list(question.versions.values_list("number", "status")) == [(2, "ready"), (1, "retired")]


def test_versions_are_listed_with_what_changed(as_grace: Client, question: Question) -> None:
    as_grace.post(f"/questions/{question.pk}/", {**GOOD, "do": "ready"})
    page = as_grace.get(f"/questions/{question.pk}/versions/").content.decode()
    assert "<ins>+ prompt: How long does it wait?</ins>" in page
    assert "<del>− prompt: What happens?</del>" in page
    assert "The first version." in page


def test_retiring_takes_a_question_out_of_use(as_grace: Client, question: Question) -> None:
    as_grace.post(f"/questions/{question.pk}/retire")
    assert question.versions.get().status == "retired"


# -- preview


def test_the_preview_shows_what_a_student_will_meet(as_grace: Client) -> None:
    response = as_grace.post(
        "/questions/preview/single_choice",
        {**GOOD, "prompt": "How *long*? <script>alert(1)</script>"},
        headers={"HX-Request": "true", "HX-Target": "preview"},
    )
    page = response.content.decode()
    assert page.strip().startswith('<section id="preview"')
    assert "How <em>long</em>?" in page
    assert "<script>" not in page
    assert "The first wait." in page
    assert not QuestionVersion.objects.exists()


def test_the_preview_names_what_is_not_right_yet(as_grace: Client) -> None:
    page = as_grace.post("/questions/preview/single_choice", {**GOOD, "options-0-right": ""}).content.decode()
    assert "0 options are right. Mark exactly one." in page
    page = as_grace.post("/questions/preview/numeric", {**GOOD, "value": ""}).content.decode()
    assert "The right number: This field is required." in page


@pytest.mark.parametrize("kind", ["single_choice", "true_false", "numeric", "short_answer", "ordering", "matching"])
def test_a_preview_of_next_to_nothing_does_not_fail(as_grace: Client, kind: str) -> None:
    least = {"slug": "a", "prompt": "?", "difficulty": "1", "marks": "1", "value": "1", "answer": "true"}
    least |= {"credit": "neighbours"}
    assert as_grace.post(f"/questions/preview/{kind}", least).status_code == 200


# -- files of the course


def test_a_question_of_a_file_is_read_only_and_copied_to_be_edited(as_grace: Client, quiz: Quiz, grace: User) -> None:
    original = Question.objects.get(slug="single")
    page = as_grace.get(f"/questions/{original.pk}/").content.decode()
    assert "read-only" in page
    assert as_grace.post(f"/questions/{original.pk}/retire").status_code == 404
    response = as_grace.post(f"/questions/{original.pk}/copy")
    copy = Question.objects.get(copied_from=original)
    assert response.headers["Location"] == f"/questions/{copy.pk}/"
    assert copy.bank.owner == grace
    assert copy.versions.get().body == original.versions.get().body
    assert copy.versions.get().status == "draft"


def test_a_copied_prediction_keeps_the_run_it_plays(as_grace: Client, quiz: Quiz) -> None:
    original = Question.objects.get(slug="number")
    as_grace.post(f"/questions/{original.pk}/copy")
    copy = Question.objects.get(copied_from=original)
    assert copy.versions.get().figure_key == "f" * 64
    as_grace.post(f"/questions/{copy.pk}/", fields_of(copy, prompt="New?"))
    newest = copy.versions.first()
    assert newest is not None
    assert (newest.number, newest.kind, newest.figure_key) == (2, "predict", "f" * 64)


# -- who may


def test_banks_do_not_exist_for_students(as_ada: Client, bank: Bank, question: Question) -> None:
    for path in ("/banks/", f"/banks/{bank.pk}/", f"/questions/{question.pk}/", new_url(bank)):
        assert as_ada.get(path).status_code == 404
    for path in ("/banks/new", "/questions/preview/numeric", f"/questions/{question.pk}/copy"):
        assert as_ada.post(path, GOOD).status_code == 404


def test_another_instructors_bank_does_not_exist_unless_it_is_shared(
    as_grace: Client, katherine: User, grace: User
) -> None:
    theirs = authoring.bank_create(owner=katherine, title="Theirs")
    assert as_grace.get(f"/banks/{theirs.pk}/").status_code == 404
    theirs.shared_with.add(grace)
    assert as_grace.get(f"/banks/{theirs.pk}/").status_code == 200
    assert as_grace.get(f"/banks/{uuid4()}/").status_code == 404


def test_a_bank_page_lists_its_questions_in_a_fixed_number_of_statements(
    as_grace: Client, quiz: Quiz, django_assert_max_num_queries: object
) -> None:
    bank = Bank.objects.get(origin="file")
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        page = as_grace.get(f"/banks/{bank.pk}/").content.decode()
    assert page.count("question-") == 0
    assert "Predict, then see it run" in page


def test_a_bank_without_a_title_is_asked_for_one(as_grace: Client) -> None:
    assert as_grace.post("/banks/new", {"title": ""}).status_code == 422
    response = as_grace.post("/banks/new", {"title": "Mine"})
    assert response.headers["Location"] == f"/banks/{Bank.objects.get().pk}/"


def test_a_deleted_authors_questions_stay_where_an_attempt_met_them(
    grace: User, ada: User, question: Question, bank: Bank
) -> None:
    from lambdalab.web import personal_data

    met = Quiz.objects.create(topic="x", title="X")
    met.slots.create(position=1, question=question)
    from quizzes import services

    services.attempt_start(quiz=met, user=ada)
    authoring.bank_create(owner=grace, title="Unused")
    personal_data.erase(grace)
    grace.delete()
    assert [each.title for each in Bank.objects.all()] == ["Grace's questions"]
    assert Bank.objects.get().owner is None
    assert QuizAttempt.objects.get().items.get().version.author is None
