"""Signing in, with a limit on guesses by account and by network address."""

from django.conf import settings
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from lambdalab.accounts.models import User
from lambdalab.web.throttle import Throttle, client_address


class TooManyTries(ValidationError):
    """The limit is reached; the password was not even looked at."""


def authenticated(request: HttpRequest, *, username: str, password: str) -> User:
    """The person with this name and password."""
    account, address = _throttles(request, username)
    if not (address.take() and account.take()):
        minutes = -(-settings.SIGN_IN_WINDOW_S // 60)
        raise TooManyTries(_("Too many tries. Wait %(minutes)s minutes, then try again.") % {"minutes": minutes})
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        raise ValidationError(_("That name and password do not match. Upper and lower case count in the password."))
    account.forget()
    address.give_back()
    return user


def may_sign_up(request: HttpRequest) -> bool:
    """Count a sign-up: join codes must not be guessed either."""
    return Throttle(
        "sign-up", client_address(request), settings.SIGN_IN_TRIES_PER_ADDRESS, settings.SIGN_IN_WINDOW_S
    ).take()


def _throttles(request: HttpRequest, username: str) -> tuple[Throttle, Throttle]:
    window = settings.SIGN_IN_WINDOW_S
    return (
        Throttle("account", username.strip().lower(), settings.SIGN_IN_TRIES, window),
        Throttle("address", client_address(request), settings.SIGN_IN_TRIES_PER_ADDRESS, window),
    )
