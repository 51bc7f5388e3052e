"""Take orders for cakes, and tell about them."""

import json

import boto3

table = boto3.resource("dynamodb").Table("orders")


def handler(event, context):
    if event["routeKey"] == "POST /orders":
        return take(event.get("body") or "")
    return tell(event["pathParameters"]["id"])


def take(body):
    try:
        order = json.loads(body)
    except ValueError:
        return answer(400, {"error": "the body is not JSON"})
    if not isinstance(order, dict) or not isinstance(order.get("id"), str):
        return answer(400, {"error": "an order has an id"})
    if not isinstance(order.get("cakes"), int) or order["cakes"] < 1:
        return answer(400, {"error": "cakes must be a number of 1 or more"})
    table.put_item(Item={"id": order["id"], "cakes": order["cakes"]})
    return answer(201, order, location=f"/orders/{order['id']}")


def tell(number):
    order = table.get_item(Key={"id": number}).get("Item")
    if order is None:
        return answer(404, {"error": f"there is no order {number}"})
    return answer(200, order)


def answer(status, document, **headers):
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", **headers},
        "body": document,
    }
