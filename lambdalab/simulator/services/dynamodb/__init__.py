"""Amazon DynamoDB: tables in moto's store behind our front door; what really changed is told with both images."""

from lambdalab.simulator.services.dynamodb.changes import Change
from lambdalab.simulator.services.dynamodb.service import DynamoDbService

__all__ = ["Change", "DynamoDbService"]
