"""CloudFront and functions at the edge."""

from __future__ import annotations

from lambdalab.simulator.kernel import MILLISECOND, Micros
from lambdalab.simulator.vocabulary.assumptions.assumption import Assumption

EDGE_TO_ORIGIN = Micros(6 * MILLISECOND)  # there and back
INVALIDATION_TIME = Micros(10_000 * MILLISECOND)  # from the call to the edge location
EDGE_PROPAGATION = Micros(180_000 * MILLISECOND)  # until every edge location knows of a change

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "A-130",
        "One edge location",
        "Every viewer comes to one edge location, which is next to N. Virginia: copies of functions run in "
        "us-east-1 and share its concurrency, their logs are there, in /aws/lambda/us-east-1.NAME. A viewer is as "
        "far away from it as a client is from AWS; it takes about 1 ms of its own, and an origin in AWS is 6 ms "
        "away, there and back. Calling a function takes as long as any call of Lambda. A distribution is everywhere "
        "when a run begins.",
    ),
    Assumption(
        "A-131",
        "What goes to an origin",
        "With a cache policy, only what it or an origin request policy names, the headers that describe a body, and "
        "Cache-Control, Date, From, Max-Forwards, Pragma, Warning and X-Forwarded-For; with ForwardedValues what "
        "CloudFront's table says. Headers that a function at the viewer request sets are treated like a viewer's. "
        "Range and conditions of viewers never go there: CloudFront answers If-None-Match by itself. CloudFront-* "
        "headers are not added.",
    ),
    Assumption(
        "A-132",
        "The cache",
        "Objects go when they are too old, invalidated, or the least recently used of more than 64 MB. Objects of "
        "two cache behaviors are never the same. The header Vary is not looked at. After an error of the origin an "
        "old object is served as a hit. The default root object is put in before the function of the viewer request "
        "runs.",
    ),
    Assumption(
        "A-133",
        "Functions at the edge",
        "What AWS leaves open: a changed method, client address, or status at a viewer response is a validation "
        "error, and a body returned there is not used; what has a status is a response; pages about failed functions "
        "are not kept, nor replaced by custom error pages. The texts of validation errors are ours where nobody has "
        "reported AWS's.",
    ),
    Assumption(
        "A-134",
        "Invalidations",
        "An invalidation is done after 10 s; as many are accepted as come. It names objects by the path that is "
        "kept, which a function at the viewer request may have changed.",
    ),
    Assumption(
        "A-136",
        "Changes of a distribution",
        "A deploy step that changes a distribution or its policies takes 3 minutes more, in which the old "
        "configuration serves; AWS says a few minutes, and up to 15. Nothing is invalidated by it, and copies of "
        "functions stay.",
    ),
)
