"""The zygote: imports once what every handler needs, then forks a blank environment whenever the broker wants one.

Runs as uid 0 of an unprivileged user namespace, under bubblewrap. argv: the broker's socket, the system call filter's
descriptor. Each message of the socket is one order; its descriptors come with it. Everything that a blank does before a
runtime begins is in ``keeper/`` (C); a runtime that begins finds itself back here, in :func:`_run`.
"""

import contextlib
import ctypes
import gc
import json
import os
import select
import signal
import socket
import struct
import sys
import threading
import time
import traceback
from typing import Any

sys.path[:0] = ["/lambdalab", "/var/runtime"]

import runtime
import warm

MESSAGE_BYTES = 1 << 18
ASSIGNMENT = struct.Struct("<QQQQQi65s65s")  # assignment_t of keeper.h

keeper = ctypes.PyDLL("/var/runtime/libkeeper.so", use_errno=True)  # holds the interpreter's lock across the fork
PID_T, DESCRIPTOR = ctypes.c_int, ctypes.c_int
keeper.keeper_spawn.argtypes = [
    DESCRIPTOR, ctypes.POINTER(DESCRIPTOR), ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32, DESCRIPTOR,
]  # fmt: skip
keeper.keeper_spawn.restype = PID_T


class Zygote:
    """Makes blanks and hands them their assignments."""

    def __init__(self, broker: socket.socket, program: bytes) -> None:
        self._broker = broker
        self._program = program
        self._own_pid_namespace = os.open("/proc/self/ns/pid", os.O_RDONLY)
        self._blanks: "dict[int, socket.socket]" = {}
        self._numbers: "dict[int, int]" = {}  # of a keeper's process

    def serve(self) -> None:
        """Obey until the broker goes away."""
        wake, woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        poll = select.poll()
        poll.register(self._broker, select.POLLIN)
        poll.register(wake, select.POLLIN)
        self._tell(event="ready")
        while True:
            for fd, _ in poll.poll():
                if fd == wake:
                    os.read(wake, 4096)
                    self._reap()
                else:
                    self._hear()

    def _hear(self) -> None:
        message, fds, _, _ = socket.recv_fds(self._broker, MESSAGE_BYTES, 8)
        if not message:
            os._exit(0)
        order = json.loads(message)
        try:
            if order["order"] == "blank":
                self._make_blank(order["id"], fds)
            else:
                self._assign(order, fds)
        except OSError as error:
            self._tell(event="failed", id=order["id"], error=str(error))
        finally:
            for fd in fds:
                os.close(fd)

    def _make_blank(self, number: int, cgroups: "list[int]") -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            pid = self._spawn(theirs.fileno(), cgroups)
        self._blanks[number], self._numbers[pid] = ours, number
        self._tell(event="blank", id=number)

    def _spawn(self, fd: int, cgroups: "list[int]") -> int:
        """fork(2) as Python does it, in C: the keeper never comes back, its runtimes do."""
        ctypes.pythonapi.PyOS_BeforeFork()
        several = (DESCRIPTOR * len(cgroups))(*cgroups)
        program, own = self._program, self._own_pid_namespace
        pid: int = keeper.keeper_spawn(fd, several, len(cgroups), program, len(program), own)
        if pid == 0:
            ctypes.pythonapi.PyOS_AfterFork_Child()
            _run()
        ctypes.pythonapi.PyOS_AfterFork_Parent()
        if pid < 0:
            raise OSError(ctypes.get_errno(), f"a new environment: {os.strerror(ctypes.get_errno())}")
        return pid

    def _assign(self, order: "dict[str, Any]", fds: "list[int]") -> None:
        limits = order["limits"]
        packed = ASSIGNMENT.pack(
            limits["tmp_bytes"], limits["inodes"], limits["files"], limits["processes"], limits["data_bytes"],
            limits["nice"], (order["task"] or "").encode(), (order["layers"] or "").encode(),
        )  # fmt: skip
        with self._blanks.pop(order["id"]) as blank:
            socket.send_fds(blank, [packed], fds)

    def _reap(self) -> None:
        """Tell the broker which environments have ended."""
        with contextlib.suppress(ChildProcessError):
            while pid := os.waitpid(-1, os.WNOHANG)[0]:
                number = self._numbers.pop(pid)
                blank = self._blanks.pop(number, None)
                if blank is not None:
                    blank.close()
                self._tell(event="ended", id=number)

    def _tell(self, **event: object) -> None:
        self._broker.send(json.dumps(event).encode())


def _run() -> None:
    """Be a runtime; end as a Python program ends, but never return into the zygote."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        length, control, log = (_int(f"keeper_{name}") for name in ("order_length", "control_fd", "log_fd"))
        told = ctypes.string_at(ctypes.addressof(ctypes.c_char.in_dll(keeper, "keeper_order")), length)
        runtime.main(json.loads(told), control, log)
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else 0 if exit_.code is None else 1
    except BaseException as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename.startswith("/lambdalab/"):
            trace = trace.tb_next  # of ours: a student's trace begins with AWS's bootstrap
        os.write(2, "".join(traceback.format_exception(type(error), error, trace)).encode("utf-8", "replace"))
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code & 0xFF)


def _int(name: str) -> int:
    return ctypes.c_int.in_dll(keeper, name).value


def _show_the_clock_a_lock() -> None:
    """Let two threads want the interpreter lock, so that the clock shim learns where CPython waits for it."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)  # so long does each waiting take: 5 ms a time would be half of the zygote's start
    stop = threading.Event()
    other = threading.Thread(target=lambda: [None for _ in iter(stop.is_set, True)])
    other.start()
    for _ in range(100):
        time.sleep(0.0005)
    stop.set()
    other.join()
    sys.setswitchinterval(usual)


def main() -> None:
    """Warm up, then serve."""
    broker = socket.socket(fileno=int(sys.argv[1]))
    with os.fdopen(int(sys.argv[2]), "rb") as file:
        program = file.read()
    warm.up()
    runtime.open_output()
    _show_the_clock_a_lock()
    zygote = Zygote(broker, program)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    gc.disable()
    zygote.serve()


main()
