"""Fields are set by their path, through what AWS encodes."""

import base64
import gzip
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.vocabulary.events.catalogue import (
    ALIASES,
    SOURCES,
    UnknownSource,
    event_of,
    paths_of,
    source_named,
)
from lambdalab.simulator.vocabulary.events.setting import UnknownField, path_of, steps_of


def made(name: str, **settings: str) -> Any:
    return event_of(source_named(name), settings.items())


def test_a_key_is_given_plain_and_written_as_s3_does() -> None:
    event = made("s3", **{"Records[0].s3.object.key": "tag/my cat é.jpg"})
    assert event["Records"][0]["s3"]["object"]["key"] == "tag/my+cat+%C3%A9.jpg"


def test_the_digest_follows_the_body() -> None:
    record = made("sqs", **{"Records[0].body": "hello"})["Records"][0]
    assert record["md5OfBody"] == hashlib.md5(b"hello").hexdigest()


def test_a_field_inside_json_inside_a_body_is_set() -> None:
    record = made("sqs-s3", **{"Records[0].body.Records[0].s3.object.key": "a b"})["Records"][0]
    assert json.loads(record["body"])["Records"][0]["s3"]["object"]["key"] == "a+b"
    assert record["md5OfBody"] == hashlib.md5(record["body"].encode()).hexdigest()


def test_a_message_inside_gzip_and_base64_is_set() -> None:
    data = made("cloudwatch-logs", **{"awslogs.data.logEvents[0].message": "boom"})["awslogs"]["data"]
    assert json.loads(gzip.decompress(base64.b64decode(data)))["logEvents"][0]["message"] == "boom"


def test_data_of_a_stream_is_given_plain() -> None:
    data = made("kinesis", **{"Records[0].kinesis.data": "hello"})["Records"][0]["kinesis"]["data"]
    assert base64.b64decode(data) == b"hello"


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("isBase64Encoded", "true", True),
        ("body", "17", "17"),
        ("headers", '{"host": "example.org"}', {"host": "example.org"}),
        ("headers.x-amzn-trace-id", "Root=2", "Root=2"),
    ],
)
def test_a_value_is_a_text_where_a_text_stands_and_json_elsewhere(path: str, text: str, value: Any) -> None:
    event = made("alb", **{path: text})
    for name in path.split("."):
        event = event[name]
    assert event == value


@pytest.mark.parametrize(("text", "value"), [("hello", "hello"), ('{"a": 1}', {"a": 1}), ("null", None)])
def test_what_is_null_takes_anything(text: str, value: Any) -> None:
    assert made("apigateway", body=text)["body"] == value


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("Records[0].s3.object.kye", "x", "Did you mean Records[0].s3.object.key?"),
        ("Records[1].s3", "{}", "Records has no [1]. It has 1 in it, from [0]."),
        ("Records[0].eventName.x", "x", "It is a single value."),
        ("Records[0].s3.object.size", "big", "takes a number, not 'big'"),
        ("Records[0].s3.object.size", "true", "takes a number"),
        ("Records[0].s3", "[]", "takes a mapping, as JSON"),
        ("Records[0].s3", "[" * 100_000, "takes a mapping, as JSON"),
        ("quux", "x", "the event has no quux. It has Records."),
        ("Records.", "x", "is not a path"),
        ("Records[x]", "x", "is not a path"),
        ("Records[0]s3", "x", "is not a path"),
        (".Records", "x", "is not a path"),
        ("", "x", "a path is missing"),
    ],
)
def test_a_path_that_leads_nowhere_says_what_is_there(path: str, text: str, message: str) -> None:
    with pytest.raises(UnknownField) as caught:
        made("s3", **{path: text})
    assert message in str(caught.value)


def test_records_that_are_none_any_more_are_refused() -> None:
    with pytest.raises(UnknownField, match="no records any more"):
        made("sqs", Records="[1]")


def test_a_name_with_a_dot_stands_in_quotes() -> None:
    event = made("codepipeline", **{'"CodePipeline.job".accountId': "999999999999"})
    assert event["CodePipeline.job"]["accountId"] == "999999999999"


@pytest.mark.parametrize("name", SOURCES)
def test_every_field_that_is_listed_can_be_set_to_what_it_is(name: str) -> None:
    source = SOURCES[name]
    plain = [(path, value if isinstance(value, str) else json.dumps(value)) for path, value in paths_of(source)]
    assert event_of(source, plain) == event_of(source)


@pytest.mark.parametrize("name", SOURCES)
def test_a_sample_is_json_and_the_same_again(name: str) -> None:
    first = json.dumps(event_of(SOURCES[name]))
    assert json.dumps(event_of(SOURCES[name])) == first
    assert json.loads(first)


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_says_what_it_is_in_a_line(name: str) -> None:
    source = SOURCES[name]
    assert source.says.endswith(".")
    assert len(source.says) < 100
    assert "``" not in source.says


def test_a_shorter_name_leads_to_a_source() -> None:
    assert {source_named(alias).name for alias in ALIASES} <= set(SOURCES)


def test_an_unknown_source_names_the_nearest() -> None:
    with pytest.raises(UnknownSource, match=r"no event source kinesys\. Did you mean kinesis\?"):
        source_named("kinesys")


NAMES = st.text(st.characters(exclude_characters='"', exclude_categories=["Cs"]), min_size=1, max_size=8)


@given(st.lists(NAMES | st.integers(0, 999), min_size=1, max_size=6))
def test_a_path_is_read_as_it_is_written(steps: list[str | int]) -> None:
    assert steps_of(path_of(tuple(steps))) == steps
