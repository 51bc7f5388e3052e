"""What answers HTTP in front of functions: function URLs, APIs, load balancers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lambdalab.simulator.account.iam import Authority
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.http import urls
from lambdalab.simulator.project.template import Resource, Template

if TYPE_CHECKING:
    from lambdalab.simulator.project.deploy import Deployment

CHECKS: dict[str, Callable[[Template, Resource], list[Problem]]] = {"AWS::Lambda::Url": urls.check}


def names(template: Template) -> frozenset[str]:
    """The logical ids and hosts to which a scenario may send requests."""
    return frozenset(urls.names(template))


def check_rights(template: Template, authority: Authority) -> Iterator[Problem]:
    """Doors that will let nobody in, because a function's policy does not."""
    yield from urls.check_rights(template, authority)


def deploy_doors(template: Template, deployment: Deployment) -> None:
    """Open every door of the template."""
    urls.deploy(template, deployment)
