"""What Step Functions answers to a call that it refuses. BC stepfunctions; texts as AWS answers."""

from __future__ import annotations

from lambdalab.simulator.vocabulary.errors import AwsError


def no_machine(arn: str) -> AwsError:
    """There is no such state machine."""
    return AwsError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")


def no_execution(arn: str) -> AwsError:
    """There is no such execution."""
    return AwsError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")


def exists(arn: str) -> AwsError:
    """The name is taken by an execution with another input, or by one that has ended."""
    return AwsError("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'")


def bad_input(text: str) -> AwsError:
    """The input is no JSON."""
    return AwsError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{text}'")


def bad_name(name: str) -> AwsError:
    """The name has characters that a name may not have."""
    return AwsError("InvalidName", f"Invalid Name: '{name}'")


def wrong_kind(arn: str) -> AwsError:
    """The operation is for the other kind of state machines."""
    text = f"This operation is not supported by this type of state machine: '{arn}'"
    return AwsError("StateMachineTypeNotSupported", text)


def no_task() -> AwsError:
    """A token that nobody waits for any more."""
    return AwsError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")


def bad_token() -> AwsError:
    """What was never a token."""
    return AwsError("InvalidToken", "Invalid Token: 'Invalid token'")


def bad_output() -> AwsError:
    """A task's output is no JSON."""
    return AwsError("InvalidOutput", "Invalid Output: 'Invalid JSON output'")
