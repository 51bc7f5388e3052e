import os
import uuid

import boto3

dynamodb = boto3.client("dynamodb")


def handler(event, context):
    charge = str(uuid.uuid4())  # a new charge every time the code runs
    dynamodb.put_item(
        TableName=os.environ["TABLE"],
        Item={"id": {"S": charge}, "order": {"S": event["order"]}},
    )
    return charge
