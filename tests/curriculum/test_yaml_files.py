from lambdalab.curriculum import yaml_files
from lambdalab.curriculum.errors import Problems


def problem_in(text: str) -> str:
    problems = Problems()
    yaml_files.read(text, "a.yaml", problems)
    (found,) = problems.found
    return str(found)


def test_every_value_knows_its_line_and_column() -> None:
    document = yaml_files.read("a: 1\nb:\n  - {c: x}\n", "a.yaml", Problems(), first_line=10)
    assert document is not None
    assert document.data == {"a": 1, "b": [{"c": "x"}]}
    assert document.at(("b", 0, "c")) == (12, 6)
    assert document.at(("b", 0, "absent")) == (12, 5)


def test_dates_and_words_like_yes_stay_texts() -> None:
    document = yaml_files.read("{day: 2026-11-23, on: yes, tag: !!python/object x}", "a.yaml", Problems())
    assert document is not None
    assert document.data == {"day": "2026-11-23", "on": "yes", "tag": "x"}


def test_a_bomb_of_aliases_is_refused_before_it_unfolds() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    assert "more than 50 aliases" in problem_in("\n".join(lines))


def test_a_few_aliases_that_unfold_far_are_refused() -> None:
    lines = ["a0: &a0 [1, 2]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 20)]
    assert "more than 50000 values" in problem_in("\n".join(lines))


def test_depth_is_bounded() -> None:
    assert "nested deeper than 24 levels" in problem_in("[" * 400)


def test_an_alias_of_itself_is_refused() -> None:
    assert "a.yaml:1" in problem_in("a: &a [*a]")


def test_size_is_bounded() -> None:
    assert "larger than 512 KB" in problem_in("#" * 600_000)


def test_broken_yaml_is_one_sentence_with_its_line() -> None:
    assert problem_in("a: [1,\nb: 2").startswith("a.yaml:2:5: This is not YAML: expected ',' or ']'")


def test_a_key_that_stands_twice_is_named() -> None:
    assert problem_in("a: 1\na: 2") == "a.yaml:2:1: `a` stands twice. Keep one of them."
