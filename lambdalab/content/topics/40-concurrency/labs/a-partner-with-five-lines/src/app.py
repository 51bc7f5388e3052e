"""The price of one item. The shop waits for it; a list of new items can wait."""

from partner import price


def handler(event, context):
    return {"item": event["item"], "cents": price(event["item"])}
