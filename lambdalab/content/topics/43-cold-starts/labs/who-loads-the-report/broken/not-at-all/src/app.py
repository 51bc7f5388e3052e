"""A shop's orders. Once a day somebody asks for a report with a chart."""


def handler(event, context):
    if event.get("report"):
        return {"chart": None}  # reports come from elsewhere now
    return {"order": event["order"], "accepted": True}
