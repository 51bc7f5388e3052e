"""Sell the next seat of a small theatre."""

import os
import time

import boto3

SEATS = 9

dynamodb = boto3.resource("dynamodb")
counter = dynamodb.Table(os.environ["COUNTER"])
tickets = dynamodb.Table(os.environ["TICKETS"])


def draw_plan(seat):
    """The picture of the seating plan, which takes a moment."""
    time.sleep(0.05)


def handler(event, context):
    item = counter.get_item(Key={"id": "sold"}).get("Item", {"sold": 0})
    if int(item["sold"]) >= SEATS:
        return {"buyer": event["buyer"], "seat": None}
    changed = counter.update_item(
        Key={"id": "sold"},
        UpdateExpression="ADD sold :one",
        ExpressionAttributeValues={":one": 1},
        ReturnValues="UPDATED_NEW",
    )
    seat = int(changed["Attributes"]["sold"])
    draw_plan(seat)
    tickets.put_item(Item={"seat": seat, "buyer": event["buyer"]})
    print(f"{event['buyer']}: seat {seat}")
    return {"buyer": event["buyer"], "seat": seat}
