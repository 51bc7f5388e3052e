import re
from dataclasses import fields
from pathlib import Path

import pytest

from lambdalab.settings import env


def test_an_empty_environment_gives_the_defaults() -> None:
    assert env.read({}) == env.Environment()


def test_values_are_typed() -> None:
    read = env.read({"LAMBDALAB_PORT": "8123", "LAMBDALAB_DEBUG": "yes", "LAMBDALAB_HOSTS": "a.example, b.example"})
    assert (read.port, read.debug, read.hosts) == (8123, True, ("a.example", "b.example"))


def test_an_empty_value_means_the_default() -> None:
    assert env.read({"LAMBDALAB_PORT": " "}).port == 8000


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LAMBDALAB_PORT", "http", "must be a whole number from 1 to 65535 (TCP port)"),
        ("LAMBDALAB_PORT", "0", "must be a whole number from 1 to 65535"),
        ("LAMBDALAB_RUN_WALL_S", "601", "(seconds)"),
        ("LAMBDALAB_DEBUG", "maybe", "must be yes or no"),
        ("LAMBDALAB_ENV", "prod", "must be one of development, production"),
        ("LAMBDALAB_TIME_ZONE", "Vienna", "must be a time zone such as Europe/Vienna"),
        ("LAMBDALAB_TIME_ZONE", "../../etc/passwd", "must be a time zone"),
        ("LAMBDALAB_PROT", "8000", "did you mean LAMBDALAB_PORT?"),
        ("LAMBDALAB_SECRET_KEY_FILE", "/nowhere/key", "cannot be read from /nowhere/key"),
    ],
)
def test_nonsense_is_told_with_the_variable_and_what_it_must_be(name: str, value: str, says: str) -> None:
    with pytest.raises(env.EnvironmentProblem) as problem:
        env.read({name: value})
    assert name.removesuffix("_FILE") in str(problem.value)
    assert says in str(problem.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(env.EnvironmentProblem, match=r"LAMBDALAB_DEBUG .*LAMBDALAB_PORT "):
        env.read({"LAMBDALAB_PORT": "x", "LAMBDALAB_DEBUG": "x"})


def test_a_secret_may_stand_in_a_file_but_not_twice(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("k" * 60 + "\n")
    assert env.read({"LAMBDALAB_SECRET_KEY_FILE": str(file)}).secret_key == "k" * 60
    with pytest.raises(env.EnvironmentProblem, match="given twice"):
        env.read({"LAMBDALAB_SECRET_KEY_FILE": str(file), "LAMBDALAB_SECRET_KEY": "other"})


def test_the_example_file_has_a_line_for_each_setting_with_its_default_and_a_comment() -> None:
    file = env.PROJECT / ".env.example"
    names = re.findall(r"^(LAMBDALAB_\w+)=\S* +# .{10,}$", file.read_text(), re.MULTILINE)
    assert names == [env.variable(each) for each in fields(env.Environment)]
    assert env.read(env.file_values(file)) == env.Environment()


def test_a_dot_env_file_is_read_with_quotes_and_comments(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# a comment\nLAMBDALAB_PORT = 8001\nLAMBDALAB_EMAIL_FROM='lab#1@example.edu' # why\n")
    assert env.file_values(file) == {"LAMBDALAB_PORT": "8001", "LAMBDALAB_EMAIL_FROM": "lab#1@example.edu"}
    assert env.file_values(tmp_path / "absent") == {}
