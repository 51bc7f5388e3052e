"""Which configurations of notifications AWS takes, and what each of them wants to know."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.services.s3.configuration import (
    AMBIGUOUS,
    OVERLAP,
    Notification,
    document_of,
    overlapping,
    read_notifications,
)
from lambdalab.simulator.vocabulary.errors import AwsError

WORK = "arn:aws:lambda:us-east-1:123456789012:function:work"


def notification(*events: str, prefix: str = "", suffix: str = "") -> Notification:
    return Notification("n", WORK, events or ("s3:ObjectCreated:*",), prefix, suffix)


def entry(*events: str, rules: Any = ()) -> dict[str, Any]:
    listed = [{"Name": name, "Value": value} for name, value in rules]
    return {"LambdaFunctionArn": WORK, "Events": list(events), "Filter": {"Key": {"FilterRules": listed}}}


def refusal(*entries: dict[str, Any]) -> str | None:
    read = read_notifications({"LambdaFunctionConfigurations": list(entries)}, lambda: "id")
    return read.message if isinstance(read, AwsError) else None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (notification(), notification(), OVERLAP),
        (notification(), notification("s3:ObjectCreated:Put"), OVERLAP),
        (notification(), notification("s3:ObjectRemoved:*"), None),
        (notification("s3:ObjectCreated:Put"), notification("s3:ObjectCreated:Copy"), None),
        (notification(prefix="a/"), notification(prefix="b/"), None),
        (notification(prefix="a/"), notification(prefix="a/b/"), AMBIGUOUS),
        (notification(prefix="a/"), notification(), AMBIGUOUS),
        (notification(suffix=".jpg"), notification(suffix=".png"), None),
        (notification(suffix=".jpg"), notification(suffix="g"), AMBIGUOUS),
        (notification(prefix="a/", suffix=".jpg"), notification(prefix="a/", suffix=".png"), None),
        (notification(prefix="a/", suffix=".jpg"), notification(prefix="b/", suffix=".jpg"), None),
        (notification(prefix="a/", suffix=".jpg"), notification(prefix="a/", suffix=".jpg"), AMBIGUOUS),
    ],
)
def test_configurations_that_could_tell_of_the_same_event_are_refused(
    one: Notification, other: Notification, expected: str | None
) -> None:
    for pair in ((one, other), (other, one)):
        found = overlapping(pair)
        assert (found.message if found else None) == expected


ENDS = st.text("ab/.", max_size=3)


@given(st.lists(st.tuples(ENDS, ENDS), min_size=2, max_size=4), st.text("ab/.", max_size=8))
def test_of_accepted_configurations_at_most_one_wants_an_event(ends: list[tuple[str, str]], key: str) -> None:
    found = [notification(prefix=prefix, suffix=suffix) for prefix, suffix in ends]
    if overlapping(found) is None:
        assert sum(each.wants("s3:ObjectCreated:Put", key) for each in found) <= 1


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([entry("s3:ObjectCreated:*")], None),
        ([entry("s3:ObjectRestore:Completed", "s3:ReducedRedundancyLostObject")], None),
        ([entry("ObjectCreated:Put")], "The event is not supported for notifications"),
        ([entry("s3:ObjectCreated:Sideways")], "The event is not supported for notifications"),
        ([entry("s3:ObjectCreated:*", rules=[("prefix", "a"), ("suffix", "b")])], None),
        ([entry("s3:ObjectCreated:*", rules=[("Prefix", "a"), ("SUFFIX", "b")])], None),
        ([entry("s3:ObjectCreated:*", rules=[("infix", "a")])], "filter rule name must be either prefix or suffix"),
        ([entry("s3:ObjectCreated:*", rules=[("prefix", "a"), ("prefix", "b")])],
         "Cannot specify more than one prefix rule in a filter."),
        ([entry("s3:ObjectCreated:*", rules=[("suffix", "*.jpg")])],
         "Wildcards cannot be used in filters: suffix *.jpg"),
        ([entry("s3:ObjectCreated:*", rules=[("prefix", str(n))]) for n in range(101)],
         "The number of notification configurations must not exceed 100"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_configuration_is_said(entries: list[dict[str, Any]], expected: str | None) -> None:
    assert refusal(*entries) == expected


def test_a_filter_may_be_url_encoded() -> None:
    for prefix in ("my folder/", "my+folder/", "my%20folder/"):
        assert notification(prefix=prefix).wants("s3:ObjectCreated:Put", "my folder/a")


def test_what_was_put_comes_back() -> None:
    given_ = {"LambdaFunctionConfigurations": [entry("s3:ObjectCreated:Put", rules=[("Prefix", "a")]) | {"Id": "mine"}]}
    read = read_notifications(given_, lambda: "id")
    assert not isinstance(read, AwsError)
    assert document_of(read) == given_
