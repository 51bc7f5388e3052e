"""Function URLs, APIs and load balancers."""

from __future__ import annotations

from lambdalab.simulator.vocabulary.assumptions.assumption import Assumption

HTTP_LATENCY_US = {  # medians; "client" is the way there and back, the others a door's own work
    "client": 20_000,
    "function_url": 4_000,
    "http_api": 7_000,
    "rest_api": 10_000,
    "load_balancer": 2_000,
    "distribution": 1_000,
    "vpc": 1_000,  # the way there and back inside a VPC
}
HTTP_LATENCY_SPREAD = 0.35

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "A-100",
        "How long HTTP takes",
        "A client is about 20 ms away from AWS, there and back. A load balancer takes about 2 ms of its own, a "
        "function URL 4 ms, an HTTP API 7 ms, a REST API 10 ms, each within 35 %; the call of Lambda comes on top.",
    ),
    Assumption(
        "A-101",
        "What a client sees when a function fails",
        "Function URL: 502 Internal Server Error for failures, 429 for throttles. HTTP API: 500 for failures and "
        "malformed answers, 503 for throttles and after 30 s. REST API: 502 for failures and malformed answers, 500 "
        "where Lambda refuses, 504 after 29 s. Load balancer: 502. AWS documents the 429, the REST API, and of the "
        "load balancer a function that is too slow or says too much; answers of HTTP APIs and the 502 of function "
        "URLs are those that people have published. Throttles of an HTTP API and of a load balancer we found nowhere "
        "(searched 2026-11-29).",
    ),
    Assumption(
        "A-102",
        "What a proxy takes for an answer",
        "A statusCode is a whole number from 100 to 599; API Gateway and function URLs also take one that is written "
        "as a text. A body is a text. Values of headers are texts, numbers or booleans. Keys that no format knows are "
        "ignored. An answer with a body and no content type gets application/json (function URL, REST API), text/plain "
        "(HTTP API) or application/octet-stream (load balancer).",
    ),
    Assumption(
        "A-103",
        "Which bodies come in base64",
        "Function URLs and HTTP APIs follow the rule that is documented for load balancers: text/*, JSON, JavaScript "
        "and XML come as texts, everything else (forms, too) in base64.",
    ),
    Assumption(
        "A-104",
        "CORS",
        "Where a CORS configuration is set, its headers take the place of the function's own under the same names.",
    ),
    Assumption(
        "A-105",
        "Authorizers",
        "An HTTP API's authorizer without a TTL is asked for every request, a REST API's is remembered for 300 s. Each "
        "must answer within 10 s. An error called Unauthorized is a 401 in a REST API and a 500 in an HTTP API.",
    ),
    Assumption(
        "A-106",
        "Paths",
        "An HTTP API decodes the path and its variables, and cuts it at a decoded question mark; a function URL, a "
        "REST API and a load balancer show them as they were sent. Of cookies a function URL tells in the list and in "
        "the header, an HTTP API in the list only. So users of all four report. A REST API chooses the most specific "
        "resource as an HTTP API does its route, and then looks for the method there.",
    ),
    Assumption(
        "A-107",
        "Throttling of APIs",
        "Rates and bursts are token buckets; they and the quotas of usage plans are exact; AWS calls them targets.",
    ),
    Assumption(
        "A-108",
        "Load balancers",
        "An answer without headers is taken, one with headers null is not; values of headers are texts. Health checks "
        "of functions come from one place, begin one interval after the start and change nothing but the target's "
        "state. A load balancer's security groups and subnets let everybody in.",
    ),
    Assumption(
        "A-151",
        "Load balancers inside a VPC",
        "An internal load balancer has one address, in the first of its subnets, and is there when the run begins. A "
        "request from inside the VPC takes about a millisecond there and back, beside the work of both; a port at "
        "which it does not listen is refused.",
    ),
    Assumption(
        "A-160",
        "Headers that are too large",
        "The limits are those of the quota pages of API Gateway and of load balancers. An API answers 431 with the "
        "text that users report, a load balancer 400: AWS documents neither, and users of load balancers report 502, "
        "too. Function URLs have no such limit here.",
    ),
)
