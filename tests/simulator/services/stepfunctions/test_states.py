"""What executions do, state by state."""

import json
from typing import Any

import pytest

from lambdalab.simulator.lambda_.scripted import Act
from lambdalab.simulator.trace.facts import (
    AccessDenied,
    ApiCalled,
    InvocationStarted,
    MachineExecutionEnded,
    StateEntered,
    StateRetried,
    StepPlayed,
)
from tests.simulator.playing import Played, call, first, make_queue, seconds
from tests.simulator.services.stepfunctions.machines import chain, failure, machine, output, run, start, task

BROKEN = Act(status="error", error_type="CardDeclined", error_message="the card was declined")
LONG = "9m"


def double(function: Any, event: Any, count: int) -> Act:
    return Act(result={"twice": event["n"] * 2} if isinstance(event, dict) and "n" in event else event)


def test_states_follow_one_another_and_hand_their_output_on() -> None:
    played = run(
        chain(
            {"name": "Prepare", "Type": "Pass", "Result": {"n": 4}, "ResultPath": "$.made"},
            {"name": "Work", **task(InputPath="$.made", ResultPath="$.answer")},
            {"name": "Shape", "Type": "Pass", "Parameters": {"all.$": "$", "said.$": "States.Format('{}', $.made.n)"}},
            {"name": "Done", "Type": "Succeed", "OutputPath": "$.all.answer"},
        ),
        start({"id": 7}),
        script=double,
    )
    assert output(played) == {"twice": 8}
    assert [fact.state for fact in played.of(StateEntered)] == ["Prepare", "Work", "Shape", "Done"]
    assert machine(played)["transitions"] == 4


def test_result_selector_parameters_and_null_paths() -> None:
    played = run(
        chain(
            task(Parameters={"n.$": "$.count"}, ResultSelector={"r.$": "$.twice"}, ResultPath="$.out"),
            task(Parameters={"n": 1}, ResultPath=None),
            {"Type": "Pass", "InputPath": None, "ResultPath": "$.empty"},
        ),
        start({"count": 3}),
        script=double,
    )
    assert output(played) == {"count": 3, "out": {"r": 6}, "empty": {}}


def test_the_context_object_tells_of_execution_state_and_machine() -> None:
    wanted = {"name.$": "$$.Execution.Name", "state.$": "$$.State.Name", "m.$": "$$.StateMachine.Name",
              "in.$": "$$.Execution.Input.id"}  # fmt: skip
    played = run(chain({"Type": "Pass", "Parameters": wanted}), start({"id": 7}, name="first"))
    assert output(played) == {"name": "first", "state": "S1", "m": "orders", "in": 7}


def test_a_choice_takes_the_first_rule_that_holds() -> None:
    rules = [{"Variable": "$.n", "NumericLessThan": 10, "Next": "Small"},
             {"Variable": "$.n", "NumericLessThan": 100, "Next": "Middle"}]  # fmt: skip
    ends = {name: {"Type": "Pass", "Result": name, "End": True} for name in ("Small", "Middle", "Large")}
    definition = {"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": rules, "Default": "Large"}, **ends}}
    for n, wanted in ((5, "Small"), (50, "Middle"), (500, "Large")):
        assert output(run(definition, start({"n": n}))) == wanted


def test_without_a_default_no_rule_that_holds_is_an_error() -> None:
    rules = [{"Variable": "$.n", "NumericEquals": 1, "Next": "S2"}]
    played = run(chain({"Type": "Choice", "Choices": rules}, {"Type": "Succeed"}), start({"n": 2}))
    assert failure(played)[0] == "States.NoChoiceMatched"


@pytest.mark.parametrize(
    ("state", "took"),
    [
        ({"Seconds": 30}, 30),
        ({"SecondsPath": "$.wait"}, 90),
        ({"Timestamp": "2025-12-01T09:05:00Z"}, 300),
        ({"TimestampPath": "$.until"}, 600),
        ({"Timestamp": "2025-01-01T00:00:00Z"}, 0),
    ],
)
def test_a_wait_waits_in_virtual_time(state: dict[str, Any], took: int) -> None:
    played = run(chain({"Type": "Wait", **state}), start({"wait": 90, "until": "2025-12-01T10:10:00+01:00"}))
    (ended,) = played.times(MachineExecutionEnded)
    assert took <= ended < took + 0.2


