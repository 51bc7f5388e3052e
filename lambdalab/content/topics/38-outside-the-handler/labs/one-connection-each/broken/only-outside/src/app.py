"""Store one order in the database of the shop."""

from database import connect

connection = connect()  # once for each execution environment


def handler(event, context):
    connection.insert(event["order"])
    print(f"{event['order']}: stored")
    return {"order": event["order"]}
