"""Keep the totals of all customers up to date with the orders."""

import boto3

dynamodb = boto3.client("dynamodb")


def handler(event, context):
    for record in event["Records"]:
        if record.get("userIdentity", {}).get("principalId") == "dynamodb.amazonaws.com":
            continue
        old, new = (record["dynamodb"].get(image) for image in ("OldImage", "NewImage"))
        add((new or old)["customer"]["S"], amount_of(new) - amount_of(old))


def amount_of(order):
    return 0 if order is None else int(order["amount"]["N"])


def add(customer, amount):
    dynamodb.update_item(
        TableName="totals",
        Key={"customer": {"S": customer}},
        UpdateExpression="ADD #total :amount",
        ExpressionAttributeNames={"#total": "total"},
        ExpressionAttributeValues={":amount": {"N": str(amount)}},
    )
