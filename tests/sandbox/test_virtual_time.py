import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from lambdalab.sandbox import Status
from tests.sandbox.driver import Driven, Report

Jail = Callable[..., Driven]


def ready(jail: Jail, source: str, **how: Any) -> Driven:
    driven = jail(textwrap.dedent(source), **{"timeout_s": 900.0, **how})
    begun = driven.init()
    assert begun.status is Status.READY, begun
    return driven


def body(jail: Jail, source: str, **how: Any) -> Report:
    """Play ``source`` as the body of a handler, once."""
    inside = textwrap.indent(textwrap.dedent(source), "    ")
    return ready(jail, f"def handler(event, context):\n{inside}\n", **how).invoke()


@pytest.mark.parametrize(
    "wait",
    [
        "time.sleep(5)",
        "threading.Event().wait(5)",
        "threading.Lock().acquire() and None; l = threading.Lock(); l.acquire(); l.acquire(timeout=5)",
        "c = threading.Condition()\nwith c: c.wait(5)",
        "\ntry: queue.Queue().get(timeout=5)\nexcept queue.Empty: pass",
        "threading.Timer(5, lambda: None).start(); [t.join() for t in threading.enumerate() if t is not threading.current_thread()]",
        "t = threading.Thread(target=time.sleep, args=(5,)); t.start(); t.join()",
        "t = threading.Thread(target=time.sleep, args=(9,), daemon=True); t.start(); t.join(5)",
        "select.select([], [], [], 5)",
        "r, w = os.pipe(); select.select([r], [], [], 5)",
        "r, w = os.pipe(); p = select.poll(); p.register(r); p.poll(5000)",
        "r, w = os.pipe(); p = select.epoll(); p.register(r); p.poll(5)",
        "a, b = socket.socketpair(); a.settimeout(5)\ntry: a.recv(1)\nexcept TimeoutError: pass",
        "asyncio.run(asyncio.sleep(5))",
        "asyncio.run(asyncio.wait_for(asyncio.to_thread(time.sleep, 5), 9))",
        "subprocess.run(['sleep', '5'])",
        "subprocess.run(['sleep', '5'], env={})",
        "os.system('sleep 5')",
        "\ntry: subprocess.run(['sleep', '9'], timeout=5)\nexcept subprocess.TimeoutExpired: pass",
        "ctypes.CDLL(None).usleep(5000000)",
        "list(concurrent.futures.ThreadPoolExecutor(9).map(time.sleep, [5] * 9))",
        "f = concurrent.futures.ThreadPoolExecutor(1).submit(time.sleep, 5); f.result()",
        "d = datetime.datetime.now() + datetime.timedelta(seconds=5)\nwhile datetime.datetime.now() < d: pass",
    ],
)
def test_every_kind_of_wait_takes_virtual_time_only(jail: Jail, wait: str) -> None:
    lines = "\n".join(["import time, threading, queue, select, os, socket, asyncio, subprocess, ctypes, datetime",
                       "import concurrent.futures", "t0 = time.monotonic()", wait, "return time.monotonic() - t0"])  # fmt: skip
    played = body(jail, lines)
    assert played.result == pytest.approx(5, abs=0.12)
    assert played.virtual_us == pytest.approx(5e6, abs=2e5)


def test_clocks_begin_at_the_runs_epoch(jail: Jail) -> None:
    played = body(jail, "import datetime, time; return [str(datetime.datetime.now()), time.time()]")
    shown, seconds = played.result
    assert shown.startswith("2025-12-01 09:00:00.0")
    assert seconds == pytest.approx(1_764_579_600, abs=0.01)


def test_threads_wake_in_the_order_of_their_deadlines(jail: Jail) -> None:
    played = body(
        jail,
        """
        import threading, time
        def work(n):
            time.sleep((7 - n) * 0.5); print(n)
        threads = [threading.Thread(target=work, args=(n,)) for n in range(7)]
        [t.start() for t in threads]; [t.join() for t in threads]
    """,
    )
    assert played.logs == ["6", "5", "4", "3", "2", "1", "0"]
    assert played.virtual_us == pytest.approx(3.5e6, abs=2e4)


def test_a_sleep_beyond_the_timeout_is_cut_off_at_the_timeout(jail: Jail) -> None:
    played = body(jail, "import time; time.sleep(60)", timeout_s=3)
    assert played.status is Status.TIMEOUT
    assert played.virtual_us == 3_000_000


