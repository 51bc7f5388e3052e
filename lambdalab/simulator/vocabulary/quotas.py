"""Limits and timings that AWS documents, each with its source. What AWS does not document is in ``assumptions``.

Sources: the AWS Lambda Developer Guide (DG26, read 2026-10), botocore 1.44.5 service models (BC, 2026-11-17) and
recordings of real AWS answers in LocalStack's snapshot tests (LS, 2025-11 to 2026-02).
"""

from __future__ import annotations

from lambdalab.simulator.kernel import HOUR, MINUTE, SECOND, Micros

ACCOUNT_CONCURRENCY = 1_000  # per Region, adjustable. DG26 "Lambda quotas"
MIN_UNRESERVED_CONCURRENCY = 100  # always left for functions without a reservation. BC PutFunctionConcurrency
REQUESTS_PER_CONCURRENCY = 10  # synchronous requests a second, for each unit of concurrency. DG26, same page
CONTROL_PLANE_RATE = 15  # calls a second of all other operations together. DG26 "Lambda quotas", API requests
CONTROL_PLANE_RATES = {"GetFunction": 100, "GetPolicy": 15}  # calls a second of one operation. DG26, same table
NETWORK_BITS_PER_S = 625_000_000  # of one environment, whatever its memory. DG26 "Lambda quotas"
SCALING_ENVIRONMENTS = 1_000  # new environments per function ...
SCALING_WINDOW = Micros(10 * SECOND)  # ... every 10 s, refilled continuously. DG26 "Lambda scaling behavior"

MEMORY_MB_MIN, MEMORY_MB_MAX, MEMORY_MB_DEFAULT = 128, 10_240, 128  # DG26 "Lambda quotas"
MEMORY_MB_PER_VCPU = 1_769  # DG26 "Configure Lambda function memory"
TIMEOUT_S_MIN, TIMEOUT_S_MAX, TIMEOUT_S_DEFAULT = 1, 900, 3  # DG26 "Configure Lambda function timeout"
EPHEMERAL_MB_MIN, EPHEMERAL_MB_MAX, EPHEMERAL_MB_DEFAULT = 512, 10_240, 512  # BC EphemeralStorage
INIT_LIMIT = Micros(10 * SECOND)  # on-demand INIT. DG26 "Understanding the Lambda execution environment lifecycle"

PAYLOAD_SYNC_BYTES = 6 * 1024 * 1024  # BC Invoke
PAYLOAD_ASYNC_BYTES = 1024 * 1024  # raised from 256 KB in October 2025. DG26 "Lambda quotas"
PAYLOAD_INVOKE_ASYNC_BYTES = 256 * 1024  # of InvokeAsync, which stayed as it was. BC InvokeAsync
CLIENT_CONTEXT_BYTES = 3_583  # of base64. BC Invoke
RESPONSE_BYTES_MAX = 6_291_556  # LS: the figure in AWS's own error message
INIT_LIMIT_PROVISIONED = Micros(130 * SECOND)  # at least; longer with a longer timeout. DG26, same page
PROVISIONED_PER_MINUTE = 6_000  # environments a function and minute. Fact C.4 (medium confidence)
HOOK_WAIT_MAX = Micros(1 * HOUR)  # a deployment waits for its hook. Fact K.6 (medium confidence)
LOG_TAIL_BYTES = 4_096  # LogResult. BC Invoke

ZIPPED_BYTES_MAX = 52_428_800  # of a package within a request. DG26 "Lambda quotas"; LS
CODE_STORAGE_BYTES_MAX = 300 * 1_024**3  # of all functions and layers. DG26, same page; fact J.4
UNZIPPED_BYTES_MAX = 262_144_000  # of code and all layers together. DG26, same page; LS
RECURSION_MAX = 16  # invocations of a function in one chain of requests. DG26 "recursive loop detection"
CUSTOM_RESOURCE_WAIT_S = 3_600  # ServiceTimeout at most, and by default. CloudFormation Template Reference, 2026-04
CUSTOM_RESOURCE_RESPONSE_BYTES_MAX = 4_096  # CloudFormation User Guide, "Response objects", read 2026-04
LAYERS_MAX = 5  # of one function. DG26 "Lambda quotas"; LS
PACKAGE_FILES_MAX = 20_000  # ours: Lambda names none
PACKAGE_NAME_BYTES_MAX, PACKAGE_PATH_BYTES_MAX = 255, 2_048  # ours: what Linux takes, /var/task before it
ENVIRONMENT_VARIABLES_BYTES = 4_096  # DG26 "Lambda quotas"

