"""CloudWatch's answers that say no. Texts: answers that people quote; those that nobody quotes are A-142."""

from __future__ import annotations

from lambdalab.simulator.vocabulary.errors import AwsError


def wrong_value(text: str) -> AwsError:
    """A parameter whose value cannot be."""
    return AwsError("InvalidParameterValue", text)


def wrong_combination(text: str) -> AwsError:
    """Parameters that do not go together."""
    return AwsError("InvalidParameterCombination", text)


def missing(text: str) -> AwsError:
    """A parameter that is not there."""
    return AwsError("MissingParameter", text)


def both(one: str, other: str) -> AwsError:
    """Two parameters of which only one may be given."""
    return wrong_combination(f"The parameters {one} and {other} are mutually exclusive and you have specified both.")


def too_many(name: str, most: int) -> AwsError:
    """A list that is too long."""
    return wrong_value(f"The collection {name} must not have a size greater than {most}.")


def validation(text: str) -> AwsError:
    """What GetMetricData answers to a query that cannot be."""
    return AwsError("ValidationError", text)


def not_simulated(what: str) -> AwsError:
    """What CloudWatch could answer, and lambdalab cannot."""
    return AwsError("NotSimulated", f"lambdalab does not simulate {what}, so nothing happened.", 501)
