"""AWS's answers that say no. Texts: botocore's logs model and answers that people quote."""

from __future__ import annotations

from lambdalab.simulator.vocabulary.errors import AwsError


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
