"""Find shirts by their sizes, and remember the visitor."""

import json

SHIRTS = [{"name": "heron", "size": "s"}, {"name": "otter", "size": "m"}, {"name": "badger", "size": "l"}]


def handler(event, context):
    sizes = event["multiValueQueryStringParameters"].get("size")
    found = [shirt["name"] for shirt in SHIRTS if sizes is None or shirt["size"] in sizes]
    print(f"{sizes}: {found}")
    headers = {"Content-Type": ["application/json"], "Set-Cookie": ["theme=dark", "visitor=7"]}
    return {"statusCode": 200, "multiValueHeaders": headers, "body": json.dumps(found)}
