import os

import boto3
from botocore.exceptions import ClientError

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(event, context):
    charge = event["order"]  # the order is the name of its charge
    try:
        table.put_item(
            Item={"id": charge, "order": event["order"]},
            ConditionExpression="attribute_not_exists(id)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        print("already charged:", charge)
    return charge
