"""Filter patterns of CloudWatch Logs. The cases: User Guide, "Filter pattern syntax"."""

import json

import pytest

from lambdalab.simulator.vocabulary.log_columns import columns_of
from lambdalab.simulator.vocabulary.log_patterns import read_log_pattern
from lambdalab.simulator.vocabulary.log_values import LogPatternError

FAILED = json.dumps(
    {
        "level": "ERROR",
        "user": {"id": 7, "name": "Ann", "mail": None},
        "tags": ["a", "b"],
        "items": [{"sku": "x-1"}, {"sku": "y-2"}],
        "ok": True,
        "ms": 12.5,
    }
)


@pytest.mark.parametrize(
    ("pattern", "message", "wanted"),
    [
        ("", "anything", True),
        ("ERROR", "[ERROR] no", True),
        ("ERROR", "[error] no", False),
        ("ERROR card", "ERROR: the card", True),
        ("ERROR card", "ERROR: the cash", False),
        ('"card refused"', "the card refused", True),
        ('"card refused"', "refused the card", False),
        ('"say \\"no\\""', 'they say "no"', True),
        ("ERROR -Exiting", "ERROR Exiting", False),
        ("ERROR -Exiting", "ERROR Staying", True),
        ("?ERROR ?WARN", "WARN: low", True),
        ("?ERROR ?WARN", "INFO: high", False),
        ("?ERROR INFO", "INFO: high", True),
        ('-"a b"', "a b", False),
    ],
)
def test_terms(pattern: str, message: str, wanted: bool) -> None:
    assert read_log_pattern(pattern)(message) is wanted


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ('{ $.level = "ERROR" }', True),
        ("{ $.level = ERROR }", True),
        ("{ $.level = E* }", True),
        ("{ $.level = *RR* }", True),
        ("{ $.level != INFO }", True),
        ("{ $.level != ERROR }", False),
        ("{ $.nothing != ERROR }", False),
        ("{ $.user.id = 7 }", True),
        ("{ $.user.id > 7 }", False),
        ("{ $.user.id >= 7 && $.user.name = Ann }", True),
        ("{ $.user.id < 7 || $.user.name = Ann }", True),
        ("{ ($.user.id < 7 || $.ok IS TRUE) && $.ms <= 12.5 }", True),
        ("{ $.user.mail IS NULL }", True),
        ("{ $.user.name IS NULL }", False),
        ("{ $.ok IS FALSE }", False),
        ("{ $.user.phone NOT EXISTS }", True),
        ("{ $.user.name NOT EXISTS }", False),
        ('{ $.tags[1] = "b" }', True),
        ('{ $.tags[*] = "b" }', True),
        ('{ $.tags[2] = "b" }', False),
        ('{ $.items[*].sku = "y-*" }', True),
        ("{ $['user']['name'] = Ann }", True),
        ("{ $.ms = 1.25e1 }", True),
    ],
)
def test_fields_of_json(pattern: str, wanted: bool) -> None:
    test = read_log_pattern(pattern)
    assert test(FAILED) is wanted
    assert test("level = ERROR") is False
    assert test("{broken") is False


LINE = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 404 1534'


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("[ip, id, user, timestamp, request, status_code, bytes]", True),
        ("[ip, id, user, timestamp, request, status_code]", False),
        ("[ip, id, user, timestamp, request, status_code = 4*, bytes > 1000]", True),
        ("[ip, id, user, timestamp, request, status_code = 404 || status_code = 410, bytes]", True),
        ("[ip, id, user, timestamp, request, status_code != 404, bytes]", False),
        ('[..., request = "GET *", status_code, bytes]', True),
        ("[..., bytes > 2000]", False),
        ("[ip = 127.*, ...]", True),
    ],
)
def test_columns(pattern: str, wanted: bool) -> None:
    assert read_log_pattern(pattern)(LINE) is wanted


@pytest.mark.parametrize(
    "pattern",
    [
        "[ERROR]]x",
        "error: no",
        '"open',
        "{ $.level }",
        "{ $.level = }",
        "{ level = ERROR }",
        "{ ($.a = 1 }",
        "{ $.a = 1 $.b = 2 }",
        "{ $.a > many }",
        "{ $.a IS MAYBE }",
        "{ " + "(" * 30 + "$.a = 1" + ")" * 30 + " }",
        "[a, , b]",
        "[..., a, ...]",
        "%ab+%",
        "x" * 1_025,
    ],
)
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(LogPatternError):
        read_log_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "%ab+%",
        "ERROR -%a.b%",
        "{ $.a = %Trail% }",
        "{ $.a != %two words% }",
        r"[ip = %127\.0\.0\.[1-9]%, ...]",
        "[w1 = ERROR || w1 = %WARN%]",
    ],
)
def test_a_regular_expression_is_told_to_be_left_out_and_never_taken_for_a_text(pattern: str) -> None:
    with pytest.raises(LogPatternError, match="lambdalab does not evaluate regular expressions"):
        read_log_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [("{ $.n > 3 }", True), ("{ $.n < 3 }", False), ("{ $.n = 3 }", False), ("{ $.n != 3 }", True)],
)
def test_a_number_beyond_all_doubles_is_a_great_one(pattern: str, wanted: bool) -> None:
    assert read_log_pattern(pattern)('{"n": 1' + "0" * 400 + "}") is wanted


@pytest.mark.parametrize("text", ["1_000", "\uff11\uff12", " 12", "nan", "inf", "0x10", "1e", ""])
def test_what_python_alone_takes_for_a_number_is_none(text: str) -> None:
    assert read_log_pattern("{ $.n > 0 || $.n <= 0 }")(json.dumps({"n": text})) is False


@pytest.mark.parametrize(
    ("pattern", "message", "wanted"),
    [
        ('[ip, request = "a, b", bytes]', '1 "a, b" 2', True),
        ('[ip, request = "a, b", bytes]', '1 "a; b" 2', False),
        ('[ip, request = "a||b", bytes]', '1 "a||b" 2', True),
        ('[ip, request = "a&&b" && request != c, bytes]', '1 "a&&b" 2', True),
    ],
)
def test_what_stands_in_quotes_parts_no_fields_and_no_conditions(pattern: str, message: str, wanted: bool) -> None:
    assert read_log_pattern(pattern)(message) is wanted


@pytest.mark.parametrize(
    ("message", "columns"),
    [
        ("a [b c] [d", ["a", "b c", "[d"]),
        ("] [a b", ["]", "[a", "b"]),
        ('"a b" "c', ["a b", "c"]),
        ("[] []x", ["", "", "x"]),
    ],
)
def test_a_bracket_or_a_quote_that_nobody_closes_is_a_sign_like_others(message: str, columns: list[str]) -> None:
    assert columns_of(message) == columns


def test_open_brackets_take_no_longer_the_more_there_are() -> None:
    """Looking for the end of each would take minutes. How long it takes: ``python -m bench.templates``."""
    assert len(columns_of("[ " * 300_000)) == 300_000


@pytest.mark.parametrize("pattern", ["{ $.a = *a*a*a*a*a*a*a*a*b }", '"' + "a" * 1_000 + '"', "[x = *a*a*a*a*b]"])
def test_no_pattern_tries_every_way_in_which_its_stars_could_match(pattern: str) -> None:
    """One that did would not end in anybody's life. How long they take: ``python -m bench.templates``."""
    read_log_pattern(pattern)(json.dumps({"a": "a" * 200_000}))
    read_log_pattern(pattern)("a" * 200_000)
