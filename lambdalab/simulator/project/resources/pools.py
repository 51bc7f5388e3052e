"""AWS::Cognito::UserPool with its Lambda triggers, and its clients."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.account import World
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import not_mappings, unknown_properties
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.cognito import Cognito, PasswordPolicy, UserPool, client_id, pool_id
from lambdalab.simulator.services.cognito.triggers import SOURCES
from lambdalab.simulator.trace.facts import UserPoolDeployed
from lambdalab.simulator.vocabulary.arns import function_arn, split_name

POOL, CLIENT = "AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient"
KNOWN_POOL = {
    "UserPoolName", "LambdaConfig", "Policies", "AutoVerifiedAttributes", "AccountRecoverySetting", "Schema",
    "AdminCreateUserConfig", "UserPoolTags", "UserPoolTier", "DeletionProtection",
}  # fmt: skip
KNOWN_CLIENT = {"ClientName", "UserPoolId", "ExplicitAuthFlows", "GenerateSecret", "PreventUserExistenceErrors"}
VERIFIED = ("email", "phone_number")
NEWER = {"PreTokenGenerationConfig"}


def check_pool(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a user pool."""
    misshapen = not_mappings(template, resource, "LambdaConfig", "Policies")
    if misshapen:
        return misshapen
    problems = unknown_properties(template, resource, KNOWN_POOL)
    verified = resource.properties.get("AutoVerifiedAttributes", [])
    if not isinstance(verified, list) or not all(each in VERIFIED for each in verified):
        text = "AutoVerifiedAttributes lists email and phone_number."
        problems.append(template.problem(resource, "AutoVerifiedAttributes", text))
    there = {function_arn(template.name(each)) for each in template.of_type("AWS::Lambda::Function")}
    for name, given in (resource.properties.get("LambdaConfig") or {}).items():
        if name not in SOURCES and name not in NEWER:
            text = f"the trigger {name} has no effect in lambdalab yet."
            fix = template.source.meant(name, SOURCES)
            problems.append(template.problem(resource, "LambdaConfig", text, fix, "unsupported"))
            continue
        arn = given.get("LambdaArn") if isinstance(given, dict) else given
        bare = function_arn(split_name(str(arn))[0])
        if bare not in there:
            text = f"the trigger {name} must be the ARN of a function of this template."
            problems.append(template.problem(resource, "LambdaConfig", text, "Write !GetAtt MyFunction.Arn."))
    return problems


def check_client(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a pool's client."""
    problems = unknown_properties(template, resource, KNOWN_CLIENT)
    if resource.properties.get("GenerateSecret") not in (None, False, "false"):
        text = "clients with a secret have no effect in lambdalab yet."
        problems.append(template.problem(resource, "GenerateSecret", text, "Leave it out.", "unsupported"))
    if resource.properties.get("UserPoolId") not in {pool_id(template.name(each)) for each in template.of_type(POOL)}:
        text = "UserPoolId must name a user pool of this template."
        problems.append(template.problem(resource, "UserPoolId", text, "Write !Ref MyUserPool."))
    return problems


def ids(template: Template) -> dict[str, str]:
    """Ids of pools and clients by their logical ids."""
    found = {each.logical_id: pool_id(template.name(each)) for each in template.of_type(POOL)}
    return found | {each.logical_id: client_id(template.name(each)) for each in template.of_type(CLIENT)}


def deploy_pools(world: World, template: Template, cognito: Cognito) -> None:
    """Create the template's user pools and clients."""
    for resource in template.of_type(POOL):
        config = dict(resource.properties.get("LambdaConfig") or {})
        newer = config.pop("PreTokenGenerationConfig", None)
        version = "1"
        if isinstance(newer, dict):
            config["PreTokenGeneration"] = newer["LambdaArn"]
            version = {"V1_0": "1", "V2_0": "2", "V3_0": "3"}.get(str(newer.get("LambdaVersion")), "1")
        name, shown = template.name(resource), template.shown_as(resource)
        verifies = tuple(resource.properties.get("AutoVerifiedAttributes") or ())
        pool = UserPool(name, shown, config, verifies, _policy(resource), version)
        clients = [
            client_id(template.name(each))
            for each in template.of_type(CLIENT)
            if each.properties.get("UserPoolId") == pool.id
        ]
        cognito.deploy(pool, clients)
        world.trace.record(UserPoolDeployed(name, shown, tuple(config)))


def _policy(resource: Resource) -> PasswordPolicy:
    given: dict[str, Any] = (resource.properties.get("Policies") or {}).get("PasswordPolicy") or {}
    names = ("RequireLowercase", "RequireUppercase", "RequireNumbers", "RequireSymbols")
    wanted = [given.get(name, not given) in (True, "true") for name in names]
    return PasswordPolicy(int(given.get("MinimumLength", 8)), *wanted)
