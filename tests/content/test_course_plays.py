import pytest

from lambdalab.curriculum import Figure, Lab, Question
from lambdalab.curriculum.model import QuizFile
from quizzes import engine
from tests.content.conftest import Player, course

READY = [topic for topic in course().topics if topic.ready]
FIGURES = [figure for topic in READY for figure in topic.figures]
LABS = [lab for topic in READY for lab in topic.labs]
QUIZZES = [topic.quiz for topic in READY if topic.quiz]
PREDICTIONS = [question for quiz in QUIZZES for question in quiz.questions if question.body.computed]
BROKEN = [(lab, name) for lab in LABS for name in lab.broken]


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: f"{figure.id}-{figure.title}")
def test_every_figure_of_the_course_can_be_played(figure: Figure, played: Player) -> None:
    outcome = played(figure.files)
    assert outcome.player["items"]
    assert outcome.summary["run"]["reproducible"]


@pytest.mark.parametrize("question", PREDICTIONS, ids=lambda question: question.slug)
def test_every_shipped_key_is_what_a_run_computes(question: Question, played: Player) -> None:
    assert question.figure is not None
    comparison = engine.check_computed(question.body, played(question.figure.files).summary)
    assert comparison.agrees, comparison.message


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.slug)
def test_every_lab_can_be_solved_and_is_not_solved_from_the_start(lab: Lab, played: Player) -> None:
    assert not played(lab.files).passed
    assert [check["id"] for check in failing({**lab.files, **lab.exemplar}, played)] == []


@pytest.mark.parametrize(("lab", "name"), BROKEN, ids=lambda value: getattr(value, "slug", value))
def test_every_broken_variant_misses_the_check_it_names(lab: Lab, name: str, played: Player) -> None:
    variant = lab.broken[name]
    assert variant.misses in [check["id"] for check in failing({**lab.files, **variant.files}, played)]


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.slug)
def test_a_student_may_edit_all_that_the_exemplar_changes(lab: Lab) -> None:
    assert set(lab.exemplar) <= set(lab.editable)


def test_a_topic_has_a_lab_or_lessons_with_a_quiz() -> None:
    for topic in READY:
        assert topic.labs or topic.lessons, topic.slug
        assert bool(topic.lessons) is bool(topic.quiz), topic.slug


@pytest.mark.parametrize("quiz", QUIZZES, ids=lambda quiz: quiz.title)
def test_a_quiz_has_enough_predictions(quiz: QuizFile) -> None:
    assert len(quiz.questions) >= 12
    assert sum(question.body.computed is not None for question in quiz.questions) >= 3


def failing(files: dict[str, bytes], played: Player) -> list[dict[str, object]]:
    return [check for check in played(files).summary["checks"] if not check["passed"]]
