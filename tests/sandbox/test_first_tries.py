"""What students try first: each behaves as on AWS, error texts included. What the simulator adds is tested there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lambdalab.sandbox import Policy, Status
from tests.sandbox.conftest import Run
from tests.sandbox.driver import Driven, request_id

HANDLER = "def handler(event, context):\n    "


def test_a_string_of_300_mb_at_128_mb_is_killed_and_at_512_mb_it_is_not(run: Run) -> None:
    code = HANDLER + "return len('x' * 300_000_000)"
    assert run(code)[0].status is Status.OUT_OF_MEMORY
    assert run(code, policy=Policy(memory_mb=512))[0].result == 300_000_000


@pytest.mark.parametrize(
    "act",
    [
        "multiprocessing.Pool(2)",
        "multiprocessing.Queue()",
        "multiprocessing.Lock()",
        "list(concurrent.futures.ProcessPoolExecutor(2).map(abs, [1]))",
    ],
)
def test_pools_and_queues_of_processes_fail_as_on_lambda(run: Run, act: str) -> None:
    (report,) = run(f"import concurrent.futures, multiprocessing\n{HANDLER}{act}")
    assert (report.error["errorType"], report.error["errorMessage"]) == (
        "OSError",
        "[Errno 38] Function not implemented",
    )


def test_processes_with_pipes_work(run: Run) -> None:
    code = """
        from multiprocessing import Pipe, Process
        def square(end, n): end.send(n * n); end.close()
        def handler(event, context):
            ends = []
            for n in event["numbers"]:
                ours, theirs = Pipe()
                Process(target=square, args=(theirs, n)).start()
                ends.append(ours)
            return [end.recv() for end in ends]
    """
    assert run(code, {"numbers": [2, 3, 4]})[0].result == [4, 9, 16]


def test_a_subprocess_that_sleeps_uses_up_the_functions_time(run: Run) -> None:
    (report,) = run("import subprocess\n" + HANDLER + "subprocess.run(['sleep', '5'])", timeout_s=3)
    assert (report.status, report.seconds) == (Status.TIMEOUT, 3.0)


def test_a_thread_left_behind_is_frozen_and_goes_on_with_the_next_invocation(run: Run) -> None:
    code = """
        import threading, time
        def work():
            for n in range(3): time.sleep(1); print("tick", n)
        started = []
        def handler(event, context):
            if started: return time.sleep(10)
            started.append(threading.Thread(target=work)); started[0].start()
    """
    first, second = run(code, invocations=2)
    assert (first.logs, first.seconds) == ([], 0.0)
    assert (second.logs, second.seconds) == (["tick 0", "tick 1", "tick 2"], 10.0)


@pytest.mark.parametrize("path", ["/x", "x", "/var/task/x", "/opt/x", "/etc/x", "/usr/x", "/var/x"])
def test_writing_outside_tmp_is_a_read_only_file_system(run: Run, path: str) -> None:
    (report,) = run(f"{HANDLER}open({path!r}, 'w')")
    assert report.error["errorType"] == "OSError"
    assert report.error["errorMessage"] == f"[Errno 30] Read-only file system: '{path}'"


def test_there_is_no_home_to_write_to(run: Run) -> None:
    (report,) = run("import os\n" + HANDLER + "open(os.path.expanduser('~/x'), 'w')")
    assert "/home/sbx_user1051/x" in report.error["errorMessage"]


def test_tmp_is_there_for_the_next_invocation(run: Run) -> None:
    code = """
        import os, tempfile
        def handler(event, context):
            found = os.path.exists("/tmp/x")
            with open("/tmp/x", "a") as file: file.write("x")
            return [found, tempfile.gettempdir()]
    """
    assert [report.result for report in run(code, invocations=2)] == [[False, "/tmp"], [True, "/tmp"]]


def test_a_print_without_newline_is_an_event_when_the_invocation_is_over(run: Run) -> None:
    code = HANDLER + "print('half', end='')"
    assert [report.logs for report in run(code, invocations=2)] == [["half"], ["half"]]


def test_logging_below_a_warning_is_not_shown_until_the_level_is_set(run: Run) -> None:
    code = """
        import logging
        def handler(event, context):
            logging.info("hidden"); logging.basicConfig(level=logging.INFO); logging.info("hidden as well")
            logging.getLogger().setLevel(logging.INFO); logging.info("shown")
    """
    (report,) = run(code)
    assert report.logs == [f"[INFO]\t2025-12-01T09:00:00.000Z\t{request_id(1)}\tshown"]


def test_each_invocation_may_log_anew(run: Run) -> None:
    first, second = run(HANDLER + "print('x' * 3_000_000 if event else 'short')", {"long": 1}, invocations=2)
    assert first.logs[-1] == second.logs[-1]
    assert len(second.logs) == len(first.logs)


def test_bytes_leave_as_they_are(run: Run) -> None:
    (report,) = run(HANDLER + "return b'\\xff no JSON'")
    assert (report.status, report.payload) == (Status.OK, b"\xff no JSON")


@pytest.mark.parametrize(("python", "payload"), [("3.11", b'"\\u00fc"'), ("3.12", '"ü"'.encode()), ("3.13", '"ü"'.encode())])
def test_letters_beyond_ascii_are_escaped_up_to_python_3_11(run: Run, python: str, payload: bytes) -> None:
    (report,) = run(HANDLER + "return 'ü'", environ={"AWS_EXECUTION_ENV": f"AWS_Lambda_python{python}"})
    assert report.payload == payload


def test_half_a_surrogate_pair_ends_the_runtime_where_letters_are_not_escaped(run: Run) -> None:
    (report,) = run(HANDLER + "return '\\ud800'", environ={"AWS_EXECUTION_ENV": "AWS_Lambda_python3.13"})
    assert (report.status, report.payload) == (Status.EXIT, b"Runtime exited with error: exit status 1")


@pytest.mark.parametrize(
    ("number", "words"), [(15, "terminated"), (1, "hangup"), (7, "bus error"), (31, "signal 31")]
)
def test_a_signal_is_named_as_on_aws(run: Run, number: int, words: str) -> None:
    (report,) = run(f"import os\n{HANDLER}os.kill(os.getpid(), {number})")
    assert report.payload == f"Runtime exited with error: signal: {words}".encode()


def test_the_trace_of_an_interrupt_begins_with_awss_bootstrap(run: Run) -> None:
    (report,) = run(HANDLER + "raise KeyboardInterrupt")
    text = "\n".join(report.logs)
    assert "/var/runtime/awslambdaric/bootstrap.py" in text
    assert "/lambdalab/" not in text


def test_one_large_file_fills_tmp_as_many_small_ones_do(run: Run) -> None:
    code = """
        def handler(event, context):
            with open("/tmp/large", "wb", 0) as file:
                while True: file.write(bytes(1 << 20))
    """
    (report,) = run(code, policy=Policy(tmp_mb=512))
    assert report.error["errorMessage"] == "[Errno 28] No space left on device"


def test_ten_megabytes_printed_keep_the_first_and_say_so(run: Run) -> None:
    (report,) = run(HANDLER + "print('x' * 10_000_000); return 'done'")
    assert report.result == "done"
    *kept, last = report.logs
    assert 700_000 < sum(map(len, kept)) <= 1_048_576
    assert last == "[lambdalab] this invocation has logged 1,048,576 bytes; the rest is not kept."


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2 ** 70", "1180591620717411303424"),
        ("float('nan')", "NaN"),
        ("float('-inf')", "-Infinity"),
        ("decimal.Decimal('1.10')", "1.10"),
        ("{1: 'a', None: 'b', 2.5: 'c', False: 'd'}", '{"1": "a", "null": "b", "2.5": "c", "false": "d"}'),
        ("(1, 2)", "[1, 2]"),
        ("'ü'", '"\\u00fc"'),
        ("None", "null"),
        ("{'a': b'x'}", '{"a": "x"}'),
        ("b'{\"raw\": 1}'", '{"raw": 1}'),
    ],
)
def test_values_are_written_as_awss_runtime_client_writes_them(run: Run, value: str, text: str) -> None:
    (report,) = run(f"import decimal\n{HANDLER}return {value}")
    assert (report.status, report.payload.decode()) == (Status.OK, text)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("datetime.datetime.now()", "Object of type datetime is not JSON serializable"),
        ("{1, 2}", "Object of type set is not JSON serializable"),
        ("(n for n in [1])", "Object of type generator is not JSON serializable"),
        ("{(1, 2): 3}", "keys must be str, int, float, bool or None, not tuple"),
        ("object()", "Object of type object is not JSON serializable"),
    ],
)
def test_values_that_are_no_json_are_marshal_errors(run: Run, value: str, why: str) -> None:
    (report,) = run(f"import datetime\n{HANDLER}return {value}")
    assert report.status is Status.ERROR
    assert report.error["errorType"] == "Runtime.MarshalError"
    assert report.error["errorMessage"] == f"Unable to marshal response: {why}"


def test_an_async_handler_returns_a_coroutine_that_nobody_awaits(run: Run) -> None:
    (report,) = run("async def handler(event, context): return 1")
    assert report.error["errorMessage"] == (
        "Unable to marshal response: Object of type coroutine is not JSON serializable"
    )
    assert any("coroutine 'handler' was never awaited" in line for line in report.logs)


def test_a_generator_as_handler_does_not_even_begin(run: Run) -> None:
    (report,) = run(HANDLER + "print('never')\n    yield 1")
    assert "Object of type generator" in report.error["errorMessage"]
    assert "never" not in report.logs


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def handler(): ...", "handler() takes 0 positional arguments but 2 were given"),
        ("def handler(event): ...", "handler() takes 1 positional argument but 2 were given"),
        ("def handler(a, b, c): ...", "handler() missing 1 required positional argument: 'c'"),
        ("handler = None", "'NoneType' object is not callable"),
        ("handler = 'text'", "'str' object is not callable"),
    ],
)
def test_a_handler_that_cannot_be_called_so_is_a_type_error(run: Run, code: str, message: str) -> None:
    (report,) = run(code)
    assert (report.error["errorType"], report.error["errorMessage"]) == ("TypeError", message)


@pytest.mark.parametrize(
    "code",
    [
        "handler = lambda event, context: 7",
        "class Handler:\n    def __call__(self, event, context): return 7\nhandler = Handler()",
        "class handler(int):\n    def __new__(cls, event, context): return 7",
        "import functools\ndef add(event, context, more): return more\nhandler = functools.partial(add, more=7)",
    ],
)
def test_anything_that_can_be_called_is_a_handler(run: Run, code: str) -> None:
    assert run(code)[0].result == 7


@pytest.mark.parametrize("handler", ["pkg/sub.handler", "pkg.sub.handler", "pkg/deeper/mod.handler"])
def test_handlers_in_folders_are_found_with_slashes_and_with_dots(run: Run, handler: str) -> None:
    code = b"def handler(event, context): return __name__"
    files = {"pkg/sub.py": code, "pkg/deeper/mod.py": code}  # without __init__.py: namespace packages
    assert run("", handler=handler, files=files)[0].result == handler.replace("/", ".").removesuffix(".handler")


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("sys.exit(0)", "Runtime exited without providing a reason"),
        ("sys.exit()", "Runtime exited without providing a reason"),
        ("sys.exit('a message')", "Runtime exited with error: exit status 1"),
        ("raise KeyboardInterrupt", "Runtime exited with error: signal: interrupt"),  # CPython, Modules/main.c
    ],
)
def test_leaving_is_an_exit_of_the_runtime(run: Run, act: str, words: str) -> None:
    (report,) = run(f"import os, sys\n{HANDLER}{act}")
    assert (report.status, report.payload.decode()) == (Status.EXIT, words)


@pytest.mark.parametrize("act", ["raise SystemExit(3)", "raise ValueError('lost')"])
def test_what_a_thread_raises_is_not_the_handlers(run: Run, act: str) -> None:
    code = f"""
        import threading
        def work(): {act}
        def handler(event, context):
            thread = threading.Thread(target=work); thread.start(); thread.join()
            return "went on"
    """
    (report,) = run(code)
    assert report.result == "went on"
    assert any("ValueError: lost" in line for line in report.logs) == ("ValueError" in act)


def test_endless_recursion_is_a_recursion_error(run: Run) -> None:
    (report,) = run(HANDLER + "return handler(event, context)")
    assert report.error["errorType"] == "RecursionError"
    assert report.error["errorMessage"].startswith("maximum recursion depth exceeded")


def test_endless_recursion_without_that_limit_ends_the_runtime(run: Run) -> None:
    code = """
        import sys
        sys.setrecursionlimit(10 ** 8)
        class Endless:
            def __repr__(self): return repr(self)
        def handler(event, context): return repr(Endless())
    """
    (report,) = run(code, policy=Policy(memory_mb=1_024))
    assert report.status is Status.EXIT
    assert report.payload == b"Runtime exited with error: signal: segmentation fault (core dumped)"


def test_input_finds_nobody_who_types(run: Run) -> None:
    (report,) = run(HANDLER + "return input('name? ')")
    assert (report.error["errorType"], report.error["errorMessage"]) == ("EOFError", "EOF when reading a line")
    assert report.logs[0] == "name? "


def test_a_sleep_beyond_the_timeout_is_a_timeout_at_the_timeout(run: Run) -> None:
    (report,) = run("import time\n" + HANDLER + "time.sleep(10)", timeout_s=3)
    assert (report.status, report.seconds) == (Status.TIMEOUT, 3.0)


def test_variables_are_there_and_secrets_of_ours_are_not(run: Run) -> None:
    (report,) = run("import os\n" + HANDLER + "return dict(os.environ)", environ={"API_KEY": "s3cr3t"})
    assert report.result["API_KEY"] == "s3cr3t"
    assert report.result["AWS_ACCESS_KEY_ID"] == "ASIALAMBDALABEXAMPLE"
    assert not [name for name in report.result if name.startswith(("DJANGO", "LAMBDALAB", "PYTEST", "VIRTUAL_ENV"))]


def test_a_missing_variable_is_a_key_error(run: Run) -> None:
    (report,) = run("import os\nTABLE = os.environ['TABLE']\n" + HANDLER + "return TABLE")
    assert report.status is Status.INIT_ERROR
    assert (report.error["errorType"], report.error["errorMessage"]) == ("KeyError", "'TABLE'")


def test_remaining_time_counts_down_over_a_sleep(run: Run) -> None:
    code = """
        import time
        def handler(event, context):
            before = context.get_remaining_time_in_millis(); time.sleep(1.5)
            return [before, context.get_remaining_time_in_millis()]
    """
    before, after = run(code, timeout_s=3)[0].result
    assert before == pytest.approx(3_000, abs=2)
    assert after == pytest.approx(1_500, abs=2)


def test_importing_for_more_than_ten_seconds_is_cut_off(jail: Callable[..., Driven]) -> None:
    driven = jail("import time\ntime.sleep(11)\n" + HANDLER + "return 1")
    report = driven.init()
    assert (report.status, report.seconds) == (Status.TIMEOUT, 10.0)


@pytest.mark.parametrize("code", ["def f[T](x: T): ...", "x = t'{1}'", "print 'Python 2'", "def handler(:"])
def test_syntax_that_this_python_has_not_is_a_syntax_error_of_the_module(run: Run, code: str) -> None:
    (report,) = run(f"{code}\n{HANDLER}return 1")
    if report.status is Status.OK:  # a newer Python than Debian 12's knows the first two
        assert report.result == 1
        assert code[0] in "dx"
        return
    assert report.error["errorType"] == "Runtime.UserCodeSyntaxError"
    assert report.error["errorMessage"].startswith("Syntax error in module 'app': ")
    assert "(app.py, line 1)" in report.error["errorMessage"]


def test_a_package_that_was_not_brought_along_is_named(run: Run) -> None:
    (report,) = run("import requests\n" + HANDLER + "return 1")
    assert report.error["errorType"] == "Runtime.ImportModuleError"
    assert report.error["errorMessage"] == "Unable to import module 'app': No module named 'requests'"


def test_a_package_next_to_the_code_is_found(run: Run) -> None:
    files = {"requests/__init__.py": b"from .api import get", "requests/api.py": b"def get(): return 200"}
    assert run("import requests\n" + HANDLER + "return requests.get()", files=files)[0].result == 200


def test_files_and_threads_run_out_as_on_lambda(run: Run) -> None:
    (files,) = run(HANDLER + "[*map(open, ['/dev/null'] * 2_000)]")
    assert files.error["errorMessage"] == "[Errno 24] Too many open files: '/dev/null'"
    threads = """
        import threading, time
        def handler(event, context):
            for _ in range(2_000): threading.Thread(target=time.sleep, args=(1,)).start()
    """
    (report,) = run(threads, policy=Policy(memory_mb=1_024))
    assert (report.error["errorType"], report.error["errorMessage"]) == ("RuntimeError", "can't start new thread")


def test_the_event_may_be_anything_and_is_the_handlers_to_change(run: Run) -> None:
    code = HANDLER + "event['n'] += 1; return json.loads(json.dumps(event))"
    assert [report.result for report in run("import json\n" + code, {"n": 1}, invocations=2)] == [{"n": 2}] * 2
