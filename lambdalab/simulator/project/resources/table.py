"""AWS::DynamoDB::Table."""

from __future__ import annotations

from lambdalab.simulator.account import World
from lambdalab.simulator.project.problems import Problem, ProjectError
from lambdalab.simulator.project.resources.common import unknown_properties
from lambdalab.simulator.project.template import Resource, Template
from lambdalab.simulator.services.dynamodb import DynamoDbService
from lambdalab.simulator.trace.facts import TableDeployed
from lambdalab.simulator.vocabulary.arns import arn

KNOWN = {
    "TableName", "KeySchema", "AttributeDefinitions", "BillingMode", "ProvisionedThroughput", "Tags",
    "GlobalSecondaryIndexes", "LocalSecondaryIndexes", "SSESpecification", "TableClass",
}  # fmt: skip
PASSED_ON = (
    "KeySchema", "AttributeDefinitions", "BillingMode", "ProvisionedThroughput", "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
)  # fmt: skip


def check(template: Template, resource: Resource) -> list[Problem]:
    """Everything wrong with a table."""
    problems = unknown_properties(template, resource, KNOWN)
    if not resource.properties.get("KeySchema"):
        problems.append(template.problem(resource, "KeySchema", "a table needs a KeySchema."))
    return problems


def deploy_tables(world: World, template: Template, dynamodb: DynamoDbService) -> None:
    """Create the template's tables in the store."""
    for resource in template.of_type("AWS::DynamoDB::Table"):
        properties = {k: v for k, v in resource.properties.items() if k in PASSED_ON}
        if "ProvisionedThroughput" not in properties:
            properties.setdefault("BillingMode", "PAY_PER_REQUEST")
        name = template.name(resource)
        try:
            keys = dynamodb.deploy(name, properties)
        except ValueError as error:
            raise ProjectError([template.problem(resource, "KeySchema", str(error))]) from None
        world.trace.record(TableDeployed(name, template.shown_as(resource), arn("dynamodb", f"table/{name}"), keys))
