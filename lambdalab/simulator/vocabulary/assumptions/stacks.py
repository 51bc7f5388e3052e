"""Templates, stacks, and what an update of one takes."""

from __future__ import annotations

from lambdalab.simulator.kernel import MILLISECOND, Micros
from lambdalab.simulator.vocabulary.assumptions.assumption import Assumption

UPDATE_MEDIAN = Micros(2_000 * MILLISECOND)  # from an update to the moment the new code serves
UPDATE_SPREAD = 0.25

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "A-23",
        "How long an update takes",
        "2 s, within 25 %, from UpdateFunctionCode or UpdateFunctionConfiguration to the moment the new code serves. "
        "AWS says only that the old code serves meanwhile. Environments at work finish what they do and are replaced.",
    ),
    Assumption(
        "A-32",
        "Custom resources",
        "All else of a stack is there when a run begins; custom resources are made then, one after the other, each "
        "after those that it names, while the steps begin. CloudFormation invokes their functions with the rights of "
        "who deploys.",
    ),
    Assumption(
        "A-80",
        "How large a template may grow",
        "A file holds at most 20,000 values, nested 60 deep (50,000 with its aliases expanded); a text that functions "
        "make has at most 1,048,576 characters. AWS: 1 MB a template; of the rest it does not tell.",
    ),
    Assumption(
        "A-120",
        "What a circular dependency names",
        "The error lists the resources of one circle, each before the one it needs, from the first in the template; "
        "CloudFormation says only that there is one, and lists those it could not order. A DependsOn that names a "
        "resource whose condition does not hold counts for nothing.",
    ),
    Assumption(
        "A-150",
        "In which order a stack is updated",
        "One resource after the other, by type as a stack is made: stores, functions, then what connects them. Each "
        "takes as long as the calls that change it; what is made by no call is there at once. CloudFormation goes by "
        "what resources name, several at a time, and takes seconds for each.",
    ),
)
