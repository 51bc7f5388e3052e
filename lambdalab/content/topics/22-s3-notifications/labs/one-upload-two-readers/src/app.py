"""Make a new picture small. S3 tells a topic, the topic tells the queue of this function."""

import json
from urllib.parse import unquote_plus


def handler(event, context):
    for message in event["Records"]:
        notification = json.loads(message["body"])
        for record in notification.get("Records", []):  # the test event of S3 has none
            key = unquote_plus(record["s3"]["object"]["key"])
            print(f"resized {key}")
