"""How a runtime ends: as a Python program does whose main function was left by an exception.

It is a fork of the zygote and must never return there, so the interpreter cannot end it; what the interpreter would do
first is done here. Source: CPython, ``PyErr_PrintEx`` and ``Py_FinalizeEx``: the exit status or the hook for uncaught
exceptions, then the threads that are no daemons, the functions of atexit, and the streams.
"""

import atexit
import contextlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from types import TracebackType

OURS = "/lambdalab/"
STATUS_MAX = 1 << 31


def end(error: "BaseException | None", *, at_once: bool) -> None:
    """Ends the process; ``at_once`` when nobody waits for what it would still do."""
    code = 1
    try:
        code = _status(error)
        if not at_once:
            with _shown():
                threading._shutdown()  # type: ignore[attr-defined]
            atexit._run_exitfuncs()
        if isinstance(error, KeyboardInterrupt):
            _flush()
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        _flush()
        os._exit(code & 0xFF)


def _status(error: "BaseException | None") -> int:
    """The exit status; says first what there is to say about the exception."""
    if error is None:
        return 0
    if isinstance(error, SystemExit):
        return _asked(error.code)
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(OURS):
        trace = trace.tb_next  # a student's trace begins with AWS's bootstrap
    error.__traceback__ = trace
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, trace
    return _hooked(error, trace)


def _hooked(error: BaseException, trace: "TracebackType | None") -> int:
    try:
        sys.excepthook(type(error), error, trace)
    except SystemExit as other:
        return _asked(other.code)
    except BaseException as other:
        texts = [f"Error in sys.excepthook:\n{_text(other)}", f"\nOriginal exception was:\n{_text(error)}"]
        os.write(2, "".join(texts).encode("utf-8", "replace"))
    return 1


def _asked(code: object) -> int:
    """What ``sys.exit(code)`` asks for: a text goes to the log."""
    if code is None:
        return 0
    if isinstance(code, int):
        return code if -STATUS_MAX <= code < STATUS_MAX else -1
    with contextlib.suppress(BaseException):
        print(code, file=sys.stderr)
    return 1


@contextlib.contextmanager
def _shown() -> "Iterator[None]":
    """An exception is shown and hinders nothing further."""
    try:
        yield
    except BaseException as error:
        os.write(2, _text(error).encode("utf-8", "replace"))


def _text(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(BaseException):
            stream.flush()
