"""What an update does to a resource of one type. CloudFormation calls the service's own API, as whoever deploys.

Source: CloudFormation User Guide, "Update behaviors of stack resources", read 2026-11: a resource is changed in place,
or replaced: then the new one is made first, and the old one removed when everything else has gone well.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar

from lambdalab.simulator.account import ADMINISTRATOR, Answer, Request
from lambdalab.simulator.account.models import service_model
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.project.problems import ProjectError
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.vocabulary.errors import AwsError

if TYPE_CHECKING:
    from lambdalab.simulator.project.deploy import Deployment


class Failed(Exception):
    """A resource cannot be made what the template says; the message is the reason that CloudFormation gives."""


class Kind:
    """How resources of one type are updated. ``replacing``: the properties that only a replacement can change.

    ``unchangeable``: those that CloudFormation changes and lambdalab does not. Each method raises :class:`Failed`.
    """

    replacing: ClassVar[frozenset[str]] = frozenset()
    unchangeable: ClassVar[frozenset[str]] = frozenset()

    @staticmethod
    def keeps(before: Resource, after: Resource) -> str | None:
        """A property that a resource keeps here, although CloudFormation would change it in this way; or None."""
        return None

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.world = deployment.world

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """Make the resource."""
        raise NotImplementedError

    def update(self, old: Template, before: Resource, new: Template, after: Resource) -> Process[None]:
        """Change it in place; without a way of its own it is made again, over the old one."""
        yield from self.create(new, after)

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """Take it away."""
        raise NotImplementedError

    def ask(self, service: str, operation: str, **params: Any) -> Process[Answer]:
        """Call AWS as CloudFormation does. Raises :class:`Failed` with what AWS answers."""
        answer = yield from self.world.api.call(
            Request(ADMINISTRATOR, service, operation, params, source="cloudformation")
        )
        if isinstance(answer, AwsError):
            name = str(service_model(service).metadata.get("serviceId", service))
            raise Failed(f"{answer.message} (Service: {name}, Status Code: {answer.status})")
        return answer

    def exists(self, resource: Resource, name: str) -> Failed:
        """The refusal of a name that is taken."""
        return Failed(f"Resource of type '{resource.type}' with identifier '{name}' already exists.")


def only(template: Template, resource: Resource) -> Template:
    """The template as if this were its only resource: for what deploys all resources of a type."""
    return dataclasses.replace(template, resources={resource.logical_id: resource})


def told(refused: ProjectError) -> Failed:
    """Why a deployment was refused, as the reason of a failure."""
    return Failed(refused.problems[0].message.split(": ", 1)[-1])
