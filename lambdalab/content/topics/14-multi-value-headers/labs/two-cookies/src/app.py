"""Find shirts by their sizes, and remember the visitor."""

import json

SHIRTS = [{"name": "heron", "size": "s"}, {"name": "otter", "size": "m"}, {"name": "badger", "size": "l"}]


def handler(event, context):
    size = event["queryStringParameters"].get("size")
    found = [shirt["name"] for shirt in SHIRTS if size in (None, shirt["size"])]
    print(f"{size}: {found}")
    headers = {"Content-Type": "application/json"}
    headers["Set-Cookie"] = "theme=dark"
    headers["Set-Cookie"] = "visitor=7"  # and now? A dictionary has one value for each name
    return {"statusCode": 200, "headers": headers, "body": json.dumps(found)}
