import json
from typing import Any

import pytest

from lambdalab.simulator.account import ADMINISTRATOR
from lambdalab.simulator.kernel import Micros
from lambdalab.simulator.lambda_ import log_records
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import EnvironmentCreated, LoggingConfigured, LogLine
from tests.simulator.playing import FAIL, Played, first, invoke, make_function, make_template, play, seconds, steps

ID = "6f0a5d3e-8d1c-4b2f-9a3e-0123456789ab"
TIME = "2026-11-24T09:00:00.064Z"


def run(script: Any = None, *calls: dict[str, Any], init: Act | None = None, **config: Any) -> Played:
    template = make_template(make_function(LoggingConfig={"LogFormat": "JSON", **config}))
    return play(template, steps(*(calls or (invoke(kind="RequestResponse"),))), script, init=init)


def records(played: Played) -> list[dict[str, Any]]:
    return [json.loads(fact.text) for fact in played.of(LogLine) if fact.source == "platform"]


def kinds(played: Played) -> list[str]:
    return [record["type"].removeprefix("platform.") for record in records(played)]


def app(played: Played) -> list[str]:
    return [fact.text for fact in played.of(LogLine) if fact.source == "function"]


@pytest.mark.rule("B.4-24", "B.4-28")
def test_start_is_awss_record_byte_for_byte() -> None:  # B.4
    assert log_records.record(TIME, "start", log_records.start(ID, "$LATEST")) == (
        f'{{"time":"{TIME}","type":"platform.start","record":{{"requestId":"{ID}","version":"$LATEST"}}}}'
    )


@pytest.mark.rule("B.4-30")
def test_init_start_is_awss_record_byte_for_byte() -> None:  # B.4
    function = Function("work", "python3.13", "app.handler", {}, ADMINISTRATOR)
    content = log_records.init_start(function, "init")
    arn = content.pop("runtimeVersionArn")
    assert arn.startswith("arn:aws:lambda:us-east-1::runtime:")
    assert log_records.record(TIME, "initStart", content) == (
        f'{{"time":"{TIME}","type":"platform.initStart","record":{{"initializationType":"on-demand","phase":"init",'
        '"runtimeVersion":"python:3.13.v50"}}'
    )


@pytest.mark.rule("B.4-29")
def test_report_of_a_cold_start_is_awss_record_byte_for_byte() -> None:  # B.4
    content = log_records.report(
        ID, "success", None, duration=Micros(693_920), init=Micros(397_680), memory_mb=128, max_memory_mb=84
    )
    assert log_records.record(TIME, "report", content) == (
        f'{{"time":"{TIME}","type":"platform.report","record":{{"requestId":"{ID}","metrics":{{"durationMs":693.92,'
        '"billedDurationMs":1092,"memorySizeMB":128,"maxMemoryUsedMB":84,"initDurationMs":397.68},"status":"success"}}'
    )


@pytest.mark.rule("B.4-31")
def test_a_timeout_is_recorded_as_aws_recorded_one_in_2026() -> None:
    done = log_records.runtime_done(
        ID, "timeout", "Sandbox.Timedout", started=TIME, duration=Micros(5_001_182), produced_bytes=0
    )
    assert json.dumps(done, separators=(",", ":")) == (
        f'{{"requestId":"{ID}","status":"timeout","metrics":{{"durationMs":5001.182,"producedBytes":0}}}}'
    )


@pytest.mark.rule("B.4-26")
@pytest.mark.parametrize(
    ("kind", "status", "level"),
    [  # DG26 "System log level event mapping", the rows that an on-demand Python function has
        ("initStart", "success", "INFO"),
        ("initRuntimeDone", "success", "DEBUG"),
        ("initRuntimeDone", "error", "WARN"),
        ("initReport", "success", "DEBUG"),
        ("initReport", "timeout", "WARN"),
        ("start", "success", "INFO"),
        ("runtimeDone", "success", "DEBUG"),
        ("runtimeDone", "timeout", "WARN"),
        ("report", "success", "INFO"),
        ("report", "error", "WARN"),
    ],
)
def test_each_system_event_has_the_level_of_awss_table(kind: str, status: Any, level: str) -> None:
    assert log_records.level_of(kind, status) == level


@pytest.mark.rule("B.4-25")
@pytest.mark.parametrize(
    ("level", "told"),
    [
        ("DEBUG", ["initStart", "initRuntimeDone", "initReport", "start", "runtimeDone", "report"]),
        ("INFO", ["initStart", "start", "report"]),
        ("WARN", []),
    ],
)
def test_the_system_level_decides_what_the_platform_tells(level: str, told: list[str]) -> None:
    assert kinds(run(SystemLogLevel=level)) == told


@pytest.mark.rule("B.4-26", "B.4-29")
def test_what_went_wrong_is_told_even_at_warn() -> None:
    played = run(FAIL, SystemLogLevel="WARN")
    assert kinds(played) == ["runtimeDone", "report"]
    report = records(played)[-1]["record"]
    assert (report["status"], report["errorType"]) == ("error", "CardDeclined")  # assumption A-20


def test_a_timeout_names_no_error_type() -> None:
    report = records(run(Act(takes=seconds(9))))[-1]["record"]
    assert report["status"] == "timeout"
    assert "errorType" not in report
    assert report["metrics"]["durationMs"] == 3000.0


