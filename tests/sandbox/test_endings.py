"""A runtime ends as a Python program does: what is said, what is still done, and with which status."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lambdalab.sandbox import Policy, Status
from tests.sandbox.conftest import Run
from tests.sandbox.driver import Driven

NO_REASON = b"Runtime exited without providing a reason"
INTERRUPTED = b"Runtime exited with error: signal: interrupt"


def status(code: int) -> bytes:
    return b"Runtime exited with error: exit status %d" % code


@pytest.mark.parametrize(
    ("exit_", "payload", "logs"),
    [
        ("sys.exit()", NO_REASON, []),
        ("sys.exit(0)", NO_REASON, []),
        ("sys.exit(7)", status(7), []),
        ("sys.exit(True)", status(1), []),
        ("sys.exit(256)", NO_REASON, []),
        ("sys.exit(-1)", status(255), []),
        ("sys.exit(10**30)", status(255), []),
        ("sys.exit('the configuration is missing')", status(1), ["the configuration is missing"]),
        ("sys.exit(['a', 1])", status(1), ["['a', 1]"]),
        ("raise SystemExit(1.5)", status(1), ["1.5"]),
    ],
)
@pytest.mark.parametrize("where", ["init", "handler"])
def test_sys_exit_says_what_it_was_given_and_ends_with_its_status(
    run: Run, where: str, exit_: str, payload: bytes, logs: list[str]
) -> None:
    head = "import sys\n"
    code = f"{head}{exit_}" if where == "init" else f"{head}def handler(event, context): {exit_}"
    (report,) = run(code)
    assert (report.status, report.payload, report.logs) == (Status.EXIT, payload, logs)


def test_functions_of_atexit_run_last_first_and_one_that_fails_hinders_no_other(run: Run) -> None:
    code = """
        import atexit, sys
        atexit.register(print, "first registered")
        @atexit.register
        def fails(): raise ValueError("in atexit")
        atexit.register(print, "last registered")
        def handler(event, context): sys.exit(3)
    """
    (report,) = run(code)
    assert report.payload == status(3)
    assert report.logs[0] == "last registered"
    assert report.logs[-2:] == ["ValueError: in atexit", "first registered"]


def test_an_end_waits_for_threads_that_are_no_daemons_in_virtual_time(run: Run) -> None:
    code = """
        import sys, threading, time
        def work(): time.sleep(5); print("done")
        def handler(event, context):
            threading.Thread(target=work).start()
            threading.Thread(target=time.sleep, args=(1_000,), daemon=True).start()
            sys.exit(3)
    """
    (report,) = run(code)
    assert (report.payload, report.logs, report.seconds) == (status(3), ["done"], 5.0)


def test_an_end_that_never_comes_is_the_functions_timeout(run: Run) -> None:
    code = """
        import atexit, sys, time
        atexit.register(time.sleep, 1_000)
        def handler(event, context): sys.exit(3)
    """
    (report,) = run(code)
    assert (report.status, report.seconds) == (Status.TIMEOUT, 30.0)


def test_an_error_of_init_is_the_last_word(run: Run) -> None:
    code = """
        import atexit, threading, time
        atexit.register(time.sleep, 1_000)
        threading.Thread(target=time.sleep, args=(1_000,)).start()
        raise ValueError("in INIT")
    """
    (report,) = run(code)
    assert (report.status, report.error["errorMessage"], report.seconds) == (Status.INIT_ERROR, "in INIT", 0.0)


def test_the_hook_for_uncaught_exceptions_is_called(run: Run) -> None:
    code = """
        import sys
        sys.excepthook = lambda kind, error, trace: print("HOOK", kind.__name__, error, trace.tb_frame.f_code.co_filename)
        def handler(event, context): raise BaseException("gone")
    """
    (report,) = run(code)
    assert report.payload == status(1)
    assert report.logs == ["HOOK BaseException gone /var/runtime/awslambdaric/bootstrap.py"]


@pytest.mark.parametrize(
    ("hook", "payload", "said"),
    [
        ("sys.exit(9)", status(9), []),
        ("raise ValueError('in the hook')", status(1), ["Error in sys.excepthook:", "ValueError: in the hook", "Original exception was:", "BaseException: gone"]),
        ("del sys.excepthook", status(1), []),
    ],
)  # fmt: skip
def test_a_hook_that_fails_does_not_keep_the_runtime_from_ending(run: Run, hook: str, payload: bytes, said: list[str]) -> None:
    code = f"""
        import sys
        def hook(*error): {hook}
        sys.excepthook = hook
        def handler(event, context): raise BaseException("gone")
    """
    (report,) = run(code)
    assert report.payload == payload
    assert [line for line in report.logs if line in said] == said


def test_no_hook_and_no_stream_end_it_too(run: Run) -> None:
    code = """
        import sys
        def handler(event, context):
            del sys.excepthook
            sys.stderr = sys.stdout = None
            raise BaseException("gone")
    """
    assert run(code)[0].payload == status(1)


@pytest.mark.parametrize("body", ["raise KeyboardInterrupt", "os.kill(os.getpid(), signal.SIGINT); time.sleep(1)"])
def test_an_interrupt_that_nobody_catches_is_one_for_the_platform(run: Run, body: str) -> None:
    (report,) = run(f"import os, signal, time\ndef handler(event, context): {body}")
    assert (report.status, report.payload) == (Status.EXIT, INTERRUPTED)
    assert report.logs[0] == "Traceback (most recent call last):"
    assert report.logs[-1] == "KeyboardInterrupt"


def test_an_interrupt_can_be_caught(run: Run) -> None:
    code = """
        import os, signal
        def handler(event, context):
            try: os.kill(os.getpid(), signal.SIGINT)
            except KeyboardInterrupt: return "caught"
    """
    assert run(code)[0].result == "caught"


def test_after_any_end_the_environment_starts_again(jail: Callable[..., Driven]) -> None:
    driven = jail("import sys\ndef handler(event, context): sys.exit(event) if event else print('well')")
    for code in (1, "text", 0):
        assert driven.init().status is Status.READY
        assert driven.invoke(code or None).status is (Status.EXIT if code else Status.OK)
        driven.environment.reset()


def test_as_many_threads_fit_as_lambda_allows_whatever_the_memory(run: Run) -> None:
    code = """
        import threading, time
        def handler(event, context):
            threads = [threading.Thread(target=time.sleep, args=(1,)) for _ in range(event)]
            for thread in threads: thread.start()
            for thread in threads: thread.join()
            return len(threads)
    """
    (report,) = run(code, 900, policy=Policy(memory_mb=128, wall_s=60))
    assert report.result == 900
    assert report.memory_kb < 128 << 10


def test_a_thread_has_stack_enough_for_pythons_own_limit_of_recursion(run: Run) -> None:
    code = """
        import json, threading
        def handler(event, context):
            said = []
            def deep(n): return n if n == 0 else deep(n - 1)
            def work():
                said.append(deep(900))
                nested = []
                for _ in range(300): nested = [nested]
                said.append(len(json.dumps(nested)) + len(repr(nested)))
                try: deep(5_000)
                except RecursionError: said.append("too deep")
            thread = threading.Thread(target=work); thread.start(); thread.join()
            return said
    """
    assert run(code)[0].result == [0, 1_204, "too deep"]
