import json

import pytest

from lambdalab.runtime.command import main
from lambdalab.simulator.vocabulary.events.catalogue import SOURCES

Output = pytest.CaptureFixture[str]


def test_an_event_is_printed_with_fields_that_were_set(capsys: Output) -> None:
    assert main(["event", "s3-put", "--set", "Records[0].s3.object.key=a=b c.jpg"]) == 0
    assert json.loads(capsys.readouterr().out)["Records"][0]["s3"]["object"]["key"] == "a%3Db+c.jpg"


def test_an_equals_sign_in_a_quoted_name_is_part_of_it(capsys: Output) -> None:
    assert main(["event", "alb", "--set", '"a=b"=c']) == 2
    assert "the event has no a=b." in capsys.readouterr().err


def test_the_list_has_every_source_with_its_invocation_type(capsys: Output) -> None:
    assert main(["event", "--list"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    kinds = {line[0]: line[1] for line in lines if line and line[0] in SOURCES}
    assert set(kinds) == set(SOURCES)
    assert (kinds["s3-put"], kinds["alb"], kinds["sqs"]) == ("asynchronous", "synchronous", "polled")


def test_the_list_of_a_source_has_its_fields(capsys: Output) -> None:
    assert main(["event", "s3", "--list"]) == 0
    assert "  Records[0].s3.object.key=images/my cat.jpg" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "which event? lambdalab event --list names them all."),
        (["nothing-like-it"], "there is no event source nothing-like-it. lambdalab event --list names them all."),
        (["s3", "--set", "key"], "'key' is not PATH=VALUE."),
        (["s3", "--set", "=x"], "'=x' is not PATH=VALUE."),
        (["s3", "--set", "key=x"], "the event has no key. It has Records."),
    ],
)
def test_what_cannot_be_printed_is_one_sentence(arguments: list[str], message: str, capsys: Output) -> None:
    assert main(["event", *arguments]) == 2
    assert message in capsys.readouterr().err
