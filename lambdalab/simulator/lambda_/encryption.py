"""Environment variables are encrypted at rest; a key of the customer's own must let the role decrypt. Fact G.6."""

from __future__ import annotations

from lambdalab.simulator.account import World
from lambdalab.simulator.lambda_.function import Function
from lambdalab.simulator.vocabulary.arns import REGION
from lambdalab.simulator.vocabulary.errors import AwsError

_UNABLE = "Lambda was unable to decrypt the environment variables because"
_SETTINGS = "Please check the function's KMS key settings."


def refused_by_key(world: World, function: Function, request_id: str) -> AwsError | None:
    """None when the function's variables can be decrypted, else what the caller of Invoke gets (502).

    AWS's own key, the default, needs no rights. Texts: Lambda's troubleshooting guide; the end is KMS's own answer.
    """
    key = function.key
    if key is None or not function.environment:
        return None
    if not key.enabled:
        return AwsError("KMSDisabledException", f"{_UNABLE} the KMS key used is disabled. {_SETTINGS}", 502)
    context = {
        "kms:viaservice": f"lambda.{REGION}.amazonaws.com",
        "kms:encryptioncontext:aws:lambda:functionarn": function.arn,
    }
    refusal = world.iam.denied(function.role, "kms:Decrypt", key.arn, context)
    if refusal is None:
        return None
    world.trace.record(refusal.fact(f"lambda/{function.name}", request_id))
    cause = f"KMS Exception: AccessDeniedException KMS Message: {refusal.error.message}"
    return AwsError("KMSAccessDeniedException", f"{_UNABLE} KMS access was denied. {_SETTINGS} {cause}", 502)
