"""boto3's calls leave the jail as part of a turn; above them everything is botocore's own."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from lambdalab.sandbox import Call, Policy, Status
from lambdalab.sandbox.report import CallFailure
from tests.sandbox.conftest import Run
from tests.sandbox.driver import Driven, failure


def in_turn(answers: Iterable[dict[str, Any]]) -> Callable[[Call], dict[str, Any]]:
    """Answers the calls one after the other."""
    waiting = iter(answers)
    return lambda call: next(waiting)


def asked(calls: Iterable[Call]) -> list[tuple[str, str]]:
    return [(call.service, call.operation) for call in calls]


def test_a_clients_call_carries_its_parameters_and_gets_its_answer(run: Run) -> None:
    code = """
        import boto3
        def handler(event, context):
            return boto3.client("sqs").send_message(QueueUrl="https://q", MessageBody="hi")["MessageId"]
    """
    (report,) = run(code, answer=lambda call: {"MessageId": "m-1"})
    assert report.result == "m-1"
    (call,) = report.calls
    assert (call.service, call.operation) == ("sqs", "SendMessage")
    assert call.params == {"QueueUrl": "https://q", "MessageBody": "hi"}


def test_clients_made_in_init_work_in_invocations(run: Run) -> None:
    code = """
        import boto3
        sqs = boto3.client("sqs")
        def handler(event, context): return sqs.list_queues().get("QueueUrls")
    """
    reports = run(code, invocations=2, answer=lambda call: {"QueueUrls": ["https://q"]})
    assert [report.result for report in reports] == [["https://q"]] * 2


def test_calls_can_be_made_while_importing(jail: Callable[..., Driven]) -> None:
    code = "import boto3\nnames = boto3.client('s3').list_buckets()['Buckets']\ndef handler(e, c): return names"
    driven = jail(code, answer=lambda call: {"Buckets": []})
    report = driven.init()
    assert report.status is Status.READY
    assert asked(report.calls) == [("s3", "ListBuckets")]
    assert driven.invoke().result == []


def test_a_resource_sends_and_gets_dynamodbs_types(run: Run) -> None:
    code = """
        import boto3
        from decimal import Decimal
        table = boto3.resource("dynamodb").Table("orders")
        def handler(event, context):
            table.put_item(Item={"id": "a", "total": Decimal("1.5"), "raw": b"\\x00\\xff"})
            return table.get_item(Key={"id": "a"})["Item"]
    """
    stored = {"id": {"S": "a"}, "total": {"N": "1.5"}}
    (report,) = run(code, answer=in_turn([{}, {"Item": stored}]))
    assert report.result == {"id": "a", "total": 1.5}
    put, get = report.calls
    assert put.params["Item"] == stored | {"raw": {"B": b"\x00\xff"}}
    assert get.params["Key"] == {"id": {"S": "a"}}


def test_a_paginator_asks_until_there_is_no_more(run: Run) -> None:
    code = """
        import boto3
        def handler(event, context):
            pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket="b")
            return [item["Key"] for page in pages for item in page["Contents"]]
    """
    first = {"IsTruncated": True, "NextContinuationToken": "t", "Contents": [{"Key": "a"}]}
    last = {"IsTruncated": False, "Contents": [{"Key": "b"}]}
    (report,) = run(code, answer=in_turn([first, last]))
    assert report.result == ["a", "b"]
    assert report.calls[1].params["ContinuationToken"] == "t"


def test_an_error_is_the_clients_typed_exception(run: Run) -> None:
    code = """
        import boto3, botocore.exceptions
        client = boto3.client("dynamodb")
        def handler(event, context):
            try: client.get_item(TableName="t", Key={"id": {"S": "a"}})
            except client.exceptions.ResourceNotFoundException as error:
                assert isinstance(error, botocore.exceptions.ClientError)
                return [error.response["Error"]["Code"], str(error)]
    """
    (report,) = run(code, answer=lambda call: failure("ResourceNotFoundException"))
    told = "An error occurred (ResourceNotFoundException) when calling the GetItem operation: "
    assert report.result == ["ResourceNotFoundException", f"{told}ResourceNotFoundException was asked for"]


def test_an_uncaught_client_error_is_the_invocations_error(run: Run) -> None:
    code = "import boto3\ndef handler(event, context): boto3.client('sqs').list_queues()"
    (report,) = run(code, answer=lambda call: failure("AccessDenied", 403))
    assert (report.status, report.error["errorType"]) == (Status.ERROR, "ClientError")


def test_botocore_retries_a_throttle_after_a_virtual_pause(run: Run) -> None:
    code = """
        import boto3
        from botocore.config import Config
        def handler(event, context):
            client = boto3.client("sqs", config=Config(retries={"mode": "standard", "max_attempts": 3}))
            return client.list_queues()["QueueUrls"]
    """
    answers = [failure("ThrottlingException"), failure("ServiceUnavailable", 503), {"QueueUrls": []}]
    (report,) = run(code, answer=in_turn(answers))
    assert report.result == []
    assert len(report.calls) == 3
    assert 0 < report.seconds < 5


def test_retries_end_with_the_error(run: Run) -> None:
    code = "import boto3\ndef handler(event, context): boto3.client('sqs').list_queues()"
    (report,) = run(code, answer=lambda call: failure("InternalError", 500), timeout_s=60)
    assert len(report.calls) == 3  # boto3's own default
    assert "(reached max retries: 2)" in report.error["errorMessage"]


def test_bytes_and_times_keep_their_types_both_ways(run: Run) -> None:
    code = """
        import boto3, datetime
        def handler(event, context):
            when = datetime.datetime(2025, 1, 2, tzinfo=datetime.timezone.utc)
            s3 = boto3.client("s3")
            got = s3.get_object(Bucket="b", Key="k", IfModifiedSince=when)
            s3.put_object(Bucket="b", Key="k", Body=b"\\x00\\x01")
            return [got["Body"].read().decode(), got["LastModified"].isoformat()]
    """
    when = dt.datetime(2025, 3, 4, tzinfo=dt.UTC)
    (report,) = run(code, answer=in_turn([{"Body": b"content", "LastModified": when}, {}]))
    assert report.result == ["content", "2025-03-04T00:00:00+00:00"]
    get, put = report.calls
    assert get.params["IfModifiedSince"] == dt.datetime(2025, 1, 2, tzinfo=dt.UTC)
    assert put.params["Body"] == b"\x00\x01"


def test_numbers_that_json_lacks_reach_the_service_which_refuses_them(run: Run) -> None:
    code = """
        import boto3
        def handler(event, context):
            data = [{"MetricName": "n", "Value": float(each)} for each in ("nan", "inf", "-inf", "1.5")]
            boto3.client("cloudwatch").put_metric_data(Namespace="a", MetricData=data)
            return "went on"
    """
    (report,) = run(code, answer=lambda call: {})
    assert report.result == "went on"
    assert [str(each["Value"]) for each in report.calls[0].params["MetricData"]] == ["nan", "inf", "-inf", "1.5"]


def test_maps_that_look_like_our_own_tags_come_through_both_ways(jail: Callable[..., Driven]) -> None:
    code = """
        import boto3
        def handler(event, context):
            client = boto3.client("dynamodb")
            client.put_item(TableName="t", Item=event["item"])
            got = client.get_item(TableName="t", Key={"$time": {"S": "now"}})["Item"]
            assert got == event["item"], got
            return {"$bytes": got}
    """
    items = [{tag: {"M": {tag: {"S": "x"}}}} for tag in ("$bytes", "$time", "$float", "$map")]
    kept: list[dict[str, Any]] = []

    def answer(call: Call) -> dict[str, Any]:
        kept.append(call.params)
        return {} if "Item" in call.params else {"Item": kept[-2]["Item"]}

    driven = jail(code, answer=answer)
    driven.init()
    for item in items:
        assert driven.invoke({"item": item}).result == {"$bytes": item}
        assert kept[-2:] == [{"TableName": "t", "Item": item}, {"TableName": "t", "Key": {"$time": {"S": "now"}}}]


def test_a_decimal_is_the_float_that_botocore_would_send(run: Run) -> None:
    code = """
        import boto3
        from decimal import Decimal
        def handler(event, context):
            boto3.client("cloudwatch").put_metric_data(Namespace="a", MetricData=[{"MetricName": "n", "Value": Decimal("1.5")}])
    """
    (report,) = run(code)
    assert report.status is Status.OK, report.payload
    assert report.calls[0].params["MetricData"] == [{"MetricName": "n", "Value": 1.5}]


def test_a_call_nested_too_deeply_says_so(run: Run) -> None:
    code = """
        import boto3
        def handler(event, context):
            value = {"S": "x"}
            for _ in range(event): value = {"M": {"a": value}}
            boto3.client("dynamodb").put_item(TableName="t", Item={"id": value})
            return "went on"
    """
    assert run(code, 32)[0].result == "went on"
    (report,) = run(code, 60)
    assert report.error["errorType"] == "ValueError"
    assert report.error["errorMessage"] == "lambdalab: PutItem carries maps and lists in each other 100 times and more"


def test_two_threads_call_at_once_and_each_gets_its_own_answer(run: Run) -> None:
    code = """
        import boto3
        from concurrent.futures import ThreadPoolExecutor
        sqs = boto3.client("sqs")
        def ask(n): return sqs.receive_message(QueueUrl=f"https://{n}")["Messages"][0]["Body"]
        def handler(event, context):
            with ThreadPoolExecutor(8) as pool: return list(pool.map(ask, range(8)))
    """

    def echo(call: Call) -> dict[str, Any]:
        return {"Messages": [{"Body": call.params["QueueUrl"]}]}

    plays = [run(code, answer=echo)[0] for _ in range(3)]
    assert all(report.result == [f"https://{n}" for n in range(8)] for report in plays)
    assert len({tuple(call.params["QueueUrl"] for call in report.calls) for report in plays}) == 1
    assert [call.params["QueueUrl"] for call in plays[0].calls] == [f"https://{n}" for n in range(8)]


def test_a_wrong_parameter_is_refused_by_botocore_itself(run: Run) -> None:
    code = "import boto3\ndef handler(event, context): boto3.client('sqs').send_message(QueueUrl=5)"
    (report,) = run(code)
    assert report.error["errorType"] == "ParamValidationError"
    assert report.calls == ()


def test_calls_of_a_forked_child_are_refused_clearly(run: Run) -> None:
    code = """
        import boto3, os
        sqs = boto3.client("sqs")
        def handler(event, context):
            read, write = os.pipe()
            if os.fork() == 0:
                try: sqs.list_queues()
                except BaseException as error: os.write(write, str(error).encode())
                os._exit(0)
            os.close(write)
            return os.read(read, 1000).decode()
    """
    (report,) = run(code)
    assert report.result == "AWS calls are made by the function's own process only"
    assert report.calls == ()


@pytest.mark.parametrize("service", ["sqs", "dynamodb", "s3", "sns", "lambda", "events", "stepfunctions", "kinesis"])
def test_a_service_is_named_as_boto3_names_it(run: Run, service: str) -> None:
    operations = {
        "sqs": "list_queues",
        "dynamodb": "list_tables",
        "s3": "list_buckets",
        "sns": "list_topics",
        "lambda": "list_functions",
        "events": "list_rules",
        "stepfunctions": "list_state_machines",
        "kinesis": "list_streams",
    }
    code = f"import boto3\ndef handler(e, c): boto3.client('{service}').{operations[service]}()"
    (report,) = run(code)
    assert report.status is Status.OK, report.payload
    assert [call.service for call in report.calls] == [service]


def test_no_credentials_are_needed_and_none_are_real(run: Run) -> None:
    code = """
        import boto3
        def handler(event, context): return boto3.Session().get_credentials().access_key
    """
    assert run(code)[0].result == "ASIALAMBDALABEXAMPLE"


def test_presigned_urls_are_made_inside(run: Run) -> None:
    code = """
        import boto3
        def handler(event, context):
            return boto3.client("s3").generate_presigned_url("get_object", Params={"Bucket": "photos", "Key": "k"})
    """
    (report,) = run(code)
    assert report.result.startswith("https://photos.s3.amazonaws.com/k?")
    assert report.result.endswith(f"Expires={1_764_579_600 + 3_600}")
    assert report.calls == ()


def test_a_call_that_carries_too_much_says_so(run: Run) -> None:
    code = """
        import boto3
        def handler(event, context): boto3.client("s3").put_object(Bucket="photos", Key="k", Body=bytes(10_000_000))
    """
    (report,) = run(code, policy=Policy(memory_mb=256))
    assert report.error["errorMessage"] == "lambdalab: PutObject carries 13,333,527 bytes; 12,582,912 are the most"


def test_calls_that_carry_too_many_values_say_so_and_a_long_text_is_one(run: Run) -> None:
    code = """
        import boto3
        def handler(event, context):
            boto3.client("s3").put_object(Bucket="photos", Key="k", Body="1,2,3\\n" * 500_000)
            boto3.client("dynamodb").put_item(TableName="t", Item={"id": {"L": [{"N": "1"}] * event}})
            return "went on"
    """
    policy = Policy(memory_mb=512)
    assert run(code, 50_000, policy=policy)[0].result == "went on"
    (report,) = run(code, 100_000, policy=policy)
    assert report.error["errorMessage"] == "lambdalab: calls that wait for an answer carry more than 250,000 values together"


@pytest.mark.parametrize("timeout", ["inf", "nan"])
def test_a_timeout_that_is_none_harms_nobody(run: Run, timeout: str) -> None:
    code = f"""
        import boto3
        from botocore.config import Config
        def handler(event, context):
            never = float("{timeout}")
            boto3.client("sqs", config=Config(connect_timeout=never, read_timeout=never)).list_queues()
            return "went on"
    """
    (report,) = run(code)
    assert report.result == "went on"
    assert [(call.patience_us, call.read_patience_us) for call in report.calls] == [(None, None)]


def test_half_a_surrogate_pair_becomes_a_question_mark(run: Run) -> None:
    code = """
        import boto3
        def handler(event, context): boto3.client("sqs").send_message(QueueUrl="https://q", MessageBody="a\\ud800b")
    """
    (report,) = run(code)
    assert [call.params["MessageBody"] for call in report.calls] == ["a?b"]


UNREACHED = """
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
        def handler(event, context):
            client = boto3.client("sqs", config=Config(**event))
            try: client.list_queues()
            except BotoCoreError as error: return [type(error).__name__, str(error)]
