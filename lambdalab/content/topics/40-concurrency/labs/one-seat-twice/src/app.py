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
    sold = int(item["sold"])
    if sold >= SEATS:
        return {"buyer": event["buyer"], "seat": None}
    seat = sold + 1
    draw_plan(seat)
    counter.put_item(Item={"id": "sold", "sold": seat})
    tickets.put_item(Item={"seat": seat, "buyer": event["buyer"]})
    print(f"{event['buyer']}: seat {seat}")
    return {"buyer": event["buyer"], "seat": seat}
