"""Keep the totals of all customers up to date with the orders."""

import boto3

dynamodb = boto3.client("dynamodb")


def handler(event, context):
    for record in event["Records"]:
        order = record["dynamodb"].get("NewImage")
        if order is not None:
            add(order["customer"]["S"], int(order["amount"]["N"]))


def add(customer, amount):
    dynamodb.update_item(
        TableName="totals",
        Key={"customer": {"S": customer}},
        UpdateExpression="ADD #total :amount",
        ExpressionAttributeNames={"#total": "total"},
        ExpressionAttributeValues={":amount": {"N": str(amount)}},
    )