"""


@pytest.mark.parametrize(
    ("failed", "name", "words"),
    [
        (
            "connect_timeout",
            "ConnectTimeoutError",
            'Connect timeout on endpoint URL: "https://sqs.us-east-1.amazonaws.com/"',
        ),
        (
            "read_timeout",
            "ReadTimeoutError",
            'Read timeout on endpoint URL: "https://sqs.us-east-1.amazonaws.com/"',
        ),
        ("unreachable", "EndpointConnectionError", "Could not connect to the endpoint URL"),
        ("no_such_host", "EndpointConnectionError", "Could not connect to the endpoint URL"),
    ],
)
def test_a_call_that_reaches_nobody_is_tried_again_by_botocore_and_then_raises_its_exception(
    run: Run, failed: CallFailure, name: str, words: str
) -> None:
    (report,) = run(UNREACHED, answer=lambda call: failed)
    kind, text = report.result
    assert kind == name
    assert words in text
    assert len(report.calls) == 3  # one attempt and two retries: the default of this botocore, its standard mode
    patiences = {(call.host, call.patience_us, call.read_patience_us) for call in report.calls}
    assert patiences == {("sqs.us-east-1.amazonaws.com", 60_000_000, 60_000_000)}


@pytest.mark.parametrize(
    ("config", "attempts", "patience_us"),
    [
        ({"retries": {"total_max_attempts": 1}}, 1, 60_000_000),
        ({"connect_timeout": 2.5, "retries": {"mode": "legacy"}}, 5, 2_500_000),
        ({"connect_timeout": None, "retries": {"total_max_attempts": 2}}, 2, None),
    ],
)
def test_a_clients_own_patience_and_retries_count(
    jail: Callable[..., Driven], config: dict[str, Any], attempts: int, patience_us: int | None
) -> None:
    driven = jail(textwrap.dedent(UNREACHED), answer=lambda call: "connect_timeout")
    driven.init()
    report = driven.invoke(config)
    assert report.result[0] == "ConnectTimeoutError"
    assert [call.patience_us for call in report.calls] == [patience_us] * attempts
