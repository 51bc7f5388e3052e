"""Store one order in the database of the shop."""

from database import connect


def handler(event, context):
    connection = connect()
    connection.insert(event["order"])
    connection.close()
    print(f"{event['order']}: stored")
    return {"order": event["order"]}
