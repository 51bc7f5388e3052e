"""Definitions and data that mean harm: an execution fails with an error of AWS's, and the run goes on."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.services.stepfunctions import machine as kept
from lambdalab.simulator.services.stepfunctions.data import UNREADABLE, loaded, too_large, written
from lambdalab.simulator.services.stepfunctions.language import paths
from lambdalab.simulator.services.stepfunctions.language.definition import FIELDS, flaws_of
from lambdalab.simulator.trace.facts import InvocationStarted
from tests.simulator.playing import make_queue
from tests.simulator.services.stepfunctions.machines import chain, failure, machine, make_machine, output, run, start
from tests.simulator.services.stepfunctions.machines import task as work

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**40) | st.floats(allow_nan=False) | st.text(max_size=6)
    | st.sampled_from(["$", "$.a", "$$.Execution.Id", "States.MathAdd(1,2)", "$.a[0]", "S", "T", "States.ALL"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "a.$", "b"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def shaping(**more: Any) -> dict[str, Any]:
    return chain({"Type": "Pass", "Parameters": more})


@pytest.mark.parametrize(
    ("state", "data", "error"),
    [
        ({"x.$": "States.StringToJson($.t)"}, {"t": "[" * 100_000}, "States.IntrinsicFailure"),
        ({"x.$": "States.StringToJson($.t)"}, {"t": "NaN"}, "States.IntrinsicFailure"),
        ({"x.$": "States.MathAdd($.t, 1)"}, {"t": 2_147_483_647}, "States.IntrinsicFailure"),
        ({"x.$": "States.MathAdd($.t, $.t)"}, '{"t": %s}' % ("9" * 4_300), "States.IntrinsicFailure"),
        ({f"k{n}.$": "$" for n in range(500)}, {"t": "x" * 250_000}, "States.DataLimitExceeded"),
        (
            {"x.$": f"States.Format('{'{}' * 500}'{', $.t' * 500})"},
            {"t": "x" * 250_000},
            "States.DataLimitExceeded",
        ),
    ],
)
def test_what_a_function_cannot_do_fails_the_execution_alone(state: dict[str, Any], data: Any, error: str) -> None:
    assert failure(run(shaping(**state), start(data)))[0] == error


def test_input_that_nobody_could_write_again_is_refused() -> None:
    played = run(chain(work()), start('{"t": 1e999}'))
    assert "calls" in played.summary
    assert played.summary["calls"]["stepfunctions.start_execution"]["errors"] == {"InvalidExecutionInput": 1}
    assert not played.of(InvocationStarted)


def test_half_of_a_surrogate_pair_becomes_a_question_mark() -> None:
    assert loaded('["\\ud800", "\\ud83d\\ude00"]') == ["?", "😀"]
    send = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": "dlq", "MessageBody.$": "$.t"}}  # fmt: skip
    played = run(chain(send), start('{"t": "\\ud800"}'), resources={"Queue": make_queue()})
    assert played.summary["queues"]["dlq"]["messages"][0]["body"] == "?"


def test_entries_that_are_no_list_are_refused_by_the_service() -> None:
    put = {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "Parameters": {"Entries": 5}}
    assert failure(run(chain(put)))[0] == "EventBridge.AmazonEventBridgeException"


def test_a_path_that_never_closes_is_not_read_in_every_way() -> None:
    """Read so, it would not end in anybody's life."""
    with pytest.raises(paths.PathError):
        paths.parsed("$['" + "\\a" * 900)


def test_a_definition_as_text_is_no_deeper_than_data_may_be() -> None:
    deep = '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true,"Result":' + "[" * 400 + "]" * 400 + "}}}"
    other = make_machine({}, StateMachineName="other") | {}
    del other["Properties"]["Definition"]
    other["Properties"]["DefinitionString"] = deep
    with pytest.raises(ProjectError, match=r"INVALID_JSON_DESCRIPTION: .*nested too deeply"):
        run(chain(work()), resources={"Other": other})


def test_an_inline_map_works_on_forty_items_at_once_at_most() -> None:
    each = {"StartAt": "Each", "States": {"Each": {**work(), "End": True}}}
    played = run(
        chain({"Type": "Map", "ItemProcessor": each}),
        start(list(range(100))),
        script=Act(takes=1_000_000),  # type: ignore[arg-type]
        function={"Timeout": 10},
    )
    assert machine(played)["ended"][0]["status"] == "SUCCEEDED"
    assert played.summary["functions"]["work"]["concurrent_max"] == 40


