"""Facts of stacks: how CloudFormation makes and updates them, and asks functions for custom resources."""

from __future__ import annotations

__all__ = (
    "CustomResourceAnswered",
    "CustomResourceRequested",
    "StackCreateEnded",
    "StackFact",
    "StackResourceChanged",
    "StackUpdateEnded",
    "StackUpdateStarted",
)

from typing import ClassVar, Literal

from lambdalab.simulator.trace.facts.base import Recorded


class StackCreateEnded(Recorded, frozen=True):
    """The stack is there, or it could not be made: then ``reason`` says why, and all that was made is gone again."""

    kind: ClassVar[Literal["stack.create_ended"]] = "stack.create_ended"
    status: Literal["CREATE_COMPLETE", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"]
    reason: str | None


class CustomResourceRequested(Recorded, frozen=True):
    """CloudFormation asks a function to create, update or delete a custom resource, and waits for its answer."""

    kind: ClassVar[Literal["stack.custom_resource_requested"]] = "stack.custom_resource_requested"
    resource: str
    request_type: Literal["Create", "Update", "Delete"]
    request_id: str
    function: str


class CustomResourceAnswered(Recorded, frozen=True):
    """The answer came, or will not come any more; ``reason`` says why the request has failed."""

    kind: ClassVar[Literal["stack.custom_resource_answered"]] = "stack.custom_resource_answered"
    resource: str
    request_type: Literal["Create", "Update", "Delete"]
    request_id: str
    status: Literal["SUCCESS", "FAILED"]
    physical_id: str | None
    reason: str | None


class StackUpdateStarted(Recorded, frozen=True):
    """The stack is being updated; ``resources`` are the logical ids of what is new or changed."""

    kind: ClassVar[Literal["stack.update_started"]] = "stack.update_started"
    resources: tuple[str, ...]


class StackResourceChanged(Recorded, frozen=True):
    """An update has created, changed, replaced or deleted a resource, or could not: then ``reason`` says why.

    ``name`` is the physical name; of something that was replaced, that of the new one.
    """

    kind: ClassVar[Literal["stack.resource_changed"]] = "stack.resource_changed"
    resource: str
    type: str
    action: Literal["created", "updated", "replaced", "deleted", "failed"]
    name: str
    reason: str | None


class StackUpdateEnded(Recorded, frozen=True):
    """The update of the stack is over; when it failed, ``reason`` says why, and what it had changed was put back."""

    kind: ClassVar[Literal["stack.update_ended"]] = "stack.update_ended"
    status: str
    reason: str | None


StackFact = (
    StackCreateEnded
    | CustomResourceRequested
    | CustomResourceAnswered
    | StackUpdateStarted
    | StackResourceChanged
    | StackUpdateEnded
)
