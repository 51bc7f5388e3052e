import datetime as dt
from contextlib import suppress
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdalab.simulator.services.firehose.prefixes import (
    PrefixError,
    check_prefixes,
    data_prefix,
    error_prefix,
    suffix,
)

AT = dt.datetime(2018, 8, 27, 10, 30, 5, tzinfo=dt.UTC)  # the moment of the guide's examples
YEARS = "myPrefix/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/"


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("", "2018/08/27/10/"),
        ("myFirehosePrefix/", "myFirehosePrefix/2018/08/27/10/"),
        (YEARS, "myPrefix/year=2018/month=08/day=27/hour=10/"),
        ("!{timestamp:'day' D 'of' yy}/", "day 239 of 18/"),
        ("!{timestamp:H:m:s}/", "10:30:5/"),
    ],
)
def test_a_prefix_is_worked_out_for_the_oldest_record(prefix: str, found: str) -> None:
    assert data_prefix(prefix, AT, Random(1)) == found


def test_each_random_string_is_another_one() -> None:
    found = data_prefix("!{firehose:random-string}!{firehose:random-string}!{timestamp:yyyy}", AT, Random(1))
    assert found[:11] != found[11:22]


@pytest.mark.parametrize(
    ("prefix", "errors", "found"),
    [
        ("", None, "processing-failed/2018/08/27/10/"),
        ("raw/", None, "raw/processing-failed/2018/08/27/10/"),
        ("raw/", "errors/", "errors/processing-failed/2018/08/27/10/"),
        ("", "myFirehoseFailures/!{firehose:error-output-type}/", "myFirehoseFailures/processing-failed/"),
        (YEARS, "e/!{firehose:error-output-type}/!{timestamp:yyyy}/", "e/processing-failed/2018/"),
    ],
)
def test_what_failed_has_a_prefix_of_its_own(prefix: str, errors: str | None, found: str) -> None:
    check_prefixes(prefix, errors)
    assert error_prefix(prefix, errors, AT, Random(1), "processing-failed") == found


def test_the_suffix_names_stream_version_and_moment() -> None:
    assert suffix("clicks", 1, AT, "uuid", ".gz") == "clicks-1-2018-08-27-10-30-05-uuid.gz"


@given(st.text("!{}:timespaHyfr'-/", max_size=40), st.none() | st.text("!{}:firehose-utyp/", max_size=40))
def test_prefixes_are_refused_or_worked_out(prefix: str, errors: str | None) -> None:
    with suppress(PrefixError):
        check_prefixes(prefix, errors)
        assert "!{" not in data_prefix(prefix, AT, Random(1))
        assert len(error_prefix(prefix, errors, AT, Random(1), "processing-failed")) <= 512
