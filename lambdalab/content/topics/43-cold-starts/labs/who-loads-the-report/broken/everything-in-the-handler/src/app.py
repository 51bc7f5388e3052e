"""A shop's orders. Once a day somebody asks for a report with a chart."""

SOLD = [3, 1, 4]


def handler(event, context):
    import charts

    if event.get("report"):
        return {"chart": charts.draw(SOLD)}
    return {"order": event["order"], "accepted": True}
