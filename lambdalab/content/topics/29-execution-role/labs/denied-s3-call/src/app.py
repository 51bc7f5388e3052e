"""Add up the figures of a month."""

import csv
import json
import os

import boto3

s3 = boto3.client("s3")


def handler(event, context):
    month = event["month"]
    figures = s3.get_object(Bucket=os.environ["SALES"], Key=f"reports/{month}.csv")
    lines = figures["Body"].read().decode().splitlines()
    total = sum(float(row["amount"]) for row in csv.DictReader(lines))
    s3.put_object(
        Bucket=os.environ["TOTALS"],
        Key=f"{month}.json",
        Body=json.dumps({"month": month, "total": total}),
        ContentType="application/json",
    )
    return {"month": month, "total": total}
