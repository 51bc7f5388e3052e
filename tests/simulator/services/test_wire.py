"""Calls in the wire format of services: whatever students send, there is an answer."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lambdalab.simulator.account import World
from lambdalab.simulator.kernel import Kernel
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.services import wire
from lambdalab.simulator.services.stores import Moto
from lambdalab.simulator.trace.facts import StepPlayed
from lambdalab.simulator.vocabulary.arns import key_id
from tests.simulator.playing import ACCOUNT, CODE, as_files, call, make_template, play, steps


@pytest.fixture(scope="module")
def bucket() -> str:
    moto = Moto(World(Kernel(1), lambda entry: None, epoch_us=0), "s3")
    with moto:
        moto.backend.create_bucket("photos", "us-east-1")
    return "photos"


@given(st.text(min_size=1, max_size=20))
@example("/a")
@example("a//b/")
@example("../x")
@example("a?b#c&d=e%20+ +")
@example("\x01\ufffe")
def test_an_object_comes_back_under_any_key(bucket: str, key: str) -> None:
    named = {"Bucket": bucket, "Key": key}
    assert wire.exchange("s3", "PutObject", {**named, "Body": key.encode()}).status == 200
    assert wire.exchange("s3", "GetObject", named).output["Body"] == key.encode()
    listed = wire.exchange("s3", "ListObjectsV2", {"Bucket": bucket, "EncodingType": "url"})
    assert len(listed.output["Contents"]) == 1
    assert wire.exchange("s3", "ListObjectVersions", {"Bucket": bucket}).status == 200
    assert wire.exchange("s3", "DeleteObject", named).status == 204
    missing = wire.exchange("s3", "GetObject", named).error
    assert missing is not None
    assert missing.code == "NoSuchKey"


@pytest.mark.parametrize(
    ("error", "status", "code"), [(KeyError("x"), 500, "InternalError"), (NotImplementedError(), 501, "NotSimulated")]
)
def test_a_store_that_breaks_is_an_answer_and_not_the_end_of_the_run(
    bucket: str, error: Exception, status: int, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any) -> Any:
        raise error

    class Broken:
        dispatch = key_dispatch = bucket_dispatch = staticmethod(broken)

    monkeypatch.setattr(wire, "_handler", lambda service: Broken)
    came = wire.exchange("s3", "GetObject", {"Bucket": bucket, "Key": "a"})
    assert came.error is not None
    assert (came.status, came.error.code) == (status, code)
    assert wire.call("dynamodb", "Scan", {"TableName": "a"})[1]["__type"] == code


def test_a_text_for_bytes_is_taken_as_its_bytes() -> None:
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    ]}}}  # fmt: skip
    template = make_template(Key=key)
    name = read_template({**CODE, **as_files(template)}).names["Key"]
    played = play(template, steps(call("0s", "kms.encrypt", KeyId=key_id(name), Plaintext="hush hush")))
    assert [step.outcome for step in played.of(StepPlayed)] == ["200"]
