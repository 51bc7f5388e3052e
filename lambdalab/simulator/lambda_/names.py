"""Names that lead to no function of this account: another account's, another Region's, or none at all. Fact A.1.

Texts: recorded answers of the SDKs' users (another Region), botocore's patterns, IAM User Guide "Troubleshoot access
denied error messages".
"""

from __future__ import annotations

import re

from lambdalab.simulator.account import Request, iam
from lambdalab.simulator.account.constraints import violated
from lambdalab.simulator.lambda_.function import LATEST
from lambdalab.simulator.lambda_.registry import not_found
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, REGION
from lambdalab.simulator.vocabulary.errors import AwsError

_ELSEWHERE = re.compile(
    r"(?:arn:aws[a-z-]*:lambda:(?P<region>[a-z0-9-]+):)?(?P<account>[0-9]{12}):(?:function:)?(?P<rest>[^:]+(:[^:]+)?)"
)


def arn_elsewhere(name: str) -> str | None:
    """The ARN of the function that ``name`` means, where that is one of another account or Region."""
    found = _ELSEWHERE.fullmatch(name)
    if found is None:
        return None
    return f"arn:aws:lambda:{found['region'] or REGION}:{found['account']}:function:{found['rest']}"


def nobody(request: Request, name: str, suffix: str | None) -> AwsError:
    """AWS's answer to a call on a function that is not here. ``name`` and ``suffix`` are those of ``split_name``.

    What is in another Region cannot be reached from this one. What is in another account has no policy that lets
    anybody of this one in: there is one account here.
    """
    found = _ELSEWHERE.fullmatch(name)
    region = found["region"] if found else None
    if region not in (None, REGION):
        text = f"Functions from '{region}' are not reachable in this region ('{REGION}')"
        return AwsError("ResourceNotFoundException", text, 404, {"Type": "User"})
    if found is not None and found["account"] != ACCOUNT_ID:
        action = iam.action_of(request.service, request.operation)
        whom = f"User: {request.principal.arn} is not authorized to perform: {action} on resource: "
        why = f"because no resource-based policy allows the {action} action"
        return AwsError("AccessDeniedException", f"{whom}{arn_elsewhere(name)} {why}", 403)
    wrong = violated("lambda", request.operation, {"FunctionName": request.params["FunctionName"]})
    return wrong or not_found(name, request.params.get("Qualifier", suffix or LATEST))
