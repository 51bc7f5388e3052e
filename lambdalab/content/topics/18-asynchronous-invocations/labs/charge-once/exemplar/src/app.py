"""Charge one order. Lambda may deliver the same event twice: at least once, never "exactly once"."""

import os

import boto3
from bank import charge_card

payments = boto3.resource("dynamodb").Table(os.environ["PAYMENTS_TABLE"])
TAKEN = payments.meta.client.exceptions.ConditionalCheckFailedException


def handler(event, context):
    order = event["order"]
    if not claim(order):
        print(f"{order}: somebody else has it, nothing to do")
        return {"order": order, "charged": False}
    try:
        charge_card(order, event["total"])
    except Exception:
        payments.delete_item(Key={"id": order})  # give the claim back: the retry must be able to charge
        raise
    return {"order": order, "charged": True}


def claim(order):
    """Write a note for the order, unless there is one. Asking and writing are one step of the database."""
    try:
        payments.put_item(Item={"id": order}, ConditionExpression="attribute_not_exists(id)")
    except TAKEN:
        return False
    return True
