"""The tokens of somebody who has signed in, and what PreTokenGeneration may change in them.

Source: Amazon Cognito Developer Guide, "Understanding user pool JSON web tokens" and "Pre token generation Lambda
trigger", read 2026-11. Their third part is no signature: assumption A-126.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from lambdalab.simulator.services.cognito.pool import User, UserPool
from lambdalab.simulator.vocabulary.arns import REGION

LIFETIME_S = 3_600
FIXED = ("acr", "amr", "aud", "at_hash", "auth_time", "azp", "exp", "iat", "iss", "jti", "nbf", "nonce", "origin_jti",
         "sub", "token_use", "cognito:username")  # fmt: skip
"""Claims that no function may change, by the same guide."""


def claims_of(pool: UserPool, user: User, use: str, now_s: int, jti: str) -> dict[str, Any]:
    """The claims of an ``id`` or an ``access`` token before a function has seen them."""
    issuer = f"https://cognito-idp.{REGION}.amazonaws.com/{pool.id}"
    times = {"auth_time": now_s, "iat": now_s, "exp": now_s + LIFETIME_S}
    common = {"sub": user.sub, "iss": issuer, "token_use": use, "jti": jti, **times}
    if use == "access":
        return {**common, "client_id": user.client, "username": user.name, "scope": "aws.cognito.signin.user.admin"}
    own = {name: value for name, value in user.attributes.items() if name != "sub"}
    return {**common, "aud": user.client, "cognito:username": user.name, **own}


def overridden(claims: dict[str, Any], change: Any) -> dict[str, Any]:
    """Claims as a function wants them: added or overridden, then suppressed."""
    if not isinstance(change, dict):
        return claims
    added, taken = change.get("claimsToAddOrOverride"), change.get("claimsToSuppress")
    more = added if isinstance(added, dict) else {}
    result = {**claims, **{str(name): value for name, value in more.items() if name not in FIXED}}
    for name in taken if isinstance(taken, list) else ():
        if name not in FIXED:
            result.pop(str(name), None)
    return result


def with_scopes(claims: dict[str, Any], change: Any) -> dict[str, Any]:
    """The scopes of an access token, more or fewer by a function's wish. Guide, as above, version two."""
    if not isinstance(change, dict):
        return claims
    more, fewer = (_texts(change.get(key)) for key in ("scopesToAdd", "scopesToSuppress"))
    kept = [scope for scope in dict.fromkeys([*claims["scope"].split(), *more]) if scope not in fewer]
    return {**claims, "scope": " ".join(kept)}


def _texts(given: Any) -> list[str]:
    return [each for each in given if isinstance(each, str)] if isinstance(given, list) else []


def with_groups(claims: dict[str, Any], change: Any) -> dict[str, Any]:
    """The groups that a function gives."""
    groups = change.get("groupOverrideDetails") if isinstance(change, dict) else None
    listed = groups.get("groupsToOverride") if isinstance(groups, dict) else None
    return {**claims, "cognito:groups": listed} if isinstance(listed, list) and listed else claims


def written(claims: dict[str, Any], seal: str) -> str:
    """A token: header, claims and a third part."""
    parts = ({"alg": "RS256", "kid": "lambdalab"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, base64.urlsafe_b64encode(seal.encode()).rstrip(b"=").decode()])
