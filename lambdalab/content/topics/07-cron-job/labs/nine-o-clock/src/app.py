"""Two jobs that a clock starts."""

import time


def report(event, context):
    print(f"report of {event['time']}")


def count(event, context):
    print("counting")
    time.sleep(420)  # seven minutes
    print("counted")