def test_a_fail_ends_the_execution_with_its_own_error() -> None:
    assert failure(run(chain({"Type": "Fail", "Error": "Refused", "Cause": "no stock"}))) == ("Refused", "no stock")
    paths = {"Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('{} is out', $.what)"}
    assert failure(run(chain(paths), start({"e": "Out", "what": "tea"}))) == ("Out", "tea is out")


def test_a_functions_exception_is_the_name_of_the_error() -> None:
    error, cause = failure(run(chain(task()), script=BROKEN))
    assert error == "CardDeclined"
    assert json.loads(cause)["errorMessage"] == "the card was declined"


@pytest.mark.rule("A.4-07")
def test_a_retrier_waits_longer_each_time_and_then_gives_up() -> None:
    retrier = {"ErrorEquals": ["CardDeclined"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 3}
    played = run(chain(task(Retry=[retrier])), script=BROKEN)
    assert [fact.delay_us for fact in played.of(StateRetried)] == [seconds(2), seconds(6), seconds(18)]
    assert failure(played)[0] == "CardDeclined"
    assert played.summary["functions"]["work"]["invocations"] == 4
    assert machine(played)["states"]["S1"] == {"entered": 1, "exited": 0, "retried": 3, "failed": 1, "caught": 0}
    assert machine(played)["transitions"] == 4


def test_the_longest_delay_and_jitter_bound_the_wait() -> None:
    retrier = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 10, "MaxDelaySeconds": 15, "MaxAttempts": 3}
    played = run(chain(task(Retry=[retrier])), script=BROKEN)
    assert [fact.delay_us for fact in played.of(StateRetried)] == [seconds(10), seconds(15), seconds(15)]
    played = run(chain(task(Retry=[retrier | {"JitterStrategy": "FULL"}])), script=BROKEN)
    delays = [fact.delay_us for fact in played.of(StateRetried)]
    assert all(0 <= delay <= seconds(15) for delay in delays)
    assert len(set(delays)) == 3


def test_each_retrier_counts_its_own_errors() -> None:
    retry = [{"ErrorEquals": ["Other"], "MaxAttempts": 5}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]
    played = run(chain(task(Retry=retry)), script=first(1, BROKEN))
    assert output(played) is None
    assert len(played.of(StateRetried)) == 1


