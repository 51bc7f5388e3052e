import time


def handler(event, context):
    time.sleep(20)  # a slow report
    return f"{event['report']} is written"
