"""Updates of a function. Fact B.1."""

import io
import zipfile
from typing import Any

import pytest

from lambdalab.simulator.account import Principal
from lambdalab.simulator.lambda_.control.configuration import configuration, wrong_variables
from lambdalab.simulator.lambda_.function import EncryptionKey, Function, LoggingConfig
from lambdalab.simulator.lambda_.log_settings import logging_config
from lambdalab.simulator.lambda_.registry import Registered
from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.code import source_of
from lambdalab.simulator.project.template import read_template
from lambdalab.simulator.trace.facts import (
    ApiCalled,
    EnvironmentEnded,
    FunctionUpdated,
    InvocationEnded,
    InvocationStarted,
)
from lambdalab.simulator.vocabulary.arns import key_id
from lambdalab.simulator.vocabulary.errors import AwsError
from tests.simulator.desk import Desk
from tests.simulator.playing import (
    ACCOUNT,
    CODE,
    arn_of,
    as_files,
    call,
    invoke,
    make_queue,
    make_template,
    play,
    seconds,
    steps,
)

SESSION = Principal(f"arn:aws:sts::{ACCOUNT}:assumed-role/lab/work", ())
CONFIGURE = call("10s", "lambda.update_function_configuration", FunctionName="work", MemorySize=512)
FILES = {"next/app.py": b"def handler(event, context):\n    return 2\n"}


def code(at: str, **source: Any) -> dict[str, Any]:
    return call(at, "lambda.update_function_code", FunctionName="work", **source)


def folder_of(function: Any, event: Any, count: int) -> Act:
    return Act(result=function.code_folder, takes=seconds(5) if event.get("slow") else seconds(0))


@pytest.mark.rule("B.1-09")
def test_the_old_code_serves_until_the_update_is_done() -> None:
    update = code("10s", S3Bucket="lambdalab-project", S3Key="next")
    calls = [invoke(at, kind="RequestResponse") for at in ("9s", "10500ms", "20s")]
    played = play(make_template(), steps(update, *calls), folder_of, files=FILES)
    assert [fact.payload for fact in played.of(InvocationEnded)] == ['"src"', '"src"', '"next"']
    assert [fact.cold for fact in played.of(InvocationStarted)] == [True, False, True]


def test_idle_environments_of_the_old_code_are_replaced() -> None:
    played = play(make_template(), steps(invoke("0s", kind="RequestResponse"), CONFIGURE))
    (ended,) = played.of(EnvironmentEnded)
    assert ended.reason == "replaced"
    assert played.times(EnvironmentEnded) == played.times(FunctionUpdated)


@pytest.mark.rule("B.1-09")
def test_an_environment_at_work_finishes_with_the_old_code_and_is_then_replaced() -> None:
    slow = invoke("9s", {"slow": True}, kind="RequestResponse")
    played = play(make_template(), steps(slow, CONFIGURE, invoke("15s", kind="RequestResponse")), folder_of)
    assert [fact.environment for fact in played.of(EnvironmentEnded)] == ["env/work/1"]
    assert played.times(EnvironmentEnded)[0] == played.times(InvocationEnded)[0]
    assert played.of(InvocationStarted)[1].environment == "env/work/2"


@pytest.mark.rule("B.1-08")
@pytest.mark.parametrize("operation", ["update_function_configuration", "update_function_code", "publish_version"])
def test_a_second_change_waits_for_the_first(operation: str) -> None:
    source = {"S3Bucket": "lambdalab-project", "S3Key": "src"} if operation == "update_function_code" else {}
    second = call("10500ms", f"lambda.{operation}", FunctionName="work", **source)
    refused = play(make_template(), steps(CONFIGURE, second)).of(ApiCalled)[1]
    assert (refused.status, refused.error) == (409, "ResourceConflictException")
    assert refused.message == (
        "The operation cannot be performed at this time. An update is in progress for resource: "
        "arn:aws:lambda:us-east-1:123456789012:function:work"
    )


def zipped(**files: str) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return raw.getvalue()


def test_a_zip_file_is_unpacked() -> None:
    assert source_of({}, {"ZipFile": zipped(app="x = 1", other="y")}) == ("", {"app": b"x = 1", "other": b"y"})


@pytest.mark.parametrize("content", [b"no zip", zipped(**{"../app.py": ""}), zipped(app="x" * 99)[:-40]])
def test_a_zip_file_that_is_broken_or_leads_elsewhere_is_not(content: bytes) -> None:
    answer = source_of({}, {"ZipFile": content})
    assert isinstance(answer, AwsError)
    assert answer.code == "InvalidParameterValueException"


@pytest.mark.rule("X.3-02")
def test_what_is_no_zip_file_is_refused() -> None:
    """X.3"""
    (refused,) = play(make_template(), steps(code("1s", ZipFile="no zip"))).of(ApiCalled)
    assert refused.message == "Could not unzip uploaded file. Please check your file, then try to upload again."


@pytest.mark.rule("X.3-03")
def test_code_that_is_not_in_s3_is_refused() -> None:
    (refused,) = play(make_template(), steps(code("1s", S3Bucket="elsewhere", S3Key="code.zip"))).of(ApiCalled)
    assert refused.message == (
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."
    )


