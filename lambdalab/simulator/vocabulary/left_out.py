"""What the model leaves out: rules of AWS (by their ids in docs/rules.yaml, with a reason), and parts of services.

docs/assumptions.md and docs/coverage.md are made from these lists. A rule stands here only with a reason that a student
understands; one that a test proves must not (tests/scripts/test_write_coverage.py).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RulesLeftOut:
    """Some rules that are left out for one reason."""

    reason: str
    rules: tuple[str, ...]


RULES_LEFT_OUT: tuple[RulesLeftOut, ...] = (
    RulesLeftOut(
        "Mappings poll queues and streams, not brokers and document databases.",
        ("D.1-16", "H.3-08"),
    ),
    RulesLeftOut("Queues and streams are not encrypted here.", ("G.4-07",)),
    RulesLeftOut("A run lasts a day at most, and every stream keeps its records so long.", ("D.4-19",)),
    RulesLeftOut("Enhanced fan-out is not simulated: streams are polled with shared throughput.", ("D.4-20",)),
    RulesLeftOut(
        "Readers of a table's stream are never throttled here, however many they are.",
        ("D.4-21",),
    ),
    RulesLeftOut(
        "SnapStart is not simulated: functions start cold, warm or provisioned.",
        ("A.2-08", "B.2-05", "B.2-06", "B.4-06", "B.7-01", "B.7-02", "B.7-03", "J.2-05"),
    ),
    RulesLeftOut(
        "Only functions on Lambda's own compute are simulated: no managed instances, durable functions or tenants.",
        ("A.1-08", "B.1-05", "B.4-33", "B.6-06", "H.1-14", "J.4-09"),
    ),
    RulesLeftOut(
        "Functions run on Python only, as zip files.",
        ("B.4-09", "B.6-07", "J.4-05", "K.1-02"),
    ),
    RulesLeftOut(
        "Extensions are not simulated: a function has its runtime and nothing beside it.",
        ("B.2-14", "B.4-32", "H.1-05"),
    ),
    RulesLeftOut(
        "Functions come from the template and are Active when a run begins; nobody creates one during a run.",
        ("A.1-17", "B.1-01", "B.1-04", "B.1-06"),
    ),
    RulesLeftOut(
        "AWS says that it may happen, not when: environments are started for requests only.",
        ("B.2-17",),
    ),
    RulesLeftOut("AWS says that it happens, not how much: the queue is read as fast as events come.", ("A.3-16",)),
    RulesLeftOut("No recorded throttle carries the header, so none does here.", ("A.2-02",)),
    RulesLeftOut("No managed runtime answers it, and AWS's documentation alone keeps it.", ("A.1-05",)),
    RulesLeftOut("Calls have parameters here, and no HTTP headers whose length could be counted.", ("A.1-14",)),
    RulesLeftOut("Python's managed runtime streams no response.", ("A.1-19",)),
    RulesLeftOut("Logs are written in the new style, which AWS has rolled out; lessons show the old one.", ("B.4-11",)),
    RulesLeftOut("How Lambda scaled until 2023 is history.", ("C.1-12",)),
    RulesLeftOut("Advice and not behaviour: lessons give it.", ("C.3-07", "C.4-13", "K.8-01")),
    RulesLeftOut("APIs have proxy integrations only, which wait for the function.", ("F.6-11", "F.6-12")),
    RulesLeftOut("Whoever deploys the stack may do so; its rights are not looked at.", ("G.2-03", "I-12")),
    RulesLeftOut("One account has no organisation above it.", ("G.5-02",)),
    RulesLeftOut("A function's policy is changed statement by statement.", ("G.3-07",)),
    RulesLeftOut("Snapshots and zip files are not encrypted here.", ("G.6-06",)),
    RulesLeftOut("Logs cost nothing here.", ("H.2-05",)),
    RulesLeftOut("The network of an environment is the documented 625 Mbps; a raise cannot be asked for.", ("J.1-08",)),
    RulesLeftOut("The console is not simulated.", ("G.6-05", "J.4-04", "J.4-08")),
    RulesLeftOut("A key may be disabled, but nobody deletes one during a run.", ("G.6-04",)),
    RulesLeftOut("A trace begins with its request; what was provisioned long before has no segment.", ("H.3-10",)),
    RulesLeftOut("No project of a lab comes near these quotas.", ("I-04", "J.4-01")),
    RulesLeftOut("Network interfaces that nobody uses any more cost nothing and stay for the run.", ("I-11",)),
    RulesLeftOut("A template has at most 1 MB, so code inside one never reaches its own limit.", ("K.2-02",)),
    RulesLeftOut("In VPCs there is no IPv6.", ("I-06",)),
    RulesLeftOut(
        "A run lasts a day at most, and an idle function loses its network interfaces after weeks.",
        ("A.1-18", "B.1-03", "I-10"),
    ),
    RulesLeftOut("Only AWS's predefined deployment configurations are known.", ("K.6-03",)),
    RulesLeftOut("Code is not signed.", ("K.7-01",)),
)

AWAITING: frozenset[str] = frozenset()
"""Rules whose part is being built."""

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
    "The files of /proc and /sys show the real machine's processors, and code runs on one of them at a time.",
)
