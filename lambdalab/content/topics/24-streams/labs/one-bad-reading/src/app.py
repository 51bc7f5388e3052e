"""Store the readings of the sensors. The same reading may come again: it has the same id, and is stored once."""

import base64
import json

import boto3

dynamodb = boto3.client("dynamodb")


def handler(event, context):
    for record in event["Records"]:
        reading = json.loads(base64.b64decode(record["kinesis"]["data"]))
        celsius = float(reading["celsius"])
        item = {"id": {"S": reading["id"]}, "celsius": {"N": str(celsius)}}
        dynamodb.put_item(TableName="stored-readings", Item=item)
    print(f"{len(event['Records'])} readings stored")
