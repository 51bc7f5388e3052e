"""AWS::Lambda::Function, as far as it comes or goes: how one that stays is updated, the stack itself sees to."""

from __future__ import annotations

from lambdalab.simulator.kernel import SECOND, Micros, Process
from lambdalab.simulator.project.deploy import deploy_function
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.project.updating.kind import Kind

PATIENCE = Micros(SECOND)  # between two looks at a function that is being updated


class Function(Kind):
    """A function that is new, or that nobody wants any more. Another name would be another function: not here yet."""

    unchangeable = frozenset({"FunctionName"})

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """A new function."""
        yield from ()
        if template.name(resource) in self.deployment.lambda_.functions:
            raise self.exists(resource, template.name(resource))
        deploy_function(template, resource, self.deployment)

    def update(self, old: Template, before: Resource, new: Template, after: Resource) -> Process[None]:
        """Not here: versions and aliases hang on it."""
        yield from ()

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """The function, with its versions and aliases; somebody may have updated it by hand a moment ago."""
        registered = self.deployment.lambda_.functions.get(template.name(resource))
        while registered is not None and registered.incoming is not None:
            yield from self.world.kernel.sleep(PATIENCE)
        if registered is not None:
            self.deployment.lambda_.remove(registered)
