"""`lambdalab jail`: the contract of labs.md, section 4, with the real sandbox."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lambdalab.sandbox import Sandbox
from lambdalab.sandbox.command import main, package_at, printable
from lambdalab.sandbox.packages import BadPackage
from lambdalab.sandbox.solo import Order, reports
from tests.sandbox.host import broker_pid, computes, descendants

Output = pytest.CaptureFixture[str]
Told = Callable[..., list[dict[str, Any]]]
NOTHING = {"init_ms": 0, "wall_ms": 0, "cpu_ms": 0, "virtual_ms": 0, "max_memory_mb": 0}
RETURNS = "def handler(event, context): return event\n"


def folder_of(path: Path, files: Mapping[str, bytes | str]) -> Path:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def zip_of(path: Path, files: Mapping[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def told(sandbox: Sandbox) -> Told:
    """`told(code)`: the reports of an order, without starting a broker for each."""

    def tell(code: str, *, handler: str = "app.handler", event: object = None, **how: Any) -> list[dict[str, Any]]:
        task = sandbox.code_store.put({"app.py": code.encode()})
        given = json.dumps({} if event is None else event).encode()
        return list(reports(sandbox, Order(task, handler, given, **how)))

    return tell


def test_a_folder_answers_with_one_json_object_an_invocation(tmp_path: Path, capsys: Output) -> None:
    code = "count = 0\ndef handler(event, context):\n    global count\n    count += 1\n    print('seen', count)\n    return [count, event]\n"
    folder = folder_of(tmp_path / "code", {"app.py": code})
    event = folder_of(tmp_path, {"event.json": '{"é": [1, null]}'}) / "event.json"
    arguments = [str(folder), "--handler", "app.handler", "--event", str(event), "--invocations", "2", "--json"]
    assert main(arguments) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first.keys() == {"status", "result", "error", "logs", "usage"}
    assert first["usage"].keys() == NOTHING.keys()
    assert (first["status"], first["result"], first["error"]) == ("ok", [1, {"é": [1, None]}], None)
    assert (second["result"], second["logs"]) == ([2, {"é": [1, None]}], ["seen 2"])
    assert first["usage"]["init_ms"] > 0
    assert second["usage"]["init_ms"] is None
    assert 0 < first["usage"]["max_memory_mb"] <= 128


def test_a_zip_answers_as_its_folder_does(tmp_path: Path, capsys: Output) -> None:
    files = {"pkg/__init__.py": "", "pkg/app.py": "import helper\ndef handler(event, context): return helper.X\n", "helper.py": "X = 5"}
    places = [folder_of(tmp_path / "code", files), zip_of(tmp_path / "code.zip", files)]
    assert [main([str(place), "--handler", "pkg/app.handler", "--json"]) for place in places] == [0, 0]
    assert [json.loads(line)["result"] for line in capsys.readouterr().out.splitlines()] == [5, 5]


def test_the_story_goes_to_standard_error_and_the_result_to_standard_output(tmp_path: Path, capsys: Output) -> None:
    code = "import time\nprint('loading')\ndef handler(event, context):\n    print('a\\x1b[2Jb'); time.sleep(1)\n    return {'über': 1}\n"
    assert main([str(folder_of(tmp_path, {"app.py": code})), "--handler", "app.handler"]) == 0
    output = capsys.readouterr()
    assert output.out == '{"über": 1}\n'
    *lines, report = output.err.splitlines()
    assert [line.split()[0] for line in lines] == ["INIT_START", "START", "loading", "a\\x1b[2Jb", "END"]
    assert "\tDuration: 1000." in report
    assert "\tMemory Size: 128 MB\tMax Memory Used: " in report


def test_a_failure_is_told_with_its_status_and_awss_document(tmp_path: Path, capsys: Output) -> None:
    code = "def handler(event, context):\n    raise KeyError('no')\n"
    assert main([str(folder_of(tmp_path, {"app.py": code})), "--handler", "app.handler"]) == 1
    output = capsys.readouterr()
    assert json.loads(output.out)["errorType"] == "KeyError"
    assert output.err.endswith("\tStatus: error\tError Type: KeyError\n")


@pytest.mark.parametrize(
    ("code", "status", "kind", "message"),
    [
        ("def handler(e, c): raise ValueError('boom')", "error", "ValueError", "boom"),
        ("def handler(e, c): import time; time.sleep(60)", "timeout", "Sandbox.Timedout",
         "RequestId: 00000000-0000-4000-8000-000000000001 Error: Task timed out after 3.00 seconds"),
        ("def handler(e, c): return len('x' * 300_000_000)", "out_of_memory", "Runtime.ExitError",
         "RequestId: 00000000-0000-4000-8000-000000000001 Error: Runtime exited with error: signal: killed"),
        ("import os\ndef handler(e, c): os._exit(4)", "exit", "Runtime.ExitError",
         "RequestId: 00000000-0000-4000-8000-000000000001 Error: Runtime exited with error: exit status 4"),
        ("import nothing_there", "init_error", "Runtime.ImportModuleError",
         "Unable to import module 'app': No module named 'nothing_there'"),
        ("x = 1", "init_error", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        ("def handler(:", "init_error", "Runtime.UserCodeSyntaxError",
         "Syntax error in module 'app': invalid syntax (app.py, line 1)"),
        ("def handler(e, c): return 'x' * 7_000_000", "output_limit", "Function.ResponseSizeTooLarge",
         "Response payload size exceeded maximum allowed payload size (6291556 bytes)."),
    ],
)  # fmt: skip
def test_each_status_has_awss_error(told: Told, code: str, status: str, kind: str, message: str) -> None:
    (report,) = told(code)
    assert (report["status"], report["result"]) == (status, None)
    assert (report["error"]["errorType"], report["error"]["errorMessage"]) == (kind, message)
    assert report["usage"]["wall_ms"] > 0


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        ("nodot", "Runtime.MalformedHandlerName"),
        ("nothere.handler", "Runtime.ImportModuleError"),
        ("app.nothere", "Runtime.HandlerNotFound"),
        ("sys.exit", "Runtime.BuiltInModuleConflict"),
        ("/etc/passwd.handler", "TypeError"),  # AWS's runtime client takes a leading dot for a relative import
        ("../app.handler", "TypeError"),
    ],
)
def test_a_handler_that_is_not_there_is_an_init_error(told: Told, handler: str, kind: str) -> None:
    (report,) = told(RETURNS, handler=handler)
    assert (report["status"], report["error"]["errorType"]) == ("init_error", kind)


def test_out_of_memory_used_all_of_it(told: Told) -> None:
    (report,) = told("def handler(e, c): return len('x' * 400_000_000)", memory_mb=256)
    assert report["usage"]["max_memory_mb"] == 256


def test_every_invocation_after_a_crash_starts_anew(told: Told) -> None:
    code = "import os\nprint('init')\ndef handler(event, context): os._exit(1)\n"
    every = told(code, invocations=3)
    assert [report["status"] for report in every] == ["exit"] * 3
    assert all(report["logs"] == ["init"] and report["usage"]["init_ms"] > 0 for report in every)


def test_an_init_beyond_ten_seconds_runs_again_on_the_functions_own_time(told: Told) -> None:
    code = "import time\nprint('init'); time.sleep(11)\ndef handler(event, context): return context.get_remaining_time_in_millis()\n"
    (slow,) = told(code, timeout_s=30)
    assert slow["status"] == "ok"
    assert slow["logs"] == ["init", "init"]
    assert 18_900 <= slow["result"] <= 19_000
    (late,) = told(code)
    assert (late["status"], late["error"]["errorType"]) == ("timeout", "Sandbox.Timedout")


def test_aws_calls_fail_with_a_clear_error_and_cannot_go_on_for_ever(told: Told) -> None:
    code = """
