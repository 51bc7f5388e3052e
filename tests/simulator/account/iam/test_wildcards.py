import fnmatch
import random
import re

import pytest

from lambdalab.simulator.account.iam.wildcards import arn_like, like


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("", "", True),
        ("*", "", True),
        ("?", "", False),
        ("a*", "a", True),
        ("*a", "ba", True),
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "acb", False),
        ("a**b", "ab", True),
        ("a?c", "a\nc", True),
        ("[ab]", "a", False),
        (".", "x", False),
        ("*ab*ab", "abab", True),
        ("*ab*ab", "ab", False),
    ],
)
def test_a_star_is_any_characters_and_a_question_mark_one(pattern: str, value: str, expected: bool) -> None:
    assert like(pattern, value) is expected


@pytest.mark.parametrize("seed", range(300))
def test_a_pattern_matches_what_a_plain_search_would_find(seed: int) -> None:
    draw = random.Random(seed)
    pattern = "".join(draw.choice("ab*?") for _ in range(draw.randint(0, 7)))
    value = "".join(draw.choice("ab") for _ in range(draw.randint(0, 9)))
    assert like(pattern, value) is bool(re.fullmatch(fnmatch.translate(pattern), value))


def test_a_hostile_pattern_costs_no_more_than_its_length_times_that_of_the_value() -> None:
    """Going back over each star would take longer than the universe has: this test would not end."""
    assert not like("*a" * 1_000 + "b", "a" * 2_000)
    assert not arn_like("arn:aws:s3:::" + "*?a" * 500 + "!", "arn:aws:s3:::" + "a" * 2_000)


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("*", "not an ARN", True),
        ("arn:aws:s3:::photos/*", "arn:aws:s3:::photos/2026/cat.jpg", True),
        ("arn:aws:s3:::photos/*", "arn:aws:s3:::photos", False),
        ("arn:aws:logs:*:*:*", "arn:aws:logs:us-east-1:1:log-group:/aws/lambda/f:*", True),
        ("arn:aws:logs", "arn:aws:logs:us-east-1:1:log-group:x", True),
        ("arn:aws:*:function", "arn:aws:lambda:us-east-1:1:function", False),
        ("arn:aws:lambda:*:*:function:CodeDeployHook_*", "arn:aws:lambda:us-east-1:1:function:CodeDeployHook_x", True),
        ("arn:aws:sqs:*:*:*", "queue", False),
    ],
)
def test_arns_compare_part_by_part(pattern: str, value: str, expected: bool) -> None:
    assert arn_like(pattern, value) is expected
