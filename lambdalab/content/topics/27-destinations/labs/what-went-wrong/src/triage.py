"""Say who has to look at an order that was not charged. It reads the records of a destination."""

import json


def handler(event, context):
    for message in event["Records"]:
        record = json.loads(message["body"])
        order = record["requestPayload"]["order"]
        attempts = record["requestContext"]["approximateInvokeCount"]
        reason = record["responsePayload"]["errorType"]
        desk = {"CardDeclined": "the customer", "NoSuchCustomer": "the help desk"}[reason]
        print(f"{order}: {reason} after {attempts} attempts, ask {desk}")
