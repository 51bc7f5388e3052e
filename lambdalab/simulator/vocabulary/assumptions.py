"""What AWS does not document and a model must still decide. Each has a number that students can look up.

``ASSUMPTIONS`` is the one list: the page "What we assume" and docs/assumptions.md are made from it. Values marked low
confidence in our fact sheet stand here by name, never as a number hidden in a rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from lambdalab.simulator.kernel import HOUR, MILLISECOND, MINUTE, Micros


@dataclass(frozen=True, slots=True)
class Assumption:
    """One decision of the model that AWS's documentation does not settle."""

    id: str
    title: str
    text: str


INIT_DEFAULT = Micros(170 * MILLISECOND)
INIT_SPREAD = 0.15  # share around the declared cost, uniform
CPU_DEFAULT_US_PER_VCPU = 1_000  # work of one invocation on a full vCPU
CPU_SPREAD = 0.10
IDLE_LIFETIME = Micros(10 * MINUTE)
MAX_LIFETIME = Micros(2 * HOUR)
RETRY_JITTER = 0.10  # recorded retries come within 10 % of one and two minutes
BACKOFF_BASE = 2
PICK_UP_MEDIAN = Micros(40 * MILLISECOND)  # acceptance to first attempt
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
EDGE_TO_ORIGIN = Micros(6 * MILLISECOND)  # there and back
INVALIDATION_TIME = Micros(10_000 * MILLISECOND)  # from the call to the edge location
EDGE_PROPAGATION = Micros(180_000 * MILLISECOND)  # until every edge location knows of a change
MAX_MEMORY_STEP_MB = 16
UPDATE_MEDIAN = Micros(2_000 * MILLISECOND)  # from an update to the moment the new code serves
UPDATE_SPREAD = 0.25
PROVISIONED_PREPARATION = (60_000_000, 120_000_000)  # microseconds, from the request to the first environment
LOOKUP_LATENCY = Micros(4 * MILLISECOND)
CONNECT_LATENCY = Micros(20 * MILLISECOND)  # a round trip to a host on the Internet
PAGE_LATENCY = Micros(50 * MILLISECOND)  # from a request to its answer, unless web says otherwise
CONNECT_PATIENCE = Micros(127_000 * MILLISECOND)  # Linux repeats a SYN six times, after 1, 2, 4 … s (tcp(7))
INTERFACE_CREATION = (60_000_000, 90_000_000)  # microseconds, from an update to the moment its interfaces exist
VPC_CONNECT_LATENCY = Micros(1 * MILLISECOND)  # a round trip inside a VPC
CACHE_CONNECTIONS_MAX = 65_000  # a node's
S3_DELIVERY = (300_000, 5_000_000, 800_000)  # microseconds, from an event to its notification: least, most, usual
S3_LATE = 90_000_000  # added by the fault delay
S3_REORDER_WINDOW = 30_000_000  # at most added to each by the fault reorder
S3_COLLAPSE_WINDOW = 1_000_000  # a second event of the same object within it hides the first
EXPIRY_DELAY = (60_000_000, 3_600_000_000)  # microseconds, from an item's time to its deletion
TRANSITION_US = {"STANDARD": 30_000, "EXPRESS": 2_000}  # from one state to the next, medians
MAPPING_START = (2_000_000, 6_000_000)  # microseconds, from a call to the moment a mapping polls, or stops to
POLLERS_PAUSE = Micros(60_000 * MILLISECOND)  # no growth after a function error or a throttle
BACKLOG_PATIENCE = Micros(100 * MILLISECOND)  # a poll that takes longer has found no backlog
BATCH_BACKOFF_MIN, BATCH_BACKOFF_MAX = Micros(1_000 * MILLISECOND), Micros(30_000 * MILLISECOND)
POLL_BACKOFF_MIN, POLL_BACKOFF_MAX = Micros(1_000 * MILLISECOND), Micros(60_000 * MILLISECOND)
STREAM_BACKOFF_MIN, STREAM_BACKOFF_MAX = Micros(500 * MILLISECOND), Micros(60_000 * MILLISECOND)
KEEP_ALIVE = Micros(4 * MINUTE)  # a poller with nothing to read asks so often
STREAM_CHANGE = Micros(10_000 * MILLISECOND)  # from a call to the moment a stream is as it asked for
ON_DEMAND_SHARDS = 4
TARGET_BACKOFF_MIN, TARGET_BACKOFF_MAX = Micros(1_000 * MILLISECOND), Micros(10 * MINUTE)
EVENT_DELIVERY = (50_000, 400_000, 130_000)  # microseconds from an event to its target: least, most, usual
LOG_BATCH_WINDOW = (1_000_000, 5_000_000)  # microseconds in which a filter collects what it sends at once
LOG_BATCH_EVENTS = 500  # of one batch
TOPIC_DELIVERY = (5_000, 80_000, 15_000)  # microseconds from a message to its subscribers: least, most, usual
FIREHOSE_BACKOFF = (1_000_000, 4_000_000, 12_000_000)  # microseconds before a batch is tried again
FIREHOSE_S3_BACKOFF_MIN, FIREHOSE_S3_BACKOFF_MAX = Micros(5_000 * MILLISECOND), Micros(5 * MINUTE)
RULE_SECOND_MAX = 50  # the second of its minute in which a rule's cron expression is due, at most

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "A-01",
        "How long INIT takes",
        "Without a measured run, a Python function's INIT is declared as 170 ms, "
        "within 15 % of that, whatever its memory. AWS publishes only a range (100 ms to over 1 s).",
    ),
    Assumption(
        "A-02",
        "How long work takes",
        "In declared compute, an invocation costs 1 ms of a full vCPU unless the "
        "scenario says otherwise, within 10 %, divided by the share of a vCPU that its memory buys.",
    ),
    Assumption(
        "A-03",
        "How long an idle environment lives",
        "10 minutes idle, 2 hours in all. AWS says only that "
        "environments are kept some time and recycled every few hours.",
    ),
    Assumption(
        "A-04",
        "Which warm environment is reused",
        "The one used most recently. AWS documents only that an available one is reused.",
    ),
    Assumption(
        "A-05",
        "Jitter of retries",
        "The waits of one and two minutes after function errors are drawn within 10 %, as recorded on AWS.",
    ),
    Assumption(
        "A-06",
        "Growth of the throttle back-off",
        "The documented back-off from 1 second to 5 minutes doubles each time.",
    ),
    Assumption(
        "A-07", "Pick-up of an event", "The queue hands an event to the function about 40 ms after accepting it."
    ),
    Assumption(
        "A-08",
        "Latency of API calls",
        "A few milliseconds a call, drawn per service (SQS 6, DynamoDB 5, SNS 9, "
        "Lambda 12, S3 20, Systems Manager 10, Secrets Manager 12, others 8 ms at the median).",
    ),
    Assumption(
        "A-09",
        "Memory figures",
        "Max Memory Used is rounded up to 16 MB, so that a trace is the same byte for byte on every machine.",
    ),
    Assumption(
        "A-10",
        "Reason of a scaling-rate throttle",
        "A request that finds no environment and no scaling budget "
        "is throttled with FunctionInvocationRateLimitExceeded.",
    ),
    Assumption(
        "A-11", "Python version", "Functions run on the host's Python, whatever python3.x they name; a run says so."
    ),
    Assumption(
        "A-12",
        "Duplicates",
        "The asynchronous queue delivers an event twice only where a scenario asks for it; "
        "the copy is picked up on its own, at nearly the same time, with the same request id.",
    ),
    Assumption(
        "A-13",
        "Dead-letter attributes of an event that never ran",
        "ErrorCode 429 and ErrorMessage 'Rate Exceeded.'. The recorded cases are function errors only (ErrorCode 200).",
    ),
    Assumption(
        "A-14",
        "Where declared work falls",
        "The declared time of an invocation passes before the handler's first "
        "line runs; each reading of a clock adds one microsecond, but those that Python makes to take a lock add none.",
    ),
    Assumption(
        "A-15",
        "The Internet",
        "It has the hosts of the scenario's web and no other. A name look-up takes 4 ms (an unknown name does not "
        "exist), a connect 20 ms, an answer 50 ms unless web says otherwise; TLS takes no time of its own. A port of a "
        "known host that web does not name refuses; an address that nobody has stays silent, and Linux gives up after "
        "127 s. Names have IPv4 addresses only, and idle connections are kept.",
    ),
    Assumption(
        "A-16",
        "Who is trusted",
        "Hosts of web show certificates of an authority of this installation. Three environment variables that AWS "
        "does not set (SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE) make clients trust it, and nobody else.",
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
        "A-19",
        "Prices beside Lambda's own",
        "AWS's Price List for us-east-1, as the tests of Infracost record it (read 2026-11-29): a million SQS "
        "requests $0.40, of FIFO queues $0.50, SNS publishes $0.50, DynamoDB writes $0.625 and reads $0.125, S3 PUT "
        "and LIST $5.00, S3 GET $0.40, each call one request whatever its size. A server with 2 vCPU and 4 GB (a "
        "t3.medium) costs $0.0416 an hour. A month has 720 hours. Two pollers of an empty queue ask every 20 s each. "
        "INIT of provisioned environments is billed at the price of their duration.",
    ),
    Assumption(
        "A-20",
        "A thrown exception in JSON logs",
        "platform.runtimeDone and platform.report call it status error, with its errorType, at level WARN. The text "
        "REPORT names no status for it, and we found no record of AWS's.",
    ),
    Assumption(
        "A-21",
        "X-Ray's sampling and names",
        "Each function has a first request of each second of its own. The service's segment of an event has the "
        "subsegments Dwell Time and Attempt #n; a sampled caller's header becomes AWSTraceHeader of a message, another "
        "does not. Active tracing whose role lacks xray:PutTraceSegments records nothing.",
    ),
    Assumption(
        "A-22",
        "Asynchronous events and aliases",
        "An event that was sent to an alias stays with the alias: each attempt is drawn anew, so a retry may run the "
        "other version. AWS documents only that every invocation is routed at random.",
    ),
    Assumption(
        "A-23",
        "How long an update takes",
        "2 s, within 25 %, from UpdateFunctionCode or UpdateFunctionConfiguration to the moment the new code serves. "
        "AWS says only that the old code serves meanwhile. Environments at work finish what they do and are replaced.",
    ),
    Assumption(
        "A-24",
        "When an alarm looks",
        "At the end of each period, with all samples of that period at hand. CloudWatch's own delay of some seconds to "
        "minutes is left out. A deployment is rolled back in the moment in which its alarm goes off.",
    ),
    Assumption(
        "A-25",
        "Provisioned concurrency",
        "Nothing happens for 1 to 2 minutes, then environments are made at 6,000 a minute and serve when all are "
        "ready; while an allocation changes, what was ready goes on serving. What the template provisions at the start "
        "of a run needs its INIT only. INIT_REPORT then says Status: success. After 2 hours "
        "an environment is replaced by another one whose INIT is done, and billed.",
    ),
    Assumption(
        "A-26",
        "Requests per second",
        "Ten times the concurrency of the account or the reservation, for synchronous requests, refilled continuously "
        "and never saved up beyond a second. A request that is refused uses up nothing. Beyond ten times what is "
        "provisioned, requests spill over to on-demand environments.",
    ),
    Assumption(
        "A-30",
        "Layers and packages",
        "CodeSize and CodeSha256 are those of the unpacked files, since a folder of the project has no zip. Where one "
        "layer has a file and another a folder of that name, the last one wins. A runtime or an architecture for which "
        "a layer was not made is no obstacle, as Lambda's API treats it.",
    ),
    Assumption(
        "A-31",
        "Last days of runtimes",
        "Those announced on 2026-11-23; AWS has put such days off several times. The stack of a run is created on the "
        "day on which virtual time begins, unless the template says Metadata: lambdalab: created: DAY.",
    ),
    Assumption(
        "A-32",
        "Custom resources",
        "All else of a stack is there when a run begins; custom resources are made then, one after the other, each "
        "after those that it names, while the steps begin. CloudFormation invokes their functions with the rights of "
        "who deploys. What Lambda has accepted before a stack is rolled back it still sees through.",
    ),
    Assumption(
        "A-33",
        "Auto scaling of provisioned concurrency",
        "Utilization has a sample at each request to what is provisioned (1 where it finds none free), and none "
        "without requests. Three minutes above the target scale out, fifteen below nine tenths of it scale in, in "
        "proportion; while an allocation is under way no other activity begins. Bounds of a target take effect with "
        "the next activity.",
    ),
    Assumption(
        "A-34",
        "The bill of provisioned concurrency",
        "What is requested is billed from the request on, of a failed allocation what is ready; when it is deleted, "
        "the time since its first request is rounded up to five minutes, at the end of a run it is not. A weighted "
        "alias is billed by the memory of each version. Requests to provisioned environments are in no free tier.",
    ),
    Assumption(
        "A-35",
        "Rights to log",
        "The execution role is asked for logs:CreateLogGroup (where the group does not exist), CreateLogStream and "
        "PutLogEvents when an environment is created, and what it may then holds for that environment. LogType: Tail "
        "needs none of them.",
    ),
    Assumption(
        "A-40",
        "When a network interface is there",
        "A run begins when its stack is complete, so the interfaces of its functions exist and the functions are "
        "Active. An update that needs another interface takes 60 to 90 s, drawn evenly; the old configuration serves "
        "meanwhile; one whose interfaces exist takes as long as any other. AWS says only: often a minute or so.",
    ),
    Assumption(
        "A-41",
        "Which subnet an environment is in",
        "The subnets of a function take turns, by the number of the environment. AWS says only that it spreads them.",
    ),
    Assumption(
        "A-42",
        "Time inside a VPC",
        "A connect to a server or an interface endpoint takes 1 ms. A NAT gateway and endpoints add nothing to the "
        "latency of calls. What a route or a security group stops is never answered.",
    ),
    Assumption(
        "A-43",
        "How many connections a server takes",
        "RDS's own formulas over the nominal memory of the instance class (PostgreSQL: bytes / 9,531,392, at most "
        "5,000; MySQL and MariaDB: bytes / 12,582,880), or the parameter max_connections of its parameter group. On "
        "AWS the system keeps some of the memory, so the real figure is lower. A cache takes 65,000 a node.",
    ),
    Assumption(
        "A-44",
        "Servers speak no SQL",
        "Databases and caches accept, count and limit TCP connections; what is sent to them is taken and never "
        "answered. One that is full refuses the connect: a real one accepts it and then says so in its own protocol. A "
        "proxy takes as many as come, and none of them counts for the database behind it.",
    ),
    Assumption(
        "A-45",
        "What a VPC's template leaves open",
        "An interface endpoint without PrivateDnsEnabled has no private DNS. A subnet without a route table of its own "
        "has the VPC's main one, which leads nowhere else. A group with a SecurityGroupEgress of its own loses the "
        "rule that lets everything out.",
    ),
    Assumption(
        "A-50",
        "Buckets that are not there",
        "S3 says NoSuchBucket to everybody, whatever the caller may do: without a bucket there is no owner whose "
        "policies could be asked. Names of buckets belong to this account alone: every free name can be had.",
    ),
    Assumption(
        "A-51",
        "When S3 notifies",
        "0.3 to 5 s after the event, mostly about 0.8 s, each notification by itself, so that two may change places. "
        "AWS says: typically within seconds, sometimes a minute or longer. A target that refuses gets no second try.",
    ),
    Assumption(
        "A-52",
        "Filters and removals in S3 notifications",
        "A filter may be written as it is or URL-encoded. Deleting what is not there tells nobody. The version id of "
        "an unversioned bucket is left out of records.",
    ),
    Assumption(
        "A-53",
        "A bad day of S3",
        "delay adds 90 s to a notification, reorder up to 30 s to each, collapse sends only the last of several events "
        "of one object that follow within a second.",
    ),
    Assumption(
        "A-54",
        "When an expired item goes",
        "1 to 60 minutes after the moment in its time-to-live attribute. AWS says: within a few days, once 48 hours. "
        "Until then it is read like any other.",
    ),
    Assumption(
        "A-55",
        "Throttling of provisioned tables",
        "A table has one second's units when it is made and keeps at most 300 s of them. A call goes through while "
        "any are left and then takes what it used, even below nothing; a batch goes through as a whole or not. "
        "Partitions, indexes and tables on demand never throttle.",
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
        "A-64",
        "An INIT that fails",
        "The time that it took is in no Billed Duration; its repetition inside the invocation is, as Duration. Logs of "
        "real functions (April 2026) show it so, and that START follows what the repetition logs.",
    ),
    Assumption(
        "A-65",
        "API rates",
        "A second's worth of control-plane calls may come at once, refilled continuously; every caller of the account "
        "shares it. More is a 429 with the Reason CallerRateLimitExceeded.",
    ),
    Assumption(
        "A-66",
        "Provisioned concurrency that changes hands",
        "An environment that is busy when its allocation shrinks counts as an on-demand one from then on, and a "
        "provisioned one serves nobody beyond the function's reservation or the account's concurrency.",
    ),
    Assumption(
        "A-90",
        "Sequence numbers",
        "Kinesis's have the form in which kinesalite found AWS's own to be: 56 digits that hold the shard, a count and "
        "the second. They grow within a shard; the count goes up by one from record to record of a stream.",
    ),
    Assumption(
        "A-91",
        "What a shard takes in a second",
        "1,000 records and 1 MiB in, 5 reads and 2 MiB out, refilled continuously and never saved up beyond a second's "
        "worth. A read may take more than is left; the shard then refuses reads until it has made up for it.",
    ),
    Assumption(
        "A-92",
        "Streams on demand",
        "They have 4 shards for the whole run. AWS adds shards as their traffic doubles.",
    ),
    Assumption(
        "A-93",
        "When a stream has changed",
        "10 s after the call, all at once: created, deleted, split, merged, or with another number of shards. "
        "UpdateShardCount splits the widest shard in the middle, or merges the narrowest two neighbours, and again.",
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
        "A-95",
        "Shards of a table's stream",
        "A table's stream has one shard for the whole run. On AWS there is one for each partition, and each "
        "is followed by another one after about four hours. Reads are never throttled.",
    ),
    Assumption(
        "A-96",
        "Refusals of a stream's mapping",
        "The words about StartingPositionTimestamp, a maximum record age between 0 and 59 s and an OnSuccess "
        "destination are ours: we found no record of AWS's.",
    ),
    Assumption(
        "A-97",
        "How a stream is polled, and a failed batch tried again",
        "Once a second (tables: four times) while there is something to read, else every 4 minutes: empty polls show "
        "nothing. A failed batch comes again after 0.5 s, doubling to 60 s, its halves after 0.5 s. With partial "
        "responses and bisecting, a batch is split before the lowest failed record; if that is its first, halfway. "
        "The retries used before a split count for both halves.",
    ),
    Assumption(
        "A-98",
        "Tumbling windows",
        "The guide says that a record belongs to the window in which it came into the stream, and that a window ends "
        "with its shard; its example has a window of two minutes that begins at an even one, so windows follow each "
        "other from 1970 on. What AWS leaves open: the last invocation has no records, and comes two polls after the "
        "window's end, or before the first record of a later one. With several lanes each has a state of its own. A "
        "mapping that is disabled forgets its state.",
    ),
    Assumption(
        "A-99",
        "Duplicates of streams",
        "A batch comes twice only where a scenario asks for it: once more, as it was, after it went well.",
    ),
    Assumption(
        "A-80",
        "How large a template may grow",
        "A file holds at most 20,000 values, nested 60 deep (50,000 with its aliases expanded); a text that functions "
        "make has at most 1,048,576 characters. AWS: 1 MB a template; of the rest it does not tell.",
    ),
    Assumption(
        "A-70",
        "Duplicates of queues",
        "A standard queue delivers a message twice only where a scenario asks for it, and then once more at most: it "
        "may be received again at once although a consumer holds it. Messages come oldest first otherwise.",
    ),
    Assumption(
        "A-71",
        "When a mapping begins to poll",
        "Mappings of the template poll from the beginning of a run. One that a call makes, enables or disables does so "
        "after 2 to 6 s; AWS says only that it takes some time.",
    ),
    Assumption(
        "A-72",
        "How a queue's mapping scales",
        "Each poller has one batch under way. Five begin; while no poll has to wait longer than 100 ms, 5 are added "
        "each second (300 a minute). A long poll that comes back empty takes one away, down to 2. A throttle or a "
        "function error (this one not with partial responses) takes one away, too, and stops growth for a minute.",
    ),
    Assumption(
        "A-73",
        "Back-off of a poller",
        "A throttled batch is tried again after 1 s, doubling to 30 s, as long as the first of its messages stays "
        "hidden. A poll that the source refuses is repeated after 1 s, doubling to 60 s.",
    ),
    Assumption(
        "A-74",
        "Batching windows",
        "A window begins with the first record of the batch and ends exactly; AWS may wait up to 20 s on a quiet "
        "queue. The polls of one batch, and its deletes in tens, come one after the other.",
    ),
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
        "A-109",
        "What HTTP costs",
        "AWS's Price List for us-east-1, as the tests of Infracost record it (read 2026-11-29): a million requests to "
        "an HTTP API $1.00, to a REST API $3.50, a load balancer $0.0225 an hour and $0.008 an LCU-hour, a gigabyte "
        "to the Internet $0.09. Requests that an API refuses by itself (401, 403, 429) cost nothing. A run pays for a "
        "part of a load balancer's hour, AWS for a whole one; every request to it is a new connection. What is sent "
        "to clients counts with its headers; 100 GB a month are free, but on no bill here.",
    ),
    Assumption(
        "A-130",
        "One edge location",
        "Every viewer comes to one edge location, which is next to N. Virginia: copies of functions run in "
        "us-east-1 and share its concurrency, their logs are there, in /aws/lambda/us-east-1.NAME. A viewer is as "
        "far away from it as a client is from AWS; it takes about 1 ms of its own, and an origin in AWS is 6 ms "
        "away, there and back. Calling a function takes as long as any call of Lambda. A distribution is everywhere "
        "when a run begins.",
    ),
    Assumption(
        "A-131",
        "What goes to an origin",
        "With a cache policy, only what it or an origin request policy names, the headers that describe a body, and "
        "Cache-Control, Date, From, Max-Forwards, Pragma, Warning and X-Forwarded-For; with ForwardedValues what "
        "CloudFront's table says. Headers that a function at the viewer request sets are treated like a viewer's. "
        "Range and conditions of viewers never go there: CloudFront answers If-None-Match by itself. CloudFront-* "
        "headers are not added.",
    ),
    Assumption(
        "A-132",
        "The cache",
        "Objects go when they are too old, invalidated, or the least recently used of more than 64 MB. Objects of "
        "two cache behaviors are never the same. The header Vary is not looked at. After an error of the origin an "
        "old object is served as a hit. The default root object is put in before the function of the viewer request "
        "runs.",
    ),
    Assumption(
        "A-133",
        "Functions at the edge",
        "What AWS leaves open: a changed method, client address, or status at a viewer response is a validation "
        "error, and a body returned there is not used; what has a status is a response; pages about failed functions "
        "are not kept, nor replaced by custom error pages. The texts of validation errors are ours where nobody has "
        "reported AWS's.",
    ),
    Assumption(
        "A-134",
        "Invalidations",
        "An invalidation is done after 10 s; as many are accepted as come. It names objects by the path that is "
        "kept, which a function at the viewer request may have changed.",
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
        "A-136",
        "Changes of a distribution",
        "A deploy step that changes a distribution or its policies takes 3 minutes more, in which the old "
        "configuration serves; AWS says a few minutes, and up to 15. Nothing is invalidated by it, and copies of "
        "functions stay.",
    ),
    Assumption(
        "A-110",
        "What EventBridge says",
        "Refusals of EventBridge and its Scheduler have AWS's texts where somebody has recorded them or the matcher "
        "is open source; without the position in the text that AWS adds. A rule with more than five wildcards in one "
        "text is too complex, as LocalStack has it, too; AWS weighs what repeats after them, and publishes no figure.",
    ),
    Assumption(
        "A-111",
        "How EventBridge tries again",
        "The EventBridge User Guide says 185 attempts in 24 hours with exponential back-off and jitter, and of the "
        "waits no more. Here they begin at 1 s, double up to 10 minutes, and each is drawn between half of that and "
        "all of it. Errors that may pass (throttles and 5xx) are tried again, all others are not; which of AWS's error"
        " codes a dead letter names is our reading.",
    ),
    Assumption(
        "A-112",
        "Templates and paths of rules",
        "The guide says that a variable whose path leads nowhere is not made and does not show. Here that is an empty "
        "text inside a template; as InputPath it is null. Inside quotation marks an object loses its own. A template "
        "that an event does not fill with JSON is given up at once. An event that a rule forwards to another bus gets "
        "a new id.",
    ),
    Assumption(
        "A-113",
        "When schedules are due",
        "A cron rule, and a schedule at a moment, is due in one second of its minute, the same each time, within the "
        "first 50; a rate counts from the beginning of the run (or its StartDate) to the microsecond. Where "
        "AWS does not say how a cron field is read, it is read as Quartz reads it: ranges may go round, W stays in its "
        "month.",
    ),
    Assumption(
        "A-114",
        "From an event to its target",
        "Between an event or a due schedule and the call of its target lie 50 to 400 ms, mostly about 130.",
    ),
    Assumption(
        "A-115",
        "How SNS delivers",
        "From the answer to a publisher to the call of a subscriber lie 5 to 80 ms. The attempts that AWS lists for "
        "each phase are retries here, and come after a first one; each wait is jittered by 10 %. A host of the "
        "scenario that answers a request for confirmation with 200 has confirmed: it cannot visit the URL itself. "
        "Signatures are not real, so nobody can verify them.",
    ),
    Assumption(
        "A-116",
        "How much of its logs a run keeps",
        "For GetLogEvents and FilterLogEvents a run keeps the newest 32 MB of log events, with 200 bytes for each. "
        "The trace, and with it the summary and the pages, has all of them.",
    ),
    Assumption(
        "A-117",
        "When log events reach a subscriber",
        "A subscription filter collects the events of one stream for 1 to 5 s after the first, and sends up to 500 of "
        "them at once. AWS says that it batches, not how long.",
    ),
    Assumption(
        "A-120",
        "What a circular dependency names",
        "The error lists the resources of one circle, each before the one it needs, from the first in the template; "
        "CloudFormation says only that there is one, and lists those it could not order. A DependsOn that names a "
        "resource whose condition does not hold counts for nothing.",
    ),
    Assumption(
        "A-121",
        "What Step Functions counts",
        "A Standard execution is billed for each state that it enters, those of every branch and iteration included, "
        "and for each retry, as the pricing page says of steps. An Express execution is billed for its request and, by "
        "100 ms, for 64 MB of memory; AWS weighs definition, branches and data, and says only for two examples how.",
    ),
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
    Assumption(
        "A-160",
        "Headers that are too large",
        "The limits are those of the quota pages of API Gateway and of load balancers. An API answers 431 with the "
        "text that users report, a load balancer 400: AWS documents neither, and users of load balancers report 502, "
        "too. Function URLs have no such limit here.",
    ),
    Assumption(
        "A-140",
        "When metric data can be read",
        "At once: what was put, and what Lambda counts, is in the next answer of GetMetricStatistics, GetMetricData "
        "and ListMetrics. AWS promises minutes, and up to fifteen until a new metric is listed.",
    ),
    Assumption(
        "A-141",
        "How finely metrics are kept",
        "Custom metrics keep up to 100 different values a minute; beyond that percentiles are rounded. Of Lambda's own "
        "metrics a minute keeps sum, extremes, count and the percentiles 50, 90, 95 and 99: another percentile, or one "
        "over several minutes, is told as not simulated unless the samples are all 0 or 1. Periods are counted from "
        "the start of a query.",
    ),
    Assumption(
        "A-142",
        "What CloudWatch says no with",
        "Texts that tests of LocalStack and moto hold against AWS's, and those that Eucalyptus wrote down when it "
        "rebuilt CloudWatch (all read 2026-11-29); where nobody quotes one, the text is made in their manner. The "
        "size of a PutMetricData is that of its names and numbers, as if it were not compressed.",
    ),
    Assumption(
        "A-143",
        "What metrics cost",
        "A custom metric costs 0.30 USD a month, by the hour in which it has data, of which a month has 730; calls "
        "cost 0.01 USD per 1,000, GetMetricData per 1,000 metrics. Alarms cost nothing here.",
    ),
    Assumption(
        "A-144",
        "What a metric filter takes from a log event",
        "A field gives a value when it holds a number, or a text that is one; an event that lacks a dimension's field "
        "gives nothing. The default value comes when its minute is over. A filter whose dimensions have taken 1,000 "
        "different values in a run is disabled.",
    ),
    Assumption(
        "A-146",
        "How a Firehose stream waits and tries again",
        "The guide says that a function is asked three times more, and a bucket for 24 hours; it does not say when, "
        "and we found it nowhere (searched 2026-11-29). Here a function that fails or is throttled is asked again "
        "after 1, 4 and 12 seconds (12 for each further retry); published failures are about twenty seconds younger "
        "than their first attempt. A bucket that refuses is asked again after 5 seconds, doubling to 5 minutes. A "
        "read of the source that is refused is repeated ten times and then with the next record. An error prefix "
        "without expressions has processing-failed/ and the hour behind it.",
    ),
    Assumption(
        "A-147",
        "What Firehose costs",
        "0.029 USD a GB of what comes in, each record rounded up to 5 KB; delivery to a bucket costs its requests.",
    ),
    Assumption(
        "A-148",
        "How S3 Batch Operations works through a job",
        "The guide says that a TemporaryFailure is tried again before the job is over, and that the last one stays; "
        "it says neither how often nor when, and names neither codes nor texts of refusals and of FailureReasons "
        "(searched 2026-11-29). Here preparing takes 2 to 10 seconds and twenty tasks run at once; one that fails for "
        "the time being (a TemporaryFailure, an error of the function, a throttle) is tried again after 1, 2 and 4 "
        "seconds. A task that the function leaves out is a TemporaryFailure unless treatMissingKeysAs says otherwise. "
        "A scenario writes ETag: current for the manifest as it is.",
    ),
    Assumption(
        "A-149",
        "What S3 Batch Operations costs",
        "0.25 USD a job and 1.00 USD a million objects; the calls of a job cost what they cost.",
    ),
    Assumption(
        "A-150",
        "In which order a stack is updated",
        "One resource after the other, by type as a stack is made: stores, functions, then what connects them. Each "
        "takes as long as the calls that change it; what is made by no call is there at once. CloudFormation goes by "
        "what resources name, several at a time, and takes seconds for each.",
    ),
    Assumption(
        "A-151",
        "Load balancers inside a VPC",
        "An internal load balancer has one address, in the first of its subnets, and is there when the run begins. A "
        "request from inside the VPC takes about a millisecond there and back, beside the work of both; a port at "
        "which it does not listen is refused.",
    ),
    Assumption(
        "A-180",
        "What Firehose makes of an answer, and what captures show beside the guide",
        "After captures of 2026 that people have published: an answer without a record's id is final "
        "(Lambda.MissingRecordId); a result that there is not, or data that are not base64, fail the batch "
        "(Lambda.FunctionError); Ok without data fails its record. None of them is tried again. An answer that is no "
        "JSON object is Lambda.JsonProcessingException, a function's timeout Lambda.FunctionTimedOut, as the guide has "
        "it; one capture shows Lambda.FunctionError there. Lines of what failed say lambdaARN. A new line stands "
        "between records, whatever a Delimiter says; a backup waits for 60 seconds at least; the RecordId of a caller "
        "has 128 characters and is not the function's recordId.",
    ),
    Assumption(
        "A-181",
        "How far back an alarm looks for data",
        "Two periods further than its evaluation periods, as in the guide's examples; AWS says that it depends on the "
        "period and on the resolution of the metric. Where all data are beyond the threshold and too few for an alarm, "
        "and missing data are missing, an alarm is OK.",
    ),
    Assumption(
        "A-182",
        "Whether a job of S3 Batch Operations waits to be confirmed",
        "It does unless ConfirmationRequired is false, as the User Guide says of create-job without "
        "--no-confirmation-required; the API reference says that only jobs of the console have to be confirmed.",
    ),
    Assumption(
        "A-210",
        "Queued events whose version or alias is deleted",
        "They wait in the asynchronous queue as after a failure of Lambda itself: they back off, use up no attempts, "
        "go on when something is called so again, and are given up when they are too old. What was deleted never runs "
        "again. AWS documents neither.",
    ),
)

