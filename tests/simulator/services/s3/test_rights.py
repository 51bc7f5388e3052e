"""Who may do what with buckets and objects, in S3's own words."""

from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.services.s3.rights import ON_BUCKET, ON_OBJECT, OPERATIONS, S3Guard
from lambdalab.simulator.trace.facts import AccessDenied, ApiCalled, ObjectDeleted
from tests.simulator.playing import ACCOUNT, Played, call, invoke, make_function, make_template, play, steps
from tests.simulator.services.s3.buckets import make_bucket, put

GUARD = S3Guard(lambda bucket: bucket != "nowhere")
GET = {"Bucket": "photos", "Key": "a"}
ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role/"


def played(operation: str, params: dict[str, Any], allow: list[str], **resources: Any) -> Played:
    """A function with these rights makes one call; the object ``a`` is there."""
    template = make_template(make_function(), allow=allow, Photos=make_bucket(), **resources)
    act = Act(calls=(("s3", operation, params),))
    return play(template, steps(put("0s", "a"), invoke("1s", kind="RequestResponse")), act)


def answer(played: Played) -> tuple[str | None, str | None]:
    (called,) = (f for f in played.of(ApiCalled) if f.service == "s3" and f.source != "scenario")
    return called.error, called.message


def needs(operation: str, **params: Any) -> list[tuple[str, str]]:
    rights = GUARD.rights(operation, {"Bucket": "photos", "Key": "a", **params})
    return [(right.action, right.resource.removeprefix("arn:aws:s3:::")) for right in rights]


def test_a_denied_get_names_action_and_object_as_s3_does() -> None:
    run = played("GetObject", GET, ["s3:PutObject"])
    code, text = answer(run)
    assert code == "AccessDenied"
    assert (text or "").startswith(f"User: {ROLE}")
    assert (text or "").endswith(
        '/work is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::photos/a" '
        "because no identity-based policy allows the s3:GetObject action"
    )
    (denied,) = run.of(AccessDenied)
    assert denied.why == (
        "denied: the role Role has no statement that allows s3:GetObject on arn:aws:s3:::photos/a; "
        "add one to its policies"
    )


def test_to_head_a_refusal_has_no_text() -> None:
    assert answer(played("HeadObject", GET, ["s3:PutObject"])) == ("403", "Forbidden")


def test_who_may_not_list_is_not_told_that_an_object_is_missing() -> None:
    missing = {"Bucket": "photos", "Key": "missing"}
    code, text = answer(played("GetObject", missing, ["s3:GetObject"]))
    assert code == "AccessDenied"
    assert 's3:ListBucket on resource: "arn:aws:s3:::photos"' in (text or "")
    assert answer(played("GetObject", missing, ["s3:GetObject", "s3:ListBucket"]))[0] == "NoSuchKey"
    assert answer(played("HeadObject", missing, ["s3:GetObject"])) == ("403", "Forbidden")
    assert answer(played("GetObject", GET, ["s3:GetObject"])) == (None, None)


def test_a_bucket_that_is_not_there_is_said_so_to_everybody() -> None:
    assert answer(played("GetObject", GET | {"Bucket": "nowhere"}, ["sqs:*"]))[0] == "NoSuchBucket"


def test_a_bucket_policy_allows_and_denies() -> None:
    def policy(effect: str, resource: str) -> dict[str, Any]:
        statement = {
            "Sid": "Rule",
            "Effect": effect,
            "Principal": {"AWS": {"Fn::GetAtt": "Role.Arn"}},
            "Action": "s3:GetObject",
            "Resource": resource,
        }
        document = {"Version": "2012-10-17", "Statement": [statement]}
        properties = {"Bucket": {"Ref": "Photos"}, "PolicyDocument": document}
        return {"Type": "AWS::S3::BucketPolicy", "Properties": properties}

    objects = "arn:aws:s3:::photos/*"
    assert answer(played("GetObject", GET, ["sqs:*"], Policy=policy("Allow", objects))) == (None, None)
    elsewhere = played("GetObject", GET, ["sqs:*"], Policy=policy("Allow", "arn:aws:s3:::photos/other/*"))
    assert answer(elsewhere)[0] == "AccessDenied"
    code, text = answer(played("GetObject", GET, ["s3:*"], Policy=policy("Deny", objects)))
    assert code == "AccessDenied"
    assert (text or "").endswith("with an explicit deny in a resource-based policy")