@pytest.mark.parametrize(
    "wait",
    [
        "import threading; l = threading.Lock(); l.acquire(); l.acquire()",
        "import os; os.read(os.pipe()[0], 1)",
        "import signal; signal.pause()",
        "import threading; threading.Thread(target=threading.Event().wait).start(); threading.Event().wait()",
        "import asyncio; asyncio.run(asyncio.Event().wait())",
    ],
)
def test_a_wait_without_end_ends_at_the_timeout(jail: Jail, wait: str) -> None:
    played = body(jail, wait, timeout_s=3)
    assert played.status is Status.TIMEOUT
    assert played.virtual_us == 3_000_000


def test_reading_the_clock_for_ever_ends_at_the_timeout(jail: Jail) -> None:
    played = body(jail, "import time\nwhile time.time(): pass", timeout_s=1)
    assert played.status is Status.TIMEOUT
    assert played.virtual_us == pytest.approx(1_000_000, abs=200_000)


SOURCE = """
    import os, random, secrets, tempfile, time, uuid, datetime
    def chance():
        print(os.urandom(4).hex(), secrets.token_hex(4), random.random(), list({str(n) for n in range(9)}))
        print(time.process_time(), tempfile.mktemp(), datetime.datetime.now())
"""
POOL = (
    SOURCE
    + """
    import concurrent.futures
    def work(n):
        time.sleep(random.random()); print(n, time.time(), uuid.uuid4()); time.sleep(0.1); return n
    def handler(event, context):
        chance()
        with concurrent.futures.ThreadPoolExecutor(5) as pool:
            return list(pool.map(work, range(10)))
"""
)
ASYNCIO = (
    SOURCE
    + """
    import asyncio
    async def nap(n):
        await asyncio.sleep(random.random()); print(n, time.time(), uuid.uuid4()); return n
    async def many():
        return await asyncio.gather(*(nap(n) for n in range(10)))
    def handler(event, context):
        chance()
        return asyncio.run(many())
"""
)
MIXED = (
    SOURCE
    + """
    import asyncio, concurrent.futures
    def work(n):
        time.sleep(random.random()); seen = time.time(); time.sleep(0.1); return [n, seen, str(uuid.uuid4())]
    async def nap(n):
        await asyncio.sleep(random.random()); return [n, time.time(), await asyncio.to_thread(work, n)]
    async def many():
        return await asyncio.gather(*(nap(n) for n in range(6)))
    def handler(event, context):
        chance()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            first = list(pool.map(work, range(8)))
        return [first, asyncio.run(many()), time.time()]
"""
)


@pytest.mark.parametrize("source", [POOL, ASYNCIO, MIXED], ids=["thread pool", "asyncio", "both"])
def test_the_same_seed_gives_the_same_bytes(jail: Jail, source: str) -> None:
    plays = []
    for _ in range(10):
        driver = ready(jail, source, seed=7)
        played = driver.invoke()
        assert played.reproducible
        plays.append((played.logs, played.result))
    assert all(play == plays[0] for play in plays)


def test_taking_a_lock_costs_no_time(jail: Jail) -> None:
    played = body(
        jail,
        """
        import queue, threading, time
        q, lock = queue.Queue(), threading.Lock()
        began = time.monotonic()
        for n in range(500):
            q.put(n); q.get()
            with lock: pass
        return round((time.monotonic() - began) * 1e6)
    """,
    )
    assert played.result == 1


def test_another_seed_gives_other_chance(jail: Jail) -> None:
    one, two = (ready(jail, POOL, seed=seed).invoke().logs for seed in (7, 8))
    assert one[0] != two[0]


def test_subprocesses_are_marked_as_not_reproducible(jail: Jail) -> None:
    played = body(jail, "import subprocess; return subprocess.check_output(['echo', 'hi'], text=True)")
    assert played.result == "hi\n"
    assert not played.reproducible


def test_a_background_thread_stops_with_the_response_and_goes_on_with_the_next(jail: Jail) -> None:
    driver = ready(
        jail,
        """
        import threading, time
        seen = []
        def work():
            while True:
                seen.append(round(time.time() % 1000)); time.sleep(1)
        def handler(event, context):
            if not seen: threading.Thread(target=work, daemon=True).start()
            time.sleep(2.5)
            return len(seen)
    """,
    )
    assert driver.invoke().result == 3
    driver.now_us += 600_000_000
    assert driver.invoke().result in (5, 6)


def test_a_thread_that_computes_on_after_the_response_does_not_hold_it_back(jail: Jail) -> None:
    driver = ready(
        jail,
        """
        import threading
        def work():
            while True: pass
        def handler(event, context):
            if event.get("begin"): threading.Thread(target=work, daemon=True).start()
            return "done"
    """,
    )
    first = driver.invoke({"begin": True})
    assert first.result == "done"
    assert driver.invoke().result == "done"


def test_a_failing_wait_reports_its_line(jail: Jail) -> None:
    assert body(jail, "import queue\nqueue.Queue().get(timeout=1)").error["errorType"] == "Empty"
