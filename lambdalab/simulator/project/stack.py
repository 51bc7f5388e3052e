"""Updating a stack while it serves: the functions first, then versions, then aliases. Source: facts B.1, K.2 and K.6.

As CloudFormation does, an update that fails is rolled back: the functions get their old code and configuration again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from lambdalab.simulator.kernel import SECOND, Micros, Process
from lambdalab.simulator.lambda_.codedeploy import Plan
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.lambda_.registry import Alias, Registered
from lambdalab.simulator.lambda_.updates import Change
from lambdalab.simulator.project import updating
from lambdalab.simulator.project.custom_resources import CustomResources, custom_resources
from lambdalab.simulator.project.deploy import (
    SILENT,
    Deployment,
    aliases_of,
    event_invoke_configs,
    function_of,
    problems_of,
)
from lambdalab.simulator.project.names import is_custom, version_token
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.resources import deployments
from lambdalab.simulator.project.resources.identities import read_identities
from lambdalab.simulator.project.resources.key import key_of
from lambdalab.simulator.project.resources.layers import publish_layers, replaced_layers
from lambdalab.simulator.project.resources.versions import (
    function_name,
    provide,
    publish_versions,
    wanted_routing,
)
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.trace.facts import StackCreateEnded, StackUpdateEnded, StackUpdateStarted
from lambdalab.simulator.vocabulary.arns import split_name

CHANGEABLE = SILENT | {
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::IAM::RolePolicy",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Function",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Version",
    "AWS::Logs::LogGroup",
}
REMOVABLE = {
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::IAM::RolePolicy",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Version",
    "AWS::Logs::LogGroup",
}
OF_FUNCTIONS = ("AWS::Lambda::Alias", "AWS::Lambda::EventInvokeConfig")
NO_UPDATES = "No updates are to be performed."
PATIENCE = Micros(SECOND)  # between two looks at a function that somebody else is updating


def refused(old: Template, new: Template) -> list[Problem]:
    """Everything that keeps ``new`` from being deployed over ``old``."""
    problems = [problem for problem in problems_of(new) if problem.severity != "warning"]
    problems += updating.refused(old, new)
    for resource in new.resources.values():
        before = old.resources.get(resource.logical_id)
        if _is_beyond(before, resource):
            text = f"{resource.logical_id}: a deploy step cannot add or change a resource of type {resource.type} yet."
            fix = "Let it change functions and what is connected with them."
            problems.append(new.source.problem(("Resources", resource.origin), text, fix, "unsupported"))
    for resource in old.resources.values():
        if resource.logical_id not in new.resources and not _is_removable(resource, new):
            text = f"{resource.logical_id}: a deploy step cannot remove a resource yet."
            problems.append(new.source.problem(("Resources",), text, f"Keep {resource.logical_id}.", "unsupported"))
    return problems


def _is_removable(resource: Resource, new: Template) -> bool:
    if resource.type in OF_FUNCTIONS:  # these go with their function
        name, _ = split_name(str(resource.properties.get("FunctionName", "")))
        return name not in {new.name(each) for each in new.of_type("AWS::Lambda::Function")}
    return resource.type in REMOVABLE or updating.has_kind(resource.type) or is_custom(resource.type)


def _is_beyond(before: Resource | None, now: Resource) -> bool:
    if updating.has_kind(now.type) and (before is None or before.type == now.type):
        return False
    if is_custom(now.type):
        return before is not None and before.type != now.type
    if before is None:
        return now.type not in CHANGEABLE - {"AWS::Lambda::Function"}
    return now.type not in CHANGEABLE and before.properties != now.properties


class Stack:
    """The stack of a run, as the last update that went well left it."""

    def __init__(self, deployment: Deployment, template: Template) -> None:
        self._deployment = deployment
        self._world = deployment.world
        self._lambda = deployment.lambda_
        template = self._template = deployment.resolved(template)
        self._built = {
            resource.logical_id: self._lambda.functions[template.name(resource)].latest
            for resource in template.of_type("AWS::Lambda::Function")
        }  # each function as a template has said it last, whatever calls have made of it since
        self._custom = CustomResources(deployment.world)
        self._others = updating.Others(deployment)
        self._busy: str | None = None  # the state in which no update can begin
        self.waits_for_custom_resources = bool(custom_resources(template))

    def create(self) -> Process[None]:
        """Make the custom resources: all else is there from the beginning. When one fails, everything goes again."""
        self._busy = "CREATE_IN_PROGRESS"
        failure = yield from self._custom.bring(self._template, self._deployment.numbers)
        status: Literal["CREATE_COMPLETE", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"] = "CREATE_COMPLETE"
        if failure:
            stuck = yield from self._custom.undo()
            status = "ROLLBACK_FAILED" if stuck else "ROLLBACK_COMPLETE"
            if not stuck:
                self._deployment.dismantle()
        self._busy = status if failure else None
        self._world.trace.record(StackCreateEnded(status, failure))

    def update(self, template: Template) -> Process[str]:
        """Update to ``template``; returns CloudFormation's status, or why it did not begin."""
        if self._busy:
            return f"Stack lab is in {self._busy} state and can not be updated."
        try:
            template = self._deployment.resolved(template)
        except ProjectError as refused:  # a dynamic reference that leads to nothing
            return f"ValidationError: {refused.problems[0].message}"
        if template.resources == self._template.resources:  # the files may differ: CloudFormation does not look. K.2
            return NO_UPDATES
        self._busy = "UPDATE_IN_PROGRESS"
        self._world.trace.record(StackUpdateStarted(tuple(self._changed(template))))
        numbers = self._deployment.numbers.copy()
        new_layers = publish_layers(template, self._lambda.layers, self._deployment.numbers, self._template.resources)
        self._others.begin()
        before, self._deployment.identities = self._deployment.identities, read_identities(template)
        failure = yield from self._others.stores(self._template, template)
        failure = failure or (yield from self._functions(self._template, template))
        failure = failure or (yield from self._aliases(template))
        failure = failure or (yield from self._others.connections(self._template, template))
        failure = failure or (yield from self._custom.bring(template, self._deployment.numbers))
        stuck = None
        if failure:
            self._deployment.identities = before
            self._lead_back()
            self._deployment.numbers = numbers
            stuck = yield from self._functions(template, self._template)
            stuck = stuck or (yield from self._custom.undo())
            stuck = (yield from self._others.undo()) or stuck
            superfluous = [(layer.name, layer.number) for layer in new_layers]
        else:
            yield from self._custom.clean_up()
            yield from self._others.clean_up()
            superfluous = replaced_layers(self._template, template, numbers)
            self._settle(template)
        for name, number in superfluous:
            self._lambda.layers.delete(name, number)
        status = "UPDATE_ROLLBACK_COMPLETE" if failure else "UPDATE_COMPLETE"
        status, failure = ("UPDATE_ROLLBACK_FAILED", stuck) if stuck else (status, failure)
        self._busy = status if stuck else None
        self._world.trace.record(StackUpdateEnded(status, failure))
        return status

    def _changed(self, template: Template) -> Iterator[str]:
        old = self._template.resources
        return (name for name, resource in template.resources.items() if old.get(name) != resource)

    def _functions(self, before: Template, after: Template) -> Process[str | None]:
        """Bring every function from what one template says of it to what the other does, one after the other.

        Returns why Lambda refuses one, or None. Its runtime may be past its last day, also on the way back.
        """
        self._lambda.function_api.code_source = after.code_source
        self._lambda.function_api.key_source = lambda wanted: key_of(after, wanted)
        groups = map(after.name, after.of_type("AWS::Logs::LogGroup"))
        self._lambda.log_delivery.create_groups(groups)
        roles = read_identities(after)
        for resource in after.of_type("AWS::Lambda::Function"):
            wanted = function_of(after, resource, self._deployment, roles)
            earlier = before.resources.get(resource.logical_id)
            if earlier is None:  # it is new, or stays as it is when an update that would have removed it fails
                self._built[resource.logical_id] = wanted
                continue
            registered = self._lambda.functions[wanted.name]
            while registered.incoming is not None:
                yield from self._world.kernel.sleep(PATIENCE)
            old = earlier.properties["Code"]
            new_code = old != resource.properties["Code"]
            was = self._built[resource.logical_id]
            what, function = _changed(was, wanted, registered.latest, new_code=new_code)
            refusal = self._lambda.function_api.runtime_refusal(function) if what else None
            if refusal:
                return f"{resource.logical_id}: {refusal.message}"
            self._built[resource.logical_id] = wanted
            if what:
                done = self._lambda.function_api.updates.begin(registered, function, what)
                yield from self._world.kernel.wait(done)
            registered.recursive_loop = resource.properties.get("RecursiveLoop", "Terminate")
            self._lambda.reserve(registered, resource.properties.get("ReservedConcurrentExecutions"))
        return None

    def _aliases(self, template: Template) -> Process[str | None]:
        """Publish new versions, lead the aliases to them, provision what they say; returns why that failed, or None."""
        try:
            return (yield from self._lead_all(template))
        except ProjectError as refused:  # only now do versions have numbers, and does the account have its limits
            return refused.problems[0].message

    def _lead_all(self, template: Template) -> Process[str | None]:
        numbers = self._deployment.numbers
        api = self._lambda.function_api
        publish_versions(template, self._lambda.functions, api, numbers, known=self._template.resources)
        for resource in template.of_type("AWS::Lambda::Alias"):
            registered = self._lambda.functions[function_name(resource)]
            wanted = wanted_routing(template, resource, registered, numbers)
            alias = registered.aliases.get(resource.properties["Name"])
            if alias is None:
                alias = registered.aliases[resource.properties["Name"]] = Alias(resource.properties["Name"], wanted[0])
            elif wanted == (alias.version, alias.additional, alias.weight):
                continue
            failure = yield from self._lead(template, resource, registered, alias, wanted)
            if failure:
                return failure
        lambda_ = self._lambda
        provide(template, lambda_.functions, lambda_.provisioned_api, lambda_.provisioned, numbers, prepared=False)
        return None

    def _lead_back(self) -> None:
        """After a failure, lead every alias that has moved to where it led before."""
        for resource in self._template.of_type("AWS::Lambda::Alias"):
            registered = self._lambda.functions[function_name(resource)]
            alias = registered.aliases.get(resource.properties["Name"])
            try:
                wanted = wanted_routing(self._template, resource, registered, self._deployment.numbers)
            except ProjectError:  # somebody has deleted the version meanwhile
                continue
            if alias is not None and wanted != (alias.version, alias.additional, alias.weight):
                self._lambda.alias_api.route(registered, alias, *wanted)

    def _lead(
        self,
        template: Template,
        resource: Resource,
        registered: Registered,
        alias: Alias,
        wanted: tuple[str, str | None, float],
    ) -> Process[str | None]:
        """Lead an alias elsewhere: through CodeDeploy when its update policy says so, but not a new one."""
        policy = resource.update_policy.get("CodeDeployLambdaAliasUpdate")
        if policy is None or not alias.revision or alias.version == wanted[0]:
            self._lambda.alias_api.route(registered, alias, *wanted)
            return None
        group = deployments.group_of(template, policy, read_identities(template))
        before, after = policy.get("BeforeAllowTrafficHook"), policy.get("AfterAllowTrafficHook")
        return (
            yield from self._deployment.code_deploy.deploy(Plan(registered, alias, wanted[0], group, before, after))
        )

    def _settle(self, template: Template) -> None:
        """The update went well: what is configured by qualifier, and versions that nobody keeps."""
        for name, configs in event_invoke_configs(template, self._deployment.numbers).items():
            if name in self._lambda.functions:
                self._lambda.event_invoke_api.settle(self._lambda.functions[name], configs)
        for resource in self._template.of_type("AWS::Lambda::Version"):
            if resource.logical_id not in template.resources and not resource.retained:
                number = self._deployment.numbers.of(version_token(resource.logical_id))
                registered = self._lambda.functions.get(function_name(resource))
                if registered is not None and not registered.pointing_at(number):  # an alias of no template, perhaps
                    self._lambda.function_api.delete_version(registered, number)
        self._deployment.aliases = aliases_of(template) | self._deployment.mapping_ids
        self._template = template


def _changed(was: Function, wanted: Function, latest: Function, *, new_code: bool) -> tuple[Change | None, Function]:
    """What an update changes, and the function then. CloudFormation compares what the templates say of the code. K.2"""
    settings = was.settings != wanted.settings
    function = wanted if settings else latest
    if not new_code:
        function = replace(function, code=latest.code, code_folder=latest.code_folder)
        return "configuration" if settings else None, function
    function = replace(function, code=wanted.code, code_folder=wanted.code_folder)
    return "code and configuration" if settings else "code", function
