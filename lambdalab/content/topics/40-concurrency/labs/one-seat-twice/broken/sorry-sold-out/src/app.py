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
    seat = take_seat()
    if seat is not None:
        tickets.put_item(Item={"seat": seat, "buyer": event["buyer"]})
    print(f"{event['buyer']}: seat {seat}")
    return {"buyer": event["buyer"], "seat": seat}


def take_seat():
    """Count one seat up, unless somebody else has done so since we looked; then look again."""
    while True:
        item = counter.get_item(Key={"id": "sold"}, ConsistentRead=True).get("Item", {"sold": 0})
        sold = int(item["sold"])
        if sold >= SEATS:
            return None
        draw_plan(sold + 1)
        try:
            counter.put_item(
                Item={"id": "sold", "sold": sold + 1},
                ConditionExpression="attribute_not_exists(id) OR sold = :seen",
                ExpressionAttributeValues={":seen": sold},
            )
        except counter.meta.client.exceptions.ConditionalCheckFailedException:
            return None
        return sold + 1
