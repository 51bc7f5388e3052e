"""botocore's calls leave the jail as part of a turn: no socket, no signature.

The hook sits at ``Endpoint._get_response``: below it nothing is ours, above it everything is botocore's own (retries,
paginators, waiters, typed exceptions, response shapes). The parameters are captured before they become HTTP.
"""

import contextvars
import decimal
import io
import json
import math
import urllib.parse
from collections.abc import Callable
from typing import Any

import values

_parameters: "contextvars.ContextVar[Any]" = contextvars.ContextVar("parameters")
_send: "Callable[[bytes], bytes] | None" = None
CALL_MAX = 12 << 20  # what the worker takes, for one call ...
UNDERWAY_MAX = 48 << 20  # ... and less than it takes for a turn
_underway: "list[tuple[int, int]]" = []  # how many bytes and values each call carries that waits for its answer


def install(send: "Callable[[bytes], bytes]") -> None:
    """From now on every call goes out by ``send``. botocore is patched when it is first imported."""
    global _send
    _send = send


def patch() -> None:
    """Put the hooks into botocore. Done once, in the zygote, before any student's code exists."""
    import botocore.client
    import botocore.endpoint

    botocore.client.BaseClient._convert_to_request_dict = _capturing(
        botocore.client.BaseClient._convert_to_request_dict
    )
    botocore.endpoint.Endpoint._get_response = _get_response


def _capturing(original: "Callable[..., Any]") -> "Callable[..., Any]":
    """The parameters as the service gets them: what a boto3 resource or an event handler makes of them is done."""

    def _convert_to_request_dict(self: Any, api_params: "dict[str, Any]", *rest: Any, **named: Any) -> Any:
        _parameters.set(api_params)
        return original(self, api_params, *rest, **named)

    return _convert_to_request_dict


def _get_response(self: Any, request: Any, operation_model: Any, context: Any) -> "tuple[Any, Exception | None]":
    """One attempt of one call: out with the turn, back with the answer, as botocore expects it.

    An attempt that reaches nobody returns the exception of botocore's HTTP session; retries are up to its caller.
    """
    from botocore.awsrequest import AWSResponse

    assert _send is not None
    question = {
        "service": _client_name(operation_model.service_model),
        "operation": operation_model.name,
        "params": _encoded(_parameters.get({}), operation_model.name),
        "host": urllib.parse.urlsplit(request.url).hostname or "",
        "patience_s": _connect_timeout(self.http_session),
        "read_patience_s": _seconds(_read_timeout(context)),
    }
    body = json.dumps(question).encode()
    if len(body) > CALL_MAX:
        raise ValueError(f"lambdalab: {operation_model.name} carries {len(body):,} bytes; {CALL_MAX:,} are the most")
    weight = (len(body), values.count(body))
    if sum(size for size, _ in [*_underway, weight]) > UNDERWAY_MAX:
        raise ValueError(
            f"lambdalab: calls that wait for an answer carry more than {UNDERWAY_MAX:,} bytes together. "
            "Let fewer threads upload: Config=TransferConfig(max_concurrency=2)"
        )
    if sum(number for _, number in [*_underway, weight]) > values.VALUES_MAX:
        most = values.VALUES_MAX
        raise ValueError(f"lambdalab: calls that wait for an answer carry more than {most:,} values together")
    _underway.append(weight)
    try:
        answer = json.loads(_send(body))
    finally:
        _underway.remove(weight)
    if "failure" in answer:
        return None, _failure(answer["failure"], request.url)
    parsed = _decoded(answer["parsed"], operation_model)
    headers = parsed.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return (AWSResponse(request.url, answer["status_code"], headers, None), parsed), None


def _connect_timeout(http_session: Any) -> "float | None":
    """The connect timeout of a client, in seconds. botocore keeps a number, or urllib3's pair of timeouts."""
    timeout = getattr(http_session, "_timeout", None)
    return _seconds(getattr(timeout, "connect_timeout", timeout))


def _read_timeout(context: "dict[str, Any]") -> Any:
    """The read timeout of a call: its own, or that of its client."""
    own = context.get("read_timeout")
    return getattr(context.get("client_config"), "read_timeout", None) if own is None else own


def _seconds(timeout: Any) -> "float | None":
    return float(timeout) if isinstance(timeout, (int, float)) and math.isfinite(timeout) else None


def _failure(kind: str, url: str) -> Exception:
    """What botocore's HTTP session raises: nothing answered in time, or no connection could be made at all."""
    from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

    words = {"no_such_host": "Name or service not known", "unreachable": "Connection timed out"}
    error = OSError(words.get(kind, "timed out"))
    timeouts = {"connect_timeout": ConnectTimeoutError, "read_timeout": ReadTimeoutError}
    make: "Callable[..., Exception]" = timeouts.get(kind, EndpointConnectionError)
    return make(endpoint_url=url, error=error)


def _client_name(service_model: Any) -> str:
    """boto3's client name of a service (``events``, not ``eventbridge``)."""
    return str(service_model.service_name)


def _encoded(parameters: Any, operation: str) -> Any:
    try:
        return values.encoded(parameters, values.CALL_DEPTH_MAX, _unfolded)
    except values.TooDeep:
        most = values.CALL_DEPTH_MAX
        raise ValueError(f"lambdalab: {operation} carries maps and lists in each other {most} times and more") from None


def _unfolded(value: Any) -> Any:
    """What botocore takes besides: a file-like body, and a decimal, of which its serializer makes a float, too."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    return _read(value) if hasattr(value, "read") else value


def _read(file: Any) -> bytes:
    """What is left of a file-like body, which stands where it stood afterwards: another attempt reads it again."""
    start = file.tell() if hasattr(file, "tell") else None
    content = file.read()
    if start is not None and hasattr(file, "seek"):
        file.seek(start)
    return content.encode() if isinstance(content, str) else bytes(content)


def _decoded(value: Any, operation_model: Any) -> Any:
    result = values.decoded(value, values.ANSWER_DEPTH_MAX)
    shape = operation_model.output_shape
    if operation_model.has_streaming_output and isinstance(result.get(shape.serialization["payload"]), bytes):
        from botocore.response import StreamingBody

        name = shape.serialization["payload"]
        result[name] = StreamingBody(io.BytesIO(result[name]), len(result[name]))
    return result