def test_a_history_keeps_sixteen_megabytes_and_says_what_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "HISTORY_BYTES_MAX", 250)
    ask = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:getExecutionHistory",
           "Parameters": {"ExecutionArn.$": "$$.Execution.Id", "MaxResults": 4}, "OutputPath": "$.Events"}  # fmt: skip
    found = output(run(chain({"Type": "Pass"}, ask), start({"t": "x" * 90})))
    told = [next(value for key, value in each.items() if key.endswith("EventDetails")) for each in found[:4]]
    assert [each.get("InputDetails", each.get("OutputDetails")) for each in told] == [
        {"Truncated": False}, {"Truncated": False}, {"Truncated": True}, {"Truncated": True},
    ]  # fmt: skip
    assert "Output" not in told[2]


def test_a_functions_answer_is_measured_before_anything_is_chosen_from_it() -> None:
    state = work(ResultSelector={"a.$": "$.a"})
    error, cause = failure(run(chain(state), script=Act(result={"a": 1, "b": "é" * 131_072})))
    assert error == "States.DataLimitExceeded"
    arn = state["Resource"]
    assert cause == (
        f"The state/task '{arn}' returned a result with a size exceeding the maximum number of bytes service limit."
    )


def test_output_is_counted_in_bytes_as_it_is_written() -> None:
    assert machine(run(chain(work()), script=Act(result="é" * 131_000)))["ended"][0]["status"] == "SUCCEEDED"
    assert failure(run(chain(work()), script=Act(result="é" * 131_072)))[0] == "States.DataLimitExceeded"


def test_paths_to_nothing_are_told_in_awss_words() -> None:
    missing = run(shaping(**{"x.$": "$.y.z"}), start({"a": 1}))
    assert failure(missing)[1].endswith(
        "The JSONPath '$.y.z' specified for the field 'x.$' could not be found in the input '{\"a\":1}'"
    )
    taken = run(chain({"Type": "Pass", "InputPath": "$.y.z"}), start({"a": 1}))
    assert failure(taken)[1].endswith("Invalid path '$.y.z' : Missing property in path $['y']")
    rules = [{"Variable": "$.n", "NumericEquals": 1, "Next": "S2"}]
    chosen = run(chain({"Type": "Choice", "Choices": rules}, {"Type": "Succeed"}), start({"a": 1}))
    assert failure(chosen)[1].endswith(
        "Invalid path '$.n': The choice state's condition path references an invalid value."
    )


@pytest.mark.parametrize(
    ("resource", "parameters", "error", "service"),
    [
        ("sqs:sendMessage", {"QueueUrl": "none", "MessageBody": "x"}, "SQS.QueueDoesNotExistException", "AmazonSQS;"),
        ("dynamodb:getItem", {"TableName": "t", "Key": {"k": {"S": "1"}}}, "DynamoDB.ResourceNotFoundException",
         "AmazonDynamoDB;"),
        ("aws-sdk:sqs:getQueueUrl", {"QueueName": "none"}, "Sqs.QueueDoesNotExistException", "Sqs,"),
        ("aws-sdk:dynamodb:getItem", {"TableName": "t", "Key": {"k": {"S": "1"}}},
         "DynamoDb.ResourceNotFoundException", "DynamoDb,"),
        ("aws-sdk:secretsmanager:getSecretValue", {"SecretId": "none"}, "SecretsManager.ResourceNotFoundException",
         "SecretsManager,"),
        ("aws-sdk:sfn:describeExecution", {"ExecutionArn": "x"}, "Sfn.ExecutionDoesNotExistException", "Sfn,"),
        ("aws-sdk:cloudwatchlogs:createLogGroup", {"LogGroupName": ""}, "CloudWatchLogs.ValidationException",
         "CloudWatchLogs,"),
    ],
)  # fmt: skip
def test_errors_of_services_have_the_names_of_awss_sdk_for_java(
    resource: str, parameters: dict[str, Any], error: str, service: str
) -> None:
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters}
    told, cause = failure(run(chain(task)))
    assert told == error
    assert f"(Service: {service}" in cause


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (work(Catch=None), "Catch is a list of objects"),
        (work(Retry=None), "Retry is a list of objects"),
        (work(TimeoutSeconds=None), "TimeoutSeconds must be a whole number"),
        ({"Type": "Wait", "Seconds": None}, "Seconds must be a whole number"),
        ({"Type": "Wait", "SecondsPath": None}, "INVALID_PATH: SecondsPath"),
        ({"Type": "Choice", "Choices": [{"Variable": None, "IsNull": True, "Next": "S1"}]}, "INVALID_PATH: Variable"),
        ({"Type": "Map", "ItemsPath": None, "Iterator": chain({"Type": "Pass"})}, "INVALID_PATH: ItemsPath"),
    ],
)
def test_null_is_no_value_of_a_field(state: dict[str, Any], text: str) -> None:
    assert any(text in flaw.text for flaw in flaws_of(chain(state)))