def test_zero_attempts_mean_no_retry() -> None:
    retry = [{"ErrorEquals": ["CardDeclined"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"]}]
    assert run(chain(task(Retry=retry)), script=BROKEN).of(StateRetried) == []


def test_a_catcher_leads_on_with_the_error_in_its_place() -> None:
    catch = [{"ErrorEquals": ["Other"], "Next": "S2"},
             {"ErrorEquals": ["States.TaskFailed"], "Next": "Sorry", "ResultPath": "$.why"}]  # fmt: skip
    played = run(chain(task(Catch=catch), {"Type": "Pass"}, {"name": "Sorry", "Type": "Pass"}), start({"id": 1}),
                 script=BROKEN)  # fmt: skip
    found = output(played)
    assert (found["id"], found["why"]["Error"]) == (1, "CardDeclined")
    assert machine(played)["states"]["S1"]["caught"] == 1
    assert machine(played)["succeeded"] == 1


def test_a_function_that_is_throttled_fails_as_lambda_says() -> None:
    played = run(chain(task()), function={"ReservedConcurrentExecutions": 0})
    assert failure(played)[0] == "Lambda.TooManyRequestsException"


def test_a_function_that_times_out_fails_by_its_own_name() -> None:
    played = run(chain(task()), script=Act(takes=seconds(60)), function={"Timeout": 3})
    assert failure(played)[0] == "Sandbox.Timedout"


def test_a_task_has_a_timeout_of_its_own_while_the_function_goes_on() -> None:
    catch = [{"ErrorEquals": ["States.Timeout"], "Next": "Late"}]
    definition = chain(task(TimeoutSeconds=2, Catch=catch), {"name": "Late", "Type": "Pass", "Result": "late"})
    played = run(definition, script=Act(takes=seconds(5)), function={"Timeout": 10})
    assert output(played) == "late"
    assert played.times(MachineExecutionEnded)[0] < 2.5
    assert played.summary["functions"]["work"]["timeouts"] == 0
    assert played.summary["functions"]["work"]["invocations"] == 1


@pytest.mark.rule("G.4-03")
def test_the_role_of_the_machine_decides_what_it_may_do() -> None:
    played = run(chain(task()), actions=("sqs:SendMessage",))
    error, cause = failure(played)
    assert error == "Lambda.AWSLambdaException"
    assert "is not authorized to perform: lambda:InvokeFunction" in cause
    assert played.of(AccessDenied)[0].source == "stepfunctions/orders"


def test_a_parallel_runs_its_branches_at_once_and_answers_a_list() -> None:
    branch = chain({"name": "W1", **task(Parameters={"n": 1})})
    other = chain({"name": "W2", "Type": "Wait", "Seconds": 5}, {"name": "P2", "Type": "Pass", "Result": 2})
    played = run(chain({"name": "Both", "Type": "Parallel", "Branches": [branch, other]}), script=double)
    assert output(played) == [{"twice": 2}, 2]
    assert 5 < played.times(MachineExecutionEnded)[0] < 5.5
    paths = {fact.state: fact.path for fact in played.of(StateEntered)}
    assert paths == {"Both": "", "W1": "Both[0]", "W2": "Both[1]", "P2": "Both[1]"}


def test_a_branch_that_fails_ends_the_others() -> None:
    branch = chain({"name": "Bad", "Type": "Fail", "Error": "Bad"})
    other = chain({"name": "Long", "Type": "Wait", "Seconds": 500}, {"name": "Never", "Type": "Pass"})
    played = run(chain({"name": "Both", "Type": "Parallel", "Branches": [branch, other]}))
    assert failure(played)[0] == "Bad"
    assert played.times(MachineExecutionEnded)[0] < 1
    assert "Never" not in [fact.state for fact in played.of(StateEntered)]


def each(limit: int = 0, **more: Any) -> dict[str, Any]:
    processor = chain({"name": "Work", **task()})
    return {"name": "Each", "Type": "Map", "ItemProcessor": processor, "MaxConcurrency": limit, **more}


def test_a_map_works_on_every_item_and_keeps_their_order() -> None:
    selector = {"n.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index", "of.$": "$.of"}
    played = run(chain(each(ItemsPath="$.numbers", ItemSelector=selector, ResultPath="$.done")),
                 start({"numbers": [5, 6, 7], "of": "x"}), script=double)  # fmt: skip
    assert output(played)["done"] == [{"twice": 10}, {"twice": 12}, {"twice": 14}]
    assert machine(played)["states"]["Work"]["entered"] == 3


@pytest.mark.parametrize(("limit", "most"), [(0, 6), (1, 1), (2, 2)])
def test_a_map_works_on_as_many_items_at_once_as_it_may(limit: int, most: int) -> None:
    def slow(function: Any, event: Any, count: int) -> Act:
        return Act(takes=seconds(1), result=event)

    played = run(chain(each(limit)), start(list(range(6))), script=slow)
    assert output(played) == list(range(6))
    assert played.summary["functions"]["work"]["concurrent_max"] == most


def test_an_empty_map_answers_an_empty_list_and_no_list_is_an_error() -> None:
    assert output(run(chain(each()), start([]))) == []
    error, cause = failure(run(chain(each()), start({"a": 1})))
    assert (error, "must point to array" in cause) == ("States.Runtime", True)


def test_an_iteration_that_fails_fails_the_map_which_may_be_tried_again() -> None:
    retry = [{"ErrorEquals": ["CardDeclined"], "MaxAttempts": 1}]
    assert output(run(chain(each(Retry=retry)), start([1, 2]), script=first(1, BROKEN, Act(result=0)))) == [0, 0]


INVOKE = "arn:aws:states:::lambda:invoke"


def test_the_optimised_invoke_wraps_the_functions_answer() -> None:
    played = run(
        chain({"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "work", "Payload.$": "$"}}),
        start({"n": 2}),
        script=double,
    )
    found = output(played)
    assert (found["Payload"], found["StatusCode"], found["ExecutedVersion"]) == ({"twice": 4}, 200, "$LATEST")


def test_messages_topics_and_events_take_objects() -> None:
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/q"
    send = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": url, "MessageBody": {"order.$": "$.id"}}, "ResultPath": None}  # fmt: skip
    event = {"Source": "shop", "DetailType": "made", "Detail": {"id.$": "$.id"}}
    put = {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "Parameters": {"Entries": [event]}}
    played = run(chain(send, put), start({"id": 7}), resources={"Q": make_queue("q")})
    assert played.summary["queues"]["q"]["messages"][0]["body"] == '{"order": 7}'
    assert played.summary["buses"]["default"]["put"] == 1
    assert output(played)["FailedEntryCount"] == 0


TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "TableName": "orders",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    },
}


def store(operation: str, **parameters: Any) -> dict[str, Any]:
    resource = f"arn:aws:states:::dynamodb:{operation}"
    return {"Type": "Task", "Resource": resource, "Parameters": {"TableName": "orders", **parameters}}


def test_tables_are_written_and_read_and_conditions_have_their_names() -> None:
    put = store("putItem", Item={"id": {"S.$": "$.id"}, "n": {"N": "1"}})
    once = {**put, "Parameters": {**put["Parameters"], "ConditionExpression": "attribute_not_exists(id)"}}
    change = store("updateItem", Key={"id": {"S.$": "$.id"}}, UpdateExpression="ADD n :one",
                   ExpressionAttributeValues={":one": {"N": "1"}})  # fmt: skip
    get = store("getItem", Key={"id": {"S.$": "$.id"}})
    definition = chain({**put, "ResultPath": None}, {**change, "ResultPath": None}, get)
    played = run(definition, start({"id": "a"}), resources={"Table": TABLE})
    assert output(played)["Item"] == {"id": {"S": "a"}, "n": {"N": "2"}}
    played = run(chain({**put, "ResultPath": None}, once), start({"id": "a"}), resources={"Table": TABLE})
    assert failure(played)[0] == "DynamoDB.ConditionalCheckFailedException"


def test_every_action_of_the_sdk_can_be_a_task() -> None:
    definition = chain({"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:getQueueUrl",
                        "Parameters": {"QueueName": "q"}})  # fmt: skip
    assert output(run(definition, resources={"Q": make_queue("q")}))["QueueUrl"].endswith("/q")
    assert failure(run(definition))[0].startswith("Sqs.")


WAITING = {"Type": "Task", "Resource": f"{INVOKE}.waitForTaskToken",
           "Parameters": {"FunctionName": "work", "Payload": {"token.$": "$$.Task.Token"}}}  # fmt: skip


def answering(operation: str, **more: Any) -> Any:
    """A script that hands the token back, by the function's own call, ten seconds later."""

    def script(function: Any, event: Any, count: int) -> Act:
        return Act(calls=(("stepfunctions", operation, {"taskToken": event["token"], **more}),))

    return script


def test_a_task_token_that_comes_back_brings_the_output_or_the_error() -> None:
    played = run(chain(WAITING), script=answering("SendTaskSuccess", output='{"paid": true}'))
    assert output(played) == {"paid": True}
    played = run(chain(WAITING), script=answering("SendTaskFailure", error="Refused", cause="by hand"))
    assert failure(played) == ("Refused", "by hand")


def test_an_execution_waits_for_its_token_without_keeping_the_run_going() -> None:
    played = run(chain(WAITING))
    assert machine(played)["running"] == 1
    assert played.stopped is None


def test_a_token_that_never_comes_back_is_late_when_there_is_a_timeout() -> None:
    played = run(chain({**WAITING, "TimeoutSeconds": 600}))
    assert failure(played)[0] == "States.Timeout"
    played = run(chain({**WAITING, "TimeoutSeconds": 600, "HeartbeatSeconds": 60}))
    assert failure(played)[0] == "States.HeartbeatTimeout"
    assert 60 < played.times(MachineExecutionEnded)[0] < 62


def test_a_machine_has_a_timeout_for_all_of_it() -> None:
    definition = chain({"Type": "Wait", "Seconds": 100}, TimeoutSeconds=10)
    played = run(definition, until="1h")
    (fact,) = played.of(MachineExecutionEnded)
    assert (fact.status, fact.error) == ("TIMED_OUT", "States.Timeout")
    assert played.times(MachineExecutionEnded) == [pytest.approx(10, abs=0.1)]


def test_an_express_execution_ends_after_five_minutes() -> None:
    played = run(chain({"Type": "Wait", "Seconds": 400}), kind="EXPRESS", until="1h")
    assert machine(played)["timed_out"] == 1


def test_an_output_beyond_256_kilobytes_is_refused() -> None:
    played = run(chain(task()), script=Act(result="x" * 300_000))
    assert failure(played)[0] == "States.DataLimitExceeded"


def test_data_that_grows_deeper_and_deeper_ends_the_execution_and_not_the_run() -> None:
    loop = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {"in.$": "$"}, "Next": "P"}}}
    assert failure(run(loop, start({}), until="1h"))[0] == "States.DataLimitExceeded"


