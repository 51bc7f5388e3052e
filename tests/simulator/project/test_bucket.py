"""Buckets of templates: what is refused before a run, what is warned of, what SAM makes of its events."""

from typing import Any

import pytest

from lambdalab.simulator.project.deploy import problems_of
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import BucketConfigured, BucketCreated
from tests.simulator.playing import CODE, as_files, call, make_template, play, steps
from tests.simulator.services.s3.buckets import PERMISSION, make_bucket, records, tell, telling, versioned

SAM = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Photos:
    Type: AWS::S3::Bucket
  Thumbs:
    Type: AWS::S3::Bucket
  Resize:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      CodeUri: src/
      Policies:
        - S3ReadPolicy: {BucketName: lab-photos-*}
        - S3CrudPolicy: {BucketName: !Ref Thumbs}
      Events:
        Uploaded:
          Type: S3
          Properties:
            Bucket: !Ref Photos
            Events: s3:ObjectCreated:*
            Filter: {S3Key: {Rules: [{Name: suffix, Value: .jpg}]}}
"""


def problems(template: dict[str, Any] | str) -> list[Problem]:
    return problems_of(read_template({**CODE, **as_files(template)}))


def test_sams_s3_event_makes_permission_and_notification() -> None:
    assert problems(SAM.replace("- S3CrudPolicy: {BucketName: !Ref Thumbs}", "")) == []
    played = play(SAM, steps(call("0s", "s3.put_object", Bucket="Photos", Key="a.jpg", Body="x")))
    assert [record["s3"]["object"]["key"] for record in records(played)] == ["a.jpg"]


def test_a_bucket_without_a_name_gets_one_in_lower_case() -> None:
    created = play(SAM, steps()).of(BucketCreated)[0]
    assert created.bucket == created.bucket.lower()
    assert created.bucket.startswith("lab-photos-")
    assert created.shown_as == "Photos"


@pytest.mark.parametrize("name", ["UPPER", "ab", "a..b", "192.168.1.1", "-ab", "a_b", "x" * 64])
def test_a_name_that_no_bucket_may_have_is_refused(name: str) -> None:
    (problem,) = problems(make_template(Photos=make_bucket(name)))
    assert problem.message == f"Photos: the name {name} is not valid for a bucket."


def test_a_target_that_s3_may_not_invoke_is_refused_in_awss_words_and_explained() -> None:
    (problem,) = problems(make_template(allow=["sqs:*"], Photos=make_bucket(**telling(tell()))))
    assert problem.severity == "error"
    assert problem.message == "Photos: Unable to validate the following destination configurations."
    assert "no policy of its own that allows the service s3.amazonaws.com" in problem.fix


def test_a_permission_for_another_bucket_does_not_count() -> None:
    other = {**PERMISSION, "Properties": {**PERMISSION["Properties"], "SourceArn": "arn:aws:s3:::other"}}
    (problem,) = problems(make_template(allow=["sqs:*"], Photos=make_bucket(**telling(tell())), May=other))
    assert "needs ArnLike AWS:SourceArn arn:aws:s3:::other, and here it is arn:aws:s3:::photos" in problem.fix


def test_overlapping_configurations_are_refused_in_awss_words() -> None:
    bucket = make_bucket(**telling(tell(prefix="a"), tell("s3:ObjectCreated:Put", prefix="ab")))
    (problem,) = problems(make_template(Photos=bucket, May=PERMISSION))
    assert problem.message.startswith("Photos: Configuration is ambiguously defined. Cannot have overlapping suffixes")


@pytest.mark.parametrize(
    "document",
    [{"LambdaConfigurations": [{"Event": "s3:ObjectCreated:*"}]}, {"LambdaConfigurations": ["x"]},
     {"LambdaConfigurations": [{"Event": "s3:ObjectCreated:*", "Function": "f", "Filter": {"S3Key": ["x"]}}]}],
)  # fmt: skip
def test_a_configuration_of_the_wrong_shape_is_a_problem_not_a_crash(document: dict[str, Any]) -> None:
    found = problems(make_template(Photos=make_bucket(NotificationConfiguration=document), May=PERMISSION))
    assert any("each configuration needs an Event" in problem.message for problem in found)


def test_what_has_no_effect_is_said() -> None:
    bucket = make_bucket(WebsiteConfiguration={}, NotificationConfiguration={"InventoryConfiguration": {}})
    assert [(p.severity, p.message.split(" has no effect")[0]) for p in problems(make_template(Photos=bucket))] == [
        ("unsupported", "Photos: the property WebsiteConfiguration of AWS::S3::Bucket"),
        ("unsupported", "Photos: InventoryConfiguration"),
    ]


def loops(bucket: dict[str, Any], resource: str) -> list[str]:
    template = make_template(Photos=bucket, May=PERMISSION)
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": resource}
    template["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"] = {"Statement": [statement]}
    found = problems(template)
    assert all(problem.severity == "warning" for problem in found)
    return [problem.message for problem in found]


def test_a_function_that_may_write_into_the_bucket_that_starts_it_is_warned_of() -> None:
    warning = ["Photos: a loop: work may write objects into the bucket whose new objects start it."]
    everything = make_bucket(**telling(tell()))
    assert loops(everything, "*") == warning
    assert loops(everything, "arn:aws:s3:::photos/*") == warning
    assert loops(everything, "arn:aws:s3:::thumbs/*") == []
    uploads = make_bucket(**telling(tell(prefix="uploads/")))
    assert loops(uploads, "arn:aws:s3:::photos/*") == warning
    assert loops(uploads, "arn:aws:s3:::photos/thumbs/*") == []
    assert loops(make_bucket(**telling(tell("s3:ObjectRemoved:*"))), "*") == []


def test_a_policy_for_no_bucket_or_without_statements_is_refused() -> None:
    policy = {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": "nowhere", "PolicyDocument": {}}}
    messages = [problem.message for problem in problems(make_template(Photos=make_bucket(), Policy=policy))]
    assert messages == [
        "Policy: there is no bucket nowhere here.",
        "Policy: the bucket policy of nowhere has no Statement.",
    ]


def test_versioning_is_configured_from_the_start() -> None:
    (configured,) = play(make_template(Photos=versioned()), steps()).of(BucketConfigured)
    assert (configured.versioning, configured.notifications) == ("Enabled", ())


def test_a_version_status_that_does_not_exist_is_refused() -> None:
    (problem,) = problems(make_template(Photos=make_bucket(VersioningConfiguration={"Status": "On"})))
    assert problem.message == "Photos: Status of VersioningConfiguration is Enabled or Suspended, not On."


def test_references_to_a_bucket_are_cloudformations() -> None:
    template = make_template(Photos=make_bucket())
    template["Resources"]["Work"]["Properties"]["Environment"] = {
        "Variables": {
            "NAME": {"Ref": "Photos"},
            "ARN": {"Fn::GetAtt": "Photos.Arn"},
            "DOMAIN": {"Fn::GetAtt": "Photos.RegionalDomainName"},
        }
    }
    read = read_template({**CODE, **as_files(template)})
    assert read.resources["Work"].properties["Environment"]["Variables"] == {
        "NAME": "photos",
        "ARN": "arn:aws:s3:::photos",
        "DOMAIN": "photos.s3.us-east-1.amazonaws.com",
    }
