"""Charge the card of one order. The checkout invokes this function asynchronously."""

from payments import charge


def handler(event, context):
    order = event["order"]
    print(f"{order}: charging {event['total']} EUR")
    try:
        receipt = charge(event["card"], event["total"])
    except Exception as error:
        # Looks tidy. But Lambda only retries what raises: to Lambda this event has succeeded.
        print(f"{order}: failed, {error}")
        return {"order": order, "error": str(error)}
    print(f"{order}: charged, {receipt}")
    return {"order": order, "receipt": receipt}
