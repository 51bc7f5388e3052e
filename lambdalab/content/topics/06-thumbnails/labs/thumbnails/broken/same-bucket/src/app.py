"""Make a thumbnail of every picture that is uploaded."""

import io
import os
from urllib.parse import unquote_plus

import boto3
from PIL import Image

s3 = boto3.client("s3")
pictures = boto3.resource("dynamodb").Table(os.environ["PICTURES"])


def handler(event, context):
    for record in event["Records"]:
        bucket = record["s3"]["bucket"]["name"]
        key = unquote_plus(record["s3"]["object"]["key"])
        small = thumbnail(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        s3.put_object(Bucket=bucket, Key=f"small-{key}", Body=jpeg(small), ContentType="image/jpeg")
        pictures.put_item(Item={"id": key, "width": small.width, "height": small.height})


def thumbnail(content):
    picture = Image.open(io.BytesIO(content))
    picture.thumbnail((128, 128))
    return picture


def jpeg(picture):
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()