import boto3
from botocore.exceptions import ClientError
def handler(event, context):
    sqs = boto3.client("sqs")
    while event["again"]:
        try: sqs.list_queues()
        except ClientError: pass
    sqs.list_queues()
"""
    (once,) = told(code, event={"again": False})
    assert once["error"]["errorType"] == "ClientError"
    assert "There is no AWS in the jail alone; play a scenario with lambdalab run." in once["error"]["errorMessage"]
    (again,) = told(code, event={"again": True})
    assert (again["status"], again["usage"]["virtual_ms"]) == ("timeout", 3_000)


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("float('nan')", "NaN"),
        ("[float('inf'), -float('inf')]", ["Infinity", "-Infinity"]),
        ("10 ** 4000", 10**4000),
        ("[1e308 * 10]", ["Infinity"]),
        ("None", None),
    ],
)
def test_any_result_is_shown_as_strict_json(told: Told, value: str, result: object) -> None:
    (report,) = told(f"def handler(event, context): return {value}\n")
    assert (report["status"], report["result"]) == ("ok", result)
    json.dumps(report, allow_nan=False)


@pytest.mark.parametrize("value", ["10 ** 5000", "deep"])
def test_results_beyond_the_limits_of_pythons_json_are_marshal_errors(told: Told, value: str) -> None:
    code = "deep = []\nfor _ in range(100_000): deep = [deep]\n"
    (report,) = told(f"{code}def handler(event, context): return {value}\n")
    assert (report["status"], report["error"]["errorType"]) == ("error", "Runtime.MarshalError")


def test_a_sandbox_that_fails_is_told_apart_from_the_code(tmp_path: Path, capsys: Output) -> None:
    with Sandbox.private() as sandbox:
        task = sandbox.code_store.put({"app.py": RETURNS.encode()})
        sandbox.await_ready()
        os.kill(broker_pid(sandbox), signal.SIGKILL)
        (report,) = reports(sandbox, Order(task, "app.handler"))
    assert (report["status"], report["result"], report["logs"]) == ("sandbox_error", None, [])
    assert report["usage"] == {**NOTHING, "init_ms": None}
    assert report["error"]["errorMessage"].startswith("no environment: ")


def test_a_sandbox_that_cannot_start_exits_three(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setenv("LAMBDALAB_HOME", str(tmp_path / "empty"))
    assert main([str(folder_of(tmp_path / "code", {"app.py": RETURNS})), "--handler", "app.handler"]) == 3
    assert capsys.readouterr().err.startswith("lambdalab itself failed: ")


def refused(capsys: Output, place: Path, *more: str) -> str:
    """The one line with which a command is refused."""
    assert main([str(place), "--handler", "app.handler", "--json", *more]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    (line,) = output.err.splitlines()
    return line


def test_places_without_code_are_refused_with_one_sentence(tmp_path: Path, capsys: Output) -> None:
    folder_of(tmp_path, {"app.py": RETURNS, "empty/__pycache__/app.pyc": b"", "linked/app.py": RETURNS})
    (tmp_path / "linked" / "out.py").symlink_to("/etc/passwd")
    assert refused(capsys, tmp_path / "nowhere").endswith("nowhere is neither a folder nor a zip. Name what holds the code.")
    assert refused(capsys, tmp_path / "app.py").endswith("app.py is one file of code. Name the folder that holds it.")
    assert refused(capsys, tmp_path / "empty").endswith("empty holds no files. A function needs code.")
    assert refused(capsys, zip_of(tmp_path / "empty.zip", {})).endswith("empty.zip holds no files. A function needs code.")
    assert "out.py is a link" in refused(capsys, tmp_path / "linked")
    assert "leads out of the package" in refused(capsys, zip_of(tmp_path / "out.zip", {"../app.py": RETURNS}))
    (tmp_path / "no.zip").write_text("no zip")
    assert refused(capsys, tmp_path / "no.zip").startswith("Could not unzip uploaded file.")


def test_what_may_not_be_read_is_refused() -> None:
    with tempfile.TemporaryDirectory() as place:  # not pytest's, which nobody but root may enter
        folder = folder_of(Path(place), {"app.py": RETURNS, "secret/key.py": ""})
        archive = zip_of(folder / "code.zip", {"app.py": RETURNS})
        folder.chmod(0o755)
        for unreadable in (archive, folder / "app.py", folder / "secret"):
            unreadable.chmod(0o000)
            with _ordinary_user(), pytest.raises(BadPackage, match=f"{unreadable} cannot be read: Permission denied"):
                [list(each.pieces) for each in package_at(archive if unreadable == archive else folder)]
            unreadable.chmod(0o755)


@contextmanager
def _ordinary_user() -> Iterator[None]:
    """Root may read everything."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(64_994)
    try:
        yield
    finally:
        os.seteuid(was)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{no", "is not valid JSON: Expecting property name"),
        ("", "is not valid JSON"),
        ("NaN", "is not valid JSON: NaN is no JSON value"),
        ("[" * 100_000, "is nested too deeply."),
        ("1" * 5_000, "is not valid JSON"),
        (b"\xff\xfe{}", "is not UTF-8. Save it as UTF-8."),
        (b"\xef\xbb\xbf{}", "is not valid JSON: Unexpected UTF-8 BOM"),
        ('"' + "x" * 6_291_456 + '"', "an event has at most 6291456 bytes (6 MB)."),
    ],
    ids=["broken", "empty", "NaN", "deep", "digits", "UTF-16", "BOM", "large"],
)
def test_an_event_that_lambda_would_not_take_is_refused(
    tmp_path: Path, capsys: Output, content: str | bytes, words: str
) -> None:
    folder = folder_of(tmp_path, {"code/app.py": RETURNS, "event.json": content})
    line = refused(capsys, folder / "code", "--event", str(folder / "event.json"))
    assert "event.json" in line
    assert words in line
    assert len(line) < 400


