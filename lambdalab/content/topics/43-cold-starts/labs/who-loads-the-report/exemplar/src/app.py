"""A shop's orders. Once a day somebody asks for a report with a chart."""

SOLD = [3, 1, 4]


def handler(event, context):
    if event.get("report"):
        import charts  # only who needs it waits for it; Python keeps it for the next time

        return {"chart": charts.draw(SOLD)}
    return {"order": event["order"], "accepted": True}
