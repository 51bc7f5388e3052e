import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lambdalab.runtime import commands
from lambdalab.runtime.command import main
from lambdalab.sandbox import CodeStore
from tests.runtime.projects import RETRY, make_project

Output = pytest.CaptureFixture[str]


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def test_run_tells_the_story_and_exits_zero_when_all_checks_hold(capsys: Output) -> None:
    assert main(["run", str(RETRY), "--with", "exemplar"]) == 0
    told = capsys.readouterr().out
    assert "order-4812 goes to the dead-letter queue orders-dlq." in told
    assert "order-4812 failed three times and went to the dead-letter queue." in told
    assert "  holds   kept: order-4812, which can never succeed" in told
    assert "FAILED" not in told


def test_run_exits_one_and_names_the_failed_check(capsys: Output) -> None:
    assert main(["run", str(RETRY), "--with", "starter", "--quiet"]) == 1
    told = capsys.readouterr().out
    assert "  FAILED  kept: order-4812, which can never succeed, waits in the dead-letter queue." in told
    assert "expected equals 1, got 0" in told
    assert "Lambda accepts" not in told


def test_run_writes_summary_and_trace(tmp_path: Path, capsys: Output) -> None:
    summary, trace = tmp_path / "s.json", tmp_path / "t.jsonl"
    main(["run", str(RETRY), "--with", "exemplar", "--json", str(summary), "--trace", str(trace)])
    assert json.loads(summary.read_text())["functions"]["charge"]["invocations"] == 7
    assert trace.read_bytes().startswith(b'{"at":0,"kind":"run.started","seq":1,')


def test_run_prints_nothing_but_json_when_asked_so(capsys: Output) -> None:
    main(["run", str(RETRY), "--json", "-"])
    assert json.loads(capsys.readouterr().out)["run"]["seed"] == 4


def test_seed_until_and_set_change_the_run(capsys: Output) -> None:
    main(["run", str(RETRY), "--seed", "9", "--until", "30s", "--json", "-"])
    run = json.loads(capsys.readouterr().out)["run"]
    assert (run["seed"], run["virtual_s"], run["stopped"]) == (9, 30, "until")


def test_many_seeds_say_how_often_each_check_holds(capsys: Output) -> None:
    assert main(["run", str(RETRY), "--with", "exemplar", "--seeds", "3"]) == 0
    told = capsys.readouterr().out
    assert "   3 of 3  kept:" in told
    assert "Invocations: least 7, median 7, most 7" in told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "nowhere"], "there is no such folder"),
        (["run", str(RETRY), "--with", "nonsense"], "there is no such variant"),
        (["run", str(RETRY), "--scenario", "other.yaml"], "other.yaml: there is no such scenario"),
        (["run", str(RETRY), "--until", "soon"], "--until: 'soon' is not a time."),
        (["run", str(RETRY), "--set", "x"], "--set: 'x' is not PARAM=VALUE."),
        (["run", str(RETRY), "--set", "Nope=1"], "there is no parameter Nope."),
        (["invoke", str(RETRY), "charge", "--event", "nowhere.json"], "nowhere.json"),
        (["invoke", str(RETRY), "nobody"], "there is no function nobody"),
    ],
)
def test_what_cannot_be_played_exits_two_with_its_reason(arguments: list[str], words: str, capsys: Output) -> None:
    assert main(arguments) == 2
    assert words in capsys.readouterr().err


