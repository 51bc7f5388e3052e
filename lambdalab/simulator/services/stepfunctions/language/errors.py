"""What goes wrong inside an execution: an error name, as Retry and Catch match it, and a cause."""

from __future__ import annotations

CAUSE_MAX = 32_768  # BC SensitiveCause
ERROR_MAX = 256  # BC SensitiveError
HEARTBEAT = "States.HeartbeatTimeout"
ALL, TASK_FAILED, TIMEOUT, RUNTIME = "States.ALL", "States.TaskFailed", "States.Timeout", "States.Runtime"
DATA_LIMIT = "States.DataLimitExceeded"
NOT_CAUGHT_BY_ALL = (RUNTIME, DATA_LIMIT)
"""Source: Step Functions Developer Guide, "Handling errors in Step Functions workflows", read 2026-11: States.ALL
catches neither of the two; Retry and Catch may name States.DataLimitExceeded, and States.Runtime never."""


class StateError(Exception):
    """A state failed. ``error`` is the name by which Retry and Catch know it."""

    def __init__(self, error: str, cause: str = "") -> None:
        self.error, self.cause = error[:ERROR_MAX], cause[:CAUSE_MAX]
        super().__init__(f"{error}: {cause}")


class TooLongError(StateError):
    """A function makes a text of more than 256 KiB, before anybody has measured the whole."""

    def __init__(self) -> None:
        super().__init__(DATA_LIMIT, "A text is longer than the maximum number of bytes service limit.")


def matches(names: list[str], error: str) -> bool:
    """Whether an ErrorEquals names this error. States.TaskFailed: all but timeouts; States.Timeout: both kinds."""
    if error in names:
        return error != RUNTIME
    if error in NOT_CAUGHT_BY_ALL:
        return False
    late = error in (TIMEOUT, HEARTBEAT)
    return ALL in names or (TASK_FAILED in names and not late) or (TIMEOUT in names and late)


def data_limit(what: str) -> StateError:
    """More than 256 KiB. ``what``: a state, a function's ARN, or a service. Text as recorded on AWS in 2024-03."""
    text = f"The state/task '{what}' returned a result with a size exceeding the maximum number of bytes service limit."
    return StateError(DATA_LIMIT, text)
