import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.curriculum.questions import (
    Answer,
    Body,
    Item,
    MultipleResponse,
    Numeric,
    Option,
    Ordering,
    ShortAnswer,
    SingleChoice,
    TrueFalse,
    WrongNumber,
)
from quizzes import engine
from quizzes.engine.kinds import matching
from quizzes.engine.kinds.multiple_response import SCHEMES
from quizzes.engine.kinds.short_answer import matches
from tests.quizzes.bodies import (
    ANSWERS,
    MATCHING,
    MULTIPLE,
    NUMERIC,
    ORDERING,
    SHORT,
    SINGLE,
    TRUE_FALSE,
    body,
    prediction,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
RESPONSES = st.fixed_dictionaries(
    {},
    optional={
        "choice": JSON | st.integers(0, 3),
        "choices": JSON | st.lists(st.integers(0, 4), max_size=5),
        "text": JSON | st.builds("{}{}".format, st.integers(), st.sampled_from(["", " s", "min"])),
        "order": JSON | st.permutations([0, 1, 2]),
        "pairs": JSON | st.lists(st.none() | st.integers(0, 3), min_size=3, max_size=3),
    },
)


@given(answer=st.sampled_from(ANSWERS), response=RESPONSES)
def test_any_response_is_graded_between_0_and_1(answer: Answer, response: dict[str, object]) -> None:
    grade = engine.grade(body(answer), response)
    assert 0 <= grade.fraction <= 1
    assert (grade.verdict == "right") == (grade.fraction > 1 - 1e-9)
    msgspec.json.encode(grade)


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_the_key_is_graded_1_and_the_question_has_no_defect(answer: Answer) -> None:
    question = body(answer)
    assert engine.grade(question, engine.key(question)).fraction == 1
    assert engine.defects(question) == []


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_no_answer_is_not_a_wrong_answer(answer: Answer) -> None:
    assert engine.grade(body(answer), {}).verdict == "empty"


@given(answer=st.sampled_from(ANSWERS), seed=st.integers(0, 2**63))
def test_a_variant_is_a_permutation_and_the_same_seed_gives_the_same(answer: Answer, seed: int) -> None:
    question = body(answer)
    variant = engine.variant(question, seed)
    assert sorted(variant.order) == list(range(len(variant.order)))
    assert engine.variant(question, seed) == variant


@given(count=st.integers(2, 12), seed=st.integers(0, 2**63))
def test_an_ordering_is_never_shown_in_its_right_order(count: int, seed: int) -> None:
    question = body(Ordering(tuple(Item(str(n)) for n in range(count)), otherwise="x"))
    assert engine.variant(question, seed).order != tuple(range(count))


def test_a_body_survives_its_way_through_the_database() -> None:
    for answer in ANSWERS:
        question = prediction(answer, "async.f.received")
        assert msgspec.json.decode(msgspec.json.encode(question), type=Body) == question


def test_an_author_can_keep_his_own_order_of_options() -> None:
    fixed = SingleChoice(SINGLE.options, shuffle=False)
    assert {engine.variant(body(fixed), seed).order for seed in range(20)} == {(0, 1, 2)}


# -- each kind


def test_a_wrong_choice_is_answered_with_its_own_reason() -> None:
    grade = engine.grade(body(SINGLE), {"choice": 1})
    assert grade.fraction == 0
    assert [note.text for note in grade.notes if note.given] == ["It waits."]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ([0, 1], {"all_or_nothing": 1.0, "net_correct": 1.0, "each_option": 1.0, "coverage": 1.0}),
        ([0], {"all_or_nothing": 0.0, "net_correct": 0.5, "each_option": 0.75, "coverage": 0.5}),
        ([0, 2], {"all_or_nothing": 0.0, "net_correct": 0.0, "each_option": 0.5, "coverage": 0.25}),
        ([0, 1, 2], {"all_or_nothing": 0.0, "net_correct": 0.5, "each_option": 0.75, "coverage": 2 / 3}),
        ([0, 1, 2, 3], {"all_or_nothing": 0.0, "net_correct": 0.0, "each_option": 0.5, "coverage": 0.5}),
        ([2, 3], {"all_or_nothing": 0.0, "net_correct": 0.0, "each_option": 0.0, "coverage": 0.0}),
    ],
)
def test_partial_credit_follows_the_named_scheme(chosen: list[int], expected: dict[str, float]) -> None:
    given_ = {
        credit: engine.grade(body(MultipleResponse(MULTIPLE.options, credit)), {"choices": chosen}).fraction
        for credit in SCHEMES
    }
    assert given_ == pytest.approx(expected)


@pytest.mark.parametrize("text", ["180", "180 s", "3 min", "3min", "3 MINUTES", "178", "1.8e2", " 180.0 ", "0,180"])
def test_a_number_may_be_written_in_any_unit_of_the_question(text: str) -> None:
    assert engine.grade(body(NUMERIC), {"text": text}).fraction == 1


@pytest.mark.parametrize("text", ["186", "-180", "3", "18O", "180 h", "three", "nan", "1e999", "−180"])
def test_other_numbers_are_wrong(text: str) -> None:
    assert engine.grade(body(NUMERIC), {"text": text}).fraction == 0


def test_a_slip_of_form_is_named_and_not_explained_away() -> None:
    assert engine.grade(body(NUMERIC), {"text": "soon"}).trouble == "not_a_number"
    assert engine.grade(body(NUMERIC), {"text": "3 h"}).trouble == "unknown_unit"


