"""Keep the totals of all customers up to date with the orders: each change once, whatever comes twice."""

import boto3

dynamodb = boto3.client("dynamodb")
ARCHIVED = "dynamodb.amazonaws.com"  # who deletes what time to live is over for


def handler(event, context):
    for record in event["Records"]:
        if record.get("userIdentity", {}).get("principalId") == ARCHIVED:
            continue
        old, new = (record["dynamodb"].get(image) for image in ("OldImage", "NewImage"))
        customer = (new or old)["customer"]["S"]
        add_once(record["eventID"], customer, amount_of(new) - amount_of(old))


def amount_of(order):
    return 0 if order is None else int(order["amount"]["N"])


def add_once(change, customer, amount):
    """Add to the total and remember the change: both, or, where it is remembered already, neither."""
    remember = {
        "TableName": "counted-changes",
        "Item": {"id": {"S": change}},
        "ConditionExpression": "attribute_not_exists(id)",
    }
    add = {
        "TableName": "totals",
        "Key": {"customer": {"S": customer}},
        "UpdateExpression": "ADD #total :amount",
        "ExpressionAttributeNames": {"#total": "total"},
        "ExpressionAttributeValues": {":amount": {"N": str(amount)}},
    }
    try:
        dynamodb.transact_write_items(TransactItems=[{"Put": remember}, {"Update": add}])
    except dynamodb.exceptions.TransactionCanceledException:
        print(f"{change} is in the total of {customer} already")
