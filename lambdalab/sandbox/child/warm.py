"""What the zygote does once so that no environment has to: imports, AWS's service models, and a rehearsal.

Pages made here are shared by all environments, and a page is copied as soon as an environment writes into it; Python
writes when it runs a function for the first times, so the functions that every environment runs are run here first.
Nothing that depends on a function's settings is kept: clients and credentials are made by the student's own code.
"""

import importlib
import json
import logging
import os
import random
import sys
from typing import Any

import aws_calls
import runtime
from awslambdaric import bootstrap, lambda_literals, lambda_runtime_client  # noqa: F401 - the last one it would import

# More of them cost each environment page tables, and show as memory of handlers that never use them: s3 alone 5 MB.
SERVICES = ("dynamodb", "sns", "sqs")
TIMES = 20  # after so many runs Python has specialised what it can
EVENT = b'{"text": "x", "number": 1.5, "list": [1, null, true]}'
ARN = "arn:aws:lambda:us-east-1:123456789012:function:rehearsal"


def up() -> None:
    """Import and warm what handlers use most. The process must have one thread when it is done."""
    import asyncio  # noqa: F401
    import concurrent.futures  # noqa: F401
    import decimal  # noqa: F401
    import uuid  # noqa: F401

    import boto3

    aws_calls.patch()
    _share_service_models()
    session = boto3.session.Session(region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    for service in SERVICES:
        session.client(service)
    boto3.setup_default_session()  # as the first boto3.client() would: it looks at the environment's settings later
    _rehearse()


def _share_service_models() -> None:
    """Let all sessions of a process share what botocore has read, as all clients of one session do anyway.

    A loader with search paths of its own (AWS_DATA_PATH, or appended by hand) keeps a cache of its own.
    """
    import boto3
    import botocore.loaders

    loader = botocore.loaders.Loader
    usual = (loader.CUSTOMER_DATA_PATH, loader.BUILTIN_DATA_PATH)
    with_resources = (*usual, os.path.join(os.path.dirname(boto3.__file__), "data"))
    shared: "dict[tuple[str, ...], dict[Any, Any]]" = {usual: {}, with_resources: {}}

    def _get(self: Any) -> "dict[Any, Any]":
        found = shared.get(tuple(self._search_paths)) if "_search_paths" in self.__dict__ else None
        return self._own_cache if found is None else found

    def _set(self: Any, cache: "dict[Any, Any]") -> None:
        self._own_cache = cache

    loader._cache = property(_get, _set)
    # Plain dictionaries keep their order, too, and take half the time and memory of botocore's OrderedDict.
    botocore.loaders.OrderedDict = dict


class _Nobody:
    """Takes part in the rehearsal as Lambda's Runtime API, and as the log."""

    def next(self) -> "tuple[bytes, dict[str, str]]":
        return EVENT, {"Lambda-Runtime-Aws-Request-Id": "id", "Content-Type": "application/json"}

    def __getattr__(self, name: str) -> Any:
        return lambda *arguments: None


def _rehearse() -> None:
    """Invocations that nobody asked for: one that answers, one that raises, and what INIT does before them."""
    nobody = _Nobody()
    client = runtime.new_client()
    lambda_runtime_client.runtime_client = nobody
    for _ in range(TIMES):
        sys.modules.pop("rehearsal", None)
        importlib.invalidate_caches()
        client.wait_next_invocation()
        bootstrap.update_xray_env_variable("Root=1-00000000-000000000000000000000000")
        bootstrap._log_preview_runtime_warning()
        _rehearse_logging(nobody)
        for handler in ("answers", "raises"):
            function = bootstrap._get_handler(f"rehearsal.{handler}")
            bootstrap.handle_event_request(
                client, function, "id", EVENT, "application/json", None, None, ARN, "1764579600000", None, nobody
            )
        json.loads(json.dumps({"handler": "x", "environ": dict(os.environ)}))
        random.seed(_)
    sys.modules.pop("rehearsal", None)
    os.environ.pop("_X_AMZN_TRACE_ID", None)


def _rehearse_logging(nobody: _Nobody) -> None:
    """As bootstrap sets it up, without leaving a handler behind."""
    handler = bootstrap.LambdaLoggerHandler(nobody)
    handler.setFormatter(logging.Formatter("[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"))
    handler.addFilter(bootstrap.LambdaLoggerFilter())