def test_delete_objects_asks_for_each_and_refuses_single_ones() -> None:
    policy = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::photos/a*"}]}
    template = make_template(make_function(), Photos=make_bucket())
    template["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"] = policy
    params = {"Bucket": "photos", "Delete": {"Objects": [{"Key": "a"}, {"Key": "b"}]}}
    act = Act(calls=(("s3", "DeleteObjects", params),))
    run = play(template, steps(put("0s", "a"), put("0s", "b"), invoke("1s", kind="RequestResponse")), act)
    assert [fact.key for fact in run.of(ObjectDeleted)] == ["a"]
    assert [(fact.action, fact.resource) for fact in run.of(AccessDenied)] == [
        ("s3:DeleteObject", "arn:aws:s3:::photos/b")
    ]


def test_another_account_gets_in_by_the_bucket_policy_only() -> None:
    stranger = "arn:aws:iam::999999999999:user/partner"
    entry = call("1s", "s3.get_object", **GET) | {"as": stranger}
    template = make_template(Photos=make_bucket())
    assert play(template, steps(put("0s", "a"), entry)).of(ApiCalled)[1].error == "AccessDenied"
    statement = {"Effect": "Allow", "Principal": {"AWS": stranger}, "Action": "s3:GetObject",
                 "Resource": "arn:aws:s3:::photos/*"}  # fmt: skip
    properties = {"Bucket": "photos", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template["Resources"]["Policy"] = {"Type": "AWS::S3::BucketPolicy", "Properties": properties}
    assert play(template, steps(put("0s", "a"), entry)).of(ApiCalled)[1].error is None


@pytest.mark.parametrize(
    ("operation", "params", "expected"),
    [
        ("GetObject", {}, [("s3:GetObject", "photos/a")]),
        ("HeadObject", {"VersionId": "v"}, [("s3:GetObjectVersion", "photos/a")]),
        ("PutObject", {"Tagging": "k=v", "ACL": "private"},
         [("s3:PutObject", "photos/a"), ("s3:PutObjectTagging", "photos/a"), ("s3:PutObjectAcl", "photos/a")]),
        ("DeleteObject", {"VersionId": "v"}, [("s3:DeleteObjectVersion", "photos/a")]),
        ("CopyObject", {"CopySource": "other/b%20c?versionId=v"},
         [("s3:GetObjectVersion", "other/b c"), ("s3:PutObject", "photos/a")]),
        ("UploadPart", {}, [("s3:PutObject", "photos/a")]),
        ("ListParts", {}, [("s3:ListMultipartUploadParts", "photos/a")]),
        ("ListObjectsV2", {}, [("s3:ListBucket", "photos")]),
        ("ListObjectVersions", {}, [("s3:ListBucketVersions", "photos")]),
        ("PutBucketNotificationConfiguration", {}, [("s3:PutBucketNotification", "photos")]),
        ("ListBuckets", {}, [("s3:ListAllMyBuckets", "*")]),
        ("DeleteObjects", {}, []),
        ("GetObject", {"Bucket": "nowhere"}, []),
        ("CreateBucket", {"Bucket": "nowhere"}, [("s3:CreateBucket", "nowhere")]),
    ],
)  # fmt: skip
def test_what_an_operation_needs(operation: str, params: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert needs(operation, **params) == expected


def test_every_operation_needs_something() -> None:
    """But that of many objects, which is asked one by one."""
    for operation in OPERATIONS - {"DeleteObjects", "CopyObject", "UploadPartCopy"}:
        assert needs(operation), operation
    assert ON_OBJECT.keys() | ON_BUCKET.keys() <= OPERATIONS


def test_a_condition_on_the_prefix_limits_what_may_be_listed() -> None:
    condition = {"StringLike": {"s3:prefix": "mine/*"}}
    statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": condition}
    template = make_template(make_function(), Photos=make_bucket())
    template["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"] = {"Statement": [statement]}
    for prefix, expected in (("mine/", None), ("yours/", "AccessDenied")):
        act = Act(calls=(("s3", "ListObjectsV2", {"Bucket": "photos", "Prefix": prefix}),))
        assert answer(play(template, steps(invoke(kind="RequestResponse")), act))[0] == expected
