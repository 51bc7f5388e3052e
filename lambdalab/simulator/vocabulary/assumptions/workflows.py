"""State machines, pipelines, and the triggers of user pools."""

from __future__ import annotations

from lambdalab.simulator.vocabulary.assumptions.assumption import Assumption

TRANSITION_US = {"STANDARD": 30_000, "EXPRESS": 2_000}  # from one state to the next, medians

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "A-122",
        "How long it takes from one state to the next",
        "About 30 ms in a Standard state machine and 2 ms in an Express one, within 30 %. AWS publishes no figure.",
    ),
    Assumption(
        "A-123",
        "What errors of services are called in a state machine",
        "Those of AWS's SDKs for Java, as recordings of 2023 show them for SQS, DynamoDB, Lambda, S3 and Secrets "
        "Manager: the exception of the service's model (SQS.QueueDoesNotExistException), or that of the whole service "
        "where the model has none (SQS.AmazonSQSException; Sqs.SqsException for an aws-sdk task). Read by analogy for "
        "other services. The cause shows no request id.",
    ),
    Assumption(
        "A-124",
        "State machines that wait",
        "An execution that waits for a task token without a timeout does not keep a run going. The role of a state "
        "machine may be changed and its definition updated by nobody during a run.",
    ),
    Assumption(
        "A-125",
        "When Cognito asks a trigger again",
        "After five seconds without an answer, after a throttle and after a failure of Lambda itself, three times in "
        "all and at once: Cognito's guide says five seconds and three attempts. A function's own error is final, and a"
        " function that was too slow goes on.",
    ),
    Assumption(
        "A-126",
        "Tokens of user pools",
        "Their claims are those of Cognito; nobody signs them, and there is no address to fetch keys from. A scenario "
        "writes ConfirmationCode: sent for the code that has been sent last.",
    ),
    Assumption(
        "A-127",
        "Jobs of a pipeline",
        "A job whose result brings a continuation token goes on after 30 seconds: AWS says only that it asks again, "
        "and gives it 20 minutes each time and 24 hours in all. A pipeline runs when a call starts it, not when it is "
        "made or its source changes. The credentials in a job are not those of AWS: what a function does is done by "
        "its own role.",
    ),
)
