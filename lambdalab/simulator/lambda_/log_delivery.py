"""Whether what an environment logs reaches CloudWatch Logs: the execution role needs three rights. Facts G.1 and H.2.

Source: Service Authorization Reference, "Amazon CloudWatch Logs", read 2026-11-24: CreateLogGroup is asked of the log
group, CreateLogStream and PutLogEvents of its stream. Without them the function works, and its logs are lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from lambdalab.simulator.account import World
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.trace.facts import InvocationEnded, InvocationStarted, LogsRefused
from lambdalab.simulator.vocabulary.arns import arn


class StreamWriter(Protocol):
    """Keeps what one environment logs, so that calls can read it and filters see it."""

    def line(self, text: str) -> None:
        """One event, now."""
        ...

    def started(self, fact: InvocationStarted) -> None:
        """START of this invocation, now."""
        ...

    def ended(self, fact: InvocationEnded) -> None:
        """END and REPORT, now."""
        ...


class LogDelivery:
    """The log groups of the account, and who may write into them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._groups: set[str] = set()
        self._told: set[tuple[str, str, str]] = set()
        self.writer_to: Callable[[str, str], StreamWriter] | None = None  # of a group's stream

    def create_groups(self, names: Iterable[str]) -> None:
        """Groups that a template makes: for these nobody needs CreateLogGroup."""
        self._groups.update(names)

    def forget(self, name: str) -> None:
        """A group was deleted: the next environment makes it again."""
        self._groups.discard(name)

    def writer(self, function: Function, stream: str) -> StreamWriter | None:
        """What keeps the lines of an environment whose stream is open; None where nothing does."""
        return None if self.writer_to is None else self.writer_to(function.log_group, stream)

    def open(self, function: Function, stream: str) -> bool:
        """Make the stream of a new environment, and its group when that is missing; false: the role may not.

        The role is asked once for each environment (assumption A-35).
        """
        group = function.log_group
        in_group = f"log-group:{group}:log-stream:"
        if group not in self._groups:
            if not self._may(function, "logs:CreateLogGroup", in_group):
                return False
            self._groups.add(group)
        actions = ("logs:CreateLogStream", "logs:PutLogEvents")
        return all(self._may(function, action, in_group + stream) for action in actions)

    def _may(self, function: Function, action: str, resource: str) -> bool:
        refusal = self._world.iam.denied(function.role, action, arn("logs", resource))
        if refusal is None:
            return True
        told = function.name, function.log_group, action
        if told not in self._told:
            self._told.add(told)
            self._world.trace.record(LogsRefused(function.name, function.log_group, action, refusal.why))
        return False
