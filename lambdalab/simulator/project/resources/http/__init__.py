"""What answers HTTP in front of functions: function URLs, APIs, load balancers, distributions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lambdalab.simulator.account.iam import Authority
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.http import (
    api_keys,
    balancers,
    distributions,
    http_apis,
    rest_apis,
    rest_methods,
    urls,
)
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.http.api.keys import Keys
from lambdalab.simulator.services.http.api.throttling import AccountThrottle

if TYPE_CHECKING:
    from lambdalab.simulator.project.deploy import Deployment

CHECKS: dict[str, Callable[[Template, Resource], list[Problem]]] = {
    urls.TYPE: urls.check,
    **dict.fromkeys(http_apis.KNOWN, http_apis.check_part),
    http_apis.API: http_apis.check,
    **dict.fromkeys(rest_apis.KNOWN, rest_apis.check_part),
    rest_apis.API: rest_apis.check,
    **dict.fromkeys(rest_methods.KNOWN, rest_methods.check_part),
    **dict.fromkeys(api_keys.KNOWN, api_keys.check),
    **dict.fromkeys(balancers.KNOWN, balancers.check),
    **dict.fromkeys(distributions.KNOWN, distributions.check),
}


def names(template: Template) -> frozenset[str]:
    """The logical ids and hosts to which a scenario may send requests."""
    parts = (urls, http_apis, rest_apis, balancers, distributions)
    return frozenset(name for part in parts for name in part.names(template))


def ids(template: Template) -> dict[str, str]:
    """Logical ids, and the ids by which calls name these resources."""
    return distributions.ids(template)


def check_rights(template: Template, authority: Authority) -> Iterator[Problem]:
    """Doors that will let nobody in, because a function's policy does not."""
    yield from urls.check_rights(template, authority)
    yield from balancers.check_rights(template, authority)
    yield from distributions.check_rights(template, authority)


def deploy_doors(template: Template, deployment: Deployment) -> None:
    """Open every door of the template."""
    urls.deploy(template, deployment)
    throttle, keys = AccountThrottle(deployment.world.kernel), Keys(deployment.world)
    keys.add(api_keys.keys_of(template), api_keys.plans_of(template))
    http_apis.deploy(template, deployment, throttle)
    rest_apis.deploy(template, deployment, throttle, keys)
    balancers.deploy(template, deployment)
    distributions.deploy(template, deployment)