@pytest.mark.rule("J.1-01", "J.1-04", "J.1-05")
@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"MemorySize": 10_241}, "Value '10241' at 'memorySize' failed to satisfy constraint"),
        ({"EphemeralStorage": {"Size": 10_241}}, "Value '10241' at 'ephemeralStorage.size' failed"),
        ({"MemorySize": 127}, "valid min value: 128"),
        ({"EphemeralStorage": {"Size": 511}}, "valid min value: 512"),
        ({"Timeout": 901}, "Value '901' at 'timeout' failed to satisfy constraint"),
        ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "contains reserved keys"),
        ({"Environment": {"Variables": {"BIG": "x" * 5_000}}}, "exceeded the 4KB limit"),
        ({"ImageConfig": {}}, "lambdalab does not simulate changing ImageConfig yet"),
    ],
)
def test_a_configuration_that_cannot_be_changes_nothing(change: dict[str, Any], text: str) -> None:
    update = call("1s", "lambda.update_function_configuration", FunctionName="work", **change)
    played = play(make_template(), steps(update))
    assert text in (played.of(ApiCalled)[0].message or "")
    assert played.of(FunctionUpdated) == []


def test_a_version_is_never_updated() -> None:
    publish = call("0s", "lambda.publish_version", FunctionName="work")
    update = call("1s", "lambda.update_function_configuration", FunctionName="work:1", MemorySize=256)
    refused = play(make_template(), steps(publish, update)).of(ApiCalled)[1]
    assert refused.status == 400


@pytest.mark.rule("K.4-01")
def test_a_version_keeps_how_it_is_watched_and_its_key_and_the_configuration_shows_them() -> None:
    own = EncryptionKey(arn_of("kms", "key/1"))
    json_logs = LoggingConfig("JSON", "DEBUG", "WARN", "/shared")
    settings: dict[str, Any] = {"key": own, "logging": json_logs, "tracing": "Active"}
    registered = Registered(Function("work", "python3.13", "app.handler", {}, SESSION, **settings))
    registered.publish()
    registered.latest = Function("work", "python3.13", "app.handler", {}, SESSION)
    shown = configuration(registered, registered.version("1"), "1")
    assert shown["KMSKeyArn"] == own.arn
    assert shown["TracingConfig"] == {"Mode": "Active"}
    assert shown["LoggingConfig"] == {
        "LogFormat": "JSON", "LogGroup": "/shared", "ApplicationLogLevel": "DEBUG", "SystemLogLevel": "WARN",
    }  # fmt: skip
    latest = configuration(registered, registered.latest, None)
    assert latest["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/aws/lambda/work"}
    assert registered.publish().version == "2"


KEY = {"Type": "AWS::KMS::Key", "Properties": {}}
TARGETS = {"Dlq": make_queue()}


def configured(change: dict[str, Any], template: Any = None) -> Any:
    """What GetFunctionConfiguration would tell, as the function is after the update: its answer is the trace's."""
    update = call("1s", "lambda.update_function_configuration", FunctionName="work", **change)
    return play(template or make_template(**TARGETS), steps(update, invoke("10s", kind="RequestResponse")), told)


def told(function: Any, event: Any, count: int) -> Act:
    key = function.key.arn[:12] if function.key else None
    levels = [function.logging.format, function.logging.application_level, function.logging.system_level]
    return Act(result=[function.dead_letter, key, levels, function.tracing])


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({"TracingConfig": {"Mode": "Active"}}, '[null, null, ["Text", "INFO", "INFO"], "Active"]'),
        (
            {"LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "WARN"}},
            '[null, null, ["JSON", "WARN", "INFO"], "PassThrough"]',
        ),
        (
            {"DeadLetterConfig": {"TargetArn": arn_of("sqs", "dlq")}},
            f'["{arn_of("sqs", "dlq")}", null, ["Text", "INFO", "INFO"], "PassThrough"]',
        ),
    ],
)
def test_settings_of_all_kinds_are_updated(change: dict[str, Any], result: str) -> None:
    assert [fact.payload for fact in configured(change).of(InvocationEnded)] == [result]


def test_a_key_is_set_and_taken_away_again() -> None:
    template = make_template(Key=KEY)
    (arn,) = key_arns(template)
    played = configured({"KMSKeyArn": arn}, template)
    assert '"arn:aws:kms:"' in played.of(InvocationEnded)[0].payload
    played = configured({"KMSKeyArn": ""}, template)
    assert played.of(InvocationEnded)[0].payload.startswith("[null, null")


def key_arns(template: Any) -> list[str]:
    read = read_template({**CODE, **as_files(template)})
    return [arn_of("kms", f"key/{key_id(read.name(each))}") for each in read.of_type("AWS::KMS::Key")]


