import json
from typing import Any

import pytest

from lambdalab.runtime.command import main

MONTH = ["bill", "--requests", "3,000,000", "--duration-ms", "120", "--memory-mb", "1536"]


def test_the_bill_is_said_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(MONTH) == 0
    assert capsys.readouterr().out.splitlines()[:5] == [
        "billed duration  3,000,000 × 0.12 s × 1.5 GB = 540,000 GB-s",
        "free tier        540,000 − 400,000 = 140,000 GB-s",
        "duration         140,000 GB-s × $0.0000166667 = $2.333338",
        "requests         (3,000,000 − 1,000,000) × $0.0000002 = $0.40",
        "total            $2.733338 a month, rounded $2.73",
    ]


def test_every_option_reaches_the_calculator(capsys: pytest.CaptureFixture[str]) -> None:
    more = "--architecture arm64 --ephemeral-mb 1024 --cold-starts 10 --init-ms 300 --provisioned 2"
    others = "--sqs-requests 1 --sqs-fifo-requests 1 --sns-publishes 1 --dynamodb-writes 1 --dynamodb-reads 1 "
    others += "--s3-writes 1 --s3-reads 1"
    rest = "--provisioned-hours 1 --idle-queues 1 --rounding-ms 100 --no-free-tier --json"
    assert main([*MONTH, *f"{more} {others} {rest}".split()]) == 0
    made: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert [line["item"] for line in made["lines"]] == [
        "billed duration", "provisioned concurrency", "duration", "requests", "ephemeral storage", "SQS requests",
        "SQS requests of FIFO queues",
        "SNS publishes", "DynamoDB writes", "DynamoDB reads", "S3 PUT and LIST requests", "S3 GET requests",
        "polling of idle queues",
    ]  # fmt: skip
    assert made["billed_ms"] == 3_000_000 * 200 + 10 * 300
    assert made["total_usd"] == pytest.approx(sum(line["usd"] for line in made["lines"] if line["usd"] is not None))


def test_servers_are_compared_with(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*MONTH, "--servers", "2", "--server-usd-per-hour", "0.05"]) == 0
    told = capsys.readouterr().out
    assert "2 × 720 h × $0.05 = $72.00 a month, busy or not" in told
    assert "The servers are cheaper from " in told
    assert main([*MONTH, "--servers", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["break_even_requests"] > 3_000_000


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--requests", "many"], "requests must be a number, not 'many'."),
        (["--requests", "1.5"], "requests must be a whole number, not 1.5."),
        (["--requests", "inf"], "requests must be at most a trillion, with at most six decimals, not 'inf'."),
        (["--init-ms", "0.0000001"], "init-ms must be at most a trillion, with at most six decimals, not '0.0000001'."),
        (["--memory-mb", "64"], "memory-mb must be 128 to 10,240 MB, not 64."),
        (["--architecture", "ppc"], "architecture must be x86_64 or arm64, not ppc."),
        (["--server-usd-per-hour", "1"], "server-usd-per-hour needs servers to go with it."),
    ],
)  # fmt: skip
def test_a_bad_figure_gets_one_sentence(
    options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*MONTH, *options]) == 2
    assert capsys.readouterr().err == f"{sentence}\n"
