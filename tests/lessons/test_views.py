import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from lambdalab.accounts.models import User
from lambdalab.curriculum import Topic
from lambdalab.lessons import queries, services
from lambdalab.runs.models import Run, State
from lambdalab.runs.packing import pack_json
from tests.playground.test_views import PLAYER

pytestmark = pytest.mark.django_db
LESSON = "/topics/first/lessons/hand-over/"
CHECK = f"{LESSON}checks/0b6a2d3e-5f3e-4c58-9d7c-3a3d1c1d2e04/"
HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "check"}


@pytest.fixture
def options(topic: Topic) -> dict[bool, str]:
    """The ids of the right and of the wrong option of the lesson's check."""
    return {option.right: option.id for option in topic.lessons[0].checks[0].options}


def play_figure(**changes: object) -> None:
    values = {"state": State.DONE, "player": pack_json(PLAYER), **changes}
    assert Run.objects.filter(purpose="figure").update(**values)


def test_the_map_lists_written_topics_and_those_to_come(as_ada: Client, topic: Topic) -> None:
    page = as_ada.get("/").text
    assert 'href="/topics/first/"' in page
    assert 'href="/topics/second/"' not in page
    assert "Second" in page
    assert "to come" in page


def test_the_map_leads_to_the_first_unread_lesson(as_ada: Client, ada: User, topic: Topic) -> None:
    assert "Begin here" in as_ada.get("/").text
    services.lesson_mark_read(user=ada, lesson=topic.lessons[0])
    assert "All lessons read" in as_ada.get("/").text


def test_the_map_reads_the_database_a_fixed_number_of_times(
    as_ada: Client, topic: Topic, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(4):
        as_ada.get("/")


def test_a_topic_shows_lessons_labs_and_quiz(as_ada: Client, topic: Topic) -> None:
    page = as_ada.get("/topics/first/").text
    for url in (LESSON, "/topics/first/labs/try-again/", "/topics/first/quiz/"):
        assert f'href="{url}"' in page


def test_a_topic_that_is_not_written_is_not_found(as_ada: Client, topic: Topic) -> None:
    assert as_ada.get("/topics/second/").status_code == 404
    assert as_ada.get("/topics/nothing/").status_code == 404
    assert as_ada.get("/topics/first/lessons/nothing/").status_code == 404


def test_pages_ask_for_a_sign_in(client: Client, topic: Topic) -> None:
    assert client.get(LESSON).status_code == 302


def test_a_lesson_shows_its_blocks_terms_and_sources(as_ada: Client, topic: Topic) -> None:
    page = as_ada.get(LESSON).text
    assert "Hand over" in page
    assert 'class="term-definition" role="tooltip"' in page
    assert "It runs three retries" in page
    assert "How many?" in page
    assert "A page</" in page or "A page," in page
    assert 'href="/topics/first/labs/try-again/"' in page


def test_a_figure_that_was_not_played_is_enqueued_and_asks_again(as_ada: Client, topic: Topic) -> None:
    page = as_ada.get(LESSON).text
    assert Run.objects.filter(purpose="figure", subject=topic.lessons[0].figures[0].key).count() == 1
    assert "is being played" in page
    assert f'hx-get="{LESSON}figures/figure-1-1/"' in page


def test_a_played_figure_shows_the_sentence_the_table_and_the_run(as_ada: Client, topic: Topic) -> None:
    as_ada.get(LESSON)
    play_figure()
    page = as_ada.get(LESSON).text
    assert "order-4812 went to the dead-letter queue" in page
    assert "0:00.28" in page
    assert 'id="figure-1-1-run"' in page
    assert "is being played" not in page


def test_a_figure_does_not_carry_what_it_does_not_draw(as_ada: Client, topic: Topic) -> None:
    as_ada.get(LESSON)
    play_figure()
    assert '"checks"' not in as_ada.get(LESSON).text


def test_the_fragment_of_a_figure_stops_asking_when_it_is_there_or_lost(as_ada: Client, topic: Topic) -> None:
    as_ada.get(LESSON)
    url = f"{LESSON}figures/figure-1-1/"
    assert 'hx-trigger="load delay:2s"' in as_ada.get(url).text
    play_figure(state=State.FAILED, player=None)
    lost = as_ada.get(url).text
    assert "hx-trigger" not in lost
    assert "could not be played" in lost


def test_a_right_answer_says_why(as_ada: Client, options: dict[bool, str]) -> None:
    answer = as_ada.post(CHECK, {"choice": options[True]}, **HTMX)
    assert "That is right." in answer.text
    assert "One and two more." in answer.text
    assert "<html" not in answer.text


def test_a_wrong_answer_gives_its_reason_and_not_the_key(as_ada: Client, options: dict[bool, str]) -> None:
    answer = as_ada.post(CHECK, {"choice": options[False]}, **HTMX).text
    assert "Not quite." in answer
    assert "It is tried again." in answer
    assert "One and two more." not in answer


def test_no_answer_and_a_made_up_one_are_no_answers(as_ada: Client, options: dict[bool, str]) -> None:
    for data in ({}, {"choice": "invented"}):
        answer = as_ada.post(CHECK, data, **HTMX)
        assert answer.status_code == 422
        assert "Choose an answer first." in answer.text


def test_a_check_works_without_javascript(as_ada: Client, options: dict[bool, str]) -> None:
    page = as_ada.post(CHECK, {"choice": options[True]}).text
    assert "<html" in page
    assert "That is right." in page


def test_reading_is_noted_once_and_leads_on(as_ada: Client, ada: User, topic: Topic) -> None:
    for _twice in range(2):
        answer = as_ada.post(f"{LESSON}read/")
        assert (answer.status_code, answer.url) == (303, "/topics/first/")
    assert queries.lessons_read(ada) == {topic.lessons[0].uuid}


def test_reading_is_nobody_elses(as_ada: Client, mallory: User, topic: Topic) -> None:
    as_ada.post(f"{LESSON}read/")
    assert queries.lessons_read(mallory) == frozenset()


def test_a_passed_lab_is_marked_on_the_topic(as_ada: Client, ada: User, topic: Topic) -> None:
    assert "goals met" not in as_ada.get("/topics/first/").text
    lab = topic.labs[0]
    Run.objects.create(owner=ada, purpose="play", subject=str(lab.uuid), number=1, project=b"", priority=0, passed=True)
    assert "goals met" in as_ada.get("/topics/first/").text


def test_long_pages_travel_compressed(as_ada: Client, topic: Topic) -> None:
    page = as_ada.get(LESSON, HTTP_ACCEPT_ENCODING="gzip")
    assert page.headers["Content-Encoding"] == "gzip"


def test_the_glossary_explains_each_word_at_its_own_address(as_ada: Client, topic: Topic) -> None:
    page = as_ada.get("/glossary/").text
    assert '<div id="queue">' in page
    assert "Where <code>events</code> wait." in page


def test_assumptions_are_listed_by_number(as_ada: Client) -> None:
    assert "A-01" in as_ada.get("/assumptions/").text
