"""Charge one order, unless the table already knows it."""

import os

import boto3
from bank import charge_card

payments = boto3.resource("dynamodb").Table(os.environ["PAYMENTS_TABLE"])


def handler(event, context):
    order = event["order"]
    # Between this look and the note below, the other copy of the event looks too.
    if "Item" in payments.get_item(Key={"id": order}):
        return {"order": order, "charged": False}
    charge_card(order, event["total"])
    payments.put_item(Item={"id": order})
    return {"order": order, "charged": True}
