"""Amazon Cognito user pools behind the front door: signing up, confirming, signing in, and the triggers on the way.

Source: botocore's cognito-idp model; Amazon Cognito Developer Guide, "User pool authentication flow", read 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lambdalab.simulator.account import Answer, Request, Right, World
from lambdalab.simulator.account.api import unsupported
from lambdalab.simulator.account.constraints import violated
from lambdalab.simulator.kernel import Process
from lambdalab.simulator.services.cognito import refusals
from lambdalab.simulator.services.cognito.pool import Client, User, UserPool, pool_arn
from lambdalab.simulator.services.cognito.signing_in import SigningIn
from lambdalab.simulator.services.cognito.triggers import Triggers, with_metadata
from lambdalab.simulator.trace.facts import PoolMessageSent, PoolUserChanged
from lambdalab.simulator.vocabulary.arns import arn
from lambdalab.simulator.vocabulary.errors import AwsError

OPEN = ("SignUp", "ConfirmSignUp", "ResendConfirmationCode", "InitiateAuth", "ForgotPassword", "ConfirmForgotPassword")
"""Operations that need no right: the model signs none of them (authtype none)."""
SENT = "sent"  # what a scenario writes for the code that has been sent: it can read the mail
TEXT = "Your verification code is {####}."  # BC CreateUserPool: the message holds {####}


class Cognito:
    """The user pools of the account."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.pools: dict[str, UserPool] = {}
        self.clients: dict[str, Client] = {}
        self._triggers = Triggers(world)
        signing_in = SigningIn(world, self._triggers, self.clients)
        self._operations: Mapping[str, Callable[[UserPool, Request], Process[Answer | AwsError]]] = {
            "SignUp": self._sign_up,
            "ConfirmSignUp": self._confirm,
            "AdminConfirmSignUp": self._admin_confirm,
            "ResendConfirmationCode": self._resend,
            "InitiateAuth": signing_in.sign_in,
            "AdminInitiateAuth": signing_in.sign_in,
            "ForgotPassword": self._forgot,
            "ConfirmForgotPassword": self._new_password,
            "AdminGetUser": self._get_user,
            "AdminDeleteUser": self._delete_user,
        }
        world.api.register("cognito-idp", self, self)

    def deploy(self, pool: UserPool, clients: Iterable[Client]) -> None:
        """Add a pool with its clients."""
        self.pools[pool.id] = pool
        self.clients |= {client.id: client for client in clients}

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
        wrong = violated("cognito-idp", request.operation, request.params, "InvalidParameterException")
        if wrong:
            return wrong
        pool = self._pool(request.params)
        if pool is None:
            return refusals.nowhere(request.params)
        return (yield from operation(pool, request))

    def _pool(self, params: Mapping[str, Any]) -> UserPool | None:
        if "UserPoolId" in params:
            return self.pools.get(str(params["UserPoolId"]))
        client = self.clients.get(str(params.get("ClientId")))
        return client.pool if client else None

    def _changed(self, pool: UserPool, user: User, what: str) -> None:
        self._world.trace.record(PoolUserChanged(pool.name, user.name, what, user.status, dict(user.attributes)))

    def _sign_up(self, pool: UserPool, request: Request) -> Process[Answer | AwsError]:
        params = request.params
        name, password = params["Username"], params.get("Password", "")
        attributes = _named(params.get("UserAttributes")) or {}
        if pool.only_admins:
            return refusals.not_permitted()
        wrong = (
            (refusals.taken() if name in pool.users else None)
            or refusals.weak_password(pool.policy, password)
            or refusals.incomplete(pool.required, attributes)
        )
        if wrong:
            return wrong
        sub = self._world.new_uuid("cognito")
        user = User(name, sub, password, {"sub": sub, **attributes}, client=params.get("ClientId", ""))
        asked = {"userAttributes": attributes, "validationData": _named(params.get("ValidationData"))}
        plain = {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}
        response = yield from self._triggers.call(pool, "PreSignUp", user, with_metadata(asked, params), plain)
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
        told = yield from self._triggers.call(pool, "PostConfirmation", user, with_metadata(asked, params), {})
        return told if isinstance(told, AwsError) else None

    def _send_code(
        self, pool: UserPool, user: User, source: str, params: dict[str, Any]
    ) -> Process[dict[str, Any] | AwsError]:
        """Send a code to the first attribute that the pool verifies, in the words of CustomMessage."""
        medium = next((each for each in pool.verifies if each in user.attributes), None)
        if source == "CustomMessage_ForgotPassword":
            known = ("email", "phone_number")
            medium = next((each for each in known if user.attributes.get(f"{each}_verified") == "true"), None)
            if medium is None:
                return refusals.nowhere_to_send()
        if medium is None:
            return {}
        user.medium = medium
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
            pool, "CustomMessage", user, with_metadata(asked, params), plain, source=source
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
        user.attributes[f"{user.medium}_verified"] = "true"  # that to which the code went
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
            pool, "PostConfirmation", user, with_metadata(asked, request.params), {},
            source="PostConfirmation_ConfirmForgotPassword",
        )  # fmt: skip
        return told if isinstance(told, AwsError) else Answer()

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
    """Name and value of each entry, or None without one."""
    return {each["Name"]: each.get("Value", "") for each in entries} if entries else None


def _hidden(address: str) -> str:
    """An address as an answer shows it: a***@e***."""
    name, at, host = address.partition("@")
    return f"{name[:1]}***@{host[:1]}***" if at else f"+*******{address[-4:]}"
