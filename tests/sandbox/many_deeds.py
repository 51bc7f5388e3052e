"""The handler of the long run: a deed by name, harmless or hostile. Runs inside the jail."""

import ctypes
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any

Event = dict[str, Any]


def _echo(event: Event) -> Any:
    return event


def _fail(event: Event) -> Any:
    raise ValueError("on purpose")


def _print(event: Event) -> Any:
    for number in range(50):
        print(number, "x" * 100)


def _sleep(event: Event) -> Any:
    time.sleep(1)


def _flood_the_log(event: Event) -> Any:
    for _ in range(30):
        os.write(1, b"x" * 65_536)


def _fill_tmp(event: Event) -> Any:
    try:
        with open("/tmp/full", "wb") as file:
            while True:
                file.write(bytes(1 << 20))
    except OSError:
        os.unlink("/tmp/full")


def _many_files(event: Event) -> Any:
    for number in range(200):
        open(f"/tmp/{number}", "w").close()
        os.symlink("/etc/shadow", f"/tmp/link-{number}")
    for number in range(200):
        os.unlink(f"/tmp/{number}")
        os.unlink(f"/tmp/link-{number}")


def _keep_descriptors(event: Event) -> Any:
    kept = []
    try:
        while True:
            kept.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        for fd in kept:
            os.close(fd)


def _fork_a_daemon(event: Event) -> Any:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            while True:
                signal.pause()
        os._exit(0)


def _start_programs(event: Event) -> Any:
    subprocess.run(["/bin/true"], check=True)


def _start_threads(event: Event) -> Any:
    threads = [threading.Thread(target=time.sleep, args=(0.01 * number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _leave_a_thread(event: Event) -> Any:
    threading.Thread(target=time.sleep, args=(5,), daemon=True).start()


def _open_sockets(event: Event) -> Any:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        several = [socket.create_connection(listener.getsockname()) for _ in range(20)]
        for one in several:
            one.close()


def _raise_limits(event: Event) -> Any:
    try:
        resource.setrlimit(resource.RLIMIT_NPROC, (-1, -1))
    except (ValueError, OSError) as error:
        return str(error)


def _new_namespaces(event: Event) -> Any:
    return [ctypes.CDLL(None).unshare(flag) for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000)]


def _kill_everybody(event: Event) -> Any:
    os.kill(-1, signal.SIGKILL)


def _kill_itself(event: Event) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def _leave(event: Event) -> Any:
    os._exit(3)


def _leave_politely(event: Event) -> Any:
    sys.exit(0)


def _crash(event: Event) -> Any:
    ctypes.string_at(0)


def _hoard(event: Event) -> Any:
    return len(bytearray(300_000_000))


def _deep(event: Event) -> Any:
    return json.loads("[" * 500 + "]" * 500)


def _big_answer(event: Event) -> Any:
    return "x" * 7_000_000


def _forge_a_frame(event: Event) -> Any:
    for fd in range(3, 64):
        try:
            os.write(fd, b"TURN" + b"\xff" * 60)
        except OSError:
            continue


def _close_everything(event: Event) -> Any:
    os.closerange(0, 1024)


def _scribble(event: Event) -> Any:
    with open("/run/clock/page", "r+b") as page:
        page.write(os.urandom(4096))


HARMLESS = (_echo, _fail, _print, _sleep, _start_threads, _open_sockets, _many_files)
HOSTILE = (
    _flood_the_log, _fill_tmp, _keep_descriptors, _fork_a_daemon, _start_programs, _leave_a_thread, _raise_limits,
    _new_namespaces, _kill_everybody, _kill_itself, _leave, _leave_politely, _crash, _hoard, _deep, _big_answer,
    _forge_a_frame, _close_everything, _scribble,
)  # fmt: skip
DEEDS = {deed.__name__: deed for deed in (*HARMLESS, *HOSTILE)}


def handler(event: Event, context: object) -> object:
    """Do the deed."""
    return DEEDS[event["deed"]](event)