LEFT_OUT: tuple[str, ...] = (
    "The right to execute a file of a package: programs in a layer's bin need an interpreter in front.",
    "STS: AssumeRole and sessions of one's own. Secrets: rotation, policies. KMS: asymmetric keys, grants.",
    "DynamoDB: PartiQL, backups, global tables, policies of tables, and numbers are kept as they were written.",
    "S3: access control lists, locks, archives, replication, websites, CORS, and lifecycles (the shortest is a day).",
    "S3: storage by the month on the bill, and what somebody would do with a presigned URL.",
    "APIs: JWT and Cognito authorizers, other than proxy integrations, request validation, resource policies, caches.",
    "APIs: canaries, custom domains, private APIs, WebSockets, credentials, an authorizer's regular expression.",
    "CloudFront: signed URLs, CloudFront Functions, origin groups, compression, range requests, writing to buckets.",
    "CloudFront: names and certificates of one's own, its own logs and metrics, the headers that it adds, Vary.",
    "CloudFront: changes by a call, policies for response headers, the listing of a bucket.",
    "Load balancers: authentication, stickiness, regular expressions, WebSockets, access logs.",
    "Function URLs that stream their response. Code in a function does not reach the run's own function URLs and APIs.",
    "Kinesis: enhanced fan-out and SubscribeToShard, encryption, tags, policies of streams, its queues and channels.",
    "Streams of tables that a call makes or changes, and what reading them costs.",
    "Event source mappings of brokers and document databases.",
    "Step Functions: JSONata and variables (states are written with JSONPath), distributed maps, activities, versions.",
    "CodePipeline: other actions than sources in S3 and invocations of functions; conditions, retries, approvals.",
    "Cognito: identity pools, hosted pages, SRP, refresh tokens, MFA, clients with a secret, and other triggers.",
    "Step Functions: redriving, .sync integrations, filters in paths, and logs and traces of executions.",
    "Deploy steps leave doors, networks, pools, pipelines, Firehose and alarms; calls make and delete no queues.",
    "Fair queues, message move tasks, and the quota of calls a second of FIFO queues (high throughput or not).",
    "S3 Batch Operations: other operations than LambdaInvoke, inventories and generated manifests, tags.",
    "Firehose: other destinations than buckets, format conversion, dynamic partitioning, encryption, error logs.",
    "X-Ray's links between a queue's messages and the function that gets them in a batch.",
    "SNS: subscribers by e-mail, SMS, mobile push and Firehose, archives, delivery status logs, and real signatures.",
    "EventBridge's archives: a run is over before anybody would replay it. Its pipes, schemas and partner buses.",
    "EventBridge's API destinations, and events of other AWS services than S3 and Lambda.",
    "Service control policies, boundaries, session policies, groups, tags in conditions; iam:PassRole of who deploys.",
    "CloudWatch: dashboards, streams of metrics, entities, Metrics Insights, SEARCH, IF and anomalies in metric math.",
    "Alarms: actions, composite ones, metric math, and metrics of other AWS services than Lambda.",
    "CloudWatch: trimmed means and other statistics than the plain ones and percentiles.",
    "Step scaling, and auto scaling of anything but provisioned concurrency.",
    "Logs and alarms cost nothing here.",
    "CloudWatch Logs: Insights, exports, transformers, tests of filters, subscriptions of streams or other accounts.",
    "In VPCs: IPv6, peering, NAT instances, network ACLs, public databases.",
    "The two weeks after which an idle function loses its network interfaces: a run lasts a day at most.",
    "The prices of NAT gateways, interface endpoints, databases and caches.",
    "AWS's own endpoints speak through boto3 only; a plain connect to an interface endpoint is accepted and silent.",
    "DNS packets of a program's own, reverse look-ups, IPv6, and what statically linked programs ask of the network.",
    "Real files' dates, /proc/uptime, CPU counters and interval timers show the real machine, not virtual time.",
    "The order of threads that race for a lock, or of subprocesses: such a run says that it is not reproducible.",
    "The number of processors, and on which of them code may run, are those of the real machine.",
)
