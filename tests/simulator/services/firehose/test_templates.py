"""Streams of a template that Firehose would refuse."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.template import read_template
from tests.simulator.playing import CODE, as_files
from tests.simulator.services.firehose.streams import TRUST, firehose, processing


@pytest.mark.parametrize(
    ("destination", "words"),
    [
        ({"BucketARN": "arn:aws:s3:::other"}, "BucketARN must be that of a bucket of this template"),
        (
            {"Prefix": "!{timestamp:yyyy}/"},
            "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions",
        ),
        ({"Prefix": "!{firehose:error-output-type}/", "ErrorOutputPrefix": "x/"}, "Prefix cannot contain"),
        ({"ErrorOutputPrefix": "!{timestamp:yyyy}/"}, "ErrorOutputPrefix must contain at least one instance"),
        ({"Prefix": "a!{b", "ErrorOutputPrefix": "x/"}, "the sequence !{ can only appear"),
        ({"Prefix": "!{timestamp:EEE}/", "ErrorOutputPrefix": "x/"}, "lambdalab does not know E"),
        ({"BufferingHints": {"SizeInMBs": 200}}, "SizeInMBs of BufferingHints must be a whole number from 1 to 128."),
        ({"CompressionFormat": "ZIP"}, "CompressionFormat ZIP has no effect in lambdalab yet"),
        ({"ProcessingConfiguration": processing(BufferSizeInMBs="4")}, "BufferSizeInMBs of a Lambda processor must be"),
        (
            {"ProcessingConfiguration": processing(LambdaArn="work")},
            "a Lambda processor needs the parameter LambdaArn.",
        ),
        ({"BufferingHints": {"SizeInMBs": 5}}, "BufferingHints have SizeInMBs and IntervalInSeconds, or neither."),
        ({"FileExtension": "gz"}, "FileExtension 'gz' is no point with small letters"),
        (
            {
                "S3BackupMode": "Enabled",
                "S3BackupConfiguration": {
                    "BucketARN": "arn:aws:s3:::raw",
                    "RoleARN": {"Fn::GetAtt": "Sender.Arn"},
                    "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 30},
                },
            },
            "IntervalInSeconds of BufferingHints must be a whole number from 60 to 900.",
        ),
        (
            {
                "ProcessingConfiguration": {
                    "Enabled": True,
                    "Processors": [
                        {
                            "Type": "AppendDelimiterToRecord",
                            "Parameters": [{"ParameterName": "Delimiter", "ParameterValue": ";"}],
                        }
                    ],
                }
            },
            "the Delimiter ';' has no effect: Firehose writes a new line between records.",
        ),
        ({"S3BackupMode": "Enabled"}, "S3BackupMode is Disabled, or Enabled with an S3BackupConfiguration."),
        (
            {"DataFormatConversionConfiguration": {}},
            "DataFormatConversionConfiguration of a Firehose destination has no",
        ),
        ({"RoleARN": {"Fn::GetAtt": "Role.Arn"}}, "Firehose is unable to assume role"),
    ],
)
def test_a_stream_that_cannot_be_is_a_problem(destination: dict[str, Any], words: str) -> None:
    template = read_template({**CODE, **as_files(firehose(destination=destination))})
    found = [problem.message for problem in problems_of(template)]
    assert any(words in message for message in found), found


TEXT = st.text("ab:$!{}1", max_size=3)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
)


PLACES = (
    ("ProcessingConfiguration",),
    ("ProcessingConfiguration", "Processors"),
    ("ProcessingConfiguration", "Processors", 0),
    ("ProcessingConfiguration", "Processors", 0, "Type"),
    ("ProcessingConfiguration", "Processors", 0, "Parameters"),
    ("ProcessingConfiguration", "Processors", 0, "Parameters", 0, "ParameterValue"),
    ("BufferingHints",),
    ("BufferingHints", "SizeInMBs"),
    ("BucketARN",),
    ("RoleARN",),
    ("Prefix",),
    ("ErrorOutputPrefix",),
    ("FileExtension",),
    ("CompressionFormat",),
    ("S3BackupMode",),
    ("S3BackupConfiguration",),
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(PLACES), ANY)
def test_a_template_may_say_anything_of_a_stream(place: tuple[str | int, ...], value: Any) -> None:
    made = firehose()
    at: Any = made["Resources"]["Clicks"]["Properties"]["ExtendedS3DestinationConfiguration"]
    for part in place[:-1]:
        at = at[part]
    at[place[-1]] = value
    problems_of(read_template({**CODE, **as_files(made)}))


def test_a_trust_policy_may_ask_for_the_account_as_external_id() -> None:
    """So the guide's own examples do."""
    made = firehose()
    trust = json.loads(json.dumps(TRUST))
    made["Resources"]["Sender"]["Properties"]["AssumeRolePolicyDocument"] = trust
    trust["Statement"][0]["Condition"] = {"StringEquals": {"sts:ExternalId": "123456789012"}}
    assert problems_of(read_template({**CODE, **as_files(made)})) == []
    trust["Statement"][0]["Condition"] = {"StringEquals": {"sts:ExternalId": "210987654321"}}
    (problem,) = problems_of(read_template({**CODE, **as_files(made)}))
    assert problem.message.startswith("Clicks: Firehose is unable to assume role")
