import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.yaml_source import BYTES_MAX, read_yaml

BOMB = "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefg", "bcdefgh", strict=True)
)


def problem_of(text: str | bytes) -> Problem:
    with pytest.raises(ProjectError) as caught:
        read_yaml("template.yaml", text.encode() if isinstance(text, str) else text)
    return caught.value.problems[0]


def test_every_value_knows_its_line_and_column() -> None:
    source = read_yaml("t.yaml", b"a: 1\nb:\n  - x\n  - c: 2\n")
    assert source.value == {"a": 1, "b": ["x", {"c": 2}]}
    assert source.place(("a",)) == (1, 1)
    assert source.place(("b", 0)) == (3, 5)
    assert source.place(("b", 1, "c")) == (4, 5)


def test_a_value_that_is_not_there_has_the_place_of_its_nearest_ancestor() -> None:
    source = read_yaml("t.yaml", b"a: 1\nb:\n  c: 2\n")
    assert source.place(("b", "missing", "deeper")) == source.place(("b",)) == (2, 1)
    assert source.place(()) == (1, 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref Name", {"Ref": "Name"}),
        ("!GetAtt A.Arn", {"Fn::GetAtt": ["A", "Arn"]}),
        ("!GetAtt A.Outputs.B", {"Fn::GetAtt": ["A", "Outputs.B"]}),
        ("!Sub 'x-${A}'", {"Fn::Sub": "x-${A}"}),
        ("!Join ['-', [a, !Ref B]]", {"Fn::Join": ["-", ["a", {"Ref": "B"}]]}),
        ("!If [C, 1, 2]", {"Fn::If": ["C", 1, 2]}),
        ("!Condition C", {"Condition": "C"}),
    ],
)
def test_a_short_tag_becomes_its_long_form(text: str, value: object) -> None:
    assert read_yaml("t.yaml", f"x: {text}".encode()).value == {"x": value}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("1_000", 1000),
        ("0", 0),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.5", 1.5),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("'12'", "12"),
        ("yes", "yes"),
        ("2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z"),
        ("", None),
    ],
)
def test_plain_values_are_those_of_yaml_1_2(text: str, value: object) -> None:
    found = read_yaml("t.yaml", f"x: {text}".encode()).value["x"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("key", ["012345678901", "1.10", "true", "null"])
def test_a_key_is_the_text_that_stands_there(key: str) -> None:
    assert read_yaml("t.yaml", f"{key}: 1".encode()).value == {key: 1}


def test_json_is_read_too() -> None:
    assert read_yaml("t.json", json.dumps({"a": [1, {"b": "ü"}]}).encode()).value == {"a": [1, {"b": "ü"}]}


def test_a_key_that_stands_twice_is_refused_where_it_stands_again() -> None:
    problem = problem_of("a: 1\nb: 2\na: 3\n")
    assert (problem.line, problem.column) == (3, 1)
    assert "a second time" in problem.message


def test_an_alias_bomb_is_refused_quickly() -> None:
    assert "too many values" in problem_of(BOMB).message


def test_an_alias_of_itself_is_refused() -> None:
    assert "nested" in problem_of("a: &a [*a]\n").message


def test_a_file_nested_too_deeply_is_refused() -> None:
    assert "nested" in problem_of("[" * 100 + "]" * 100).message
    assert problem_of("[" * 20_000).message.startswith("not valid YAML")


def test_a_file_with_too_many_values_is_refused_where_they_are_too_many() -> None:
    problem = problem_of("a:\n" + "".join(f"  k{number}: v\n" for number in range(30_000)))
    assert (problem.line, problem.message) == (10_000, "the file holds more than 20,000 values.")


@pytest.mark.parametrize("text", ["".join(" " * depth + "a:\n" for depth in range(100)), "{a: " * 250_000])
def test_a_value_that_is_nested_too_deeply_is_refused_where_it_stands(text: str) -> None:
    assert problem_of(text).message == "values are nested more than 60 deep."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: 1".encode("utf-16"), "the file is not UTF-8 text."),
        (bytes(range(256)), "the file is not UTF-8 text."),
        (b"a:\n\tb: 1\n", "not valid YAML: found character"),
        (b'{\n "a": 1,,\n}', "not valid YAML: "),
    ],
)
def test_what_is_no_yaml_is_refused_in_a_sentence(content: bytes, message: str) -> None:
    problem = problem_of(content)
    assert problem.message.startswith(message)
    assert problem.line in (0, 2)


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    assert "1,048,577 bytes" in problem_of(b"#" * (BYTES_MAX + 1)).message


def test_a_syntax_error_names_line_and_column() -> None:
    problem = problem_of("a: 1\nb: [1, 2\nc: 3\n")
    assert problem.line == 3
    assert problem.message.startswith("not valid YAML")
    assert str(problem).startswith("template.yaml:3: ")


@pytest.mark.parametrize("text", [b"a: \xff\xfe", b"\x00", b"a: 1\n---\nb: 2\n", b"a: *nowhere\n"])
def test_bytes_that_are_no_document_are_a_problem_not_a_crash(text: bytes) -> None:
    assert problem_of(text).path == "template.yaml"


@pytest.mark.parametrize("text", ["<<: {a: 1}\n", "? [a]\n: 1\n"])
def test_only_plain_text_may_be_a_key(text: str) -> None:
    assert "key" in problem_of(text).message


@pytest.mark.parametrize("text", ["!!python/object/apply:os.system [ls]", "!!python/name:os.system x"])
def test_no_tag_makes_an_object(text: str) -> None:
    value = read_yaml("t.yaml", f"x: {text}".encode()).value["x"]
    assert isinstance(value, list | str | dict)


def test_an_empty_file_is_nothing() -> None:
    assert read_yaml("t.yaml", b"# nothing\n").value is None


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ('{\n  "a": 1,\n}', 3, 1, "not valid JSON: Expecting property name enclosed in double quotes."),
        ('{"a": [1, 2}', 1, 12, "not valid JSON: Expecting ',' delimiter."),
        ("{\n 'a': 1}", 2, 2, "not valid JSON: Expecting property name enclosed in double quotes."),
        ("a: 1\n", 1, 1, "not valid JSON: Expecting value."),
        ("", 1, 1, "not valid JSON: Expecting value."),
    ],
)
def test_an_error_in_a_file_of_json_is_told_in_words_of_json(text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(ProjectError) as caught:
        read_yaml("template.json", text.encode())
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (line, column)
    assert problem.message.startswith(message[:-1])


def test_json_that_is_nested_too_deeply_is_refused_where_it_stands() -> None:
    with pytest.raises(ProjectError) as caught:
        read_yaml("template.json", ("[" * 200_000).encode())
    assert "nest" in caught.value.problems[0].message


plain_text = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | plain_text | st.floats(-1e6, 1e6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(plain_text.filter(lambda key: key != "<<"), inner),
    max_leaves=12,
)


@given(json_values, st.booleans(), st.sampled_from([None, 2, "\t"]))
def test_every_document_of_json_is_read_as_json_reads_it(value: object, ascii_only: bool, indent: int | str) -> None:
    text = json.dumps({"x": value}, ensure_ascii=ascii_only, indent=indent)
    assert read_yaml("template.json", text.encode()).value == {"x": value}


def test_a_large_file_is_read() -> None:
    text = "a:\n" + "".join(f"  k{number}: {{b: [1, x]}}\n" for number in range(3_300))
    assert len(read_yaml("t.yaml", text.encode()).value["a"]) == 3_300
