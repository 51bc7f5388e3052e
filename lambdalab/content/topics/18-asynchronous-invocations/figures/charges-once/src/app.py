import os

import boto3
from botocore.exceptions import ClientError

dynamodb = boto3.client("dynamodb")


def handler(event, context):
    charge = event["order"]  # the order is the name of its charge
    try:
        dynamodb.put_item(
            TableName=os.environ["TABLE"],
            Item={"id": {"S": charge}, "order": {"S": event["order"]}},
            ConditionExpression="attribute_not_exists(id)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        print("already charged:", charge)
    return charge
