"""AWS's answers that say no. Texts: botocore's logs model and answers that people quote."""

from __future__ import annotations

from lambdalab.simulator.vocabulary.errors import AwsError
from lambdalab.simulator.vocabulary.log_values import LogPatternError, UnsupportedPattern


def no_group() -> AwsError:
    """There is no such group."""
    return AwsError("ResourceNotFoundException", "The specified log group does not exist.", 400)


def no_stream() -> AwsError:
    """There is no such stream."""
    return AwsError("ResourceNotFoundException", "The specified log stream does not exist.", 400)


def already(what: str) -> AwsError:
    """There is one already."""
    return AwsError("ResourceAlreadyExistsException", f"The specified log {what} already exists", 400)


def invalid(text: str) -> AwsError:
    """A parameter that cannot be."""
    return AwsError("InvalidParameterException", text, 400)


def wrong_pattern(what: str, error: LogPatternError) -> AwsError:
    """A filter pattern that is none, or one that CloudWatch could read and lambdalab cannot. ``what``: of a filter."""
    if isinstance(error, UnsupportedPattern):
        return AwsError("NotSimulated", f"{error}.", 501)
    return invalid(f"Invalid {what}: {error}")
