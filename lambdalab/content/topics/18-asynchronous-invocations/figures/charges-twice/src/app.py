import os
import uuid

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(event, context):
    charge = str(uuid.uuid4())  # a new charge every time the code runs
    table.put_item(Item={"id": charge, "order": event["order"]})
    return charge