def test_an_endless_loop_ends_at_the_longest_history() -> None:
    loop = {"StartAt": "P", "States": {"P": {"Type": "Pass", "Next": "P"}}}
    _, cause = failure(run(loop, until="1h"))
    assert "maximum number of history events (25000)" in cause


def test_a_path_to_nothing_says_where() -> None:
    error, cause = failure(run(chain({"Type": "Pass", "Parameters": {"x.$": "$.y"}}), start({"a": 1})))
    assert error == "States.Runtime"
    assert cause.startswith("An error occurred while executing the state 'S1' (entered at the event id #2).")
    assert "$.y" in cause


def test_the_same_seed_gives_the_same_bytes() -> None:
    definition = chain(each(2), {"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}})
    one, two = (run(definition, start([1, 2, 3]), start([4], at="1s")) for _ in range(2))
    assert one.trace == two.trace


def test_the_bill_counts_transitions_or_requests_and_time() -> None:
    def line(played: Played) -> float:
        return float(
            played.summary["bill"]["total_usd"]
            - sum(sum(row.values()) for row in played.summary["bill"]["by_function"].values())
        )

    passes = chain({"Type": "Pass"}, {"Type": "Pass"})
    assert line(run(passes)) == pytest.approx(2 * 0.000025)
    express = line(run(passes, kind="EXPRESS"))
    assert express == pytest.approx(1e-6 + 0.0625 * 0.1 * 0.00001667)


def test_calls_of_the_api_have_their_errors() -> None:
    unknown = "arn:aws:states:us-east-1:123456789012:stateMachine:nothing"
    played = run(
        chain({"Type": "Wait", "Seconds": 60}),
        start({"a": 1}, name="one"),
        start({"a": 1}, at="1s", name="one"),
        start({"a": 2}, at="2s", name="one"),
        start("{", at="3s"),
        start({}, at="4s", name="a b"),
        call("5s", "stepfunctions.start_execution", stateMachineArn=unknown),
        call("6s", "stepfunctions.send_task_success", taskToken="AQCAxyz", output="{}"),
        call("7s", "stepfunctions.send_task_success", taskToken="x", output="{}"),
        call("8s", "stepfunctions.start_sync_execution", stateMachineArn="orders"),
        start({"a": 1}, at="90s", name="one"),
    )
    assert [step.outcome for step in played.of(StepPlayed)] == [
        "200", "200", "400 ExecutionAlreadyExists", "400 InvalidExecutionInput", "400 InvalidName",
        "400 StateMachineDoesNotExist", "400 TaskTimedOut", "400 InvalidToken", "400 StateMachineTypeNotSupported",
        "400 ExecutionAlreadyExists",
    ]  # fmt: skip
    assert machine(played)["executions"] == 1
    assert len(played.of(InvocationStarted)) == 0
    assert len([fact for fact in played.of(ApiCalled) if fact.service == "stepfunctions"]) == 10
