"""What a run costs. The figures themselves are in ``vocabulary/prices.py``."""

from __future__ import annotations

from lambdalab.simulator.vocabulary.assumptions.assumption import Assumption

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "A-19",
        "Prices beside Lambda's own",
        "AWS's Price List for us-east-1, as the tests of Infracost record it (read 2026-11-29): a million SQS "
        "requests $0.40, of FIFO queues $0.50, SNS publishes $0.50, DynamoDB writes $0.625 and reads $0.125, S3 PUT "
        "and LIST $5.00, S3 GET $0.40, each call one request whatever its size. A server with 2 vCPU and 4 GB (a "
        "t3.medium) costs $0.0416 an hour. A month has 720 hours. Two pollers of an empty queue ask every 20 s each. "
        "INIT of provisioned environments is billed at the price of their duration.",
    ),
    Assumption(
        "A-34",
        "The bill of provisioned concurrency",
        "What is requested is billed from the request on, of a failed allocation what is ready; when it is deleted, "
        "the time since its first request is rounded up to five minutes, at the end of a run it is not. A weighted "
        "alias is billed by the memory of each version. Requests to provisioned environments are in no free tier.",
    ),
    Assumption(
        "A-94",
        "Prices of streams",
        "AWS's Price List for us-east-1, as the tests of Infracost record it (read 2026-11-29): an open shard $0.015 "
        "an hour, a million PUT payload units (25 KB of one record each) $0.014; on demand $0.040 an hour for a "
        "stream and $0.080 for a GB taken in, each record rounded up to 1 KB. Hours are counted to the microsecond. "
        "On no bill here: what is read from a stream on demand ($0.040 a GB), and retention beyond 24 hours.",
    ),
    Assumption(
        "A-109",
        "What HTTP costs",
        "AWS's Price List for us-east-1, as the tests of Infracost record it (read 2026-11-29): a million requests to "
        "an HTTP API $1.00, to a REST API $3.50, a load balancer $0.0225 an hour and $0.008 an LCU-hour, a gigabyte "
        "to the Internet $0.09. Requests that an API refuses by itself (401, 403, 429) cost nothing. A run pays for a "
        "part of a load balancer's hour, AWS for a whole one; every request to it is a new connection. What is sent "
        "to clients counts with its headers; 100 GB a month are free, but on no bill here.",
    ),
    Assumption(
        "A-121",
        "What Step Functions counts",
        "A Standard execution is billed for each state that it enters, those of every branch and iteration included, "
        "and for each retry, as the pricing page says of steps. An Express execution is billed for its request and, by "
        "100 ms, for 64 MB of memory; AWS weighs definition, branches and data, and says only for two examples how.",
    ),
    Assumption(
        "A-135",
        "What CloudFront costs",
        "List prices of the United States that agree across several copies: Lambda@Edge $0.60 a million requests "
        "and $0.00005001 a GB-second, by the millisecond; 10,000 requests over HTTPS $0.0100, a gigabyte to viewers "
        "$0.085. What an origin in AWS sends to CloudFront is free. CloudFront's own free tier (1 TB and 10 "
        "million requests a month) is on no bill here; Lambda's does not count at the edge.",
    ),
    Assumption(
        "A-143",
        "What metrics cost",
        "A custom metric costs 0.30 USD a month, by the hour in which it has data, of which a month has 730; calls "
        "cost 0.01 USD per 1,000, GetMetricData per 1,000 metrics. Alarms cost nothing here.",
    ),
    Assumption(
        "A-147",
        "What Firehose costs",
        "0.029 USD a GB of what comes in, each record rounded up to 5 KB; delivery to a bucket costs its requests.",
    ),
    Assumption(
        "A-149",
        "What S3 Batch Operations costs",
        "0.25 USD a job and 1.00 USD a million objects; the calls of a job cost what they cost.",
    ),
)
