"""Bringing the resources of a stack from what one template says to what the next does, and back.

In the order in which a stack is made, one after the other (assumption A-150): stores and what carries messages, then
functions, then what connects them. What is replaced or left out goes last, when everything else has gone well.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal

from lambdalab.simulator.kernel import Process
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.project.updating.changes import CUSTOM_NAMED, is_replaced, name_in_the_way
from lambdalab.simulator.project.updating.connections import Notifications
from lambdalab.simulator.project.updating.kind import Failed, Kind
from lambdalab.simulator.project.updating.table import BEFORE_FUNCTIONS, FUNCTION, KINDS, ORDER
from lambdalab.simulator.trace.facts import StackResourceChanged

if TYPE_CHECKING:
    from lambdalab.simulator.project.deploy import Deployment

BUCKET, TELLING = "AWS::S3::Bucket", "NotificationConfiguration"
Action = Literal["created", "updated", "replaced", "deleted", "failed"]


class Others:
    """Everything but functions, versions, aliases, layers and custom resources, as one update changes it."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._world = deployment.world
        self._kinds: dict[str, Kind] = {name: make(deployment) for name, make in KINDS.items()}
        self._undo: list[tuple[Resource, Callable[[], Process[None]]]] = []
        self._superfluous: list[tuple[Template, Resource]] = []

    def begin(self) -> None:
        """A new update: nothing is to be undone yet."""
        self._undo, self._superfluous = [], []

    def stores(self, old: Template, new: Template) -> Process[str | None]:
        """Bring what functions need; returns why that failed, or None."""
        return (yield from self._bring(old, new, BEFORE_FUNCTIONS))

    def connections(self, old: Template, new: Template) -> Process[str | None]:
        """Bring what leads to functions, when they are there; returns why that failed, or None."""
        failure = yield from self._bring(old, new, tuple(name for name in ORDER if name not in BEFORE_FUNCTIONS))
        failure = failure or (yield from self._notifications(old, new))
        gone = [r for r in old.resources.values() if r.type in KINDS and r.logical_id not in new.resources]
        self._superfluous += [(old, resource) for resource in gone if not resource.retained]
        return failure

    def undo(self) -> Process[str | None]:
        """After a failure, put everything back, the last one first; returns why that failed, or None."""
        stuck = None
        for resource, act in reversed(self._undo):
            try:
                yield from act()
            except Failed as refused:
                stuck = stuck or f"{resource.logical_id}: {refused}"
        self._undo.clear()
        return stuck

    def clean_up(self) -> Process[None]:
        """After an update that went well, remove what it has replaced or left out. A failure changes nothing."""
        order = {name: number for number, name in enumerate(ORDER)}
        for template, resource in sorted(self._superfluous, key=lambda each: -order[each[1].type]):
            try:
                yield from self._kinds[resource.type].delete(template, resource)
                self._tell(resource, "deleted", template.name(resource))
            except Failed as refused:
                self._tell(resource, "failed", template.name(resource), str(refused))

    def _bring(self, old: Template, new: Template, types: tuple[str, ...]) -> Process[str | None]:
        for name in types:
            for after in new.of_type(name):
                before = old.resources.get(after.logical_id)
                if before is not None and (name == FUNCTION or _is_same(before, after)):
                    continue
                try:
                    yield from self._one(old, before, new, after)
                except Failed as refused:
                    self._tell(after, "failed", new.name(after), str(refused))
                    return f"{after.logical_id}: {refused}"
        return None

    def _notifications(self, old: Template, new: Template) -> Process[str | None]:
        """Last of all, what buckets tell of: whom they tell must be there, and let them in."""
        kind = Notifications(self._deployment)
        for after in new.of_type(BUCKET):
            before = old.resources.get(after.logical_id)
            was = None if before is None or is_replaced(before, after) else before
            if (was.properties if was else {}).get(TELLING) != after.properties.get(TELLING):
                if was is not None:
                    self._undo.append((after, partial(kind.create, old, was)))
                yield from kind.create(new, after)
        return None

    def _one(self, old: Template, before: Resource | None, new: Template, after: Resource) -> Process[None]:
        kind = self._kinds[after.type]
        if before is not None and not is_replaced(before, after):
            self._undo.append((after, partial(kind.update, new, after, old, before)))
            yield from kind.update(old, before, new, after)
            self._tell(after, "updated", new.name(after))
            return
        taken = name_in_the_way(old, before, new, after) if before is not None else None
        if taken is not None:
            raise Failed(CUSTOM_NAMED.format(taken))
        yield from kind.create(new, after)
        self._undo.append((after, partial(kind.delete, new, after)))
        if before is not None and not before.retained_when_replaced:
            self._superfluous.append((old, before))
        self._tell(after, "created" if before is None else "replaced", new.name(after))

    def _tell(self, resource: Resource, action: Action, name: str, reason: str | None = None) -> None:
        self._world.trace.record(StackResourceChanged(resource.logical_id, resource.type, action, name, reason))


def _is_same(before: Resource, after: Resource) -> bool:
    return before.type == after.type and before.properties == after.properties
