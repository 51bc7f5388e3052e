"""Amazon Cognito user pools behind the front door: signing up, confirming, signing in, and the triggers on the way.

Source: botocore's cognito-idp model; Amazon Cognito Developer Guide, "User pool authentication flow", read 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer, Request, Right, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.kernel import SECOND, Process
from lambdalab.simulator.services.cognito import refusals, tokens
from lambdalab.simulator.services.cognito.pool import User, UserPool, pool_arn
from lambdalab.simulator.services.cognito.triggers import Triggers
from lambdalab.simulator.trace.facts import PoolMessageSent, PoolUserChanged, PoolUserSignedIn
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError

OPEN = ("SignUp", "ConfirmSignUp", "ResendConfirmationCode", "InitiateAuth", "ForgotPassword", "ConfirmForgotPassword")
"""Operations that need no right: the model signs none of them (authtype none)."""
SENT = "sent"  # what a scenario writes for the code that has been sent: it can read the mail
PASSWORD_FLOWS = ("USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH")
TEXT = "Your verification code is {####}."  # BC CreateUserPool: the message holds {####}


class Cognito:
    """The user pools of the account."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.pools: dict[str, UserPool] = {}
        self.clients: dict[str, UserPool] = {}
        self._triggers = Triggers(world)
        self._operations: Mapping[str, Callable[[UserPool, Request], Process[Answer | AwsError]]] = {
            "SignUp": self._sign_up,
            "ConfirmSignUp": self._confirm,
            "AdminConfirmSignUp": self._admin_confirm,
            "ResendConfirmationCode": self._resend,
            "InitiateAuth": self._sign_in,
            "AdminInitiateAuth": self._sign_in,
            "ForgotPassword": self._forgot,
            "ConfirmForgotPassword": self._new_password,
            "AdminGetUser": self._get_user,
            "AdminDeleteUser": self._delete_user,
        }
        world.api.register("cognito-idp", self, self)

    def deploy(self, pool: UserPool, clients: Iterable[str]) -> None:
        """Add a pool with the ids of its clients."""
        self.pools[pool.id] = pool
        self.clients |= dict.fromkeys(clients, pool)

    def resource(self, operation: str, params: dict[str, Any]) -> tuple[str, str]:
        """The pool that a call acts on, itself or through its client."""
        pool = self._pool(params)
        return (arn("cognito-idp", "userpool/*"), "") if pool is None else (pool_arn(pool.id), pool.name)

    def rights(self, operation: str, params: dict[str, Any]) -> Iterable[Right]:
        """None for what anybody may call."""
        if operation not in OPEN:
            yield Right(f"cognito-idp:{operation}", self.resource(operation, params)[0])

    def refusal(self, operation: str, error: AwsError) -> AwsError:
        """IAM's own words."""
        return error

    def dispatch(self, request: Request) -> Process[Answer | AwsError]:
        """Carry out one operation."""
        operation = self._operations.get(request.operation)
        if operation is None:
            return unsupported(request)
        pool = self._pool(request.params)
        if pool is None:
            return refusals.nowhere(request.params)
        return (yield from operation(pool, request))

    def _pool(self, params: Mapping[str, Any]) -> UserPool | None:
        if "UserPoolId" in params:
            return self.pools.get(str(params["UserPoolId"]))
        return self.clients.get(str(params.get("ClientId")))

    def _changed(self, pool: UserPool, user: User, what: str) -> None:
        self._world.trace.record(PoolUserChanged(pool.name, user.name, what, user.status, dict(user.attributes)))

    def _sign_up(self, pool: UserPool, request: Request) -> Process[Answer | AwsError]:
        params = request.params
        name, password = params["Username"], params.get("Password", "")
        if name in pool.users:
            return refusals.taken()
        wrong = refusals.weak_password(pool.policy, password)
        if wrong:
            return wrong
        attributes = {each["Name"]: each.get("Value", "") for each in params.get("UserAttributes", [])}
        sub = self._world.new_uuid("cognito")
        user = User(name, sub, password, {"sub": sub, **attributes}, client=params.get("ClientId", ""))
        asked = {"userAttributes": attributes, "validationData": _named(params.get("ValidationData"))}
        plain = {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}
        response = yield from self._triggers.call(pool, "PreSignUp", user, _with_metadata(asked, params), plain)
        if isinstance(response, AwsError):
            return response
        if name in pool.users:  # somebody was faster while the function thought
            return refusals.taken()
        pool.users[name] = user
        for attribute, key in (("email", "autoVerifyEmail"), ("phone_number", "autoVerifyPhone")):
            if response.get(key) is True and attribute in attributes:
                user.attributes[f"{attribute}_verified"] = "true"
        self._changed(pool, user, "signed_up")
        answer: dict[str, Any] = {"UserConfirmed": False, "UserSub": sub}
        if response.get("autoConfirmUser") is True:
            refused = yield from self._confirmed(pool, user, params)
            return refused or Answer(answer | {"UserConfirmed": True})
        sent = yield from self._send_code(pool, user, "CustomMessage_SignUp", params)
        if isinstance(sent, AwsError):
            return sent
        return Answer(answer | sent)

    def _confirmed(self, pool: UserPool, user: User, params: dict[str, Any]) -> Process[AwsError | None]:
        """The user is confirmed, and PostConfirmation is told: its failure is the caller's, and undoes nothing."""
        user.status, user.code = "CONFIRMED", None
        self._changed(pool, user, "confirmed")
        asked = {"userAttributes": user.attributes | {"cognito:user_status": user.status}}
        told = yield from self._triggers.call(pool, "PostConfirmation", user, _with_metadata(asked, params), {})
        return told if isinstance(told, AwsError) else None

    def _send_code(
        self, pool: UserPool, user: User, source: str, params: dict[str, Any]
    ) -> Process[dict[str, Any] | AwsError]:
        """Send a code to the first attribute that the pool verifies, in the words of CustomMessage."""
        medium = next((each for each in pool.verifies if each in user.attributes), None)
        if medium is None:
            return {}
        user.code = f"{self._world.kernel.random_for('cognito/codes').randrange(1_000_000):06}"
        user.code_for = "password" if source == "CustomMessage_ForgotPassword" else "sign_up"
        asked = {
            "userAttributes": user.attributes | {"cognito:user_status": user.status},
            "codeParameter": "{####}",
            "linkParameter": "{##Click Here##}",
            "usernameParameter": None,
        }
        plain = {"smsMessage": None, "emailMessage": None, "emailSubject": None}
        said = yield from self._triggers.call(
            pool, "CustomMessage", user, _with_metadata(asked, params), plain, source=source
        )
        if isinstance(said, AwsError):
            return said
        text = said.get("emailMessage" if medium == "email" else "smsMessage") or TEXT
        subject = said.get("emailSubject") or "Your verification code"
        if not isinstance(text, str) or "{####}" not in text:
            return AwsError("InvalidLambdaResponseException", "Message does not contain the code parameter {####}.")
        to = user.attributes[medium]
        message = text.replace("{####}", str(user.code))[:20_000]
        self._world.trace.record(PoolMessageSent(pool.name, user.name, medium, to, str(subject)[:140], message))
        details = {"Destination": _hidden(to), "DeliveryMedium": "EMAIL" if medium == "email" else "SMS",
                   "AttributeName": medium}  # fmt: skip
        return {"CodeDeliveryDetails": details}

    def _is_code(self, user: User, request: Request) -> bool:
        given = request.params["ConfirmationCode"]
        return user.code is not None and (given == user.code or (given == SENT and request.source == "scenario"))

    def _confirm(self, pool: UserPool, request: Request) -> Process[Answer | AwsError]:
        user = pool.users.get(request.params["Username"])
        if user is None:
            return refusals.no_user()
        if user.status == "CONFIRMED":
            return AwsError("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")
        if not self._is_code(user, request):
            return refusals.wrong_code()
        for attribute in pool.verifies:
            if attribute in user.attributes:
                user.attributes[f"{attribute}_verified"] = "true"
        refused = yield from self._confirmed(pool, user, request.params)
        return refused or Answer()

    def _admin_confirm(self, pool: UserPool, request: Request) -> Process[Answer | AwsError]:
        user = pool.users.get(request.params["Username"])
        if user is None:
            return refusals.no_user()
        if user.status == "CONFIRMED":
            return AwsError("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED")
        refused = yield from self._confirmed(pool, user, request.params)
        return refused or Answer()

    def _resend(self, pool: UserPool, request: Request) -> Process[Answer | AwsError]:
        user = pool.users.get(request.params["Username"])
        if user is None:
            return refusals.no_user()
        if user.status == "CONFIRMED":
            return AwsError("InvalidParameterException", "User is already confirmed.")
        sent = yield from self._send_code(pool, user, "CustomMessage_ResendCode", request.params)
        return sent if isinstance(sent, AwsError) else Answer(sent)

    def _forgot(self, pool: UserPool, request: Request) -> Process[Answer | AwsError]:
        user = pool.users.get(request.params["Username"])
        if user is None:
            return refusals.no_user()
        sent = yield from self._send_code(pool, user, "CustomMessage_ForgotPassword", request.params)
        return sent if isinstance(sent, AwsError) else Answer(sent)

    def _new_password(self, pool: UserPool, request: Request) -> Process[Answer | AwsError]:
        user = pool.users.get(request.params["Username"])
        if user is None:
            return refusals.no_user()
        if user.code_for != "password" or not self._is_code(user, request):
            return refusals.wrong_code()
        wrong = refusals.weak_password(pool.policy, request.params["Password"])
        if wrong:
            return wrong
        user.password, user.code = request.params["Password"], None
        asked = {"userAttributes": user.attributes | {"cognito:user_status": user.status}}
        told = yield from self._triggers.call(
            pool, "PostConfirmation", user, _with_metadata(asked, request.params), {},
            source="PostConfirmation_ConfirmForgotPassword",
        )  # fmt: skip
        return told if isinstance(told, AwsError) else Answer()

    def _sign_in(self, pool: UserPool, request: Request) -> Process[Answer | AwsError]:
        params = request.params
        if params["AuthFlow"] not in PASSWORD_FLOWS:
            return unsupported(request)
        given = params.get("AuthParameters", {})
        user = pool.users.get(given.get("USERNAME", ""))
        if user is None:
            return refusals.no_user()
        user.client = params["ClientId"]
        asked: dict[str, Any] = {"userAttributes": dict(user.attributes), "validationData": None}
        before = yield from self._triggers.call(pool, "PreAuthentication", user, _with_metadata(asked, params), {})
        if isinstance(before, AwsError):
            return before
        if given.get("PASSWORD") != user.password:
            return AwsError("NotAuthorizedException", "Incorrect username or password.")
        if user.status != "CONFIRMED":
            return AwsError("UserNotConfirmedException", "User is not confirmed.")
        asked = {"userAttributes": dict(user.attributes), "newDeviceUsed": False}
        after = yield from self._triggers.call(pool, "PostAuthentication", user, _with_metadata(asked, params), {})
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
            pool, "PreTokenGeneration", user, _with_metadata(asked, params), {key: None}, version=pool.event_version
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

    def _get_user(self, pool: UserPool, request: Request) -> Process[Answer | AwsError]:
        yield from ()
        user = pool.users.get(request.params["Username"])
        if user is None:
            return refusals.no_user()
        attributes = [{"Name": name, "Value": value} for name, value in user.attributes.items()]
        return Answer({"Username": user.name, "UserAttributes": attributes, "Enabled": True, "UserStatus": user.status})

    def _delete_user(self, pool: UserPool, request: Request) -> Process[Answer | AwsError]:
        yield from ()
        user = pool.users.pop(request.params["Username"], None)
        if user is None:
            return refusals.no_user()
        self._changed(pool, user, "deleted")
        return Answer()


def _named(entries: Any) -> dict[str, str] | None:
    return {each["Name"]: each.get("Value", "") for each in entries} if entries else None


def _with_metadata(asked: dict[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """ClientMetadata reaches the function where a caller gives it."""
    return asked | ({"clientMetadata": dict(params["ClientMetadata"])} if params.get("ClientMetadata") else {})


def _hidden(address: str) -> str:
    """An address as an answer shows it: a***@e***."""
    name, at, host = address.partition("@")
    return f"{name[:1]}***@{host[:1]}***" if at else f"+*******{address[-4:]}"
