"""A handler in the jail sees what it would see on AWS."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from lambdalab.sandbox import Policy, Status
from tests.sandbox.conftest import Run
from tests.sandbox.driver import ARN, Driven, request_id


def test_the_result_is_the_handlers_json(run: Run) -> None:
    (report,) = run("def handler(event, context): return {'hello': event['name'], 'n': [1, 2.5, None, True]}",
                    {"name": "Ada"})  # fmt: skip
    assert report.result == {"hello": "Ada", "n": [1, 2.5, None, True]}


@pytest.mark.parametrize("event", [None, 0, "text", [1, [2]], {"ü": "ß\u2028😀"}, {"deep": {"er": [{}]}}])
def test_any_json_event_arrives_as_sent(run: Run, event: object) -> None:
    wrapped = {"event": event}
    (report,) = run("def handler(event, context): return event", wrapped)
    assert report.result == wrapped


@pytest.mark.rule("B.4-08")
def test_an_exception_is_awss_error_document_and_one_log_event(run: Run) -> None:
    code = """
        class CardDeclined(Exception): pass
        def charge(): raise CardDeclined("no money")
        def handler(event, context): charge()
    """
    (report,) = run(code)
    assert report.status is Status.ERROR
    assert report.error["errorMessage"] == "no money"
    assert report.error["errorType"] == "CardDeclined"
    assert report.error["requestId"] == request_id(1)
    assert [line.split(",")[0].strip() for line in report.error["stackTrace"]] == ['File "/var/task/app.py"'] * 2
    (line,) = report.lines
    assert line.stream == "runtime"
    assert line.error
    assert line.text.startswith("[ERROR] CardDeclined: no money\nTraceback (most recent call last):")


@pytest.mark.rule("B.4-23")
def test_each_printed_line_is_a_log_event(run: Run) -> None:
    (report,) = run("def handler(event, context): print('one'); print('two\\nthree'); print('four', end='')")
    assert report.logs == ["one", "two", "three", "four"]


def test_every_way_to_write_reaches_the_log(run: Run) -> None:
    code = """
        import logging, os, subprocess, sys
        def handler(event, context):
            print("printed")
            print("to stderr", file=sys.stderr)
            os.write(1, b"by descriptor\\n")
            subprocess.run(["/bin/echo", "by a subprocess"], check=True)
            logging.getLogger().warning("two\\nlines")
    """
    (report,) = run(code)
    assert report.logs[:4] == ["printed", "to stderr", "by descriptor", "by a subprocess"]
    last = report.lines[4]
    assert last.stream == "runtime"
    assert last.text.startswith("[WARNING]\t2025-12-01T09:00:0")
    assert last.text.endswith(f"{request_id(1)}\ttwo\nlines")


@pytest.mark.rule("B.6-01", "B.6-03")
def test_the_context_object_tells_of_the_invocation(run: Run) -> None:
    code = """
        def handler(event, context):
            return {name: getattr(context, name) for name in (
                "function_name", "function_version", "invoked_function_arn", "memory_limit_in_mb", "aws_request_id",
                "log_group_name", "log_stream_name")} | {"left": context.get_remaining_time_in_millis()}
    """
    (report,) = run(code, timeout_s=7)
    left = report.result.pop("left")
    assert 6_990 <= left <= 7_000
    got = json.loads(report.payload)
    del got["left"]
    assert got == {
        "function_name": "greet",
        "function_version": "$LATEST",
        "invoked_function_arn": ARN,
        "memory_limit_in_mb": "128",
        "aws_request_id": request_id(1),
        "log_group_name": "/aws/lambda/greet",
        "log_stream_name": "2025/12/01/[$LATEST]0000",
    }


@pytest.mark.rule("B.6-04")
def test_remaining_time_runs_down_in_virtual_time(run: Run) -> None:
    code = """
        import time
        def handler(event, context):
            before = context.get_remaining_time_in_millis(); time.sleep(2)
            return before - context.get_remaining_time_in_millis()
    """
    assert run(code, timeout_s=5)[0].result == pytest.approx(2_000, abs=2)


@pytest.mark.rule("B.6-05")
def test_the_client_context_is_handed_on(jail: Callable[..., Driven]) -> None:
    code = "def handler(event, context): return context.client_context.custom"
    driven = jail(code)
    driven.init()
    assert driven.invoke(client_context='{"custom": {"colour": "green"}}').result == {"colour": "green"}


@pytest.mark.rule("B.5-05")
def test_the_environment_variables_are_lambdas_and_the_functions_own(run: Run) -> None:
    code = "import os\ndef handler(event, context): return dict(os.environ)"
    (report,) = run(code, environ={"TABLE": "orders"})
    variables = report.result
    assert variables["TABLE"] == "orders"
    assert variables["AWS_REGION"] == "us-east-1"
    assert variables["LAMBDA_TASK_ROOT"] == "/var/task"
    assert variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "128"
    assert (variables["TZ"], variables["LANG"]) == (":UTC", "en_US.UTF-8")
    assert variables["PATH"].startswith("/var/lang/bin")
    assert not [name for name in variables if "LAMBDALAB" in name.upper() or name == "HOME"]


@pytest.mark.rule("B.2-18")
def test_globals_live_between_invocations(run: Run) -> None:
    code = "count = 0\ndef handler(event, context):\n    global count\n    count += 1\n    return count"
    assert [report.result for report in run(code, invocations=3)] == [1, 2, 3]


@pytest.mark.rule("B.2-11")
def test_a_reset_keeps_tmp_and_loses_globals(jail: Callable[..., Driven]) -> None:
    code = """
        import pathlib
        seen = []
        def handler(event, context):
            path = pathlib.Path("/tmp/visits")
            path.write_text((path.read_text() if path.exists() else "") + "x")
            seen.append(1)
            return [path.read_text(), len(seen)]
    """
    driven = jail(code)
    driven.init()
    assert [driven.invoke().result, driven.invoke().result] == [["x", 1], ["xx", 2]]
    driven.environment.reset()
    assert driven.init().status is Status.READY
    assert driven.invoke().result == ["xxx", 1]


def test_a_frozen_environment_thaws_by_itself_when_invoked(jail: Callable[..., Driven]) -> None:
    driven = jail("def handler(event, context): return 'awake'")
    driven.init()
    driven.environment.freeze()
    assert driven.invoke().result == "awake"


def test_an_exception_leaves_the_environment_warm(run: Run) -> None:
    code = "n = 0\ndef handler(event, context):\n    global n\n    n += 1\n    assert n > 1\n    return n"
    first, second = run(code, invocations=2)
    assert first.error["errorType"] == "AssertionError"
    assert second.result == 2


def test_the_code_folder_is_read_only(run: Run) -> None:
    code = """
        import os
        def handler(event, context):
            outcomes = {}
            for name, act in {"write": lambda: open("/var/task/new", "w"), "change": lambda: open(__file__, "a"),
                              "remove": lambda: os.remove(__file__), "mkdir": lambda: os.mkdir("/var/task/x")}.items():
                try: act(); outcomes[name] = "done"
                except OSError as error: outcomes[name] = error.errno
            return outcomes
    """
    outcomes = run(code)[0].result
    read_only, forbidden = 30, 13  # a file that belongs to another user is refused before the file system is
    assert outcomes.pop("change") in (read_only, forbidden)
    assert outcomes == {"write": read_only, "remove": read_only, "mkdir": read_only}


def test_layers_are_found_below_opt_behind_the_functions_own_code(run: Run) -> None:
    layers = {
        "python/shared.py": b"WHERE = 'python/'",
        "python/lib/python3.13/site-packages/shared.py": b"WHERE = 'site-packages/'",
        "python/lib/python3.13/site-packages/packed.py": b"NAME = 'packed'",
        "python/app_helper.py": b"WHERE = 'the layer'",
        "notes.txt": b"read me",
    }
    code = """
        import os, sys, app_helper, packed, shared
        def handler(event, context):
            outcome = ""
            try: open("/opt/intruder", "w")
            except OSError as error: outcome = error.strerror
            return [packed.NAME, shared.WHERE, app_helper.WHERE, open("/opt/notes.txt").read(), outcome, sys.path[:3]]
    """
    (report,) = run(
        code,
        files={"app_helper.py": b"WHERE = 'the function'"},
        layers=layers,
        environ={"AWS_EXECUTION_ENV": "AWS_Lambda_python3.13"},
    )
    assert report.result == [
        "packed", "site-packages/", "the function", "read me", "Read-only file system",
        ["/var/task", "/opt/python/lib/python3.13/site-packages", "/opt/python"],
    ]  # fmt: skip


def test_without_layers_opt_is_empty(run: Run) -> None:
    (report,) = run("import os\ndef handler(event, context): return os.listdir('/opt')")
    assert report.result == []


@pytest.mark.rule("K.1-01", "K.1-03")
def test_files_next_to_the_handler_can_be_imported_and_read(run: Run) -> None:
    code = "import helper, pathlib\ndef handler(e, c): return [helper.X, pathlib.Path('data/a.txt').read_text()]"
    files = {"helper.py": b"X = 5", "data/a.txt": b"content"}
    assert run(code, files=files)[0].result == [5, "content"]


@pytest.mark.rule("B.4-13")
@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("sys.exit(3)", "Runtime exited with error: exit status 3"),
        ("sys.exit(0)", "Runtime exited without providing a reason"),
        ("os._exit(7)", "Runtime exited with error: exit status 7"),
        ("os._exit(0)", "Runtime exited without providing a reason"),
        ("ctypes.string_at(0)", "Runtime exited with error: signal: segmentation fault (core dumped)"),
        ("os.abort()", "Runtime exited with error: signal: aborted (core dumped)"),
        ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
    ],
)
def test_the_end_of_the_process_is_told_in_awss_words(run: Run, act: str, words: str) -> None:
    (report,) = run(f"import ctypes, os, sys\ndef handler(event, context):\n    print('last')\n    {act}")
    assert report.status is Status.EXIT
    assert report.payload.decode() == words
    assert "last" in report.logs


def test_the_environment_serves_again_after_an_exit(run: Run) -> None:
    code = (
        "import os\ndef handler(event, context):\n    if not os.path.exists('/tmp/x'): open('/tmp/x', 'w'); os._exit(1)"
    )
    first, second = run(code, invocations=2)
    assert first.status is Status.EXIT
    assert second.status is Status.OK


@pytest.mark.rule("B.4-16", "B.4-17", "B.4-18", "B.4-21")
@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("import missing_module", "Runtime.ImportModuleError", "No module named 'missing_module'"),
        ("def handler(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app': "),
        ("x = 1\ndef handler(:", "Runtime.UserCodeSyntaxError", "(app.py, line 2)"),
        ("other = 1", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        ("1 / 0", "ZeroDivisionError", "division by zero"),
    ],
)
def test_what_fails_in_init_is_named_as_on_aws(run: Run, code: str, kind: str, message: str) -> None:
    (report,) = run(code)
    assert report.status is Status.INIT_ERROR
    assert report.error["errorType"] == kind
    assert message in report.error["errorMessage"]
    assert len([line for line in report.lines if line.error]) == 1


def test_a_missing_file_is_an_import_error(run: Run) -> None:
    (report,) = run("", handler="nothere.handler")
    assert report.error["errorType"] == "Runtime.ImportModuleError"


@pytest.mark.rule("B.4-19")
def test_a_malformed_handler_name_is_refused_as_on_aws(run: Run) -> None:
    (report,) = run("", handler="nodot")
    assert report.error["errorType"] == "Runtime.MalformedHandlerName"


def test_exiting_while_importing_ends_the_process(run: Run) -> None:
    (report,) = run("import os; os._exit(5)")
    assert (report.status, report.payload) == (Status.EXIT, b"Runtime exited with error: exit status 5")


@pytest.mark.rule("B.4-20")
def test_a_result_that_is_no_json_is_a_marshal_error(run: Run) -> None:
    (report,) = run("def handler(event, context): return {1, 2}")
    assert report.status is Status.ERROR
    assert report.error["errorType"] == "Runtime.MarshalError"


def test_a_response_above_the_limit_is_refused_and_the_environment_lives(run: Run) -> None:
    code = "def handler(event, context): return 'x' * (event['size'] - 2)"
    assert run(code, {"size": 6_291_556})[0].status is Status.OK
    too_large, again = run(code, {"size": 6_291_557}, invocations=2)
    assert too_large.status is again.status is Status.OUTPUT_LIMIT


def test_memory_above_the_limit_kills(run: Run) -> None:
    assert run("def handler(e, c): return len('x' * 300_000_000)")[0].status is Status.OUT_OF_MEMORY
    assert run("x = 'x' * 300_000_000\ndef handler(e, c): return len(x)")[0].status is Status.OUT_OF_MEMORY
    assert (
        run("def handler(e, c): return len('x' * 300_000_000)", policy=Policy(memory_mb=512))[0].result == 300_000_000
    )


def test_memory_of_children_counts(run: Run) -> None:
    code = """
        import subprocess, sys
        def handler(event, context):
            subprocess.run([sys.executable, "-c", "import time; x = 'x' * 300_000_000; time.sleep(5); print(len(x))"])
    """
    assert run(code)[0].status is Status.OUT_OF_MEMORY


def test_memory_that_forked_children_share_counts_once(run: Run) -> None:
    code = """
        import os, time
        x = bytearray(40_000_000)
        def handler(event, context):
            for _ in range(8):
                if os.fork() == 0:
                    while True: time.sleep(1)
            sum(range(20_000_000))
            return "enough"
    """
    assert run(code)[0].result == "enough"


def test_a_response_beyond_every_limit_is_too_large_as_well(run: Run) -> None:
    code = "def handler(e, c): return 'x' * 30_000_000"
    assert run(code, policy=Policy(memory_mb=512))[0].status is Status.OUTPUT_LIMIT


def test_memory_beyond_all_limits_is_refused_at_once(run: Run) -> None:
    (report,) = run("def handler(e, c): bytearray(4_000_000_000)")
    assert report.error["errorType"] == "MemoryError"


def test_the_memory_figure_grows_with_what_is_held(run: Run) -> None:
    code = "x = []\ndef handler(event, context): x.append(bytearray(30_000_000)); return len(x)"
    first, second = run(code, invocations=2)
    assert 20_000 < first.memory_kb < 128_000
    assert second.memory_kb - first.memory_kb == pytest.approx(29_300, abs=3_000)


def test_semaphores_between_processes_fail_as_on_aws(run: Run) -> None:
    code = """
        import multiprocessing
        def handler(event, context):
            try: multiprocessing.Queue()
            except OSError as error: return error.errno
    """
    assert run(code)[0].result == 38


def test_pipes_between_processes_work_as_on_aws(run: Run) -> None:
    code = """
        import multiprocessing
        def work(end): end.send(42)
        def handler(event, context):
            ours, theirs = multiprocessing.Pipe()
            process = multiprocessing.Process(target=work, args=(theirs,)); process.start()
            answer = ours.recv(); process.join()
            return answer
    """
    assert run(code)[0].result == 42


@pytest.mark.rule("B.2-09")
def test_a_background_thread_goes_on_at_the_next_invocation(run: Run) -> None:
    code = """
        import threading, time
        done = []
        def work(): time.sleep(5); done.append(time.time())
        def handler(event, context):
            if not event: return None
            threading.Thread(target=work).start() if not done and threading.active_count() == 1 else time.sleep(10)
            return len(done)
    """
    first, second = run(code, {"go": 1}, invocations=2)
    assert (first.result, first.seconds) == (0, 0.0)
    assert (second.result, second.seconds) == (1, 10.0)


@pytest.mark.rule("B.4-23")
def test_logging_goes_through_the_handler_of_lambda(run: Run) -> None:
    code = """
        import logging
        logger = logging.getLogger(); logger.setLevel("INFO")
        def handler(event, context): logger.info("told"); logger.debug("not told"); logger.error("bad")
    """
    (report,) = run(code)
    assert [(line.text.split("\t")[0], line.error) for line in report.lines] == [("[INFO]", False), ("[ERROR]", True)]
    level, moment, told_by, message = report.lines[0].text.split("\t")
    assert (level, told_by, message.strip()) == ("[INFO]", request_id(1), "told")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", moment)


@pytest.mark.rule("B.4-23")
def test_the_logger_tells_warnings_and_nothing_below_by_default(run: Run) -> None:
    code = "import logging\ndef handler(event, context): logging.info('low'); logging.warning('high')"
    (report,) = run(code)
    assert [line.text.split("\t")[0] for line in report.lines] == ["[WARNING]"]


def test_json_logs_are_json(run: Run) -> None:
    code = "import logging\ndef handler(event, context): logging.getLogger().warning('told')"
    (report,) = run(code, environ={"AWS_LAMBDA_LOG_FORMAT": "JSON"})
    told = json.loads(report.logs[0])
    assert (told["message"], told["level"], told["requestId"]) == ("told", "WARNING", request_id(1))


def test_an_exception_is_a_json_document_in_json_logs(run: Run) -> None:
    (report,) = run("def handler(event, context): 1 / 0", environ={"AWS_LAMBDA_LOG_FORMAT": "JSON"})
    (line,) = report.lines
    assert line.error
    told = json.loads(line.text)
    assert (told["errorType"], told["level"]) == ("ZeroDivisionError", "ERROR")


def test_the_log_level_variable_is_heeded(run: Run) -> None:
    code = "import logging\ndef handler(e, c): logging.info('low'); logging.error('high')"
    wanted = {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": "ERROR"}
    assert [json.loads(text)["message"] for text in run(code, environ=wanted)[0].logs] == ["high"]


@pytest.mark.rule("J.1-09")
def test_an_environment_has_1024_file_descriptors_and_processes(run: Run) -> None:
    code = """
        import os, resource
        def handler(event, context):
            opened = []
            try:
                while True: opened.append(os.open("/dev/null", os.O_RDONLY))
            except OSError: pass
            return [max(opened), resource.getrlimit(resource.RLIMIT_NPROC)[0]]
    """
    assert run(code)[0].result == [1_023, 1_024]
