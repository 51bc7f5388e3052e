"""Charge the card of one order. The checkout invokes this function asynchronously."""

from payments import charge


def handler(event, context):
    order = event["order"]
    print(f"{order}: charging {event['total']} EUR")

    # Raising hands the event back to Lambda's queue:
    # it comes again after one minute, then after two more.
    receipt = charge(event["card"], event["total"])

    print(f"{order}: charged, {receipt}")
    return {"order": order, "receipt": receipt}
