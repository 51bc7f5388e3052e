"""What Cognito answers to a call that it refuses. BC cognito-idp; texts as Cognito answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lambdalab.simulator.services.cognito.pool import PasswordPolicy
from lambdalab.simulator.vocabulary.errors import AwsError


def nowhere(params: Mapping[str, Any]) -> AwsError:
    """There is no such pool or client."""
    if "UserPoolId" in params:
        return AwsError("ResourceNotFoundException", f"User pool {params['UserPoolId']} does not exist.")
    return no_client(str(params.get("ClientId")))


def no_client(identity: str) -> AwsError:
    """The pool has no such client."""
    return AwsError("ResourceNotFoundException", f"User pool client {identity} does not exist.")


def not_permitted() -> AwsError:
    """Only administrators make users of this pool."""
    return AwsError("NotAuthorizedException", "SignUp is not permitted for this user pool")


def wrong_password() -> AwsError:
    """The password is another one; or, where a client hides it, there is nobody of this name."""
    return AwsError("NotAuthorizedException", "Incorrect username or password.")


def nowhere_to_send() -> AwsError:
    """Nothing of the user is verified to which a code could be sent."""
    text = "Cannot reset password for the user as there is no registered/verified email or phone_number"
    return AwsError("InvalidParameterException", text)


def incomplete(required: Iterable[str], attributes: Mapping[str, str]) -> AwsError | None:
    """The pool's schema requires attributes that are not there."""
    lacking = [f"{name}: The attribute {name} is required" for name in required if not attributes.get(name)]
    text = f"Attributes did not conform to the schema: {', '.join(lacking)}\n"
    return AwsError("InvalidParameterException", text) if lacking else None


def taken() -> AwsError:
    """The name belongs to somebody."""
    return AwsError("UsernameExistsException", "User already exists")


def no_user() -> AwsError:
    """There is nobody of this name."""
    return AwsError("UserNotFoundException", "User does not exist.")


def wrong_code() -> AwsError:
    """Another code has been sent, or none."""
    return AwsError("CodeMismatchException", "Invalid verification code provided, please try again.")


def weak_password(policy: PasswordPolicy, password: str) -> AwsError | None:
    """What the pool's policy asks and the password lacks."""
    lacking = None
    if len(password) < policy.minimum:
        lacking = "Password not long enough"
    elif policy.upper and not any(each.isupper() for each in password):
        lacking = "Password must have uppercase characters"
    elif policy.lower and not any(each.islower() for each in password):
        lacking = "Password must have lowercase characters"
    elif policy.digits and not any(each.isdigit() for each in password):
        lacking = "Password must have numeric characters"
    elif policy.symbols and all(each.isalnum() for each in password):
        lacking = "Password must have symbol characters"
    return AwsError("InvalidPasswordException", f"Password did not conform with policy: {lacking}") if lacking else None