RETRY_ATTEMPTS_MAX = RETRY_ATTEMPTS_DEFAULT = 2  # BC PutFunctionEventInvokeConfig
EVENT_AGE_S_MIN, EVENT_AGE_S_MAX, EVENT_AGE_S_DEFAULT = 60, 21_600, 21_600  # BC PutFunctionEventInvokeConfig
FUNCTION_ERROR_DELAYS = (Micros(1 * MINUTE), Micros(2 * MINUTE))  # DG26 "async error handling"; LS
BACKOFF_MIN, BACKOFF_MAX = Micros(1 * SECOND), Micros(5 * MINUTE)  # throttles, system errors. DG26, same page

QUEUE_VISIBILITY_S_DEFAULT, QUEUE_VISIBILITY_S_MAX = 30, 43_200  # BC sqs CreateQueue
QUEUE_RETENTION_S_MIN, QUEUE_RETENTION_S_MAX, QUEUE_RETENTION_S_DEFAULT = 60, 1_209_600, 345_600
QUEUE_DELAY_S_MAX = 900
QUEUE_WAIT_S_MAX = 20
QUEUE_MESSAGE_BYTES_MAX = 1_048_576  # also of a batch; 256 KiB before August 2025. BC sqs
QUEUE_ATTRIBUTES_MAX = 10  # of a message. SQS Developer Guide, "Amazon SQS message metadata"
QUEUE_RECEIVE_MAX = QUEUE_BATCH_MAX = 10  # BC sqs ReceiveMessage, SendMessageBatch
QUEUE_RECEIVE_COUNT_MAX = 1_000  # BC sqs SetQueueAttributes
QUEUE_IN_FLIGHT_MAX = 120_000  # standard and FIFO. BC sqs ReceiveMessage
QUEUE_DEDUPLICATION_WINDOW = Micros(5 * MINUTE)  # BC sqs SendMessage
QUEUE_PURGE_INTERVAL = Micros(1 * MINUTE)  # BC sqs PurgeQueue

MAPPING_BATCH_DEFAULT, MAPPING_BATCH_MAX = 10, 10_000  # records; FIFO queues: 10. BC CreateEventSourceMapping
MAPPING_WINDOW_MAX = 300  # seconds. BC
MAPPING_FILTERS_MAX, MAPPING_PATTERN_MAX = 5, 4_096  # patterns, characters of one. DG26 "Lambda event filtering"
STREAM_BATCH_DEFAULT = 100  # records. BC CreateEventSourceMapping
PARALLEL_MAX, STREAM_RETRIES_MAX = 10, 10_000  # BC
STREAM_AGE_S_MIN, STREAM_AGE_S_MAX = 60, 604_800  # BC MaximumRecordAgeInSeconds; -1: without end
TUMBLING_S_MAX, WINDOW_STATE_BYTES_MAX = 900, 1_048_576  # BC; DG26 "Implementing stateful Kinesis Data Streams"
STARTING_POSITIONS = ("TRIM_HORIZON", "LATEST", "AT_TIMESTAMP")  # BC EventSourcePosition
POLLERS_IDLE, POLLERS_START = 2, 5  # batches at once of a standard queue's mapping. DG26 "Configuring scaling"
POLLERS_PER_MINUTE, POLLERS_MAX = 300, 1_250  # so fast, so far. DG26, same page
PROVISIONED_INVOKES = 10  # concurrent ones of each provisioned poller. DG26 "Provisioned mode"
PROVISIONED_INVOKES_PER_MINUTE = 1_000  # DG26, same page
POLL_WAIT_S = 20  # Lambda polls queues long. DG26 "Using Lambda with Amazon SQS"
VISIBILITY_ADVICE = 6  # times the function's timeout, and the batching window. DG26 services-sqs-configure

