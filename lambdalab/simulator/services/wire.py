"""Calling moto's response classes in the JSON wire format of a service, without a client and without a network."""

from __future__ import annotations

import base64
import json
from functools import lru_cache
from typing import Any

from botocore.parsers import create_parser

from lambdalab.simulator.account import models
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, REGION


def call(service: str, operation: str, params: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Send one call to moto's handler of a JSON-protocol service; returns status and decoded body."""
    from moto.core.request import Request

    model = models.service_model(service)
    headers = {
        "X-Amz-Target": f"{model.metadata['targetPrefix']}.{operation}",
        "Content-Type": f"application/x-amz-json-{model.metadata.get('jsonVersion', '1.0')}",
        "Host": f"{service}.{REGION}.amazonaws.com",
        "x-moto-account-id": ACCOUNT_ID,
    }
    url = f"https://{service}.{REGION}.amazonaws.com/"
    body = json.dumps(plain(params)).encode()
    request = Request.from_primitives("POST", url, headers, body)
    status, _, text = _handler(service).dispatch(request, url, request.headers)
    return int(status), json.loads(text or "{}")


def parsed(service: str, operation: str, status: int, body: dict[str, Any]) -> dict[str, Any]:
    """The body as botocore's own parser shapes it: blobs become bytes, timestamps become datetimes."""
    shape = models.service_model(service).operation_model(operation).output_shape
    response = {"status_code": status, "headers": {}, "body": json.dumps(body).encode()}
    output: dict[str, Any] = create_parser("json").parse(response, shape)
    output.pop("ResponseMetadata", None)
    return output


def plain(value: Any) -> Any:
    """The value as the JSON protocol sends it: bytes become base64 text."""
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(v) for v in value]
    return value


@lru_cache(maxsize=8)
def _handler(service: str) -> Any:
    if service == "dynamodb":
        from moto.dynamodb.responses import DynamoHandler

        return DynamoHandler
    raise KeyError(service)
