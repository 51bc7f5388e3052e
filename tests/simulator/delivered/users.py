"""User pools: every trigger that Cognito calls here."""

from collections.abc import Callable, Iterator
from typing import Any

from tests.simulator.delivered.contents import Content
from tests.simulator.delivered.delivery import Delivery
from tests.simulator.playing import call, make_template
from tests.simulator.services.cognito.test_triggers import ALL, WORK, confirm, pool, sign_in, sign_up

SOURCES = {
    "PreSignUp": "CognitoPreSignupTriggerModel",
    "PostConfirmation": "CognitoPostConfirmationTriggerModel",
    "PreAuthentication": "CognitoPreAuthenticationTriggerModel",
    "PostAuthentication": "CognitoPostAuthenticationTriggerModel",
    "TokenGeneration": "CognitoPreTokenGenerationTriggerModelV1",
    "CustomMessage": "CognitoCustomMessageTriggerModel",
}


def come_in(content: Content) -> Iterator[dict[str, Any]]:
    """Somebody signs up, confirms and signs in; with attributes and data of the client's own, and without."""
    email = {"Name": "email", "Value": "ada@example.com"}
    name = {"Name": "name", "Value": content.body[:100]}
    words = [word[:32] for word in content.words]  # BC AttributeNameType
    told = dict.fromkeys(words, content.body[:100])
    validation = [{"Name": word, "Value": content.body[:100]} for word in words]
    yield sign_up(UserAttributes=[email, name], ClientMetadata=told, ValidationData=validation)
    yield confirm()
    yield sign_in()
    yield sign_up("2m", "bob", UserAttributes=[{**email, "Value": "bob@example.com"}])
    yield call("3m", "cognito-idp.resend_confirmation_code", ClientId="Client", Username="bob")
    yield call("4m", "cognito-idp.forgot_password", ClientId="Client", Username="alice")


def of(source: str) -> Callable[[Any, Any], list[Any]]:
    return lambda played, seen: [event for _, event in seen if event["triggerSource"].startswith(source)]


def with_version(version: str) -> dict[str, Any]:
    return make_template(
        **pool(LambdaConfig={"PreTokenGenerationConfig": {"LambdaArn": WORK, "LambdaVersion": version}})
    )


TEMPLATE = make_template(**pool(*ALL))
LATER = "CognitoPreTokenGenerationTriggerModelV2AndV3"
DELIVERIES = {
    **{f"Cognito, {name}": Delivery(model, TEMPLATE, come_in, of(name)) for name, model in SOURCES.items()},
    "Cognito, tokens, version 2": Delivery(LATER, with_version("V2_0"), come_in),
    "Cognito, tokens, version 3": Delivery(LATER, with_version("V3_0"), come_in),
}
