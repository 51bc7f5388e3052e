"""Jobs of S3 Batch Operations in a scenario: what they name may be a logical id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.project.deploy import Deployment
from lambdalab.simulator.vocabulary.arns import ACCOUNT_ID, function_arn, role_arn


def addressed(params: Mapping[str, Any], deployment: Deployment) -> dict[str, Any]:
    """The parameters of CreateJob with ARNs in the place of names, and with what every caller says alike."""
    found: dict[str, Any] = {"AccountId": params.get("AccountId", ACCOUNT_ID)}
    role = params.get("RoleArn")
    if isinstance(role, str) and not role.startswith("arn:"):
        found["RoleArn"] = role_arn(deployment.physical(role))
    invoke = params["Operation"].get("LambdaInvoke")
    if isinstance(invoke, dict) and isinstance(invoke.get("FunctionArn"), str):
        name = deployment.physical(invoke["FunctionArn"])
        arn = name if name.startswith("arn:") else function_arn(name)
        found["Operation"] = {**params["Operation"], "LambdaInvoke": {**invoke, "FunctionArn": arn}}
    manifest = params.get("Manifest")
    if isinstance(manifest, dict) and isinstance(manifest.get("Location"), dict):
        place = str(manifest["Location"].get("ObjectArn", ""))
        location = {**manifest["Location"], "ObjectArn": _in_bucket(place, deployment)}
        found["Manifest"] = {**manifest, "Location": location}
    report = params.get("Report")
    if isinstance(report, dict) and isinstance(report.get("Bucket"), str):
        found["Report"] = {**report, "Bucket": _in_bucket(report["Bucket"], deployment)}
    return found


def _in_bucket(place: str, deployment: Deployment) -> str:
    """The ARN of ``BUCKET`` or ``BUCKET/KEY``."""
    if place.startswith("arn:"):
        return place
    bucket, slash, key = place.partition("/")
    return f"arn:aws:s3:::{deployment.physical(bucket)}{slash}{key}"
