"""Claim the order, then charge it. But what if charging fails?"""

import os

import boto3
from bank import charge_card

payments = boto3.resource("dynamodb").Table(os.environ["PAYMENTS_TABLE"])
TAKEN = payments.meta.client.exceptions.ConditionalCheckFailedException


def handler(event, context):
    order = event["order"]
    try:
        payments.put_item(Item={"id": order}, ConditionExpression="attribute_not_exists(id)")
    except TAKEN:
        return {"order": order, "charged": False}
    charge_card(order, event["total"])  # raises: the claim stays, and the retry finds it
    return {"order": order, "charged": True}
