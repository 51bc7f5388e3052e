"""Real Python in the sandbox, played by the simulator: what a student's code does and what AWS would say about it."""

import base64
import json
from typing import Any

import pytest

from lambdalab.runtime import ProjectError, RunLimits
from lambdalab.runtime.play import Progress
from lambdalab.simulator.trace.facts import (
    ApiCalled,
    AsyncEventDeadLettered,
    EnvironmentReset,
    InvocationEnded,
    InvocationStarted,
    LogLine,
    MessageSent,
    NameLookedUp,
    SegmentSent,
)
from tests.runtime.conftest import Play, Played
from tests.runtime.projects import invoke, make_project

DLQ = {"DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:q"}}


def ended(run: Played) -> InvocationEnded:
    fact: InvocationEnded = run.of(InvocationEnded)[0]
    return fact


def test_an_event_goes_in_and_a_result_comes_out(played: Play) -> None:
    run = played(
        make_project("def handler(event, context):\n    return {'twice': event['n'] * 2}\n", invoke(payload={"n": 21}))
    )
    assert run.result == {"twice": 42}


def test_an_exception_names_its_file_and_line(played: Play) -> None:
    fact = ended(played(make_project("def handler(event, context):\n    return 1 / 0\n")))
    assert (fact.status, fact.error_type, fact.error_message) == ("error", "ZeroDivisionError", "division by zero")
    assert (fact.file, fact.line) == ("src/app.py", 2)


