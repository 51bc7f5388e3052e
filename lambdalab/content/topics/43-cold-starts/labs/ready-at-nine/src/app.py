"""Tickets for a concert. Loading the plan of the hall takes four seconds, and cannot be made shorter."""

import time

time.sleep(3.8)  # stands for the plan of the hall
HALL = {"rows": 40, "seats": 60}


def handler(event, context):
    time.sleep(0.4)  # the payment provider
    return {"seat": event["customer"] % HALL["seats"] + 1, "row": event["customer"] // HALL["seats"] + 1}
