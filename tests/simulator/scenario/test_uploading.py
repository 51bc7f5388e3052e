import base64
from typing import Any

import pytest

from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.trace.facts import ObjectWritten
from tests.simulator.playing import Played, make_template, play, steps
from tests.simulator.services.s3.buckets import make_bucket

FILES = {"events/cat.jpg": b"\xff\xd8\xff", "events/order.json": b'{ "n": "{{ n }}" }'}


def upload(**entry: Any) -> dict[str, Any]:
    return {"at": "1s", "upload": entry}


def run(*entries: dict[str, Any]) -> Played:
    return play(make_template(Photos=make_bucket()), steps(*entries), files=FILES)


def test_a_file_goes_into_a_bucket_byte_for_byte_with_the_type_of_its_ending() -> None:
    (written,) = run(upload(file="events/cat.jpg", to="Photos")).of(ObjectWritten)
    assert (written.bucket, written.key, written.content_type) == ("photos", "cat.jpg", "image/jpeg")
    assert base64.b64decode(written.body or "") == FILES["events/cat.jpg"]


def test_what_stands_in_a_file_is_never_an_expression_but_a_key_may_be_one() -> None:
    step = upload(file="events/order.json", to="photos", key="orders/{{ n }}.json", metadata={"by": "Ada"})
    one, two = run(step | {"repeat": {"count": 2, "every": "1s"}}).of(ObjectWritten)
    assert (one.key, two.key) == ("orders/1.json", "orders/2.json")
    assert base64.b64decode(two.body or "") == FILES["events/order.json"]
    assert two.metadata == {"by": "Ada"}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"file": "events/dog.jpg", "to": "photos"}, "there is no file events/dog.jpg in the project."),
        ({"file": "events/cat.jpg"}, "to (a bucket) must be a text."),
        ({"file": "events/cat.jpg", "to": "photos", "from": "x"}, "unknown key from."),
    ],
)
def test_what_is_wrong_with_an_upload_is_said(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(ProjectError) as refused:
        run(upload(**entry))
    assert [problem.message for problem in refused.value.problems] == [message]


def test_a_binary_file_can_be_the_body_of_a_call() -> None:
    body = {"Bucket": "photos", "Key": "a", "Body": {"file": "events/cat.jpg"}}
    (written,) = run({"at": "0s", "call": "s3.put_object", "with": body}).of(ObjectWritten)
    assert base64.b64decode(written.body or "") == FILES["events/cat.jpg"]