@given(value=ANYTHING)
def test_a_value_is_too_large_exactly_when_its_text_is(value: Any) -> None:
    if loaded(written(value)) is UNREADABLE:
        return
    size = len(written(value).encode("utf-8", "replace"))
    assert not too_large(value, size)
    assert too_large(value, size - 1)


MOSTLY = st.integers(0, 9).map(bool)
PATHS = ["$", "$.a", "$.a[0]", "$..a", "$.a[*]", "$$.Execution.Id"]
SHAPES = [
    {},
    {"x.$": "$"},
    {"x.$": "$.a", "y": [1]},
    {"x.$": "States.MathAdd(1, 2)"},
    {"x.$": "States.JsonToString($)"},
]
CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "T"}]
RETRY = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2, "BackoffRate": 1e300}]
CHOICES = [{"Variable": "$.a", "IsPresent": True, "Next": "T"}, {"Variable": "$.a", "NumericLessThan": 1, "Next": "T"}]
INNER = chain({"Type": "Pass", "Parameters": {"i.$": "$"}})
LIKELY: dict[str, list[Any]] = {
    "InputPath": [None, *PATHS],
    "OutputPath": [None, *PATHS],
    "ItemsPath": PATHS,
    "SecondsPath": PATHS,
    "TimestampPath": PATHS,
    "TimeoutSecondsPath": PATHS,
    "HeartbeatSecondsPath": PATHS,
    "MaxConcurrencyPath": PATHS,
    "Parameters": SHAPES,
    "ResultSelector": SHAPES,
    "ItemSelector": SHAPES,
    "Seconds": [0, 1, 7, 99_999_999],
    "TimeoutSeconds": [1, 7, 99_999_999],
    "HeartbeatSeconds": [1, 7],
    "MaxConcurrency": [0, 1, 7],
    "Error": ["", "E"],
    "Cause": ["", "E"],
    "ErrorPath": ["$.a", "States.UUID()"],
    "CausePath": ["$.a", "States.UUID()"],
    "Iterator": [INNER],
    "ItemProcessor": [INNER],
    "ResultPath": [None, "$", "$.a", "$.b.c"],
    "Result": [1, [1, {"a": None}], {"a": [3]}],
    "Catch": [[], CATCH],
    "Retry": [[], RETRY],
    "Choices": [[rule] for rule in CHOICES],
    "Branches": [[INNER], [INNER, chain({"Type": "Fail"})]],
    "Timestamp": ["2026-01-01T00:00:00Z", "2999-01-01T00:00:00Z"],
    "Default": ["S", "T"],
}
NEEDED = {"Choice": ["Choices"], "Wait": ["Seconds"], "Parallel": ["Branches"], "Map": ["Iterator"]}


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    """Two states, most of whose fields make sense."""
    states = {}
    for name in ("S", "T"):
        kind = draw(st.sampled_from(sorted(FIELDS.keys() - {"Succeed", "Fail"} if name == "S" else FIELDS)))
        state: dict[str, Any] = {"Type": kind}
        optional = sorted(FIELDS[kind] - {"Next", "End"})
        keys = draw(st.lists(st.sampled_from(optional), max_size=2)) if optional else []
        for key in (*NEEDED.get(kind, ()), *keys):
            state[key] = draw(st.sampled_from(LIKELY[key]) if key in LIKELY and draw(MOSTLY) else ANYTHING)
        if kind not in ("Choice", "Succeed", "Fail"):
            usual = {"Next": "T"} if name == "S" else {"End": True}
            state |= usual if draw(MOSTLY) else draw(st.sampled_from([{"End": True}, {"Next": "T"}, {"Next": "S"}]))
        if kind == "Task":
            names = ["lambda:invoke", "sqs:sendMessage", "events:putEvents", "aws-sdk:s3:getObject", "sns:publish"]
            state["Resource"] = f"arn:aws:states:::{draw(st.sampled_from(names))}"
        states[name] = state
    return {"StartAt": "S", "States": states, **draw(st.dictionaries(st.just("TimeoutSeconds"), ANYTHING))}


INSIDE = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
TWO_INSIDES = {"Type": "Map", "Iterator": None, "ItemProcessor": INSIDE, "End": True}


@example(definition={"StartAt": "S", "States": {"S": TWO_INSIDES}}, data={"a": 0})
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(definition=definitions(), data=ANYTHING | st.sampled_from([{"a": 0}, {"a": [1, 2]}, [{"a": 1}]]))
def test_whatever_a_definition_says_it_has_flaws_or_runs(definition: dict[str, Any], data: Any) -> None:
    if flaws_of(definition):
        return
    text = json.dumps(data)
    if loaded(text) is UNREADABLE:
        return
    try:
        played = run(definition, start(text), until="10s")
    except ProjectError:
        return
    event("it ran")
    assert machine(played)["executions"] == 1
