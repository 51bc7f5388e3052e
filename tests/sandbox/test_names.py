"""A function's modules may have the names of those that are loaded already."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lambdalab.sandbox import Status
from tests.sandbox.conftest import Run
from tests.sandbox.driver import Driven


@pytest.mark.parametrize("name", ["queue", "random", "uuid", "signal", "struct", "socket", "calendar", "runtime", "values", "warm", "aws_calls", "names", "zygote"])
def test_a_handlers_file_may_have_any_name(jail: Callable[..., Driven], name: str) -> None:
    code = b"import boto3\ndef handler(event, context): return __name__, boto3.client('sqs').list_queues().get('QueueUrls')"
    driven = jail("", files={f"{name}.py": code}, handler=f"{name}.handler", answer=lambda call: {"QueueUrls": []})
    assert driven.init().status is Status.READY
    assert driven.invoke().result == [name, []]


def test_a_package_of_the_standard_librarys_name_is_the_functions_own(run: Run) -> None:
    code = "import email.mime\ndef handler(event, context): return email.mime.MINE"
    (report,) = run(code, files={"email/__init__.py": b"", "email/mime.py": b"MINE = 1"})
    assert report.result == 1


def test_a_folder_without_an_init_file_hides_nothing(run: Run) -> None:
    code = "import queue, asyncio\ndef handler(event, context): return [queue.Queue is asyncio.Queue, queue.__file__[:5]]"
    (report,) = run(code, files={"queue/data.json": b"{}", "asyncio/data.json": b"{}"})
    assert report.result == [False, "/usr/"]


def test_a_layer_may_have_such_a_module_too(run: Run) -> None:
    code = "import calendar\ndef handler(event, context): return calendar.MINE"
    assert run(code, layers={"python/calendar.py": b"MINE = 2"})[0].result == 2


@pytest.mark.parametrize("name", ["decimal", "json", "logging", "threading", "string", "token"])
def test_a_name_that_lambdas_runtime_has_loaded_is_not_the_functions(jail: Callable[..., Driven], name: str) -> None:
    driven = jail("", files={f"{name}.py": b"def handler(event, context): return 1"}, handler=f"{name}.handler")
    assert driven.init().error["errorMessage"] == f"Handler 'handler' missing on module '{name}'"
