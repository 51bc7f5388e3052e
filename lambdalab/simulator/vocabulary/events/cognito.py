"""What Cognito sends to the triggers of a user pool, and Cognito Sync. The function gives the event back, with its
``response`` filled. Source: Amazon Cognito Developer Guide, "Customizing user pool workflows with Lambda triggers" and
"Cognito events" of Sync; the samples in aws-lambda-go (user pools) and SAM CLI 1.144 (Sync), read 2026-11; fact F.8."""

from __future__ import annotations

from typing import Any

from lambdalab.simulator.vocabulary.arns import REGION

_POOL = f"{REGION}_aBcDeFgHi"


def _trigger(source: str, request: dict[str, Any], response: dict[str, Any], version: str = "1") -> dict[str, Any]:
    return {
        "version": version,
        "region": REGION,
        "userPoolId": _POOL,
        "userName": "alice",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "1example23456789"},
        "triggerSource": source,
        "request": request,
        "response": response,
    }


def _attributes(**more: str) -> dict[str, str]:
    return {"sub": "4a709a36-7d63-4785-829d-4198ef10ebda", "email": "alice@example.com", **more}


def pre_sign_up() -> dict[str, Any]:
    """Somebody signs up; the function may refuse by an error, or confirm."""
    request = {"userAttributes": {"email": "alice@example.com"}, "validationData": None}
    response = {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}
    return _trigger("PreSignUp_SignUp", request, response)


def post_confirmation() -> dict[str, Any]:
    """A new user is confirmed."""
    confirmed = {"cognito:user_status": "CONFIRMED", "email_verified": "true"}
    return _trigger("PostConfirmation_ConfirmSignUp", {"userAttributes": _attributes(**confirmed)}, {})


def pre_authentication() -> dict[str, Any]:
    """Somebody signs in, before the password is looked at."""
    request = {"userAttributes": _attributes(), "validationData": None}
    return _trigger("PreAuthentication_Authentication", request, {})


def post_authentication() -> dict[str, Any]:
    """Somebody has signed in."""
    return _trigger("PostAuthentication_Authentication", {"userAttributes": _attributes(), "newDeviceUsed": False}, {})


def _groups() -> dict[str, Any]:
    return {"groupsToOverride": [], "iamRolesToOverride": [], "preferredRole": None}


def pre_token() -> dict[str, Any]:
    """Before tokens are made, version 1: claims of the identity token may change."""
    request = {"userAttributes": _attributes(), "groupConfiguration": _groups()}
    return _trigger("TokenGeneration_Authentication", request, {"claimsOverrideDetails": None})


def pre_token_v2() -> dict[str, Any]:
    """Before tokens are made, version 2: the access token's claims and scopes, too."""
    scopes = ["aws.cognito.signin.user.admin", "openid"]
    request = {"userAttributes": _attributes(), "groupConfiguration": _groups(), "scopes": scopes}
    return _trigger("TokenGeneration_Authentication", request, {"claimsAndScopeOverrideDetails": None}, "2")


def migrate_user() -> dict[str, Any]:
    """A user who is not in the pool signs in: the function may bring the account along."""
    response = {
        "userAttributes": None,
        "forceAliasCreation": None,
        "finalUserStatus": None,
        "messageAction": None,
        "desiredDeliveryMediums": None,
    }
    request = {"password": "correct horse battery staple", "validationData": None}
    return _trigger("UserMigration_Authentication", request, response)


def custom_message() -> dict[str, Any]:
    """Before a message is sent: the function may write its text."""
    request = {
        "userAttributes": _attributes(),
        "codeParameter": "{####}",
        "linkParameter": "{##Click Here##}",
        "usernameParameter": None,
    }
    return _trigger("CustomMessage_SignUp", request, {"smsMessage": None, "emailMessage": None, "emailSubject": None})


def define_challenge() -> dict[str, Any]:
    """A sign-in of one's own: which challenge comes next."""
    response = {"challengeName": None, "issueTokens": None, "failAuthentication": None}
    session = [{"challengeName": "SRP_A", "challengeResult": True, "challengeMetadata": None}]
    return _trigger(
        "DefineAuthChallenge_Authentication", {"userAttributes": _attributes(), "session": session}, response
    )


def create_challenge() -> dict[str, Any]:
    """A sign-in of one's own: make the challenge."""
    session = [{"challengeName": "PASSWORD_VERIFIER", "challengeResult": True, "challengeMetadata": None}]
    request = {"userAttributes": _attributes(), "challengeName": "CUSTOM_CHALLENGE", "session": session}
    response = {"publicChallengeParameters": None, "privateChallengeParameters": None, "challengeMetadata": None}
    return _trigger("CreateAuthChallenge_Authentication", request, response)


def verify_challenge() -> dict[str, Any]:
    """A sign-in of one's own: look at the answer to the challenge."""
    request = {"userAttributes": _attributes(), "privateChallengeParameters": {"answer": "17"}, "challengeAnswer": "17"}
    return _trigger("VerifyAuthChallengeResponse_Authentication", request, {"answerCorrect": False})


def sync() -> dict[str, Any]:
    """A data set of Cognito Sync (the older service, kept for old pools)."""
    record = {"oldValue": "blue", "newValue": "green", "op": "replace"}
    return {
        "version": 2,
        "eventType": "SyncTrigger",
        "region": REGION,
        "identityPoolId": f"{REGION}:12345678-1234-1234-1234-123456789012",
        "identityId": f"{REGION}:87654321-4321-4321-4321-210987654321",
        "datasetName": "settings",
        "datasetRecords": {"color": record},
    }
