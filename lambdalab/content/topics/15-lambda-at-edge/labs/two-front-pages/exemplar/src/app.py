"""Two front pages, blue and green. A visitor is to see one of them, and the same one ever after."""

import random

VARIANTS = ["blue", "green"]


def choose(event, context):
    """At the viewer request: for every visit, before the cache is asked."""
    request = event["Records"][0]["cf"]["request"]
    if variant_of(request) is None:
        drawn = {"key": "Cookie", "value": f"variant={random.choice(VARIANTS)}"}
        request["headers"].setdefault("cookie", []).append(drawn)
    return request


def fetch(event, context):
    """At the origin request: for what the cache does not have."""
    request = event["Records"][0]["cf"]["request"]
    if request["uri"] == "/index.html":
        request["uri"] = f"/{variant_of(request) or VARIANTS[0]}.html"
        print(f"the front page is {request['uri']}")
    return request


def remember(event, context):
    """At the origin response: before the cache keeps the answer."""
    cf = event["Records"][0]["cf"]
    response, variant = cf["response"], variant_of(cf["request"])
    if variant is not None:
        cookie = {"key": "Set-Cookie", "value": f"variant={variant}; Path=/; Max-Age=2592000"}
        response["headers"]["set-cookie"] = [cookie]
    return response


def variant_of(request):
    """The page that the visitor's cookie names, or None."""
    for header in request["headers"].get("cookie", []):
        for cookie in header["value"].split(";"):
            name, _, value = cookie.strip().partition("=")
            if name == "variant" and value in VARIANTS:
                return value
    return None