def test_a_change_of_the_format_begins_with_the_usual_levels_and_keeps_the_group() -> None:
    before = LoggingConfig("JSON", "ERROR", "WARN", "/mine")
    assert logging_config({"LogFormat": "Text"}, before) == LoggingConfig("Text", "INFO", "INFO", "/mine")
    assert logging_config({"SystemLogLevel": "DEBUG"}, before) == LoggingConfig("JSON", "ERROR", "DEBUG", "/mine")
    assert logging_config({"LogGroup": "/other"}, before) == LoggingConfig("JSON", "ERROR", "WARN", "/other")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"TracingConfig": {"Mode": "Loud"}}, "Value 'Loud' at 'tracingConfig.mode' failed"),
        ({"LoggingConfig": {"LogFormat": "XML"}}, "Value 'XML' at 'loggingConfig.logFormat' failed"),
        ({"LoggingConfig": {"ApplicationLogLevel": "INFO"}}, "log levels need LogFormat: JSON."),
        ({"DeadLetterConfig": {"TargetArn": "arn:aws:s3:::b"}}, "The destination ARN arn:aws:s3:::b is invalid."),
        ({"KMSKeyArn": arn_of("kms", "key/1")}, "KMS Message: Key 'arn:aws:kms:us-east-1:123456789012:key/1' does not"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_change_nothing(change: dict[str, Any], text: str) -> None:
    played = configured(change)
    assert text in (played.of(ApiCalled)[0].message or "")
    assert played.of(FunctionUpdated) == []


def test_a_dead_letter_queue_that_the_role_may_not_send_to_is_refused() -> None:
    template = make_template(allow=["logs:*"], Dlq=make_queue())
    played = configured({"DeadLetterConfig": {"TargetArn": arn_of("sqs", "dlq")}}, template)
    text = "The provided execution role does not have permissions to call SendMessage on SQS"
    assert [fact.message for fact in played.of(ApiCalled) if fact.error] == [text]


def test_what_an_update_of_code_cannot_change_here_is_said_and_nothing_happens() -> None:
    played = play(make_template(), steps(code("0s", ZipFile="UEs=", Architectures=["arm64"])))
    (called,) = [fact for fact in played.of(ApiCalled) if fact.operation == "UpdateFunctionCode"]
    assert (called.error, called.status) == ("NotSimulated", 501)
    assert "Architectures" in str(called.message)
    assert not played.of(FunctionUpdated)


@pytest.mark.rule("B.1-02", "B.1-07")
def test_the_configuration_tells_of_state_and_update() -> None:
    desk = Desk()
    shown = desk.call("GetFunctionConfiguration").output
    assert (shown["State"], shown["LastUpdateStatus"]) == ("Active", "Successful")
    assert desk.invoke()["StatusCode"] == 200
    during = desk.call("UpdateFunctionConfiguration", MemorySize=256).output
    assert (during["State"], during["LastUpdateStatus"]) == ("Active", "InProgress")
    assert during["LastUpdateStatusReasonCode"] == "Creating"
    after = desk.call("GetFunctionConfiguration").output
    assert (after["LastUpdateStatus"], after["MemorySize"]) == ("Successful", 256)
    assert "LastUpdateStatusReasonCode" not in after


RESERVED = (
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
    "AWS_LAMBDA_MAX_CONCURRENCY", "AWS_LAMBDA_METADATA_API", "AWS_LAMBDA_METADATA_TOKEN",
)  # fmt: skip
SETTABLE = (
    "LANG", "PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "TZ", "AWS_XRAY_CONTEXT_MISSING", "AWS_XRAY_DAEMON_ADDRESS",
    "AWS_LAMBDA_DOTNET_PREJIT", "AWS_RETRY_MODE", "my_own", "AB",
)  # fmt: skip
UNABLE = "Lambda was unable to configure your environment variables because the environment variables you have provided"


@pytest.mark.rule("B.5-01")
@pytest.mark.parametrize("name", RESERVED)
def test_a_reserved_variable_is_refused(name: str) -> None:
    text = (
        f"{UNABLE} contains reserved keys that are currently not supported for modification. "
        f"Reserved keys used in this request: {name}"
    )
    assert wrong_variables({name: "x", "MINE": "y"}) == [text]


@pytest.mark.rule("B.5-02")
@pytest.mark.parametrize("name", SETTABLE)
def test_other_variables_may_be_set(name: str) -> None:
    assert wrong_variables({name: "x"}) == []


@pytest.mark.rule("B.5-03")
@pytest.mark.parametrize("name", ["A", "1A", "_MINE", "MY-OWN", "MY.OWN", "Ä1", ""])
def test_a_variable_has_a_name_that_aws_takes(name: str) -> None:
    (text,) = wrong_variables({name: "x"})
    assert "Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+" in text


@pytest.mark.rule("B.5-04", "X.3-04")
def test_variables_are_measured_as_json_together() -> None:
    """LS: the limit is that of the text {"LARGE":"x…"}."""
    room = 4_096 - len('{"LARGE":""}')
    assert wrong_variables({"LARGE": "x" * room}) == []
    value = "x" * (room + 1)
    assert wrong_variables({"LARGE": value}) == [
        f'{UNABLE} exceeded the 4KB limit. String measured: {{"LARGE":"{value}"}}'
    ]
