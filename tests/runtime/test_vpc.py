"""Functions in a VPC, with real Python, real boto3 and real sockets."""

import json
from typing import Any

import pytest

from lambdalab.simulator.trace.facts import ConnectionAccepted, ConnectionClosed, ConnectionRefused, PathBlocked
from tests.runtime.conftest import Play
from tests.runtime.projects import invoke, make_project
from tests.simulator.lambda_.test_internal_balancers import make_balancer
from tests.simulator.networks import ATTACHED, make_database, make_nat, make_network

SEND = """
import boto3, time
from botocore.config import Config
from botocore.exceptions import BotoCoreError
queue = boto3.client("sqs", config=Config(**{options}))
def handler(event, context):
    began = time.monotonic()
    try: queue.send_message(QueueUrl="q", MessageBody="hi")
    except BotoCoreError as error: return [type(error).__name__, round(time.monotonic() - began)]
    return ["sent", round(time.monotonic() - began)]
"""
HOST = "orders.c0lambdalab0.us-east-1.rds.amazonaws.com"
DIAL = f"""
import socket
def dial(): return socket.create_connection(("{HOST}", 5432), timeout=5)
"""
WEB = {"https://api.example.com/rates": {"body": "1.1"}}


def project(
    code: str, *steps: Any, function: Any = None, database: bool = False, parts: Any = None, **scenario: Any
) -> dict[str, bytes]:
    """A function that is attached to the private subnet of a VPC."""
    attached = {"VpcConfig": ATTACHED, "Timeout": 900, **(function or {})}
    files = make_project(code, *steps, function=attached, **scenario)
    template = json.loads(files["template.json"])
    more = make_database(most=6) if database else {}
    template["Resources"] |= make_network(**more | (parts or {}))
    return files | {"template.json": json.dumps(template).encode()}


@pytest.mark.parametrize(
    ("options", "timeout_s", "outcome"),
    [
        ("dict()", 900, ("ConnectTimeoutError", 180)),  # three attempts of 60 s: what this botocore does by itself
        ('dict(retries={"mode": "legacy"})', 900, ("ConnectTimeoutError", 300)),
        ('dict(connect_timeout=2, retries={"total_max_attempts": 1})', 900, ("ConnectTimeoutError", 2)),
        ("dict()", 30, None),
    ],
)
def test_boto3_hangs_without_a_way_out_until_its_patience_or_the_functions_timeout_ends(
    options: str, timeout_s: int, outcome: Any, played: Play
) -> None:
    run = played(project(SEND.replace("{options}", options), function={"Timeout": timeout_s}))
    if outcome is None:
        assert run.summary["functions"]["work"]["timeouts"] == 1
        assert len(run.of(PathBlocked)) == 1
    else:
        name, seconds = run.result
        assert name == outcome[0]
        assert seconds == pytest.approx(outcome[1], abs=12)  # botocore's own pauses between attempts
    assert run.summary["queues"]["q"]["sent"] == 0
    assert run.summary["run"]["reproducible"]


def test_with_a_nat_gateway_the_same_code_works(played: Play) -> None:
    run = played(project(SEND.replace("{options}", "dict()"), parts=make_nat()))
    assert run.result == ["sent", 0]
    assert run.summary["queues"]["q"]["visible"] == 1


def test_a_page_of_the_web_is_as_far_as_the_routes_lead(played: Play) -> None:
    code = """
import urllib.request
def handler(event, context):
    try: return urllib.request.urlopen("https://api.example.com/rates", timeout=4).read().decode()
    except OSError as error: return str(error)
"""
    assert played(project(code, web=WEB)).result == "<urlopen error timed out>"
    assert played(project(code, web=WEB, parts=make_nat())).result == "1.1"


INSIDE = DIAL + "def handler(event, context):\n    found = dial()\n    found.sendall(b'select 1')\n    found.close()\n"
OUTSIDE = DIAL + "kept = dial()\ndef handler(event, context):\n    kept.sendall(b'select 1')\n"
LEAK = DIAL + "kept = []\ndef handler(event, context):\n    kept.append(dial())\n"


@pytest.mark.parametrize(
    ("code", "accepted", "refused", "open_now", "errors"),
    [(INSIDE, 10, 0, 0, 0), (OUTSIDE, 1, 0, 1, 0), (LEAK, 6, 4, 6, 4)],
    ids=["inside", "outside", "leak"],
)
def test_connections_live_as_long_as_the_code_holds_their_socket(
    code: str, accepted: int, refused: int, open_now: int, errors: int, played: Play
) -> None:
    steps = [invoke(f"{n}s") for n in range(10)]
    files = project(code, *steps, database=True)
    run = played(files)
    row = run.summary["endpoints"]["orders"]
    assert (row["accepted"], row["refused"], row["connections_open"]) == (accepted, refused, open_now)
    assert len(run.of(ConnectionAccepted)) == accepted
    assert len(run.of(ConnectionRefused)) == refused
    assert run.summary["functions"]["work"]["errors"] == errors
    assert played(files).trace == run.trace


def test_a_timeout_closes_what_the_environment_held(played: Play) -> None:
    code = DIAL + "import time\nkept = []\ndef handler(event, context):\n    kept.append(dial())\n    time.sleep(9)\n"
    run = played(project(code, function={"Timeout": 2}, database=True))
    assert [fact.reason for fact in run.of(ConnectionClosed)] == ["runtime killed"]


def test_a_wrong_security_group_is_silence_and_not_an_error(played: Play) -> None:
    code = DIAL + "def handler(event, context):\n    try: dial()\n    except OSError as error: return str(error)\n"
    group = make_database()["Db"]
    group["Properties"]["SecurityGroupIngress"] = []
    run = played(project(code, database=True, parts={"Db": group}))
    assert run.result == "timed out"
    assert [fact.reason for fact in run.of(PathBlocked)] == ["ingress"]


BEHIND = """
import json, os, urllib.request
def handler(event, context):
    if "requestContext" in event:
        said = {"path": event["path"], "body": event["body"], "shop": event["headers"]["x-shop"]}
        return {"statusCode": 201, "headers": {"Content-Type": "application/json"}, "body": json.dumps(said)}
    url = f"http://{os.environ['SHOP']}/orders"
    asked = urllib.request.Request(url, b"[1]", {"X-Shop": "7", "Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=5) as answer: return [answer.status, json.load(answer)]
"""


def test_a_load_balancer_of_the_vpc_hands_on_what_code_sends(played: Play) -> None:
    shop = {"Environment": {"Variables": {"SHOP": {"Fn::GetAtt": ["Balancer", "DNSName"]}}}}
    run = played(project(BEHIND, function=shop, parts=make_balancer("Work")))
    assert run.summary["http"][0]["status"] == 201
    said = {"path": "/orders", "body": "[1]", "shop": "7"}
    assert [201, said] in run.summary["functions"]["work"]["results"]
