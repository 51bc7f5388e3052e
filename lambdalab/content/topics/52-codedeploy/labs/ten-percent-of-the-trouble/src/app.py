"""The price of a parcel. Version 1: it works."""


def handler(event, context):
    return {"cents": 400 + 90 * event["kilos"]}
