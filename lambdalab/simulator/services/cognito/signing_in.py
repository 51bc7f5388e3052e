"""Signing in with a password: which flows a client allows, the functions on the way, and the tokens.

Source: botocore's cognito-idp model; Amazon Cognito Developer Guide, "User pool authentication flow", read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdalab.simulator.account import Answer, Request, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import SECOND, Process
from lambdalab.simulator.services.cognito import refusals, tokens
from lambdalab.simulator.services.cognito.pool import Client, User, UserPool
from lambdalab.simulator.services.cognito.triggers import Triggers, with_metadata
from lambdalab.simulator.trace.facts import PoolUserSignedIn
from lambdalab.simulator.vocabulary.errors import AwsError

USER_FLOWS = ("USER_PASSWORD_AUTH",)
ADMIN_FLOWS = ("ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH")


class SigningIn:
    """Signs users in. ``clients`` by their ids."""

    def __init__(self, world: World, triggers: Triggers, clients: Mapping[str, Client]) -> None:
        self._world = world
        self._triggers = triggers
        self._clients = clients

    def sign_in(self, pool: UserPool, request: Request) -> Process[Answer | AwsError]:
        """InitiateAuth and AdminInitiateAuth with a password."""
        params, flow = request.params, request.params["AuthFlow"]
        client = self._clients.get(params["ClientId"])
        if client is None or client.pool is not pool:
            return refusals.no_client(params["ClientId"])
        if (flow in ADMIN_FLOWS) is not (request.operation == "AdminInitiateAuth"):
            if flow in (*ADMIN_FLOWS, *USER_FLOWS):
                return AwsError("InvalidParameterException", "Initiate Auth method not supported.")
            return unsupported(request)
        if not client.allows(flow):
            named = "Auth" if flow in ADMIN_FLOWS else flow
            return AwsError("InvalidParameterException", f"{named} flow not enabled for this client")
        given = params.get("AuthParameters", {})
        for name in ("USERNAME", "PASSWORD"):
            if not given.get(name):
                return AwsError("InvalidParameterException", f"Missing required parameter {name}")
        user = pool.users.get(given["USERNAME"])
        if user is None:
            return refusals.wrong_password() if client.hides_users else refusals.no_user()
        user.client = client.id
        asked: dict[str, Any] = {"userAttributes": dict(user.attributes), "validationData": None}
        before = yield from self._triggers.call(pool, "PreAuthentication", user, with_metadata(asked, params), {})
        if isinstance(before, AwsError):
            return before
        if given.get("PASSWORD") != user.password:
            return refusals.wrong_password()
        if user.status != "CONFIRMED":
            return AwsError("UserNotConfirmedException", "User is not confirmed.")
        asked = {"userAttributes": dict(user.attributes), "newDeviceUsed": False}
        after = yield from self._triggers.call(pool, "PostAuthentication", user, with_metadata(asked, params), {})
        if isinstance(after, AwsError):
            return after
        result = yield from self._tokens(pool, user, params)
        if isinstance(result, AwsError):
            return result
        return Answer({"ChallengeParameters": {}, "AuthenticationResult": result})

    def _tokens(self, pool: UserPool, user: User, params: dict[str, Any]) -> Process[dict[str, Any] | AwsError]:
        groups: dict[str, Any] = {"groupsToOverride": [], "iamRolesToOverride": [], "preferredRole": None}
        asked: dict[str, Any] = {"userAttributes": dict(user.attributes), "groupConfiguration": groups}
        modern = pool.event_version != "1"
        key = "claimsAndScopeOverrideDetails" if modern else "claimsOverrideDetails"
        if modern:
            asked["scopes"] = ["aws.cognito.signin.user.admin"]
        said = yield from self._triggers.call(
            pool, "PreTokenGeneration", user, with_metadata(asked, params), {key: None}, version=pool.event_version
        )
        if isinstance(said, AwsError):
            return said
        change = said.get(key)
        now_s = (self._world.epoch_us + self._world.kernel.now) // SECOND
        identity, access = (
            tokens.claims_of(pool, user, use, now_s, self._world.new_uuid("cognito")) for use in ("id", "access")
        )
        if modern:
            changes = change if isinstance(change, dict) else {}
            identity = tokens.overridden(identity, changes.get("idTokenGeneration"))
            access = tokens.overridden(access, changes.get("accessTokenGeneration"))
            access = tokens.with_scopes(access, changes.get("accessTokenGeneration"))
        else:
            identity = tokens.overridden(identity, change)
        identity, access = tokens.with_groups(identity, change), tokens.with_groups(access, change)
        self._world.trace.record(PoolUserSignedIn(pool.name, user.name, identity, access))
        seal = self._world.new_uuid("cognito")
        return {
            "IdToken": tokens.written(identity, seal),
            "AccessToken": tokens.written(access, seal),
            "RefreshToken": seal,
            "ExpiresIn": tokens.LIFETIME_S,
            "TokenType": "Bearer",
        }
