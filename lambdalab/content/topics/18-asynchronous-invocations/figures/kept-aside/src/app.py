class CardDeclined(Exception):
    """The bank said no."""


def handler(event, context):
    if event["card"] == "expired":
        raise CardDeclined(f"{event['order']}: the card has expired")
    return {"order": event["order"], "charged": True}
