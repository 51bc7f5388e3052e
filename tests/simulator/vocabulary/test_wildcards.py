import re

from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.vocabulary.wildcards import fits

LETTERS = st.text("ab", max_size=4)


@given(parts=st.lists(LETTERS, min_size=1, max_size=4), text=st.text("ab", max_size=8))
def test_a_text_fits_as_a_regular_expression_would_say(parts: list[str], text: str) -> None:
    assert fits(parts, text) == bool(re.fullmatch(".*".join(parts), text))


def test_parts_do_not_overlap() -> None:
    assert fits(("ab", "ba"), "abba")
    assert not fits(("ab", "ba"), "aba")
