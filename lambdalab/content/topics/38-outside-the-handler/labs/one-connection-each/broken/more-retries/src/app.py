"""Store one order in the database of the shop."""

import time

from database import connect


def handler(event, context):
    connection = patiently()
    connection.insert(event["order"])
    connection.close()
    print(f"{event['order']}: stored")
    return {"order": event["order"]}


def patiently():
    """Try until the database has room."""
    while True:
        try:
            return connect()
        except ConnectionRefusedError:
            time.sleep(0.1)
