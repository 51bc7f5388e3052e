"""The zygote: imports once what every handler needs, then forks a blank environment whenever the broker wants one.

Runs as uid 0 of an unprivileged user namespace, under bubblewrap. argv: the broker's socket, the system call filter's
descriptor. From the moment it is warm it runs in C (``keeper/zygote.c``, which says why), and so does what it forks; a
runtime that begins finds itself back here, in :func:`_run`.
"""

import ctypes
import sys

ARENAS = 64 << 20  # more than the zygote's objects take
sys.path[:0] = ["/lambdalab", "/var/runtime"]

keeper = ctypes.PyDLL("/var/runtime/libkeeper.so")  # holds the interpreter's lock across the fork
keeper.zygote_serve.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32, ctypes.c_char_p, ctypes.c_uint32]
keeper.zygote_serve.restype = None
keeper.arenas_begin.argtypes = [ctypes.c_size_t]
keeper.arenas_begin(ARENAS)
ctypes.pythonapi.PyObject_SetArenaAllocator(ctypes.byref(ctypes.c_char.in_dll(keeper, "arena_allocator")))

import names  # isort: skip - it counts what is loaded before anything else

import collections
import gc
import json
import os
import signal
import socket
import threading
import time

import ending
import holes
import huge
import runtime
import warm

# What a scout is told (``keeper/scout.c``): INIT of a handler of ours, with as many settings as functions have.
SCOUT = json.dumps(
    {
        "handler": "rehearsal.answers",
        "environ": {f"AWS_LAMBDA_SETTING_{number}": "x" * 20 for number in range(18)},
        "epoch_us": 0,
        "seed": 1,
        "now_us": 0,
        "processor": None,
        "processors": 2,
    }
).encode()


def main() -> None:
    """Warm up, serve, and be a runtime."""
    broker = socket.socket(fileno=int(sys.argv[1]))
    with os.fdopen(int(sys.argv[2]), "rb") as file:
        program = file.read()
    _forget_ignored_signals()
    warm.up()
    runtime.open_output()
    _show_the_clock_a_lock()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    runtime.prepare()
    names.give_back_ours()
    gc.collect()
    holes.fill()
    gc.freeze()
    gc.disable()
    keeper.arenas_end()
    huge.collapse()
    # Python is told of no fork: there is one thread, and what Python would renew in the child is as good as new.
    # Its renewal alone would cost each environment more than half a megabyte of pages.
    keeper.zygote_serve(broker.detach(), program, len(program), SCOUT, len(SCOUT))
    _run()


def _forget_ignored_signals() -> None:
    """A service manager, or nohup, may have had some ignored: an environment's are those of a fresh process."""
    for number in signal.valid_signals() - {signal.SIGPIPE, signal.SIGXFSZ}:  # Python ignores these two itself
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def _run() -> None:
    """Be a runtime; end as a Python program ends, but never return into the zygote."""
    failure: "BaseException | None" = None
    try:
        length, control, log = (_int(f"keeper_{name}") for name in ("order_length", "control_fd", "log_fd"))
        told = ctypes.string_at(ctypes.addressof(ctypes.c_char.in_dll(keeper, "keeper_order")), length)
        runtime.main(json.loads(told), control, log)
    except BaseException as error:
        failure = error
    finally:
        ending.end(failure, at_once=runtime.has_said_its_last())


def _int(name: str) -> int:
    return ctypes.c_int.in_dll(keeper, name).value


def _show_the_clock_a_lock() -> None:
    """Let two threads want the interpreter lock, so that the clock shim learns where CPython waits for it."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)  # so long does each waiting take: 5 ms a time would be half of the zygote's start
    stop = threading.Event()
    other = threading.Thread(target=lambda: collections.deque(iter(stop.is_set, True), 0))
    other.start()
    for _ in range(100):
        time.sleep(0.0005)
    stop.set()
    other.join()
    sys.setswitchinterval(usual)


main()
