"""AWS::CodePipeline::Pipeline: sources in S3, and functions as actions."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.account import World, service_principal
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import unknown_properties, whole_number
from lambdalab.simulator.project.resources.identities import Identities
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.codepipeline import Action, CodePipeline, Pipeline, Stage
from lambdalab.simulator.trace.facts import PipelineDeployed
from lambdalab.simulator.vocabulary.arns import arn

TYPE = "AWS::CodePipeline::Pipeline"
PRINCIPAL = "codepipeline.amazonaws.com"
KNOWN = {
    "Name", "RoleArn", "ArtifactStore", "Stages", "RestartExecutionOnUpdate", "PipelineType", "ExecutionMode", "Tags",
}  # fmt: skip
PROVIDERS = {("Source", "S3"): "S3", ("Invoke", "Lambda"): "Lambda"}
USER_PARAMETERS_MAX = 1_000  # BC ActionConfigurationValue
ARTIFACTS_MAX = 5  # User Guide, "AWS Lambda invoke action reference": 0 to 5
NEEDS = {"S3": ("S3Bucket", "S3ObjectKey"), "Lambda": ("FunctionName",)}


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a pipeline but its role. Rules: CodePipeline User Guide, "Pipeline structure reference"."""
    problems = unknown_properties(template, resource, KNOWN)
    if resource.properties.get("ExecutionMode", "SUPERSEDED") != "SUPERSEDED":
        text = "execution modes other than SUPERSEDED have no effect in lambdalab yet."
        problems.append(template.problem(resource, "ExecutionMode", text, "Leave it out.", "unsupported"))
    store = resource.properties.get("ArtifactStore")
    buckets = [template.name(each) for each in template.of_type("AWS::S3::Bucket")]
    if not isinstance(store, dict) or store.get("Location") not in buckets:
        text = "ArtifactStore needs Type: S3 and a Location, a bucket of this template."
        problems.append(template.problem(resource, "ArtifactStore", text))
    stages = resource.properties.get("Stages")
    if not isinstance(stages, list) or len(stages) < 2 or not all(_is_stage(each) for each in stages):
        text = "a pipeline has two or more Stages, each with a Name and Actions."
        return [*problems, template.problem(resource, "Stages", text)]
    made: set[str] = set()  # the artifacts of the actions before
    for number, stage in enumerate(stages):
        for index, action in enumerate(stage["Actions"]):
            text = _wrong(action, first=number == 0) or _wrong_artifacts(action, made)
            if text:
                path = ("Resources", resource.origin, "Properties", "Stages", number, "Actions", index)
                severity: Any = "unsupported" if text.endswith("yet.") else "error"
                problems.append(template.source.problem(path, f"{resource.logical_id}: {text}", "", severity))
    return problems


def _is_stage(stage: Any) -> bool:
    actions = stage.get("Actions") if isinstance(stage, dict) else None
    return isinstance(actions, list) and bool(actions) and isinstance(stage.get("Name"), str)


def _wrong(action: Any, *, first: bool) -> str:
    kind = action.get("ActionTypeId") if isinstance(action, dict) else None
    if not isinstance(kind, dict) or not isinstance(action.get("Name"), str):
        return "an action has a Name and an ActionTypeId."
    provider = PROVIDERS.get((str(kind.get("Category")), str(kind.get("Provider"))))
    if provider is None:
        return f"the action {kind.get('Category')} by {kind.get('Provider')} has no effect in lambdalab yet."
    if first is not (provider == "S3"):
        return "the first stage holds sources, and no other stage does."
    config = action.get("Configuration")
    lacking = [key for key in NEEDS[provider] if not isinstance(config, dict) or not config.get(key)]
    return f"the action {action['Name']} needs {lacking[0]} in its Configuration." if lacking else ""


def _wrong_artifacts(action: dict[str, Any], made: set[str]) -> str:
    """What is wrong with the order and the artifacts of an action; ``made`` gets its own."""
    order = whole_number(action.get("RunOrder", 1))
    if order is None or not 1 <= order <= 999:
        return f"the RunOrder of {action['Name']} is a whole number from 1 to 999."
    config = action["Configuration"]
    if len(str(config.get("UserParameters", ""))) > USER_PARAMETERS_MAX:
        return f"the UserParameters of {action['Name']} have at most {USER_PARAMETERS_MAX:,} characters."
    names: dict[str, list[str]] = {}
    for key in ("InputArtifacts", "OutputArtifacts"):
        listed = action.get(key) or []
        if not isinstance(listed, list) or not all(
            isinstance(each, dict) and isinstance(each.get("Name"), str) for each in listed
        ):
            return f"{key} of {action['Name']} is a list of mappings, each with a Name."
        names[key] = [each["Name"] for each in listed]
        if len(listed) > ARTIFACTS_MAX:
            return f"an action has at most {ARTIFACTS_MAX} {key}."
    missing = [name for name in names["InputArtifacts"] if name not in made]
    if missing:
        return f"the artifact {missing[0]} of {action['Name']} is the output of no action before."
    if not made.isdisjoint(names["OutputArtifacts"]):
        return f"an output of {action['Name']} has the name of an artifact that another action makes."
    made.update(names["OutputArtifacts"])
    return ""


def _role(template: Template, resource: Resource, identities: Identities) -> Any:
    caller = service_principal(PRINCIPAL, arn("codepipeline", template.name(resource)))
    return identities.assumed(str(resource.properties.get("RoleArn")), caller, "codepipeline")


def check_roles(template: Template, identities: Identities) -> list[Problem]:
    """A pipeline's role must exist and trust CodePipeline. Text as CreatePipeline answers."""
    problems = []
    for resource in template.of_type(TYPE):
        if _role(template, resource, identities) is None:
            role = resource.properties.get("RoleArn")
            text = f"CodePipeline is not authorized to perform AssumeRole on role {role}."
            fix = f"Let its trust policy allow sts:AssumeRole to the service {PRINCIPAL}."
            problems.append(template.problem(resource, "RoleArn", text, fix))
    return problems


def deploy_pipelines(world: World, template: Template, service: CodePipeline, identities: Identities) -> None:
    """Create the template's pipelines, which have been checked."""
    for resource in template.of_type(TYPE):
        name, shown = template.name(resource), template.shown_as(resource)
        stages = tuple(
            Stage(str(stage["Name"]), tuple(_action(each) for each in stage["Actions"]))
            for stage in resource.properties["Stages"]
        )
        store = str(resource.properties["ArtifactStore"]["Location"])
        service.deploy(Pipeline(name, shown, _role(template, resource, identities), store, stages))
        actions = tuple(f"{stage.name}/{action.name}" for stage in stages for action in stage.actions)
        world.trace.record(PipelineDeployed(name, shown, actions))


def _action(given: dict[str, Any]) -> Action:
    kind = given["ActionTypeId"]
    provider: Any = PROVIDERS[str(kind["Category"]), str(kind["Provider"])]
    configuration = {str(key): str(value) for key, value in given["Configuration"].items()}
    inputs, outputs = (
        tuple(str(each["Name"]) for each in given.get(key) or ()) for key in ("InputArtifacts", "OutputArtifacts")
    )
    return Action(given["Name"], provider, configuration, inputs, outputs, whole_number(given.get("RunOrder", 1)) or 1)
