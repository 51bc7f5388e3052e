"""Real code that is traced: the header reaches it, its calls carry the header on, its segments reach the trace."""

import json
from typing import Any

import pytest

from lambdalab.simulator.trace.facts import InvocationTraced
from lambdalab.simulator.views.segments import SegmentsFold
from tests.runtime.conftest import Play, Played
from tests.runtime.projects import invoke, make_project

ACTIVE = {"TracingConfig": {"Mode": "Active"}}
CODE = """
import json, os, socket, time, boto3

def handler(event, context):
    header = os.environ["_X_AMZN_TRACE_ID"]
    parts = dict(part.split("=") for part in header.split(";"))
    document = {"id": "70de5b6f19ff9a0a", "name": "think", "type": "subsegment", "trace_id": parts["Root"],
                "parent_id": parts["Parent"], "start_time": time.time(), "end_time": time.time() + 1}
    host, port = os.environ["AWS_XRAY_DAEMON_ADDRESS"].split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.sendto(b'{"format": "json", "version": 1}\\n' + json.dumps(document).encode(), (host, int(port)))
    sqs = boto3.client("sqs")
    sqs.send_message(QueueUrl="q", MessageBody="m")
    found = sqs.receive_message(QueueUrl="q", MessageSystemAttributeNames=["All"])["Messages"][0]
    return {"header": header, "attributes": found["Attributes"]}
"""


def documents(run: Played) -> list[dict[str, Any]]:
    fold = SegmentsFold()
    for at, _, fact in run.facts:
        if take := fold.takes.get(type(fact)):
            take(at, fact)
    return [document for found in fold.documents() for document in found]


@pytest.mark.rule("B.5-06")
def test_a_traced_function_knows_its_trace_and_adds_to_it(played: Play) -> None:
    run = played(make_project(CODE, function={**ACTIVE, "Timeout": 30}))
    (fact,) = run.of(InvocationTraced)
    header = f"Root={fact.root};Parent={fact.segment};Sampled=1"
    assert run.result["header"] == header
    assert run.result["attributes"]["AWSTraceHeader"] == header
    _, function = documents(run)
    assert [each["name"] for each in function["subsegments"]] == ["Init", "think"]


def test_an_untraced_function_has_a_header_too_that_says_so(played: Play) -> None:
    code = "import os\ndef handler(event, context):\n    return os.environ['_X_AMZN_TRACE_ID']\n"
    run = played(make_project(code, invoke(), invoke("1m")))
    first, second = run.summary["functions"]["work"]["results"]
    assert first.startswith("Root=1-692d5910-")
    assert first.endswith(";Sampled=0")
    assert first != second
    assert json.dumps(run.summary["traces"]) == '{"count": 0, "slowest": []}'
