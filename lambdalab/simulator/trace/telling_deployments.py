"""Sentences about what is deployed, published and updated: functions, versions, aliases, layers and stacks."""

from __future__ import annotations

from lambdalab.simulator.trace import facts as f
from lambdalab.simulator.trace.names import Names
from lambdalab.simulator.trace.words import said

Change = (
    f.AliasChanged
    | f.AliasDeleted
    | f.FunctionUpdated
    | f.FunctionUpdateStarted
    | f.HardwareConfigured
    | f.VersionDeleted
    | f.VersionPublished
)
Rollout = f.AlarmChanged | f.DeploymentStarted | f.HookInvoked | f.HookAnswered | f.TrafficShifted | f.DeploymentEnded


def of_deployment(fact: f.DeploymentFact | f.StackFact, names: Names) -> str:
    """The sentence."""
    if isinstance(fact, f.StackFact):
        return _stack(fact)
    if isinstance(fact, Rollout):
        return _rollout(fact)
    if isinstance(fact, f.LayerPublished | f.LayerDeleted):
        return _layer(fact)
    name = names.name(fact.function)
    return _layers(fact, name) if isinstance(fact, f.LayersConfigured) else _change(fact, name)


def _change(fact: Change, name: str) -> str:
    match fact:
        case f.VersionPublished():
            return f"Version {fact.version} of {name} is published: its code and configuration never change again."
        case f.VersionDeleted():
            return f"Version {fact.version} of {name} is deleted."
        case f.AliasChanged():
            return f"The alias {fact.alias} of {name} leads to version {fact.version}{_share(fact)}."
        case f.AliasDeleted():
            return f"The alias {fact.alias} of {name} is deleted."
        case f.FunctionUpdateStarted():
            return f"$LATEST of {name} gets new {fact.what}; until that is ready, the old one serves."
        case f.FunctionUpdated():
            return f"$LATEST of {name} has its new code and configuration; its next environments start cold."
        case f.HardwareConfigured():
            return f"{name} has {fact.ephemeral_mb:,} MB of ephemeral storage, and runs on {fact.architecture}."


def _share(fact: f.AliasChanged) -> str:
    if fact.additional is None:
        return ""
    return f", and for {fact.weight * 100:g} % of the invocations to version {fact.additional}"


def _layer(fact: f.LayerPublished | f.LayerDeleted) -> str:
    if isinstance(fact, f.LayerPublished):
        return f"Version {fact.version} of the layer {fact.layer} is published: {fact.bytes:,} bytes for /opt."
    return f"Version {fact.version} of the layer {fact.layer} is deleted; functions that use it keep it."


def _layers(fact: f.LayersConfigured, name: str) -> str:
    if not fact.layers:
        return f"{name} has no layers any more."
    shown = ", then ".join(":".join(arn.split(":")[-2:]) for arn in fact.layers)
    return f"{name} has layers in /opt: {shown}. The last one that has a file wins."


def _stack(fact: f.StackFact) -> str:
    match fact:
        case f.StackCreateEnded():
            if fact.status == "CREATE_COMPLETE":
                return "The stack is complete: CREATE_COMPLETE."
            gone = " Everything that it had made is deleted." if fact.status == "ROLLBACK_COMPLETE" else ""
            return f"The stack could not be created: {fact.status}. {said(fact.reason)}{gone}"
        case f.CustomResourceRequested():
            return f"CloudFormation asks a function to {fact.request_type.lower()} {fact.resource}, and waits."
        case f.CustomResourceAnswered():
            asked = fact.request_type.lower()
            if fact.status == "SUCCESS":
                return f"The custom resource {fact.resource} is {asked}d: {said(fact.physical_id)}."
            return f"The request to {asked} {fact.resource} failed: {said(fact.reason)}"
        case f.StackUpdateStarted():
            return f"The stack is being updated: {', '.join(fact.resources) or 'nothing in it'}."
        case f.StackResourceChanged():
            if fact.action == "failed":
                return f"{fact.resource} ({fact.type}) could not be changed: {said(fact.reason)}"
            return f"{fact.resource} ({fact.type}) is {fact.action}: {fact.name}."
        case f.StackUpdateEnded():
            return f"The update of the stack is over: {fact.status}." + (f" {fact.reason}" if fact.reason else "")


def _rollout(fact: Rollout) -> str:
    match fact:
        case f.AlarmChanged():
            return f"The alarm {fact.alarm} goes from {fact.before} to {fact.state}."
        case f.DeploymentStarted():
            how = fact.configuration.removeprefix("CodeDeployDefault.Lambda")
            return f"CodeDeploy begins to move {fact.alias} from version {fact.old} to version {fact.new}, {how}."
        case f.HookInvoked():
            return f"CodeDeploy asks {fact.hook} ({fact.event}) whether to go on."
        case f.HookAnswered():
            return f"The hook {fact.hook} ({fact.event}) says: {fact.status}."
        case f.TrafficShifted():
            return f"Version {fact.version} now gets {fact.weight * 100:g} % of what is sent to {fact.alias}."
        case f.DeploymentEnded():
            if fact.outcome == "Succeeded":
                return f"The deployment is done: {fact.alias} leads to version {fact.new}."
            return f"The deployment is rolled back: {fact.alias} leads to version {fact.old} again. {fact.reason or ''}"
