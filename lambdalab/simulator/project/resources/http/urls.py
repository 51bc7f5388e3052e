"""AWS::Lambda::Url, also as SAM's FunctionUrlConfig. Source: BC CreateFunctionUrlConfig; fact F.6."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lambdalab.simulator.account import ANONYMOUS
from lambdalab.simulator.account.iam import Authority
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.resources.http.common import is_function, problem, shown, wrong_cors
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.http.function_url import FunctionUrl
from lambdalab.simulator.services.http.url_api import UrlApi, cors_of, url_host
from lambdalab.simulator.vocabulary.arns import function_arn, split_name

if TYPE_CHECKING:
    from lambdalab.simulator.project.deploy import Deployment

TYPE = "AWS::Lambda::Url"
KNOWN = ("TargetFunctionArn", "Qualifier", "AuthType", "Cors", "InvokeMode")
SAM = "FunctionUrlConfig"


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a function URL."""
    problems = unknown_properties(template, resource, KNOWN)
    props = resource.properties
    if props.get("AuthType") not in ("NONE", "AWS_IAM"):
        text = f"AuthType of a function URL is NONE or AWS_IAM, not {props.get('AuthType')!r}."
        problems.append(problem(template, resource, "AuthType", text, sam=SAM))
    if props.get("InvokeMode", "BUFFERED") != "BUFFERED":
        text = "a function URL that streams its response has no effect in lambdalab: Python's runtime streams none."
        fix = "Leave InvokeMode out."
        problems.append(problem(template, resource, "InvokeMode", text, fix, "unsupported", sam=SAM))
    if not is_function(template, _target(resource)):
        text = f"Function not found: {props.get('TargetFunctionArn')}"
        fix = "Name a function of this template, and with Qualifier an alias of it."
        problems.append(problem(template, resource, "TargetFunctionArn", text, fix, sam=SAM))
    elif (split_name(str(_target(resource)))[1] or "").startswith("{version "):
        text = "a function URL leads to the function or to an alias, not to a version."
        problems.append(problem(template, resource, "TargetFunctionArn", text, "Use an alias.", sam=SAM))
    wrong = wrong_cors(props["Cors"]) if "Cors" in props else None
    if wrong:
        problems.append(problem(template, resource, "Cors", wrong, sam=SAM))
    return problems


def _target(resource: Resource) -> str | None:
    """What a URL leads to, qualified."""
    target, qualifier = resource.properties.get("TargetFunctionArn"), resource.properties.get("Qualifier")
    if not isinstance(target, str):
        return None
    return f"{target}:{qualifier}" if qualifier else target


def names(template: Template) -> Iterator[str]:
    """Logical ids and hosts."""
    for resource in template.of_type(TYPE):
        yield from (resource.logical_id, url_host(template.name(resource)))


def check_rights(template: Template, authority: Authority) -> Iterator[Problem]:
    """Public URLs whose function does not let the public in."""
    for resource in template.of_type(TYPE):
        target = _target(resource)
        if resource.properties.get("AuthType") != "NONE" or target is None:
            continue
        arn = function_arn(*split_name(target))
        asked = (
            ("lambda:InvokeFunctionUrl", {"lambda:functionurlauthtype": "NONE"}),
            ("lambda:InvokeFunction", {"lambda:invokedviafunctionurl": "true"}),
        )
        for action, conditions in asked:
            refusal = authority.denied(ANONYMOUS, action, arn, conditions)
            if refusal is not None:
                text = f"every request will get 403 Forbidden: {refusal.why.removeprefix('denied: ')}."
                yield problem(template, resource, "AuthType", text, "", "warning", sam=SAM)
                break


def deploy(template: Template, deployment: Deployment) -> None:
    """Open every function URL, and let calls make, change and delete some."""
    api = UrlApi(deployment.world, deployment.doors)
    deployment.lambda_.extend(api.operations)
    for resource in template.of_type(TYPE):
        props = resource.properties
        function, qualifier = split_name(str(_target(resource)))
        url = FunctionUrl(
            deployment.world,
            resource.logical_id,
            url_host(template.name(resource)),
            function,
            qualifier,
            props["AuthType"],
            cors_of(props["Cors"]) if "Cors" in props else None,
        )
        who = "anybody may send requests" if url.auth_type == "NONE" else "requests must be signed"
        told = f"it leads to {shown(template, function, qualifier)}, {who}"
        api.add(url, resource.logical_id, told=told)