def test_a_failed_init_is_told_in_both_phases() -> None:
    played = run(Act(), init=Act(status="init_error", error_type="Runtime.ImportModuleError"), SystemLogLevel="DEBUG")
    phases = [each["record"]["phase"] for each in records(played) if each["type"] == "platform.initReport"]
    assert phases == ["init", "invoke"]
    report = next(each["record"] for each in records(played) if each["type"] == "platform.initReport")
    assert (report["status"], report["errorType"]) == ("error", "Runtime.ImportModuleError")


def test_the_records_say_what_the_text_lines_say() -> None:
    twice = invoke(kind="RequestResponse"), invoke("5s", kind="RequestResponse")
    cold, warm = (r["record"] for r in records(run(Act(takes=seconds(0.25)), *twice)) if r["type"] == "platform.report")
    assert "initDurationMs" in cold["metrics"]
    assert "initDurationMs" not in warm["metrics"]
    assert warm["metrics"]["durationMs"] == 250
    assert warm["metrics"]["billedDurationMs"] == 250


def test_the_time_of_a_record_is_virtual() -> None:
    (start,) = (r for r in records(run(None, invoke("1h", kind="RequestResponse"))) if r["type"] == "platform.start")
    assert start["time"].startswith("2025-12-01T10:00:00.")


@pytest.mark.parametrize(
    ("text", "error", "level"),
    [
        ("plain words", False, "INFO"),
        ("[ERROR] from the runtime client", True, "ERROR"),
        ('{"level": "debug", "timestamp": "2024-11-02T16:51:31Z"}', False, "DEBUG"),
        ('{"level": "WARNING", "timestamp": "2024-11-02T16:51:31Z"}', False, "WARN"),
        ('{"level": "CRITICAL", "time": "2024-11-02T16:51:31Z"}', False, "FATAL"),
        ('{"level": "debug"}', False, "INFO"),  # no valid timestamp
        ('{"level": "debug", "timestamp": 5}', False, "INFO"),
        ('{"level": "loud", "timestamp": "2024-11-02T16:51:31Z"}', False, "INFO"),
        ('{"level": ["x"], "timestamp": "2024-11-02T16:51:31Z"}', False, "INFO"),
        ('{"level": "debug", "timestamp"', False, "INFO"),
        ("{" * 100_000, False, "INFO"),
        ('{"a":' * 100_000, False, "INFO"),
    ],
)
def test_an_application_line_has_the_level_that_its_json_says(text: str, error: bool, level: str) -> None:
    assert log_records.application_level(text, error=error) == level


LINES = tuple(
    json.dumps({"timestamp": "2025-12-01T09:00:00Z", "level": level, "message": level})
    for level in ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
)


@pytest.mark.rule("B.4-25")
@pytest.mark.parametrize(("level", "kept"), [("TRACE", 6), ("DEBUG", 5), ("INFO", 4), ("WARN", 3), ("FATAL", 1)])
def test_the_application_level_decides_which_of_the_codes_lines_are_kept(level: str, kept: int) -> None:
    assert app(run(Act(logs=LINES), ApplicationLogLevel=level)) == list(LINES[6 - kept :])


def test_a_line_without_a_level_is_of_level_info() -> None:
    assert app(run(Act(logs=("words",)))) == ["words"]
    assert app(run(Act(logs=("words",)), ApplicationLogLevel="WARN")) == []


@pytest.mark.rule("B.4-25")
def test_in_text_nothing_is_filtered() -> None:
    played = play(make_template(), steps(invoke(kind="RequestResponse")), Act(logs=LINES))
    assert app(played) == list(LINES)
    assert played.of(LoggingConfigured) == []


@pytest.mark.rule("H.2-01")
def test_functions_may_share_a_log_group_of_their_own() -> None:  # H.2
    config = {"LogGroup": "/shop/all"}
    functions = [make_function(name, LoggingConfig=config) for name in ("work", "other")]
    calls = [invoke(function=name, kind="RequestResponse") for name in ("work", "other")]
    played = play(make_template(*functions), steps(*calls))
    assert list(played.summary["logs"]) == ["/shop/all"]
    assert played.summary["logs"]["/shop/all"]["streams"] == 2
    streams = [fact.log_stream for fact in played.of(EnvironmentCreated)]
    assert [stream.split("[")[0] for stream in streams] == ["2025/12/01/work", "2025/12/01/other"]
    assert {fact.log_format for fact in played.of(LoggingConfigured)} == {"Text"}


def test_a_run_with_json_logs_is_the_same_each_time() -> None:
    once, again = (run(first(2, FAIL, Act(logs=LINES)), invoke()).trace for _ in range(2))
    assert once == again


@pytest.mark.rule("B.4-27")
@pytest.mark.parametrize(("provisioned", "level"), [(False, "DEBUG"), (True, "INFO")])
def test_the_report_of_a_provisioned_init_has_a_level_of_its_own(provisioned: bool, level: str) -> None:
    assert log_records.level_of("initReport", provisioned=provisioned) == level
    assert log_records.level_of("initReport", "error", provisioned=provisioned) == "WARN"