SHARD_RECORDS_PER_S, SHARD_BYTES_IN_PER_S = 1_000, 1_048_576  # BC kinesis CreateStream, PutRecords
SHARD_READS_PER_S, SHARD_BYTES_OUT_PER_S = 5, 2_097_152  # BC kinesis CreateStream, GetRecords
PUT_RECORDS_MAX, PUT_RECORDS_BYTES_MAX = 500, 10_485_760  # of one call. BC PutRecords
GET_RECORDS_MAX, GET_RECORDS_BYTES_MAX = 10_000, 10_485_760  # BC GetRecords
PARTITION_KEY_MAX = 256  # characters. BC PutRecord
STREAM_RECORD_BYTES_MAX = 1_048_576  # with its partition key; up to ten times as much by MaxRecordSizeInKiB. BC
STREAM_RETENTION_H_MIN, STREAM_RETENTION_H_MAX = 24, 8_760  # BC IncreaseStreamRetentionPeriod
STREAM_SCALINGS_PER_DAY = 10  # BC UpdateShardCount
SHARDS_MAX = 20_000  # of an account in us-east-1, adjustable. Kinesis Developer Guide, "Quotas and limits"
ON_DEMAND_STREAMS_MAX = 50  # the same
ITERATOR_LIFE = Micros(5 * MINUTE)  # BC kinesis GetShardIterator
TABLE_STREAM_RETENTION_H = 24  # DynamoDB Developer Guide, "Change data capture for DynamoDB Streams"
TABLE_RECORDS_MAX, TABLE_RECORDS_BYTES_MAX = 1_000, 1_048_576  # of one read. BC dynamodbstreams GetRecords
TABLE_ITERATOR_LIFE = Micros(15 * MINUTE)  # BC dynamodbstreams GetShardIterator

API_HEAD_BYTES = 10_240  # the request line and the values of the headers. API Gateway quotas, HTTP and REST APIs
BALANCER_HEAD_BYTES = 64 * 1024  # the request line and all headers. ELB "Quotas for your Application Load Balancers"
BALANCER_HEADER_BYTES = 16 * 1024  # the request line, or one header. The same
BALANCER_BODY_BYTES = 1024 * 1024  # of a request to a function, and of its answer as JSON. ELB "Lambda functions"
BALANCER_FIXED_BYTES = 1_024  # the body of a fixed response. BC elbv2 FixedResponseActionConfig
BALANCER_PRIORITY_MAX = 50_000  # of a rule. BC elbv2 CreateRule
HEALTH_CHECK_INTERVAL_S, HEALTH_CHECK_TIMEOUT_S = 35, 30  # of a function as target. BC elbv2 CreateTargetGroup
API_PAYLOAD_BYTES = 10 * 1024 * 1024  # a request to API Gateway. GS "Amazon API Gateway quotas"
API_REQUESTS_PER_S, API_REQUESTS_AT_ONCE = 10_000, 5_000  # all APIs of an account together. GS, same page
HTTP_API_TIMEOUT_MS_MIN, HTTP_API_TIMEOUT_MS_MAX = 50, 30_000  # of an integration. GS "Quotas for HTTP APIs"
REST_API_TIMEOUT_MS_MIN, REST_API_TIMEOUT_MS_MAX = 50, 29_000  # GS "Quotas for REST APIs"; may be raised
AUTHORIZER_TTL_S_MAX, AUTHORIZER_TTL_S_DEFAULT = 3_600, 300  # the default is that of REST APIs. BC CreateAuthorizer

EDGE_TIMEOUT_S_MAX = 30  # of a function at the edge. CloudFront "Quotas", read 2026-11-29; fact F.7
EDGE_VIEWER_MEMORY_MB = 128  # fact F.7; CloudFront "Differences between CloudFront Functions and Lambda@Edge"
EDGE_EPHEMERAL_MB_MAX = 512  # CloudFront "Restrictions on Lambda@Edge"
EDGE_VIEWER_BYTES, EDGE_ORIGIN_BYTES = 40 * 1024, 1024 * 1024  # of a response and of a body, by event. The same pages
EDGE_URI_CHARACTERS = 8_192  # URI and query are shorter. CloudFront "Restrictions on all edge functions"
EDGE_ORIGIN_TIMEOUT_S_MAX = 120  # CloudFront "Lambda@Edge event structure"
URL_BYTES_MAX, REQUEST_BYTES_MAX = 8_192, 32_768  # of a viewer's request, the second without its body. "Quotas"
BEHAVIORS_MAX, ORIGINS_MAX = 75, 100  # of a distribution, the default behavior not counted. The same page
POLICY_NAMES_MAX = 10  # headers, cookies or query strings of a policy. The same page
INVALIDATION_PATH_CHARACTERS = 4_000  # CloudFront "What you need to know when invalidating paths"

RUN_UNTIL_MAX = Micros(24 * HOUR)  # ours: labs.md, `until`


def edge_response_bytes(event: str) -> int:
    """How large a response is at most that a function makes or changes at an event, headers and body together."""
    return EDGE_VIEWER_BYTES if event.startswith("viewer") else EDGE_ORIGIN_BYTES


def edge_body_bytes(event: str) -> int:
    """How much of a request's body a function sees at an event, and may put in its place."""
    return EDGE_VIEWER_BYTES if event.startswith("viewer") else EDGE_ORIGIN_BYTES
