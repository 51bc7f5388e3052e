"""AWS::DynamoDB::Table."""

from __future__ import annotations

from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.dynamodb import DynamoDbService

KNOWN = {
    "TableName", "KeySchema", "AttributeDefinitions", "BillingMode", "ProvisionedThroughput", "Tags",
    "GlobalSecondaryIndexes", "LocalSecondaryIndexes", "SSESpecification", "TableClass", "StreamSpecification",
    "TimeToLiveSpecification",
}  # fmt: skip
VIEWS = ("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")  # BC CreateTable
PASSED_ON = (
    "KeySchema", "AttributeDefinitions", "BillingMode", "ProvisionedThroughput", "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes", "StreamSpecification", "TimeToLiveSpecification",
)  # fmt: skip


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a table."""
    problems = unknown_properties(template, resource, KNOWN)
    if not resource.properties.get("KeySchema"):
        problems.append(template.problem(resource, "KeySchema", "a table needs a KeySchema."))
    return problems + _check_stream(template, resource) + _check_ttl(template, resource)


def _check_stream(template: Template, resource: Resource) -> list[Problem]:
    given = resource.properties.get("StreamSpecification")
    view = given.get("StreamViewType") if isinstance(given, dict) else None
    if given is None or view in VIEWS:
        return []
    text = f"StreamSpecification needs a StreamViewType: {', '.join(VIEWS)}."
    return [template.problem(resource, "StreamSpecification", text)]


def _check_ttl(template: Template, resource: Resource) -> list[Problem]:
    given = resource.properties.get("TimeToLiveSpecification")
    right = isinstance(given, dict) and isinstance(given.get("Enabled"), bool) and given.get("AttributeName")
    if given is None or right:
        return []
    text = "TimeToLiveSpecification needs Enabled (true or false) and an AttributeName."
    return [template.problem(resource, "TimeToLiveSpecification", text)]


def deploy_tables(template: Template, dynamodb: DynamoDbService) -> None:
    """Create the template's tables in the store."""
    for resource in template.of_type("AWS::DynamoDB::Table"):
        properties = {k: v for k, v in resource.properties.items() if k in PASSED_ON}
        if "ProvisionedThroughput" not in properties:
            properties.setdefault("BillingMode", "PAY_PER_REQUEST")
        try:
            dynamodb.deploy(template.name(resource), template.shown_as(resource), properties)
        except ValueError as error:
            raise ProjectError([template.problem(resource, "KeySchema", str(error))]) from None
