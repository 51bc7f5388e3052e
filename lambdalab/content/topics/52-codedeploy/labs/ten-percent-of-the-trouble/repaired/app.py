"""The price of a parcel. The new tariff, repaired."""

TARIFF = {1: 480, 2: 570, 3: 660}


def handler(event, context):
    return {"cents": TARIFF[event["kilos"]]}
