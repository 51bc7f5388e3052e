"""Runs untrusted handlers as Lambda execution environments: INIT once, invoked many times, frozen in between.

Pure Python, and C where it must be: the clock shim and the keeper. Knows nothing of AWS's timing and nothing of Django.
``Policy`` in, ``Turn`` and ``Finished`` out. The processes and their rights are described in ``child/__init__.py``.
"""

from lambdalab.sandbox.client import Sandbox
from lambdalab.sandbox.code_store import CodeStore
from lambdalab.sandbox.environment import Environment
from lambdalab.sandbox.errors import SandboxError
from lambdalab.sandbox.layers import Layer
from lambdalab.sandbox.policy import Policy
from lambdalab.sandbox.report import (
    AnyReply,
    Call,
    Connect,
    ConnectReply,
    Finished,
    LogLine,
    Reply,
    Status,
    Turn,
    WebReply,
    WebRequest,
)

__all__ = [
    "AnyReply",
    "Call",
    "CodeStore",
    "Connect",
    "ConnectReply",
    "Environment",
    "Finished",
    "Layer",
    "LogLine",
    "Policy",
    "Reply",
    "Sandbox",
    "SandboxError",
    "Status",
    "Turn",
    "WebReply",
    "WebRequest",
]