def test_an_event_of_six_megabytes_arrives(told: Told) -> None:
    (report,) = told("def handler(event, context): return len(event)", event="x" * 6_291_454, memory_mb=512)
    assert report["result"] == 6_291_454


def test_an_event_may_come_from_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"[7]")))
    assert main([str(folder_of(tmp_path, {"app.py": RETURNS})), "--handler", "app.handler", "--event", "-"]) == 0
    assert capsys.readouterr().out == "[7]\n"


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--memory-mb", "127", "must be from 128 to 10240 (MB), not 127"),
        ("--memory-mb", "10241", "must be from 128 to 10240 (MB), not 10241"),
        ("--memory-mb", "128.5", "must be from 128 to 10240 (MB), not 128.5"),
        ("--timeout-s", "0", "must be from 1 to 900 (seconds), not 0"),
        ("--timeout-s", "901", "must be from 1 to 900 (seconds), not 901"),
        ("--timeout-s", "nan", "must be from 1 to 900 (seconds), not nan"),
        ("--invocations", "0", "must be from 1 to 100, not 0"),
        ("--invocations", "many", "must be from 1 to 100, not many"),
        ("--handler", "two words.handler", "failed to satisfy constraint"),
        ("--handler", "", "failed to satisfy constraint"),
    ],
)
def test_values_out_of_lambdas_range_are_refused_with_the_range(
    tmp_path: Path, capsys: Output, option: str, value: str, words: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([str(tmp_path), "--handler", "app.handler", option, value])
    assert caught.value.code == 2
    assert words in capsys.readouterr().err


def test_unprintable_characters_are_spelled_out() -> None:
    assert printable("tab\tü\n") == "tab\tü\n"
    assert printable("\x1b[2J\r\x00\x9b\u2028\ud800") == "\\x1b[2J\\r\\x00\\x9b\\u2028\\ud800"


def command(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "lambdalab.runtime", "jail", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_heed_ctrl_c,
    )


def _heed_ctrl_c() -> None:
    """Whoever runs the tests in the background has it ignored, and programs inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_ends_everything_without_a_traceback(tmp_path: Path) -> None:
    code = "def handler(event, context):\n    if event is None: sum(range(10 ** 12))\n"
    folder = folder_of(tmp_path, {"code/app.py": code, "code/first.py": "", "event.json": "null"})
    running = command(str(folder / "code"), "--handler", "app.handler", "--event", str(folder / "event.json"))
    assert running.stderr is not None
    while not any(map(computes, descendants(running.pid))):
        assert running.poll() is None
    below = descendants(running.pid)
    assert len(below) > 3  # the broker, the zygote, the environment
    os.killpg(running.pid, signal.SIGINT)  # as a terminal sends it: to the whole group
    out, err = running.communicate(timeout=30)
    assert (running.returncode, out, err) == (130, "", "stopped\n")
    until = time.monotonic() + 10
    while any(Path(f"/proc/{process}").exists() for process in below):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_reader_that_goes_away_gets_no_traceback(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"app.py": "def handler(event, context): return 'x' * 200_000\n"})
    running = command(str(folder), "--handler", "app.handler", "--invocations", "5", "--json")
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    assert running.wait(30) == 3
    assert running.stderr.read() == ""
