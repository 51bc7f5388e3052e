"""What can be asked of Step Functions after the fact."""

from typing import Any

from lambdalab.simulator.account import ADMINISTRATOR
from lambdalab.simulator.lambda_.scripted import Act, Script
from lambdalab.simulator.services.stepfunctions import StateMachine, StepFunctions
from tests.simulator.desk import Desk, output, refused
from tests.simulator.services.stepfunctions.machines import MACHINE, chain, task

EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:orders:one"
ROLE = "arn:aws:iam::123456789012:role/r"
TOKEN = task(
    Resource="arn:aws:states:::lambda:invoke.waitForTaskToken",
    Parameters={"FunctionName": "work", "Payload": {"token.$": "$$.Task.Token"}},
)


def desk(definition: dict[str, Any], script: Script | Act | None = None, kind: Any = "STANDARD") -> Desk:
    made = Desk(script)
    service = StepFunctions(made.world)
    service.deploy(StateMachine("orders", kind, definition, "{}", ADMINISTRATOR, ROLE, "Orders"))
    return made


def ask(made: Desk, operation: str, **params: Any) -> Any:
    return made.ask("stepfunctions", operation, params)


def events(made: Desk, **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = output(ask(made, "GetExecutionHistory", executionArn=EXECUTION, **more))["events"]
    return found


def start(made: Desk) -> None:
    assert output(ask(made, "StartExecution", stateMachineArn=MACHINE, name="one", input='{"a": 1}'))


def test_the_history_tells_each_step_and_what_led_to_it() -> None:
    made = desk(chain({"name": "Prepare", "Type": "Pass"}, {"name": "Work", **task()}), Act(result=7))
    start(made)
    found = events(made)
    assert [event["type"] for event in found] == [
        "ExecutionStarted", "PassStateEntered", "PassStateExited", "TaskStateEntered", "LambdaFunctionScheduled",
        "LambdaFunctionStarted", "LambdaFunctionSucceeded", "TaskStateExited", "ExecutionSucceeded",
    ]  # fmt: skip
    assert [event["id"] for event in found] == list(range(1, 10))
    before = [0, 0, *range(2, 9)]  # as recorded: nothing comes before the first state
    assert [event["previousEventId"] for event in found] == before
    assert found[0]["executionStartedEventDetails"] == {
        "input": '{"a": 1}',
        "inputDetails": {"truncated": False},
        "roleArn": ROLE,
    }
    assert found[6]["lambdaFunctionSucceededEventDetails"]["output"] == "7"
    assert found[-1]["executionSucceededEventDetails"]["output"] == "7"
    times = [event["timestamp"] for event in found]
    assert times == sorted(times)


def test_branches_have_their_own_line_of_events() -> None:
    branches = [chain({"name": name, "Type": "Pass"}) for name in ("A", "B")]
    made = desk(chain({"name": "Both", "Type": "Parallel", "Branches": branches}))
    start(made)
    found = events(made)
    parents = {event["id"]: event["previousEventId"] for event in found}
    started = next(event["id"] for event in found if event["type"] == "ParallelStateStarted")
    assert [parents[event["id"]] for event in found if event["type"] == "PassStateEntered"] == [started, started]


def test_the_history_comes_in_pages_and_backwards() -> None:
    made = desk(chain({"Type": "Pass"}))
    start(made)
    page = output(ask(made, "GetExecutionHistory", executionArn=EXECUTION, maxResults=2))
    assert [event["id"] for event in page["events"]] == [1, 2]
    rest = output(ask(made, "GetExecutionHistory", executionArn=EXECUTION, maxResults=9, nextToken=page["nextToken"]))
    assert [event["id"] for event in rest["events"]] == [3, 4]
    assert "nextToken" not in rest
    assert [event["id"] for event in events(made, reverseOrder=True)] == [4, 3, 2, 1]


def test_an_execution_is_described_while_it_runs_and_after() -> None:
    made = desk(chain(TOKEN))
    start(made)
    running = output(ask(made, "DescribeExecution", executionArn=EXECUTION))
    assert (running["status"], "stopDate" in running) == ("RUNNING", False)
    listed = output(ask(made, "ListExecutions", stateMachineArn=MACHINE, statusFilter="RUNNING"))["executions"]
    assert [each["name"] for each in listed] == ["one"]
    assert output(ask(made, "StopExecution", executionArn=EXECUTION, error="Mine", cause="enough"))["stopDate"]
    stopped = output(ask(made, "DescribeExecution", executionArn=EXECUTION))
    assert (stopped["status"], stopped["error"], stopped["cause"]) == ("ABORTED", "Mine", "enough")
    assert events(made)[-1]["type"] == "ExecutionAborted"
    assert output(ask(made, "ListExecutions", stateMachineArn=MACHINE, statusFilter="RUNNING"))["executions"] == []


def test_a_token_may_be_answered_by_anybody_once_and_beats_keep_it_alive() -> None:
    tokens = []

    def keep(function: Any, event: Any, count: int) -> Act:
        tokens.append(event["token"])
        return Act()

    made = desk(chain(TOKEN), keep)
    start(made)
    assert output(ask(made, "SendTaskHeartbeat", taskToken=tokens[0])) == {}
    assert refused(ask(made, "SendTaskSuccess", taskToken=tokens[0], output="{"))[1] == "InvalidOutput"
    output(ask(made, "SendTaskSuccess", taskToken=tokens[0], output="[1]"))
    made.wait(1)
    assert output(ask(made, "DescribeExecution", executionArn=EXECUTION))["output"] == "[1]"
    assert refused(ask(made, "SendTaskSuccess", taskToken=tokens[0], output="[2]"))[1] == "TaskTimedOut"
    assert [event["type"] for event in events(made)].count("TaskSubmitted") == 1


def test_a_machine_is_described_and_listed_and_what_is_not_there_is_said() -> None:
    made = desk(chain({"Type": "Pass"}))
    found = output(ask(made, "DescribeStateMachine", stateMachineArn=MACHINE))
    assert (found["name"], found["type"], found["status"]) == ("orders", "STANDARD", "ACTIVE")
    assert len(output(ask(made, "ListStateMachines"))["stateMachines"]) == 1
    assert refused(ask(made, "DescribeExecution", executionArn=EXECUTION))[1] == "ExecutionDoesNotExist"
    assert refused(ask(made, "DescribeStateMachine", stateMachineArn=f"{MACHINE}s"))[1] == "StateMachineDoesNotExist"
    assert refused(ask(made, "PublishStateMachineVersion", stateMachineArn=MACHINE))[0] == 501


def test_an_express_execution_answers_at_once_and_cannot_be_asked_for_later() -> None:
    made = desk(chain({"Type": "Wait", "Seconds": 2}), kind="EXPRESS")
    found = output(ask(made, "StartSyncExecution", stateMachineArn=MACHINE, input='{"a": 1}'))
    assert (found["status"], found["output"]) == ("SUCCEEDED", '{"a":1}')
    assert found["billingDetails"] == {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": 2_100}
    again = ask(made, "DescribeExecution", executionArn=found["executionArn"])
    assert refused(again)[1] == "StateMachineTypeNotSupported"