def test_a_refused_project_exits_two_and_names_every_line(tmp_path: Path, capsys: Output) -> None:
    files = make_project("def handler(event, context): ...", function={"MemorySize": 64, "Timeout": 0})
    assert main(["run", str(write(tmp_path, files))]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2
    assert all(line.startswith("template.json:1: Work: 1 validation error detected") for line in errors)


def test_a_refused_scenario_exits_two(tmp_path: Path, capsys: Output) -> None:
    files = make_project("def handler(event, context): ...") | {"scenario.yaml": b"sede: 1\n"}
    assert main(["run", str(write(tmp_path, files))]) == 2
    assert capsys.readouterr().err.startswith("scenario.yaml:1: unknown key sede. Known here: ")


def test_check_finds_nothing_wrong_with_a_lab(capsys: Output) -> None:
    assert main(["check", str(RETRY)]) == 0
    assert capsys.readouterr().out == "Nothing is wrong with this project.\n"


def test_check_lists_problems_as_text_and_as_json(tmp_path: Path, capsys: Output) -> None:
    files = make_project("x = 1", function={"MemorySize": 64, "RuntimeManagementConfig": {}})
    folder = str(write(tmp_path, files))
    assert main(["check", folder]) == 2
    assert "template.json:1: unsupported: Work: the property RuntimeManagementConfig" in capsys.readouterr().out
    assert main(["check", folder, "--json"]) == 2
    rows = json.loads(capsys.readouterr().out)
    assert {row["severity"] for row in rows} == {"unsupported", "error"}
    assert rows[0].keys() == {"severity", "path", "line", "column", "message", "fix"}


def test_check_tells_problems_of_template_and_scenario_together(tmp_path: Path, capsys: Output) -> None:
    files = make_project("x = 1", function={"MemorySize": 64}) | {"scenario.yaml": b"sede: 1\n"}
    main(["check", str(write(tmp_path, files))])
    told = capsys.readouterr().out
    assert "scenario.yaml:1: unknown key sede." in told
    assert "template.json:1: Work: 1 validation error" in told


def test_check_names_the_line_of_a_request_that_nobody_answers(tmp_path: Path, capsys: Output) -> None:
    scenario = b"steps:\n  - at: 0s\n    http:\n      to: ShopApi\n"
    assert main(["check", str(write(tmp_path, make_project("x = 1") | {"scenario.yaml": scenario}))]) == 2
    assert "scenario.yaml:4: nothing here answers HTTP as ShopApi." in capsys.readouterr().out


def test_invoke_prints_the_result_and_the_logs_apart(tmp_path: Path, capsys: Output) -> None:
    files = make_project("def handler(event, context):\n    print('seen')\n    return {'got': event}\n")
    event = tmp_path / "event.json"
    event.write_text('{"text": "{{ n }} {{ braces }}"}')
    assert main(["invoke", str(write(tmp_path, files)), "work", "--event", str(event)]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out) == {"got": {"text": "{{ n }} {{ braces }}"}}
    assert [line.split()[0] for line in told.err.splitlines()] == ["INIT_START", "START", "seen", "END", "REPORT"]


def test_invoke_exits_one_when_the_function_fails(tmp_path: Path, capsys: Output) -> None:
    files = make_project("def handler(event, context):\n    raise ValueError('boom')\n")
    assert main(["invoke", str(write(tmp_path, files)), "work"]) == 1
    assert json.loads(capsys.readouterr().out)["type"] == "ValueError"


def test_invoke_refuses_an_event_that_is_not_json(tmp_path: Path, capsys: Output) -> None:
    files = make_project("def handler(event, context): ...")
    event = tmp_path / "event.json"
    event.write_text("{no")
    assert main(["invoke", str(write(tmp_path, files)), "work", "--event", str(event)]) == 2
    assert "is not valid JSON" in capsys.readouterr().err


def test_ctrl_c_ends_a_run_without_a_traceback(monkeypatch: pytest.MonkeyPatch, capsys: Output) -> None:
    def interrupted(*arguments: object, **how: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "play", interrupted)
    assert main(["run", str(RETRY)]) == 130
    assert capsys.readouterr().err == "stopped\n"


def test_a_reader_that_goes_away_gets_no_traceback() -> None:
    command = [sys.executable, "-m", "lambdalab.runtime", "run", str(RETRY), "--json", "-"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    assert running.wait(60) == 3
    assert running.stderr.read() == b""


def test_tidy_removes_code_that_was_not_used_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setenv("LAMBDALAB_HOME", str(tmp_path))
    store = CodeStore(tmp_path / "code")
    for number, days in enumerate((40, 20, 0)):
        used = time.time() - days * 86_400
        os.utime(tmp_path / "code" / store.put({"app.py": bytes([number])}), (used, used))
    assert main(["tidy"]) == 0
    assert main(["tidy", "--days", "10"]) == 0
    assert capsys.readouterr().out == "Removed 1 package of code.\n" * 2


def test_tidy_refuses_less_than_nothing(capsys: Output) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["tidy", "--days", "-1"])
    assert caught.value.code == 2
    assert "--days: must be a whole number from 0, not -1" in capsys.readouterr().err


def test_an_unknown_command_is_refused_by_its_usage(capsys: Output) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["shrug"])
    assert caught.value.code == 2
