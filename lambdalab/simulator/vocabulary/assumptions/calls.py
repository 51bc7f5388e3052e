"""Calls of AWS's APIs: how long they take, how many there may be, and who may make them."""

from __future__ import annotations

from lambdalab.simulator.vocabulary.assumptions.assumption import Assumption

API_LATENCY_US = {  # medians of one call inside a Region, half on the way in, half on the way out
    "default": 8_000,
    "sqs": 6_000,
    "sns": 9_000,
    "dynamodb": 5_000,
    "lambda": 12_000,
    "s3": 20_000,
    "ssm": 10_000,
    "secretsmanager": 12_000,
    "kinesis": 10_000,
}
API_LATENCY_SPREAD = 0.35

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "A-08",
        "Latency of API calls",
        "A few milliseconds a call, drawn per service (SQS 6, DynamoDB 5, SNS 9, "
        "Lambda 12, S3 20, Systems Manager 10, Secrets Manager 12, others 8 ms at the median).",
    ),
    Assumption(
        "A-17",
        "Other accounts",
        "A principal of another account may do everything that its own account can allow: "
        "whether it gets in is decided by the policy of the resource. AWS asks both sides.",
    ),
    Assumption(
        "A-18",
        "A key for environment variables",
        "The execution role needs kms:Decrypt on a customer's key, asked at every invocation. "
        "To events in the asynchronous queue a refusal is a system error: they back off and use up no attempts.",
    ),
    Assumption(
        "A-35",
        "Rights to log",
        "The execution role is asked for logs:CreateLogGroup (where the group does not exist), CreateLogStream and "
        "PutLogEvents when an environment is created, and what it may then holds for that environment. LogType: Tail "
        "needs none of them.",
    ),
    Assumption(
        "A-60",
        "Client contexts and old calls",
        "A client context over 3,583 bytes is answered with 413 RequestTooLargeException, as a payload that is too "
        "large; one that is not JSON with 400. InvokeAsync has the same queue and the same errors as Invoke.",
    ),
    Assumption(
        "A-61",
        "Bytes on the network",
        "625 Mbps in each direction. Counted are texts and blobs in the parameters and answers of a function's API "
        "calls, and bodies of web requests. Transfers at the same time do not slow each other down.",
    ),
    Assumption(
        "A-62",
        "Two versions behind an alias",
        "They must have the same execution role, as the guide says; the words of the refusal are ours.",
    ),
    Assumption(
        "A-63",
        "The client of a scenario",
        "It tries nothing again unless the scenario says so; then all steps share one client in botocore's standard "
        "mode, with its tokens. Code in a function has the real botocore, which does so by default.",
    ),
    Assumption(
        "A-65",
        "API rates",
        "A second's worth of control-plane calls may come at once, refilled continuously; every caller of the account "
        "shares it. More is a 429 with the Reason CallerRateLimitExceeded.",
    ),
)
