"""Take orders for cakes, and tell about them."""

import json

import boto3

table = boto3.resource("dynamodb").Table("orders")


def handler(event, context):
    if event["routeKey"] == "POST /orders":
        order = json.loads(event["body"])
        table.put_item(Item=order)
        return {"statusCode": 200, "body": order}
    order = table.get_item(Key={"id": event["pathParameters"]["id"]})["Item"]
    return {"statusCode": 200, "body": order}
