"""Store one order in the database of the shop."""

from database import connect

connections = []  # "outside the handler", but a new one comes in with every order


def handler(event, context):
    connections.append(connect())
    connections[-1].insert(event["order"])
    print(f"{event['order']}: stored")
    return {"order": event["order"]}
