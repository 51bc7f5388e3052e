"""Distributions, and what they are made of. CloudFormation waits until every edge location has the new configuration.

Source: CloudFormation Template Reference, "AWS::CloudFront::Distribution": all of it is changed in place; Amazon
CloudFront Developer Guide, "Test and debug Lambda@Edge functions", "Delete Lambda@Edge functions and replicas", read
2026-11-29.
"""

from __future__ import annotations

from lambdalab.simulator.kernel import Process
from lambdalab.simulator.project.http_names import cloudfront_id
from lambdalab.simulator.project.resources.http import distributions
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.project.updating.kind import Kind
from lambdalab.simulator.vocabulary.assumptions.edge import EDGE_PROPAGATION


class Distribution(Kind):
    """AWS::CloudFront::Distribution. The old configuration serves until the new one is everywhere (A-136)."""

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """Nobody is answered before it is everywhere."""
        yield from self.world.kernel.sleep(EDGE_PROPAGATION)
        distributions.open_one(template, resource, self.deployment)

    def update(self, old: Template, before: Resource, new: Template, after: Resource) -> Process[None]:
        """What is in the cache stays; functions that are new at the edge are copied there meanwhile."""
        yield from self.changed(new, after)

    def changed(self, template: Template, resource: Resource) -> Process[None]:
        """Bring a distribution to what a template says of it and its policies."""
        live = self.deployment.cloudfront.distributions[cloudfront_id(template.name(resource))]
        config = distributions.config_of(template, resource, self.deployment, live.config)
        if config != live.config:
            yield from self.world.kernel.sleep(EDGE_PROPAGATION)
            live.change(config)

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """It is disabled first; the copies of its functions stay for some hours more, and so for the run."""
        live = self.deployment.cloudfront.distributions.pop(cloudfront_id(template.name(resource)), None)
        if live is not None:
            yield from self.world.kernel.sleep(EDGE_PROPAGATION)
            self.deployment.doors.remove(live)


class PartOfDistributions(Kind):
    """What distributions only name: policies, and who CloudFront is to origins. A change is one of all of them."""

    def create(self, template: Template, resource: Resource) -> Process[None]:
        """By itself it does nothing."""
        yield from ()

    def update(self, old: Template, before: Resource, new: Template, after: Resource) -> Process[None]:
        """Every distribution of the stack that is there already goes by it."""
        there = self.deployment.cloudfront.distributions
        for resource in new.of_type(distributions.DISTRIBUTION):
            if cloudfront_id(new.name(resource)) in there:
                yield from Distribution(self.deployment).changed(new, resource)

    def delete(self, template: Template, resource: Resource) -> Process[None]:
        """By itself it did nothing."""
        yield from ()
