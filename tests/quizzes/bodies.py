"""Questions to test with, one of each kind."""

from lambdalab.curriculum.questions import (
    Answer,
    Body,
    Computed,
    Item,
    Matching,
    MultipleResponse,
    Numeric,
    Option,
    Ordering,
    Pair,
    ShortAnswer,
    SingleChoice,
    TrueFalse,
    WrongNumber,
    WrongText,
)

SINGLE = SingleChoice(
    (
        Option("after 1 minute", "The first wait.", right=True, value=60),
        Option("at once", "It waits.", value=0),
        Option("after 2 minutes", "That is the second wait.", value=120),
    )
)
MULTIPLE = MultipleResponse(
    (
        Option("SQS", "Yes.", right=True),
        Option("SNS", "Yes.", right=True),
        Option("S3", "Only as a destination."),
        Option("Kinesis", "No."),
    )
)
TRUE_FALSE = TrueFalse(answer=False, if_true="No: 202 only means queued.", if_false="Right.")
NUMERIC = Numeric(
    value=180,
    tolerance=5,
    unit="s",
    units={"min": 60, "minutes": 60},
    wrong=(WrongNumber(120, "You forgot the first wait."),),
    otherwise="Add both waits.",
)
SHORT = ShortAnswer(
    accepted=("dead*letter queue*", "DLQ"),
    wrong=(WrongText("*trash*", "Nothing is thrown away."),),
    otherwise="Think of letters that cannot be delivered.",
)
ORDERING = Ordering(
    (Item("accepted", value="202"), Item("queued", value="wait"), Item("run", value="run")), otherwise="No."
)
MATCHING = Matching(
    (Pair("exception", "two retries"), Pair("429", "back-off"), Pair("timeout", "two retries")),
    distractors=("nothing",),
    otherwise="A timeout is a function error.",
)
ANSWERS: tuple[Answer, ...] = (SINGLE, MULTIPLE, TRUE_FALSE, NUMERIC, SHORT, ORDERING, MATCHING)


def body(answer: Answer, **changes: object) -> Body:
    """A question around ``answer``."""
    return Body("What happens?", answer, explanation="So it is.", **changes)  # type: ignore[arg-type]


def prediction(answer: Answer, query: str) -> Body:
    """A predict question around ``answer``."""
    return body(answer, computed=Computed(project="labs/x", query=query))
