"""Print the label of an order. The printer takes its time."""

import json
import time


def handler(event, context):
    for record in event["Records"]:
        order = json.loads(record["body"])["order"]
        attempt = record["attributes"]["ApproximateReceiveCount"]
        print(f"{order}: printing (receive {attempt})")
        time.sleep(20)
        print(f"{order}: printed")