@pytest.mark.rule("B.4-13", "B.4-14", "B.4-16", "B.4-17", "B.4-18", "B.4-20")
@pytest.mark.parametrize(
    ("code", "status", "error_type", "message"),
    [
        ("import nothing_of_this_name", "init_error", "Runtime.ImportModuleError",
         "Unable to import module 'app': No module named 'nothing_of_this_name'"),
        ("x = 1", "init_error", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        ("def handler(event, context)", "init_error", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
        ("raise ValueError('at import')", "init_error", "ValueError", "at import"),
        ("import sys\nsys.exit(3)", "exit", "Runtime.ExitError", "Runtime exited with error: exit status 3"),
        ("import os\nos._exit(0)", "exit", "Runtime.ExitError", "Runtime exited without providing a reason"),
        ("def handler(event, context):\n    import os\n    os._exit(1)", "exit", "Runtime.ExitError", "exit status 1"),
        ("def handler(event, context):\n    import datetime\n    return datetime.datetime.now()", "error",
         "Runtime.MarshalError", "Unable to marshal response: Object of type datetime is not JSON serializable"),
        ("def handler(event, context):\n    return 'x' * 7_000_000", "error", "Function.ResponseSizeTooLarge",
         "Response payload size exceeded maximum allowed payload size (6291556 bytes)."),
        ("def handler(event, context):\n    return bytearray(400_000_000)[0]", "out_of_memory", "Runtime.ExitError",
         "Runtime exited with error: signal: killed"),
    ],
)  # fmt: skip
def test_code_that_fails_ends_in_awss_words(
    code: str, status: str, error_type: str, message: str, played: Play
) -> None:
    run = played(make_project(code, invoke(kind="Event"), function=DLQ))
    fact = ended(run)
    assert (fact.status, fact.error_type) == (status, error_type)
    assert message in str(fact.error_message)
    assert len(run.of(InvocationEnded)) == 3
    assert run.of(AsyncEventDeadLettered)[0].error_code == 200


def test_sleeping_costs_virtual_time_and_no_real_time(played: Play) -> None:
    code = "import time\ndef handler(event, context):\n    time.sleep(899)\n"
    run = played(make_project(code, function={"Timeout": 900}))
    assert ended(run).duration_us == pytest.approx(899_000_000, abs=20_000)


def test_a_sleep_beyond_the_timeout_is_a_timeout(played: Play) -> None:
    code = "import time\ndef handler(event, context):\n    time.sleep(60)\n"
    fact = ended(played(make_project(code)))
    assert (fact.status, fact.duration_us, fact.billed_ms) == ("timeout", 3_000_000, ended_bill(fact))


def ended_bill(fact: InvocationEnded) -> int:
    return -(-(fact.duration_us + (fact.init_us or 0)) // 1_000)


@pytest.mark.rule("B.2-11", "B.2-18")
def test_globals_survive_between_invocations_and_die_with_a_reset(played: Play) -> None:
    code = """\
import os
count = 0
def handler(event, context):
    global count
    count += 1
    if event.get("die"):
        os._exit(1)
    with open("/tmp/kept", "a") as file:
        file.write("x")
    return [count, len(open("/tmp/kept").read())]
"""
    steps = [invoke("0s"), invoke("5s"), invoke("10s", {"die": True}), invoke("15s"), invoke("20s")]
    run = played(make_project(code, *steps))
    assert run.summary["functions"]["work"]["results"] == [[1, 1], [2, 2], [1, 3], [2, 4]]
    assert len(run.of(EnvironmentReset)) == 1
    assert len({fact.environment for fact in run.of(InvocationStarted)}) == 1


def test_code_that_failed_to_load_twice_is_loaded_again_in_the_same_environment(played: Play) -> None:
    code = """\
import datetime
if datetime.datetime.now(datetime.timezone.utc) < datetime.datetime(2025, 12, 1, 9, 2, tzinfo=datetime.timezone.utc):
    raise ConnectionError("not yet")
def handler(event, context):
    return "at last"
"""
    run = played(make_project(code, invoke(kind="Event")))
    assert [fact.status for fact in run.of(InvocationEnded)] == ["init_error", "init_error", "ok"]


@pytest.mark.rule("B.5-05", "B.6-03")
def test_the_environment_is_awss(played: Play) -> None:
    code = """\
import os
def handler(event, context):
    return [os.environ["MINE"], os.environ["AWS_LAMBDA_FUNCTION_NAME"], os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
            os.environ["AWS_REGION"], context.function_name, context.memory_limit_in_mb, context.invoked_function_arn,
            context.get_remaining_time_in_millis(), os.getcwd()]
"""
    run = played(make_project(code, function={"Environment": {"Variables": {"MINE": True}}, "MemorySize": 256}))
    arn = "arn:aws:lambda:us-east-1:123456789012:function:work"
    remaining = run.result.pop(7)
    assert run.result == ["true", "work", "256", "us-east-1", "work", "256", arn, "/var/task"]
    assert 2_900 <= remaining <= 3_000


def test_boto3_goes_through_the_front_door(played: Play) -> None:
    code = """\
import boto3
def handler(event, context):
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
    return sqs.send_message(QueueUrl=url, MessageBody="hello")["MessageId"]
"""
    run = played(make_project(code))
    assert run.of(MessageSent)[0].message_id == run.result
    assert {fact.source for fact in run.of(ApiCalled) if fact.service == "sqs"} == {"function/work"}


def test_an_unsupported_service_fails_in_the_students_code_not_in_ours(played: Play) -> None:
    code = "import boto3\ndef handler(event, context):\n    boto3.client('glue').get_jobs()\n"
    fact = ended(played(make_project(code)))
    assert fact.error_type == "ClientError"
    assert "lambdalab does not simulate glue.get_jobs yet" in str(fact.error_message)


@pytest.mark.parametrize(
    "body",
    [
        "print('\\ud800')",
        "return '\\ud800'",
        "raise ValueError('\\ud800')",
        "import boto3; boto3.client('sqs').send_message(QueueUrl='q', MessageBody='\\ud800')",
        "print('x' * 300_000)",
        "print('\\x00\\x1b[31m\\u2028')",
        "import sys; sys.stdout.buffer.write(b'\\xff\\xfe')",
        "return float('nan')",
        "return {1: {2: 3}}",
    ],
)  # fmt: skip
def test_strange_output_never_breaks_a_run(body: str, played: Play) -> None:
    run = played(make_project(f"def handler(event, context):\n    {body}\n", invoke(kind="Event"), function=DLQ))
    assert run.outcome.stopped is None
    assert run.of(InvocationEnded)
    for view in (run.outcome.summary, run.outcome.player):
        text = json.dumps(view, ensure_ascii=False, allow_nan=False)
        assert "\\u0000" not in text
        assert text.encode()


def test_a_forged_report_line_is_the_functions_own(played: Play) -> None:
    code = "def handler(event, context):\n    print('REPORT RequestId: x\\tBilled Duration: 1 ms')\n"
    run = played(make_project(code))
    (forged,) = (fact for fact in run.of(LogLine) if "Billed Duration: 1 ms" in fact.text)
    assert forged.source == "function"


def test_a_run_is_stopped_when_it_is_asked_to(played: Play) -> None:
    code = "import time\ndef handler(event, context):\n    time.sleep(1)\n"
    steps = invoke(repeat={"count": 3_000, "every": "1s"})
    run = played(make_project(code, steps), should_stop=lambda: "the student pressed Stop")
    assert run.outcome.stopped == "the student pressed Stop"
    assert not run.outcome.passed
    assert run.outcome.player["stopped"] == "the student pressed Stop"


def test_a_run_is_stopped_at_its_number_of_facts(played: Play) -> None:
    code = "def handler(event, context):\n    print(*range(50), sep='\\n')\n"
    run = played(make_project(code, invoke(repeat={"count": 500, "every": "1s"})), limits=RunLimits(facts=500))
    assert run.outcome.stopped == "facts"
    assert 500 < run.outcome.facts < 1_000


def test_a_run_is_stopped_when_it_takes_too_long(played: Play) -> None:
    steps = invoke(repeat={"count": 3_000, "every": "1s"})
    run = played(make_project("def handler(event, context): ...", steps), limits=RunLimits(wall_s=0))
    assert run.outcome.stopped == "wall seconds"


def test_progress_is_told_while_a_run_goes_on(played: Play) -> None:
    told: list[Progress] = []
    code = "import time\ndef handler(event, context):\n    time.sleep(0.5)\n"
    steps = invoke(repeat={"count": 400, "every": "1s"})
    played(make_project(code, steps), progress=told.append)
    assert told == sorted(told, key=lambda progress: progress.virtual_s)
    assert all(progress.sentence for progress in told)


def test_a_refused_project_records_nothing(played: Play) -> None:
    with pytest.raises(ProjectError):
        played(make_project("x = 1", function={"MemorySize": 1}))


def test_a_run_says_which_python_it_used(played: Play) -> None:
    notes = played(make_project("def handler(event, context): ...")).outcome.player["notes"]
    assert notes == [] or notes[0].startswith("python3.13 functions run here on the host's python3.")


def test_measured_compute_says_that_it_is_not_reproducible(played: Play) -> None:
    code = "def handler(event, context):\n    return sum(range(200_000))\n"
    run: Any = played(make_project(code, compute={"mode": "measured"}))
    assert run.summary["run"]["reproducible"] is False
    assert run.outcome.player["reproducible"] is False
    assert ended(run).duration_us > 0


def test_a_host_that_does_not_exist_is_a_fact_and_an_error_of_the_code(played: Play) -> None:
    code = """\
import socket
def handler(event, context):
    try:
        socket.create_connection(("api.example.com", 443), timeout=1)
    except socket.gaierror as error:
        return str(error)
"""
    run = played(make_project(code))
    assert run.result == "[Errno -2] Name or service not known"
    assert [(fact.host, fact.address) for fact in run.of(NameLookedUp)] == [("api.example.com", None)]


def test_segments_of_the_x_ray_sdk_are_facts(played: Play) -> None:
    code = """\
import json, os, socket
def handler(event, context):
    host, port = os.environ["AWS_XRAY_DAEMON_ADDRESS"].split(":")
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setblocking(False)
    for number in range(3):
        document = {"name": "work", "id": str(number)}
        sender.sendto(b'{"format": "json", "version": 1}\\n' + json.dumps(document).encode(), (host, int(port)))
"""
    run = played(make_project(code))
    assert [json.loads(fact.document)["id"] for fact in run.of(SegmentSent)] == ["0", "1", "2"]


@pytest.mark.rule("B.2-01")
def test_code_outside_the_handler_runs_once_and_before_the_first_invocation(played: Play) -> None:
    code = "print('loading')\ndef handler(event, context):\n    print('handling')\n"
    run = played(make_project(code, invoke("0s"), invoke("5s")))
    words = [fact.text.split()[0] for fact in run.of(LogLine)]
    warm = ["START", "handling", "END", "REPORT"]
    assert words == ["INIT_START", "loading", *warm, *warm]


@pytest.mark.rule("G.2-06")
def test_the_credentials_of_the_role_are_variables(played: Play) -> None:
    code = """\
import os
def handler(event, context):
    return [bool(os.environ.get(name)) for name in
            ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")]
"""
    assert played(make_project(code)).result == [True, True, True]


@pytest.mark.rule("B.6-05")
def test_the_client_context_of_a_step_reaches_the_code(played: Play) -> None:
    code = "def handler(event, context):\n    return context.client_context and context.client_context.custom\n"
    sent = base64.b64encode(b'{"custom": {"colour": "green"}}').decode()
    one, two = invoke("0s"), invoke("5s")
    one["with"]["ClientContext"] = sent
    results = played(make_project(code, one, two)).summary["functions"]["work"]["results"]
    assert results == [{"colour": "green"}, None]


@pytest.mark.rule("A.4-02")
@pytest.mark.parametrize(("variables", "calls"), [({}, 3), ({"AWS_MAX_ATTEMPTS": "5"}, 5)])
def test_the_sdk_in_a_function_tries_again_as_it_is_configured(
    variables: dict[str, str], calls: int, played: Play
) -> None:
    """botocore's default is the mode standard (since 2026), with three attempts in all."""
    code = """\
import boto3
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl="q", MessageBody="x")
"""
    fault = {"fail": "sqs.send_message", "with": "RequestThrottled"}
    properties = {"Environment": {"Variables": variables}, "Timeout": 60}
    run = played(make_project(code, function=properties, faults=[fault]))
    assert run.summary["calls"]["sqs.send_message"]["count"] == calls
    assert ended(run).error_type == "RequestThrottled"
