"""Two front pages, blue and green. A visitor is to see one of them, and the same one ever after."""

import random

VARIANTS = ["blue", "green"]


def choose(event, context):
    """At the viewer request: for every visit, before the cache is asked."""
    return event["Records"][0]["cf"]["request"]


def fetch(event, context):
    """At the origin request: for what the cache does not have."""
    request = event["Records"][0]["cf"]["request"]
    if request["uri"] == "/index.html":
        request["uri"] = f"/{random.choice(VARIANTS)}.html"
        print(f"the front page is {request['uri']}")
    return request


def remember(event, context):
    """At the origin response: before the cache keeps the answer."""
    return event["Records"][0]["cf"]["response"]