def test_a_number_people_give_for_a_reason_is_answered_with_that_reason() -> None:
    assert engine.grade(body(NUMERIC), {"text": "2 min"}).notes[0].text == "You forgot the first wait."
    assert engine.grade(body(NUMERIC), {"text": "7"}).notes[0].text == "Add both waits."


def test_a_relative_tolerance_is_a_share_of_the_value() -> None:
    question = body(Numeric(value=1000, tolerance=0.1, relative=True, otherwise="x"))
    assert [engine.grade(question, {"text": text}).fraction for text in ("900", "1,100", "1101")] == [1, 1, 0]


@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [
        ("dead*letter queue*", "Dead-Letter   Queue", True),
        ("dead*letter queue*", "the dead-letter queue", False),
        ("DLQ", " dlq ", True),
        ("a*b*c", "aXXbYYc", True),
        ("a*b*c", "acb", False),
        ("*ab*ab*", "xabx", False),
        ("ab*ab", "ab", False),
        ("*", "", True),
    ],
)
def test_a_star_stands_for_any_characters(pattern: str, text: str, matched: bool) -> None:
    assert matches(pattern, text, case=False) is matched


def test_many_stars_cost_no_more_than_a_few() -> None:
    assert not matches("a*" * 200 + "b", "a" * 500, case=False)


def test_letter_case_counts_only_when_the_author_says_so() -> None:
    strict = body(ShortAnswer(("RequestId",), case=True, otherwise="x"))
    assert [engine.grade(strict, {"text": text}).fraction for text in ("RequestId", "requestid")] == [1, 0]


def test_an_order_earns_its_right_neighbours() -> None:
    fractions = [engine.grade(body(ORDERING), {"order": order}).fraction for order in ([1, 2, 0], [2, 1, 0])]
    assert fractions == [0.5, 0.0]


def test_a_right_hand_side_that_two_share_is_shown_once() -> None:
    assert matching.rights(MATCHING) == ["two retries", "back-off", "nothing"]
    assert engine.key(body(MATCHING)) == {"pairs": [0, 1, 0]}
    assert engine.grade(body(MATCHING), {"pairs": [0, 0, None]}).fraction == pytest.approx(1 / 3)


# -- what authors are told


def said(answer: Answer) -> list[str]:
    return [defect.message for defect in engine.defects(body(answer))]


def test_a_choice_without_a_right_option_is_refused() -> None:
    options = tuple(Option(option.text, option.reason) for option in SINGLE.options)
    assert said(SingleChoice(options)) == ["0 options are right"]
    assert said(MultipleResponse(options)) == ["No option is right"]


def test_two_options_that_read_the_same_are_refused() -> None:
    options = (Option("One minute", "r", right=True), Option("one  minute", "r"))
    assert said(SingleChoice(options)) == ["Options 1 and 2 are the same"]


def test_an_option_without_a_reason_is_refused() -> None:
    options = (Option("a", "r", right=True), Option("b"))
    assert said(SingleChoice(options)) == ["Option 2 does not say why it is wrong"]


def test_a_wrong_answer_that_the_key_accepts_is_refused() -> None:
    numeric = Numeric(value=3, tolerance=1, wrong=(WrongNumber(2, "r"),), otherwise="x")
    assert said(numeric) == ["2 is listed as wrong but would be graded right"]


def test_an_answer_that_accepts_anything_is_refused() -> None:
    assert "so anything would be right" in said(ShortAnswer(("*",), otherwise="x"))[0]


def test_a_key_that_the_grader_does_not_accept_is_refused() -> None:
    assert said(ShortAnswer(("dead*letter", "x"), otherwise="x")) == []
    assert said(ShortAnswer(("a  *  b",), otherwise="x", case=True)) == ["The grader does not accept the key"]


def test_both_sides_of_a_statement_need_a_reason() -> None:
    assert said(TrueFalse(answer=True, if_true="r")) == ["`if_false` is empty"]


# -- predictions


@pytest.mark.parametrize(
    ("answer", "summary", "agrees"),
    [
        (SINGLE, {"v": 60}, True),
        (SINGLE, {"v": 120}, False),
        (SINGLE, {"v": 7}, False),
        (SINGLE, {}, False),
        (NUMERIC, {"v": 181.5}, True),
        (NUMERIC, {"v": 300}, False),
        (NUMERIC, {"v": "180"}, False),
        (TRUE_FALSE, {"v": False}, True),
        (ORDERING, {"v": ["202", "wait", "run"]}, True),
        (ORDERING, {"v": ["wait", "202", "run"]}, False),
        (ORDERING, {"v": ["202"]}, False),
    ],
)
def test_a_run_confirms_or_refutes_a_key(answer: Answer, summary: dict[str, object], agrees: bool) -> None:
    assert engine.check_computed(prediction(answer, "v"), summary).agrees is agrees


def test_a_refuted_key_says_what_the_run_says() -> None:
    comparison = engine.check_computed(prediction(NUMERIC, "v"), {"v": 300})
    assert comparison.message == "The run says 300, the key says {'text': '180 s'}"


def test_a_query_that_is_no_query_is_refused() -> None:
    assert "is not JMESPath" in engine.defects(prediction(NUMERIC, "a["))[0].message


def test_matching_cannot_be_predicted() -> None:
    assert engine.defects(prediction(MATCHING, "a"))[0].message == "This kind cannot be predicted"


def test_short_answers_grade_the_words_people_use() -> None:
    assert engine.grade(body(SHORT), {"text": "the trash"}).notes[0].text == "Nothing is thrown away."
