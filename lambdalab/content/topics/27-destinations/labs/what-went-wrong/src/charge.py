"""Charge an order."""


class CardDeclined(Exception):
    pass


class NoSuchCustomer(Exception):
    pass


def handler(event, context):
    if event["card"] == "declined":
        raise CardDeclined(f"{event['order']}: the bank says no")
    if event["card"] == "unknown":
        raise NoSuchCustomer(f"{event['order']}: nobody has this card")
    return {"order": event["order"], "receipt": f"R-{event['order']}"}
