import subprocess
import sys
from pathlib import Path

import pytest

from lambdalab.curriculum import ContentErrors, load_course
from lambdalab.curriculum.questions import PREDICTABLE
from tests.curriculum.conftest import spoil

LESSON = "topics/01-first/lessons/01-hand-over.md"
QUIZ = "topics/01-first/quiz.yaml"
LAB = "topics/01-first/labs/try-again/lab.md"


def errors_of(content: Path) -> list[str]:
    with pytest.raises(ContentErrors) as raised:
        load_course(content)
    return [str(error) for error in raised.value]


def test_a_topic_is_ready_only_when_it_has_a_folder(content: Path) -> None:
    course = load_course(content)
    assert [(topic.slug, topic.ready) for topic in course.topics] == [("first", True), ("second", False)]


def test_minutes_of_a_topic_add_up(content: Path) -> None:
    assert load_course(content).topic("first").minutes == 4 + 10 + 5


def test_a_lab_keeps_its_variants_apart_from_what_a_student_starts_from(content: Path) -> None:
    lab = load_course(content).topic("first").lab("try-again")
    assert sorted(lab.files) == ["scenario.yaml", "src/app.py", "template.yaml"]
    assert lab.exemplar == {"src/app.py": b"def handler(event, context): return 1\n"}
    assert lab.broken["swallow"].misses == "nothing-lost"
    assert lab.broken["give-up"].files == {"src/app.py": b"give up\n"}


def test_what_to_look_at_is_cut_from_the_brief(content: Path) -> None:
    lab = load_course(content).topic("first").lab("try-again")
    assert (lab.brief_html, lab.look_at_html) == ("<p>Mend it.</p>", "<p>The queue.</p>")


def test_a_predict_question_carries_the_files_it_plays(content: Path) -> None:
    quiz = load_course(content).topic("first").quiz
    assert quiz is not None
    (question,) = quiz.questions
    assert question.kind == "predict"
    assert question.figure is not None
    assert question.figure.files["src/app.py"] == b"def handler(event, context): ...\n"


def test_all_defects_are_found_at_once_each_where_it_stands(content: Path) -> None:
    spoil(content, LESSON, "[queue]{.term}", "[qeue]{.term}")
    spoil(content, LESSON, "sources: [guide]", "sources: [guid]")
    spoil(content, LAB, "misses: nothing-lost, says: It hides", "misses: nothing, says: It hides")
    spoil(content, QUIZ, "ask: numeric", "ask: numerical")
    assert errors_of(content) == [
        f"{LAB}:9:13: The scenario has no check `nothing`. There are: nothing-lost.",
        f"{LESSON}:6:11: The source `guid` is not listed. Add it to sources.yaml.",
        f"{LESSON}:8:1: The glossary has no `qeue`. Add it to glossary.yaml.",
        f"{QUIZ}:9:5: `ask: numerical` is no kind of question. Write one of: {', '.join(PREDICTABLE)}.",
    ]


def test_a_misspelt_key_is_named_with_the_one_that_was_meant(content: Path) -> None:
    spoil(content, LESSON, "    minutes: 4".strip(), "minuts: 4")
    assert f"{LESSON}:4:1: Nobody knows the key `minuts` here. Did you mean `minutes`?" in errors_of(content)


def test_a_defect_in_a_check_is_found_at_its_line_of_the_lesson(content: Path) -> None:
    spoil(content, LESSON, "{text: One, reason: It is tried again.}", "{text: 1, reason: It is tried again.}")
    assert errors_of(content) == [f"{LESSON}:38:6: This should be `str`, but is `int`. Correct this value."]


def test_one_bad_question_does_not_hide_the_next(content: Path) -> None:
    with (content / QUIZ).open("a") as file:
        file.write("  - {uuid: x, slug: a, kind: true_false, prompt: P, answer: true}\n  - 7\n")
    found = errors_of(content)
    assert [error.split(": ", 1)[1] for error in found] == [
        'This is no UUID. Make one: python -c "import uuid; print(uuid.uuid4())".',
        "A question is a mapping. Write `kind:`, `prompt:` and so on.",
    ]


def test_an_identity_used_twice_is_refused(content: Path) -> None:
    spoil(content, QUIZ, "1d2e07", "1d2e04")
    (error,) = errors_of(content)
    assert "0b6a2d3e-5f3e-4c58-9d7c-3a3d1c1d2e04 is used twice" in error


@pytest.mark.parametrize(
    ("project", "message"),
    [
        ("labs/absent", "There is no project `labs/absent` in this topic. There are: labs/try-again."),
        ("../../etc", "There is no project `../../etc` in this topic. There are: labs/try-again."),
        ("labs/..", "There is no project `labs/..` in this topic. There are: labs/try-again."),
    ],
)
def test_a_figure_can_play_only_a_project_of_its_topic(content: Path, project: str, message: str) -> None:
    spoil(content, LESSON, "project: labs/try-again", f"project: {project}")
    assert errors_of(content) == [f"{LESSON}:11:1: {message}"]


def test_an_unknown_variant_is_refused(content: Path) -> None:
    spoil(content, LESSON, "with: exemplar", "with: broken/absent")
    assert "has no variant `broken/absent`" in errors_of(content)[0]


def test_a_link_out_of_a_project_is_refused(content: Path) -> None:
    (content / "topics/01-first/labs/try-again/src/secret").symlink_to("/etc/hostname")
    assert "labs/try-again/src/secret:1:1: A link may lead out of the project." in errors_of(content)[0]


def test_a_folder_that_the_map_does_not_know_is_a_defect(content: Path) -> None:
    (content / "topics/03-third").mkdir()
    assert errors_of(content) == ["course.yaml:1:1: topics/03-third is no topic. List it in course.yaml."]


def test_a_lab_without_proof_that_its_checks_can_fail_is_a_defect(content: Path) -> None:
    (content / "topics/01-first/labs/try-again/broken/give-up/src/app.py").unlink()
    found = errors_of(content)
    assert any("fewer than two broken variants" in error for error in found)
    assert any("broken/give-up does not exist" in error for error in found)


def test_the_package_loads_no_django() -> None:
    code = "import lambdalab.curriculum, sys; assert 'django' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
