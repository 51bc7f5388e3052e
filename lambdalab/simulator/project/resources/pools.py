"""AWS::Cognito::UserPool with its Lambda triggers, and its clients."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.account import World
from lambdalab.simulator.project.problems import Problem
from lambdalab.simulator.project.resources.common import not_mappings, unknown_properties, whole_number
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.cognito import Client, Cognito, PasswordPolicy, UserPool, client_id, pool_id
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
VERSIONS = {"V1_0": "1", "V2_0": "2", "V3_0": "3"}  # BC PreTokenGenerationLambdaVersionType
FLOWS = (  # BC ExplicitAuthFlowsType
    "ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_CUSTOM_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
    "ALLOW_USER_AUTH",
)  # fmt: skip
USUAL_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")  # BC ExplicitAuthFlows


def check_pool(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a user pool."""
    misshapen = not_mappings(template, resource, "LambdaConfig", "Policies", "AdminCreateUserConfig")
    if misshapen:
        return misshapen
    problems = unknown_properties(template, resource, KNOWN_POOL) + _check_policy(template, resource)
    schema = resource.properties.get("Schema") or []
    if not isinstance(schema, list) or not all(isinstance(each, dict) and each.get("Name") for each in schema):
        problems.append(template.problem(resource, "Schema", "Schema lists attributes, each with a Name."))
    verified = resource.properties.get("AutoVerifiedAttributes", [])
    if not isinstance(verified, list) or not all(each in VERIFIED for each in verified):
        text = "AutoVerifiedAttributes lists email and phone_number."
        problems.append(template.problem(resource, "AutoVerifiedAttributes", text))
    there = {function_arn(template.name(each)) for each in template.of_type("AWS::Lambda::Function")}
    newer = (resource.properties.get("LambdaConfig") or {}).get("PreTokenGenerationConfig")
    if newer is not None and (not isinstance(newer, dict) or str(newer.get("LambdaVersion")) not in VERSIONS):
        text = f"PreTokenGenerationConfig needs a LambdaArn and a LambdaVersion, one of {', '.join(VERSIONS)}."
        problems.append(template.problem(resource, "LambdaConfig", text))
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


def _check_policy(template: Template, resource: Resource) -> list[Problem]:
    policy = (resource.properties.get("Policies") or {}).get("PasswordPolicy")
    if policy is None:
        return []
    if not isinstance(policy, dict):
        return [template.problem(resource, "Policies", "PasswordPolicy must be a mapping (key: value).")]
    length = policy.get("MinimumLength", 8)
    right = whole_number(length)
    if right is None or not 6 <= right <= 99:  # BC PasswordPolicyMinLengthType
        text = f"MinimumLength of a password is a whole number from 6 to 99, not {length!r}."
        return [template.problem(resource, "Policies", text)]
    return []


def check_client(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a pool's client."""
    problems = unknown_properties(template, resource, KNOWN_CLIENT)
    if resource.properties.get("GenerateSecret") not in (None, False, "false"):
        text = "clients with a secret have no effect in lambdalab yet."
        problems.append(template.problem(resource, "GenerateSecret", text, "Leave it out.", "unsupported"))
    if resource.properties.get("UserPoolId") not in [pool_id(template.name(each)) for each in template.of_type(POOL)]:
        text = "UserPoolId must name a user pool of this template."
        problems.append(template.problem(resource, "UserPoolId", text, "Write !Ref MyUserPool."))
    flows = resource.properties.get("ExplicitAuthFlows") or []
    if not isinstance(flows, list) or not all(each in FLOWS for each in flows):
        text = f"ExplicitAuthFlows lists some of: {', '.join(FLOWS)}."
        problems.append(template.problem(resource, "ExplicitAuthFlows", text))
    if resource.properties.get("PreventUserExistenceErrors") not in (None, "LEGACY", "ENABLED"):
        text = "PreventUserExistenceErrors is LEGACY or ENABLED."
        problems.append(template.problem(resource, "PreventUserExistenceErrors", text))
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
            version = VERSIONS[str(newer["LambdaVersion"])]
        name, shown = template.name(resource), template.shown_as(resource)
        verifies = tuple(resource.properties.get("AutoVerifiedAttributes") or ())
        schema = resource.properties.get("Schema") or ()
        required = tuple(str(each["Name"]) for each in schema if each.get("Required") in (True, "true"))
        closed = (resource.properties.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly")
        pool = UserPool(name, shown, config, verifies, _policy(resource), version, required, closed in (True, "true"))
        clients = [_client(template, each, pool) for each in template.of_type(CLIENT)]
        cognito.deploy(pool, [each for each in clients if each is not None])
        world.trace.record(UserPoolDeployed(name, shown, tuple(config)))


def _client(template: Template, resource: Resource, pool: UserPool) -> Client | None:
    props = resource.properties
    if props.get("UserPoolId") != pool.id:
        return None
    flows = frozenset(props.get("ExplicitAuthFlows") or USUAL_FLOWS)
    return Client(client_id(template.name(resource)), pool, flows, props.get("PreventUserExistenceErrors") == "ENABLED")


def _policy(resource: Resource) -> PasswordPolicy:
    given: dict[str, Any] = (resource.properties.get("Policies") or {}).get("PasswordPolicy") or {}
    names = ("RequireLowercase", "RequireUppercase", "RequireNumbers", "RequireSymbols")
    wanted = [given.get(name, not given) in (True, "true") for name in names]
    return PasswordPolicy(whole_number(given.get("MinimumLength", 8)) or 8, *wanted)
